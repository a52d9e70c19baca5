"""What do the pages for staff show? One frozen shape a page, filled by the views."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from service.web.person.shapes import Money, Occasion, Step
from service.web.statuses import Status
from service.web.sums import Reason, Sum


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: which pages somebody's roles open."""

    key: str
    name: str
    href: str


@dataclass(frozen=True)
class StaffMember:
    """Who is signed in, and where they may go."""

    name: str
    places: tuple[Place, ...]


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

    id: str
    person_id: str
    person: str
    role: str
    fee_pence: int
    status: Status
    taking_pence: int | None
    give_to: str
    came: bool
    claim_id: str = ""
    claim_status: Status | None = None


@dataclass(frozen=True)
class SessionPage:
    """One session with everybody on it."""

    id: str
    occasion: Occasion
    cost_code: str
    cancelled: bool
    offers: tuple[OfferRow, ...]
    may_change: bool


@dataclass(frozen=True)
class RegisterRow:
    """One line of the register. `came` and `minutes` are saved; `ticked` and `typed` are shown."""

    person_id: str
    name: str
    role: str
    came: bool
    minutes: int | None
    ticked: bool
    typed: str
    fault: str = ""


@dataclass(frozen=True)
class RegisterPage:
    """The register of one session. `planned_minutes` count where no other time is given."""

    session_id: str
    occasion: Occasion
    planned_minutes: int
    rows: tuple[RegisterRow, ...]
    may_add: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    cancelled: bool


@dataclass(frozen=True)
class ApprovalRow:
    """One claim that waits for a person."""

    id: str
    person: str
    title: str
    total_pence: int
    status: Status
    waiting_since: datetime
    pay_by: date | None
    late: bool


@dataclass(frozen=True)
class OpenLine:
    """A line that the policy left to a person: its place in the assessment and what it is about."""

    number: int
    what: str
    claimed_pence: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Asked:
    """One cost as the person gave it, in words: question and answer."""

    what: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ApprovalPage:
    """Everything needed to decide one claim. `seen` says which version this page shows."""

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
    open_lines: tuple[OpenLine, ...]
    to_look_at: tuple[str, ...]
    forbids: tuple[str, ...]
    decided: tuple[Step, ...]
    steps: tuple[Step, ...]
    money: tuple[Money, ...]
    clauses: tuple[tuple[str, str], ...]
    pay_by: date | None
    may_decide: bool
    open: bool


@dataclass(frozen=True)
class PaymentRow:
    """One payment in the list."""

    id: str
    person: str
    title: str
    claim_id: str
    amount_pence: int
    rail: str
    status: Status
    pay_by: date | None
    made_at: datetime
    late: bool
    seen: str = ""
    note: str = ""
    may_hold: bool = False
    may_release: bool = False
    may_cancel: bool = False


@dataclass(frozen=True)
class PersonRow:
    """One person in the list."""

    id: str
    name: str
    contact: str
    reference: str


@dataclass(frozen=True)
class PersonPage:
    """One person: contact, how they are paid (masked), their sessions and claims."""

    row: PersonRow
    paid_how: str
    proposed: str
    kinds: tuple[tuple[str, str], ...]
    claims: tuple[ApprovalRow, ...]


@dataclass(frozen=True)
class MessageRow:
    """One message as it was sent."""

    to: str
    name: str
    subject: str
    words: str
    channel: str
    at: datetime
    status: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One queue, and who waits behind it."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest_seconds: int | None
    people: int
    pence: int


@dataclass(frozen=True)
class FailedJob:
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
class OpsPage:
    """How the machine is doing."""

    queues: tuple[QueueRow, ...]
    failed: tuple[FailedJob, ...]
    may_act: bool


@dataclass(frozen=True)
class Clause:
    """One rule of the policy, in words, with where it comes from."""

    number: str
    text: str
    source: str = ""


@dataclass(frozen=True)
class PolicyPage:
    """The policy in force, to be read."""

    name: str
    version: str
    effective_from: date
    review_by: date | None
    clauses: tuple[Clause, ...]
    activities: tuple[str, ...] = field(default=())
    roles: tuple[str, ...] = field(default=())
