"""Who is in the demonstration? A region, three councils, their staff, and people with lived experience.
All are invented.

Names, addresses and numbers are of the kinds set aside for fiction: example.com and .test addresses, 07700
900 and 01632 960 numbers, and the sandbox's own sort code. Stories use first names, so each is unique in its
council. Petra is paid by two councils, and neither knows of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.councils.actions import NewCouncil
from service.councils.model import REGION as A_REGION
from service.notices.reaching import UNSAID, Choice
from service.people.actions import MethodGiven
from service.rails import sandbox


@dataclass(frozen=True)
class Member:
    """A member of staff and their roles."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Someone:
    """A person who is paid. `told_by`: who wrote their payment method down; empty where they did it.

    `reached`: how they would like to be written to, where they said so.
    """

    name: str
    method: MethodGiven | None
    phone: str = ""
    emailed: bool = True
    told_by: str = ""
    reached: Choice = UNSAID


@dataclass(frozen=True)
class Cast:
    """One council, or the region, with everybody in it. `policy` is its file in its folder of policies."""

    council: NewCouncil
    policy: str
    staff: tuple[Member, ...]
    people: tuple[Someone, ...]

    @property
    def folder(self) -> str:
        """Where among the policies its file lies."""
        return "region" if self.council.kind == A_REGION else "councils"

    def address_of(self, name: str) -> str:
        """An address for a member of staff."""
        return f"{name.split()[0].lower()}@{self.council.slug}.test"


def bank(name: str, number: str = sandbox.PAID) -> MethodGiven:
    """An account at the pretend bank, whose number chooses what happens."""
    return MethodGiven("bank_account", name, sandbox.SORT_CODE, number)


def someone(
    name: str,
    number: str = sandbox.PAID,
    *,
    phone: str = "",
    emailed: bool = True,
    told_by: str = "",
    reached: Choice = UNSAID,
) -> Someone:
    """A person with a bank account."""
    return Someone(name, bank(name, number), phone, emailed, told_by, reached)


EXAMPLESHIRE = Cast(
    NewCouncil(
        slug="exampleshire",
        name="Exampleshire County Council",
        header_colour="#1d4f5c",
        contact_name="Involvement team",
        contact_email="involvement@exampleshire.test",
        contact_phone="01632 960 101",
        cost_centre="EX-INVOLVE",
        bank_rail="sandbox",
    ),
    policy="exampleshire.yaml",
    staff=(
        Member("Leonie Leadwell", ("lead", "approver")),
        Member("Farid Facilitator", ("facilitator",)),
        Member("April Approver", ("approver",)),
        Member("Budi Budget", ("budget_holder",)),
        Member("Fenella Finance", ("finance",)),
        Member("Otto Operations", ("ops",)),
        Member("Polly Policy", ("policy_owner",)),
    ),
    people=(
        someone("Ada Example", phone="07700 900101"),
        someone("Bilal Specimen", phone="07700 900102", reached=Choice(words="easy")),
        someone("Carys Invented", told_by="Leonie", reached=Choice(words="cy")),
        someone("Dorota Sample", sandbox.TWICE),
        someone("Ekow Pretend", sandbox.LOST_ANSWER, phone="07700 900105"),
        someone("Fiona Placeholder", sandbox.RETURNED),
        someone(
            "Gurpreet Madeup",
            phone="07700 900107",
            emailed=False,
            told_by="Leonie",
            reached=Choice("letter", address="7 Made Up Street\nExampleton\nEX1 2MP"),
        ),
        Someone("Hana Imagined", MethodGiven("voucher")),
        Someone("Idris Storybook", MethodGiven("charity", charity="The Invented Trust")),
        someone("Joyce Fictional", sandbox.SLOW),
        someone("Kwame Illustration"),
        Someone("Lena Somebody", None, phone="07700 900112"),
        someone("Mina Makebelieve"),
    ),
)

SAMPLEBURY = Cast(
    NewCouncil(
        slug="samplebury",
        name="Samplebury Borough Council",
        header_colour="#5a2a63",
        contact_name="Working together team",
        contact_email="together@samplebury.test",
        contact_phone="01632 960 202",
        cost_centre="SB-TOGETHER",
        bank_rail="sandbox",
    ),
    policy="samplebury.yaml",
    staff=(
        Member("Lorcan Leadwell", ("lead",)),
        Member("Freya Facilitator", ("facilitator",)),
        Member("Anders Approver", ("approver",)),
        Member("Beatriz Budget", ("budget_holder",)),
        Member("Femi Finance", ("finance",)),
        Member("Olga Operations", ("ops",)),
        Member("Piet Policy", ("policy_owner",)),
    ),
    people=(
        someone("Nia Example", phone="07700 900201"),
        someone("Omar Specimen", sandbox.NO_ACCOUNT, phone="07700 900202"),
        someone("Petra Invented"),
        someone("Quinn Sample", sandbox.LOST_PAYMENT),
        someone("Rashid Pretend", told_by="Lorcan"),
        Someone("Saoirse Placeholder", MethodGiven("cash_desk"), phone="07700 900206", emailed=False),
        Someone("Tobias Madeup", MethodGiven("cash_desk"), told_by="Lorcan"),
        someone("Uma Imagined"),
        someone("Viktor Storybook"),
        someone("Wren Fictional", sandbox.SLOW),
        Someone("Xavi Illustration", MethodGiven("voucher")),
        someone("Yasmin Makebelieve", sandbox.NO_ACCOUNT),
    ),
)

DEMOFORD = Cast(
    NewCouncil(
        slug="demoford",
        name="Demoford City Council",
        header_colour="#7a3215",
        contact_name="Co-production team",
        contact_email="coproduction@demoford.test",
        contact_phone="01632 960 303",
        cost_centre="DF-COPRO",
        bank_rail="finance_system",
    ),
    policy="demoford.yaml",
    staff=(
        Member("Lakshmi Leadwell", ("lead",)),
        Member("Fabio Facilitator", ("facilitator",)),
        Member("Aroha Approver", ("approver",)),
        Member("Bertie Budget", ("budget_holder",)),
        Member("Fatou Finance", ("finance",)),
        Member("Oskar Operations", ("ops",)),
        Member("Pilar Policy", ("policy_owner",)),
    ),
    people=(
        someone("Abeni Example", phone="07700 900301"),
        someone("Bronwen Specimen"),
        someone("Callum Invented", phone="07700 900303"),
        someone("Petra Invented"),  # The one of Samplebury: two councils pay her.
        someone("Esra Pretend", told_by="Lakshmi"),
        someone("Finlay Placeholder"),
        Someone("Grace Madeup", MethodGiven("charity", charity="The Imaginary Hospice")),
        Someone("Hamza Imagined", MethodGiven("voucher")),
        Someone("Ines Storybook", None, phone="07700 900309"),
        Someone("Jakub Fictional", MethodGiven("none")),
        someone("Keira Illustration"),
        someone("Liang Makebelieve"),
    ),
)

REGION = (EXAMPLESHIRE, SAMPLEBURY, DEMOFORD)

# The region that the three are in. It has a policy and two who own it, and nobody who is paid.
MIDDLESHIRE = Cast(
    NewCouncil(
        slug="middleshire",
        name="Middleshire region",
        header_colour="#23415f",
        contact_name="Policy owners",
        contact_email="policy@middleshire.test",
        contact_phone="01632 960 404",
        kind=A_REGION,
    ),
    policy="middleshire.yaml",
    staff=(Member("Rosalind Region", ("policy_owner",)), Member("Ravi Region", ("policy_owner",))),
    people=(),
)
