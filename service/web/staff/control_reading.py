"""What holds money back, and which payments go together? Turned into shapes for staff pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.money import pounds
from service.payouts import funds, gates, queries, run_queries, runs, second
from service.payouts.control_tables import PaymentHold, PaymentRun
from service.payouts.holdbook import Hand
from service.payouts.second import SecondPersonNeeded
from service.people import queries as people
from service.rails.protocol import RAILS
from service.web import here, statuses
from service.web.statuses import Status

RUN_STATUS = {
    run_queries.OPENING: Status("Being put together", "grey"),
    run_queries.WAITING: Status("Waits for a second person", "orange"),
    run_queries.GOING: Status("On its way", "turquoise"),
    run_queries.PAID: Status("Paid", "green"),
    run_queries.OVER_IN_PART: Status("Not all arrived", "red"),
}
# The pages show so many holds and runs; the API pages through all.
SHOWN = 100


@dataclass(frozen=True)
class HoldRow:
    """One hold. `may_release`: here, by this member of staff."""

    id: str
    covers: str
    reason: str
    placed_by: str
    placed_at: datetime
    ended_by: str
    ended_at: datetime | None
    may_release: bool


@dataclass(frozen=True)
class RunRow:
    """One payment run. `share`: cost centre and pence; `stand`: word for a payment's state, and how many."""

    id: str
    tag: str
    rail: str
    status: Status
    count: int
    total_pence: int
    due_at: datetime
    opened_by: str
    opened_at: datetime
    released_by: str
    released_at: datetime | None
    second_above_pence: int | None
    share: tuple[tuple[str, int], ...]
    stand: tuple[tuple[str, int], ...]
    waits: bool


@dataclass(frozen=True)
class Line:
    """One payment of a run."""

    person: str
    amount_pence: int
    reference: str
    status: Status


def holds(session: Session, *, standing_only: bool) -> list[HoldRow]:
    """Holds, the newest first. Those on single payments only among all: the list of payments shows them."""
    rows = gates.page(session, council_id=here.council_id(), standing_only=standing_only, limit=SHOWN)
    return [hold(session, row) for row in rows if not standing_only or row.scope != "payment"]


def hold(session: Session, row: PaymentHold) -> HoldRow:
    """One hold as staff read it."""
    names = councils.names_of(session, council_id=row.council_id)
    return HoldRow(
        id=row.id,
        covers=covers(session, scope=row.scope, subject=row.subject),
        reason=row.reason,
        placed_by=_who(names, row.placed_by, row.placed_for),
        placed_at=row.placed_at,
        ended_by=_who(names, row.ended_by or "", row.ended_for or ""),
        ended_at=row.ended_at,
        may_release=row.ended_at is None and row.scope != "everything" and here.may("payments:hold"),
    )


def covers(session: Session, *, scope: str, subject: str) -> str:
    """What a hold covers, as a phrase. Raises `NotFound`."""
    council_id = here.council_id()
    if scope == "payment":
        payout = queries.get(session, council_id=council_id, payout_id=subject)
        name = people.get(session, council_id=council_id, person_id=payout.person_id).name
        return f"the payment of {pounds(payout.amount_pence)} to {name}"
    if scope == "person":
        return f"all payments to {people.get(session, council_id=council_id, person_id=subject).name}"
    if scope == "rail":
        return f"all payments that go this way: {RAILS[subject].name}"
    return "all payments of every council" if scope == "everything" else "all payments of this council"


def shortages(session: Session) -> list[str]:
    """For each rail with too little money, one sentence."""
    found = funds.rails_short(session, council_id=here.council_id())
    return [
        f"{RAILS[rail].name}: {_payments(count)} of {pounds(pence)} in all "
        f"{'waits' if count == 1 else 'wait'} for money. "
        f"{'It goes' if count == 1 else 'They go'} without anybody's help when there is enough."
        for rail, (count, pence) in found.items()
    ]


def waiting(session: Session) -> list[tuple[str, str, str]]:
    """For each rail: its key, its name, and what waits for the next run on it."""
    found = run_queries.waiting(session, council_id=here.council_id())
    return [
        (one.rail, RAILS[one.rail].name, f"{_payments(one.count)}, {pounds(one.total_pence)} in all")
        for one in found
    ]


def _payments(count: int) -> str:
    return "1 payment" if count == 1 else f"{count} payments"


def run(session: Session, row: PaymentRun) -> RunRow:
    """One run as staff read it."""
    names = councils.names_of(session, council_id=row.council_id)
    found = run_queries.summary(session, run=row)
    words = statuses.PAYMENT_FOR_STAFF
    return RunRow(
        id=row.id,
        tag=row.tag,
        rail=RAILS[row.rail].name,
        status=RUN_STATUS[found.standing],
        count=found.count,
        total_pence=found.total_pence,
        due_at=row.due_at,
        opened_by=_who(names, row.opened_by, row.opened_for),
        opened_at=row.opened_at,
        released_by=_who(names, row.released_by or "", row.released_for or ""),
        released_at=row.released_at,
        second_above_pence=row.second_above_pence,
        share=tuple(found.cost_centres.items()),
        stand=tuple((words[state].word, count) for state, count in found.states.items()),
        waits=found.standing == run_queries.WAITING,
    )


def lines(session: Session, row: PaymentRun) -> list[Line]:
    """Its payments, oldest promise first, as many as a page can show."""
    found = run_queries.payments(session, council_id=row.council_id, run_id=row.id)
    named = people.by_ids(session, council_id=row.council_id, person_ids={one.person_id for one in found})
    return [
        Line(
            named[one.person_id].name,
            one.amount_pence,
            one.reference,
            statuses.word(statuses.PAYMENT_FOR_STAFF, one.state),
        )
        for one in found
    ]


def somebody_else(session: Session, row: PaymentRun) -> str:
    """Why this member of staff may not release a run; empty where they may."""
    ids = run_queries.claim_ids(session, council_id=row.council_id, run_id=row.id)
    try:
        second.require_another(
            session,
            council_id=row.council_id,
            claim_ids=ids,
            opened=runs.opener(row),
            hand=Hand(here.staff_actor()),
        )
    except SecondPersonNeeded as refusal:
        return refusal.detail
    return ""


def _who(names: dict[str, str], actor: str, whom: str) -> str:
    """Who did it, in words: a member of staff or a key by name, with the person whom a key named."""
    kind, _, found = actor.partition(":")
    known = {"rule": "the policy", "system": "whoever runs this service"}.get(kind, names.get(found, kind))
    return f"{known} for {whom}" if whom else known
