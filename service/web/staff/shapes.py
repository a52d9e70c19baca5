"""What do the pages for staff show? One frozen shape a page, filled by the views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.web.person.helping import HelperCard
from service.web.person.shapes import Corrected, Money, Occasion, Shown, Step, TopUp
from service.web.statuses import Status
from service.web.sums import Sum


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: which pages somebody's roles open. `inside`: the places of a group."""

    key: str
    name: str
    href: str
    inside: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One thing to choose from in a list."""

    value: str
    text: str


@dataclass(frozen=True)
class SessionRow:
    """One session in the list."""

    id: str
    occasion: Occasion
    status: Status
    invited: int
    said_yes: int
    came: int


@dataclass(frozen=True)
class OfferRow:
    """One person on a session's page: what they were offered, what they said, what became of it."""

    person_id: str
    person: str
    role: str
    fee_pence: int | None
    status: Status
    taking_pence: int | None
    give_to: str
    came: bool
    claim_id: str
    claim_status: Status | None
    offer_id: str = ""
    may_cancel: bool = False


@dataclass(frozen=True)
class SessionPage:
    """One session with everybody on it. `may_change`: this member of staff may invite, tick and cancel."""

    id: str
    occasion: Occasion
    cost_code: str
    cancelled: bool
    people: tuple[OfferRow, ...]
    may_change: bool


@dataclass(frozen=True)
class AskRow:
    """What somebody asked about an offer. `about`: the sum as it is typed; `wish`: what staff would do."""

    id: str
    cost: bool
    person_id: str
    person: str
    session_id: str
    title: str
    starts_at: datetime
    what: str
    about: str
    wish: str
    wish_words: str
    asked: str
    asked_at: datetime
    status: Status
    waits: bool
    answer: str
    who: str
    answered_at: datetime | None
    met_pence: int | None
    claim_id: str


@dataclass(frozen=True)
class DueRow:
    """What somebody would get if it were cancelled now. `sum` is None where they had not said yes."""

    person: str
    said_yes: bool
    sum: Sum | None


@dataclass(frozen=True)
class RegisterRow:
    """One line of the register. `came` and `minutes` are saved; `ticked` and `typed` are shown.

    `version` is that of the saved line; of one that was changed and not saved, the one that its page showed.
    `sum` is what a tick pays; `note` is about money already on its way.
    """

    person_id: str
    name: str
    role: str
    came: bool
    minutes: int | None
    ticked: bool
    typed: str
    version: int = 0
    sum: str = ""
    note: str = ""
    fault: str = ""


@dataclass(frozen=True)
class RegisterPage:
    """The register of one session. `planned_minutes` count where no other time is given.

    `found`: people whose name fits what was typed; `once` makes a save that is sent twice count once.
    """

    session_id: str
    occasion: Occasion
    planned_minutes: int
    rows: tuple[RegisterRow, ...]
    found: tuple[Choice, ...]
    looked: bool
    roles: tuple[Choice, ...]
    cancelled: bool
    once: str


@dataclass(frozen=True)
class ClaimRow:
    """One claim in a list."""

    id: str
    person: str
    title: str
    total_pence: int
    status: Status
    changed_at: datetime
    pay_by: date | None
    late: bool


@dataclass(frozen=True)
class Asked:
    """One cost as the person gave it, in words: question and answer."""

    what: str
    answers: tuple[tuple[str, str], ...]
    receipts: tuple[Shown, ...] = ()
    says_receipt: bool = False


@dataclass(frozen=True)
class DecisionPage:
    """Everything needed to decide one claim. `seen` says which version this page shows.

    `topped`: the claim that this one comes on top of; `top_ups`: what came on top of this one. `rest_of`: the
    claim of which this is the later part; `later`: the later part of this one.
    """

    id: str
    seen: str
    person_id: str
    person: str
    session_id: str
    title: str
    when: str
    status: Status
    sum: Sum
    asked_for: tuple[Asked, ...]
    to_look_at: tuple[str, ...]
    forbids: tuple[str, ...]
    no_yes: tuple[str, ...]
    steps: tuple[Step, ...]
    money: tuple[Money, ...]
    clauses: tuple[Choice, ...]
    pay_by: date | None
    late: bool
    overpaid_pence: int
    open: bool
    by_rule: bool
    topped: str = ""
    topped_pence: int = 0
    top_ups: tuple[TopUp, ...] = ()
    corrects: str = ""
    rest_of: str = ""
    later: TopUp | None = None
    corrections: tuple[Corrected, ...] = ()
    may_correct: bool = False
    again: LookAgain | None = None
    disagreed: Disagreed | None = None

    @property
    def has_receipts(self) -> bool:
        """Whether a receipt is to be read beside the reasons."""
        return any(asked.receipts for asked in self.asked_for)


@dataclass(frozen=True)
class LookAgain:
    """A no that the person does not agree with: who said it, when, why; and what the person says to it."""

    refused_by: str
    refused_at: datetime
    reason: str
    words: str


@dataclass(frozen=True)
class Disagreed:
    """A part of an agreed claim that the person does not agree with. `forbids`: why somebody may not look."""

    lines: tuple[str, ...]
    words: str
    forbids: tuple[str, ...]


@dataclass(frozen=True)
class PaymentRow:
    """One payment in the list, and what may be done with it."""

    id: str
    seen: str
    person: str
    claim_id: str
    amount_pence: int
    rail: str
    reference: str
    status: Status
    pay_by: date | None
    changed_at: datetime
    late: bool
    note: str
    verbs: tuple[str, ...]
    may_hold: bool
    hold_person: str
    # Pages about this payment that may be opened: path → what the link says.
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PersonRow:
    """One person in the list."""

    id: str
    name: str
    contact: str
    reference: str
    organisation: str


@dataclass(frozen=True)
class AllowanceLine:
    """What somebody has used of what the policy counts: its name, and how much in which days."""

    name: str
    words: str


@dataclass(frozen=True)
class ActsForRow:
    """Somebody who may act on a person's money: on which document, who saw it, and what can be done now."""

    id: str
    name: str
    kind: str
    document: str
    seen_by: str
    standing: str
    may_check: bool
    over: bool


@dataclass(frozen=True)
class PersonPage:
    """One person: contact, how they are paid (masked), who may act for them, their claims."""

    row: PersonRow
    paid_how: str
    proposed: str
    checked: str
    contact_is_new: str
    stopped: bool
    acts: tuple[ActsForRow, ...]
    helpers: tuple[HelperCard, ...]
    allowances: tuple[AllowanceLine, ...]
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True)
class LetterRow:
    """A letter that somebody here prints and posts."""

    id: str
    name: str
    subject: str
    at: datetime
    posted_at: datetime | None
    posted_by: str


@dataclass(frozen=True)
class MessageRow:
    """One message as it was written, without its links. `stops`: one of them says "This was not me"."""

    id: str
    name: str
    subject: str
    words: str
    at: datetime
    left: str
    short: str = ""
    stops: bool = False


@dataclass(frozen=True)
class StoppedJob:
    """One job that gave up: what it was, why, and whom it holds up."""

    ref: str
    task: str
    queue: str
    error: str
    at: datetime
    attempts: int
    person: str
    pence: int | None


@dataclass(frozen=True)
class Tried:
    """One trial of a draft of the base across a region."""

    version: str
    id: str
    asked_at: datetime
    done: bool


@dataclass(frozen=True)
class CouncilTried:
    """What a draft would have paid in one council: its sums where its text `fits`, and the rest in words."""

    name: str
    fits: bool
    difference: str
    sums: Mapping[str, Any]
    words: tuple[str, ...]
