"""Questions about obligations and payments. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from service.db import among
from service.errors import NotFound
from service.payouts import gates, orders
from service.payouts.file_tables import BankFileLine
from service.payouts.model import CALLED, LEFT, OVER
from service.payouts.tables import Attempt, Obligation, Payout


def get(session: Session, *, council_id: str, payout_id: str) -> Payout:
    """One payment. Raises `NotFound`."""
    payout = session.get(Payout, (council_id, payout_id))
    if payout is None:
        raise NotFound("We cannot find that payment. Check the id, or look under another council.")
    return payout


def by_ids(session: Session, *, council_id: str, payout_ids: Collection[str]) -> dict[str, Payout]:
    """Id → payment, for the ids that this council knows."""
    query = select(Payout).where(Payout.council_id == council_id, among(Payout.id, payout_ids))
    return {payout.id: payout for payout in session.scalars(query)}


@dataclass(frozen=True)
class Filter:
    """Which payments to list. Empty fields let everything through."""

    states: tuple[str, ...] = ()
    rail: str | None = None
    since: datetime | None = None


def page(
    session: Session, *, council_id: str, wanted: Filter, after: tuple[datetime, str] | None, limit: int
) -> list[Payout]:
    """Payments by the moment they last changed, after a `(changed_at, id)`, so that a reader can follow."""
    query = select(Payout).where(Payout.council_id == council_id)
    if wanted.states:
        query = query.where(Payout.state.in_(wanted.states))
    if wanted.rail:
        query = query.where(Payout.rail == wanted.rail)
    if wanted.since:
        query = query.where(Payout.changed_at >= wanted.since)
    if after:
        query = query.where(tuple_(Payout.changed_at, Payout.id) > after)
    return list(session.scalars(query.order_by(Payout.changed_at, Payout.id).limit(limit)))


def newest(
    session: Session, *, council_id: str, states: tuple[str, ...] = (), limit: int = 200
) -> list[Payout]:
    """Payments, the one that changed last first."""
    query = select(Payout).where(Payout.council_id == council_id)
    if states:
        query = query.where(Payout.state.in_(states))
    return list(session.scalars(query.order_by(Payout.changed_at.desc(), Payout.id.desc()).limit(limit)))


def of_claims(session: Session, *, council_id: str, claim_ids: list[str]) -> dict[str, list[Payout]]:
    """Claim id → its payments, oldest first."""
    query = select(Payout).where(Payout.council_id == council_id, Payout.claim_id.in_(claim_ids))
    found: dict[str, list[Payout]] = {claim_id: [] for claim_id in claim_ids}
    for payout in session.scalars(query.order_by(Payout.id)):
        found[payout.claim_id].append(payout)
    return found


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Payout]:
    """Every payment of one person, newest first."""
    query = select(Payout).where(Payout.council_id == council_id, Payout.person_id == person_id)
    return list(session.scalars(query.order_by(Payout.id.desc())))


def paid_on(
    session: Session, *, council_id: str, day: date, person_id: str | None = None, limit: int = 1000
) -> list[Payout]:
    """Payments that were paid on a day, to everybody or to one person."""
    query = select(Payout).where(Payout.council_id == council_id, Payout.paid_on == day)
    if person_id is not None:
        query = query.where(Payout.person_id == person_id)
    return list(session.scalars(query.order_by(Payout.id).limit(limit)))


def on_rail(session: Session, *, council_id: str, rail: str, since: datetime) -> list[Payout]:
    """Payments that this rail was called for, or somebody paid by it, since a moment."""
    called = select(Attempt.payout_id).where(Attempt.council_id == council_id, Attempt.called_at >= since)
    query = select(Payout).where(
        Payout.council_id == council_id,
        Payout.rail == rail,
        or_(Payout.id.in_(called), (Payout.state == "paid") & (Payout.changed_at >= since)),
    )
    return list(session.scalars(query.order_by(Payout.id)))


def to_export(
    session: Session,
    *,
    council_id: str,
    rails: tuple[str, ...],
    since: datetime | None,
    until: datetime,
    limit: int,
) -> list[Payout]:
    """Payments that somebody else is to pay and has not been told of, the oldest first, locked.

    One that is being changed at this moment is left for the next time. One that a hold covers, that stands in
    a file for its rail or that was to go where its person said no is left out, and so is whoever is stopped.
    """
    filed = select(BankFileLine.payout_id).where(
        BankFileLine.council_id == council_id, BankFileLine.released_at.is_(None)
    )
    query = select(Payout).where(
        Payout.council_id == council_id,
        Payout.rail.in_(rails),
        Payout.state == "ready",
        Payout.exported_at.is_(None),
        Payout.id.not_in(filed),
        Payout.made_at < until,
    )
    if since is not None:
        query = query.where(Payout.made_at >= since)
    rows = session.scalars(query.order_by(Payout.id).limit(limit).with_for_update(skip_locked=True)).all()
    shut = gates.shut(session, council_id=council_id, payouts=rows)
    methods = orders.methods_of(session, council_id=council_id, payouts=rows)
    return [row for row in rows if row.id not in shut and not orders.declined(row, methods=methods)]


def obligations(session: Session, *, council_id: str, obligation_ids: set[str]) -> dict[str, Obligation]:
    """Id → what is owed."""
    query = select(Obligation).where(Obligation.council_id == council_id, Obligation.id.in_(obligation_ids))
    return {owed.id: owed for owed in session.scalars(query)}


def obligation_of(session: Session, *, council_id: str, claim_id: str) -> Obligation | None:
    """What is owed for a claim, if anything ever was."""
    query = select(Obligation).where(Obligation.council_id == council_id, Obligation.claim_id == claim_id)
    return session.scalars(query).first()


def obligation(session: Session, *, council_id: str, obligation_id: str) -> Obligation:
    """One obligation. Raises `NotFound`."""
    found = session.get(Obligation, (council_id, obligation_id))
    if found is None:
        raise NotFound("We cannot find that obligation.")
    return found


def promised_days(session: Session, *, council_id: str, rows: list[Payout]) -> dict[str, date | None]:
    """Payment id → the day by which it was promised."""
    wanted = {row.obligation_id for row in rows}
    query = select(Obligation).where(Obligation.council_id == council_id, Obligation.id.in_(wanted))
    days = {owed.id: owed.pay_by for owed in session.scalars(query)}
    return {row.id: days[row.obligation_id] for row in rows}


def live(session: Session, *, council_id: str, obligation_id: str) -> Payout | None:
    """The one payment of an obligation that is not over."""
    query = select(Payout).where(
        Payout.council_id == council_id, Payout.obligation_id == obligation_id, Payout.state.not_in(OVER)
    )
    return session.scalars(query).first()


def unpaid_obligations(session: Session, *, council_id: str, person_id: str) -> list[Obligation]:
    """What a person is owed and no money has left for: it waits, or the last payment failed or came back."""
    left = select(Payout.obligation_id).where(
        Payout.council_id == council_id, Payout.person_id == person_id, Payout.state.in_(LEFT)
    )
    query = select(Obligation).where(
        Obligation.council_id == council_id,
        Obligation.person_id == person_id,
        Obligation.stopped_at.is_(None),
        Obligation.id.not_in(left),
    )
    return list(session.scalars(query.order_by(Obligation.claim_id)))


def attempts(session: Session, *, council_id: str, payout_id: str) -> list[Attempt]:
    """Every try at a rail for one payment, oldest first."""
    query = select(Attempt).where(Attempt.council_id == council_id, Attempt.payout_id == payout_id)
    return list(session.scalars(query.order_by(Attempt.number)))


def attempt_by_key(session: Session, *, council_id: str, key: str) -> Attempt | None:
    """The try that a rail knows by this key."""
    query = select(Attempt).where(Attempt.council_id == council_id, Attempt.key == key)
    return session.scalars(query).first()


def attempts_by_key(
    session: Session, *, council_id: str, keys: Collection[str]
) -> list[tuple[Payout, Attempt]]:
    """The tries that a rail knows by these keys, each with its payment."""
    query = (
        select(Payout, Attempt)
        .join(Attempt, (Attempt.council_id == Payout.council_id) & (Attempt.payout_id == Payout.id))
        .where(Attempt.council_id == council_id, among(Attempt.key, keys))
    )
    return [(payout, attempt) for payout, attempt in session.execute(query)]


def keys_of_paid(session: Session, *, council_id: str, payout_ids: Collection[str]) -> set[str]:
    """The keys of the last tries of those of these payments that we say were paid."""
    query = (
        select(Attempt.key)
        .join(Payout, (Payout.council_id == Attempt.council_id) & (Payout.id == Attempt.payout_id))
        .where(
            Attempt.council_id == council_id,
            among(Attempt.payout_id, payout_ids),
            Payout.state == "paid",
            Attempt.outcome == "paid",
        )
    )
    return set(session.scalars(query))


def ready_by_rail(session: Session, *, council_id: str, payout_ids: Collection[str]) -> dict[str, list[str]]:
    """Rail that we call → which of these payments are ready to leave by it, in the order of their ids."""
    query = select(Payout.rail, Payout.id).where(
        Payout.council_id == council_id,
        among(Payout.id, payout_ids),
        Payout.state == "ready",
        Payout.rail.in_(CALLED),
    )
    found: dict[str, list[str]] = {}
    for rail, payout_id in session.execute(query.order_by(Payout.id)):
        found.setdefault(rail, []).append(payout_id)
    return found
