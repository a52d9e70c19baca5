"""What do the rooms know about somebody's offers, claims and money? Turned into shapes for pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.claims import queries as claims
from service.claims.model import AGREED, REST, TOP_UP
from service.claims.tables import Claim
from service.days import london_day
from service.errors import NotFound
from service.events import Event
from service.money import pounds
from service.payouts import file_queries, lateness
from service.payouts import queries as payouts
from service.payouts.choosing import promised
from service.payouts.model import ONES_OWN_CHOICE
from service.payouts.tables import Payout
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.people.tables import PaymentMethod
from service.policy import queries as policies
from service.policy.engine import Policy
from service.policy.explanation import line_name
from service.policy.forms import Voice
from service.rails.protocol import RAILS, RECORDED
from service.sessions.tables import InvolvementSession
from service.web import here, statuses, wording
from service.web.person.shapes import Money, Occasion, OnTop, TopUp
from service.web.policies import names_of
from service.web.sums import Sum, sum_of

# Why money waits here, for no reason of the person's.
_PAUSED = "We have paused payments for now. It is nothing that you did, and your money is safe."
WAITS_WITH_US = {
    "hold_person": "We are checking something before we pay. Your money is safe. Contact us to ask why.",
    "second_release": "Somebody here looks at it once more before it goes. You do not need to do anything.",
    "no_funds": "It waits for us, not for you. Your money is safe, and it goes by itself.",
    "hold_rail": _PAUSED,
    "hold_council": _PAUSED,
    "hold_everything": _PAUSED,
}
NOT_COMING = ("refused", "withdrawn", "draft")


def own(session: Session, claim_id: str) -> Claim:
    """The claim, if it is this person's own. Raises `NotFound`."""
    claim = claims.get(session, council_id=here.council_id(), claim_id=claim_id)
    if claim.person_id != here.me().id:
        raise NotFound("We cannot find that claim. Use the link in your message, or look on your own page.")
    return claim


def occasion_of(session: Session, row: InvolvementSession) -> Occasion:
    """A session with the plain name of its activity, in the policy of its day."""
    on = london_day(row.starts_at)
    names = names_of(policy_on(session, row.council_id, on), on=on, what="activities")
    return Occasion(
        title=row.title,
        activity=names.get(row.activity, row.activity),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        online=row.online,
        place=row.place or "",
    )


def policy_on(session: Session, council_id: str, on: date) -> Policy:
    """The policy in force on a day. Raises `NoPolicy`."""
    return policies.in_force(session, council_id=council_id, on=on).policy


def claim_sum(session: Session, claim: Claim) -> Sum:
    """The sum of a claim, with what a person settled in it."""
    return sum_of(approvals.answer(session, council_id=claim.council_id, claim=claim))


def money_of(
    claim: Claim, paid: list[Payout], today: date, arrives: Mapping[str, date] | None = None
) -> tuple[Money, ...]:
    """The payments of a claim as the person sees them: the live or last one, and any that arrived.

    `arrives`: payment id → the day on which its Bacs file puts it into the account.
    """
    shown = [p for p in paid if p.state == "paid"] or paid[-1:]
    late = bool(paid) and lateness.is_late(claim, paid, promised(claim.pay_by, paid[-1].own_day), today)
    days = arrives or {}
    return tuple(
        _money(claim, payout, late and payout.state != "paid", days.get(payout.id)) for payout in shown
    )


def _money(claim: Claim, payout: Payout, late: bool, arrives: date | None) -> Money:
    return Money(
        amount_pence=payout.amount_pence,
        status=statuses.word(statuses.PAYMENT_FOR_PERSON, payout.state),
        promised=promised(claim.pay_by, payout.own_day),
        came=payout.paid_on if payout.state == "paid" else None,
        late=late,
        why=why_it_waits(payout) or how_it_comes(payout, arrives),
        reference=payout.reference,
    )


def on_top(claim: Claim, answer: dict[str, Any]) -> OnTop | None:
    """What is offered on top of a claim, while it waits for a yes or a no; `answer` is its difference."""
    if claim.state != "draft":
        return None
    day = wording.day(date.fromisoformat(str(answer["facts"]["on"])))
    because = tuple(
        f"The rule for this changed: {line_name(line, Voice())}. "
        f"It was {pounds(told['before_pence'])} before. "
        f"It is {pounds(told['after_pence'])} now. This counts for {day} too."
        for line in answer["lines"]
        if (told := line["reasons"][-1]["figures"])
    )
    return OnTop(claim_id=claim.id, amount_pence=claim.total_pence, because=because)


def top_ups_of(session: Session, claim: Claim) -> tuple[TopUp, ...]:
    """What came on top of a claim, oldest first."""
    found = claims.top_ups(session, council_id=claim.council_id, claim_id=claim.id)
    return tuple(TopUp(one.id, one.total_pence, claim_status(one, [])) for one in found)


def later_of(session: Session, claim: Claim) -> TopUp | None:
    """The part of a claim's fee that its person put off, while there is one."""
    one = claims.rest_of(session, council_id=claim.council_id, claim_id=claim.id)
    if one is None or one.state not in AGREED:
        return None
    return TopUp(one.id, one.total_pence, claim_status(one, []))


def claim_status(claim: Claim, paid: list[Payout]) -> statuses.Status:
    """The one word for a claim: its own, or that of its money where the money did not go as it should."""
    if claim.kind == TOP_UP and claim.state == "withdrawn":
        return statuses.NOT_WANTED
    if claim.state == "approved" and paid and paid[-1].state in ("held", "failed", "returned"):
        return statuses.word(statuses.PAYMENT_FOR_PERSON, paid[-1].state)
    return statuses.word(statuses.CLAIM_FOR_PERSON, claim.state)


def why_it_waits(payout: Payout) -> str:
    """What stands between the person and the money, and who can do something about it."""
    if payout.state == "held" and payout.held_because == "new_details" and payout.held_until:
        until = wording.day_and_time(payout.held_until)
        return f"Your bank details are new. We wait until {until} to use them."
    if payout.state == "held" and payout.held_because in ("next_run", "in_run") and payout.held_until:
        return f"It goes with the payments of {wording.day(payout.held_until)}."
    if payout.state == "held" and payout.held_because == ONES_OWN_CHOICE and payout.own_day:
        return f"You chose this day: {wording.day(payout.own_day)}. We send it then."
    if payout.state == "held":
        return {
            "no_method": "We do not know yet how you would like to be paid.",
            "not_wanted": "You told us that you would like not to be paid.",
            **WAITS_WITH_US,
            "name_check": "We asked your bank about the name on your account. See How I am paid.",
            "onboarding": "Stripe, who sends the money, needs your bank details. See How I am paid.",
        }.get(payout.held_because or "", "Somebody here has put it on hold. Contact us to ask why.")
    if payout.state in ("failed", "returned"):
        return f"{payout.failure or 'The bank did not take it.'} Check your details, and we pay you again."
    if payout.state == "ready" and payout.goes_with:
        return f"It goes with the payroll of {payout.goes_with}."
    return {"unknown": "The bank has not told us yet if it arrived. We are asking."}.get(payout.state, "")


def how_it_comes(payout: Payout, arrives: date | None) -> str:
    """When money in a Bacs file is there; or with which number something was handed over."""
    if payout.state == "sent" and arrives is not None:
        return f"It will be in your account on {arrives:%A} {arrives.day} {arrives:%B}."
    if payout.state == "paid" and payout.bank_reference and RAILS[payout.rail].moves == RECORDED:
        return {
            "voucher": f"We gave you a voucher. Its number is {payout.bank_reference}.",
            "cash_desk": f"You had it in cash. The receipt has the number {payout.bank_reference}.",
            "charity": f"We gave it to {payout.give_to}. The reference is {payout.bank_reference}.",
        }.get(payout.rail, "")
    return ""


def failures(told: list[Event], paid: list[Payout]) -> dict[int, str]:
    """Event → why that payment did not arrive, as its bank said it: for a timeline that shows each try."""
    why = {payout.id: payout.failure for payout in paid if payout.failure}
    return {
        event.id: why[event.subject_id]
        for event in told
        if event.name in ("payout.failed", "payout.returned") and event.subject_id in why
    }


def paid_how(method: PaymentMethod | None) -> str:
    """How somebody is paid, in one sentence."""
    if method is None:
        return "We do not know yet how you would like to be paid."
    if method.kind == "bank_account":
        return f"We pay into your bank account, {method.masked}."
    if method.kind == "stripe":
        return f"We pay into your bank account by Stripe{f', {method.masked}' if method.masked else ''}."
    if method.kind == "charity":
        return f"We give your money to {method.charity}."
    return {
        "voucher": "We pay you with a shopping voucher.",
        "cash_desk": "You collect cash from the council's desk.",
        "payroll": "You are paid with the council's payroll.",
        "none": "You told us that you would like not to be paid.",
    }.get(method.kind, f"We pay you this way: {METHOD_NAMES.get(method.kind, method.kind).lower()}.")


@dataclass(frozen=True)
class Standing:
    """Everything about one person that their own pages need.

    By claim: `answers`, what is offered on top; `promised`, the day by which its money is.
    """

    claims: list[Claim]
    payouts: dict[str, list[Payout]]
    method: PaymentMethod | None
    proposed: PaymentMethod | None
    answers: dict[str, dict[str, Any]]
    arrives: dict[str, date]
    promised: dict[str, date | None]


def standing(session: Session, *, council_id: str, person_id: str) -> Standing:
    """What a person claimed, what was paid for it, and how they are paid."""
    # The later part of a fee that comes in one part again is nothing to see.
    found = [
        claim
        for claim in claims.of_person(session, council_id=council_id, person_id=person_id)
        if (claim.kind, claim.state) != (REST, "withdrawn")
    ]
    paid = payouts.of_claims(session, council_id=council_id, claim_ids=[claim.id for claim in found])
    ids = [payout.id for rows in paid.values() for payout in rows]
    return Standing(
        claims=found,
        payouts=paid,
        arrives=file_queries.entry_days(session, council_id=council_id, payout_ids=ids),
        promised=lateness.promises(session, council_id=council_id, of=found, paid=paid),
        method=people.current_method(session, council_id=council_id, person_id=person_id),
        proposed=people.proposed_method(session, council_id=council_id, person_id=person_id),
        answers={
            claim.id: approvals.by_policy(session, claim=claim) for claim in found if claim.state == "draft"
        },
    )
