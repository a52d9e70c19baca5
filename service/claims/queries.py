"""Questions about claims and their assessments. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.orm import Session

from service import events
from service.claims.model import TOP_UP
from service.claims.tables import Claim, ClaimAssessment
from service.errors import NotFound
from service.events import Actor


def get(session: Session, *, council_id: str, claim_id: str) -> Claim:
    """One claim. Raises `NotFound`."""
    claim = session.get(Claim, (council_id, claim_id))
    if claim is None:
        raise NotFound("We cannot find that claim. Check the id, or look under another council.")
    return claim


def assessment(session: Session, *, council_id: str, claim_id: str) -> ClaimAssessment:
    """The assessment that counts for a claim now. Raises `NotFound`."""
    claim = get(session, council_id=council_id, claim_id=claim_id)
    found = session.get(ClaimAssessment, (council_id, claim.assessment_id)) if claim.assessment_id else None
    if found is None:
        raise NotFound("This claim has not been worked out yet.")
    return found


def assessments(session: Session, *, council_id: str) -> list[ClaimAssessment]:
    """Every assessment a council ever stored, oldest first: for replaying them."""
    query = select(ClaimAssessment).where(ClaimAssessment.council_id == council_id)
    return list(session.scalars(query.order_by(ClaimAssessment.id)))


@dataclass(frozen=True)
class Filter:
    """Which claims to list. Empty fields let everything through."""

    states: tuple[str, ...] = ()
    person_id: str | None = None
    session_id: str | None = None
    since: datetime | None = None


def page(
    session: Session, *, council_id: str, wanted: Filter, after: tuple[datetime, str] | None, limit: int
) -> list[Claim]:
    """Claims by the moment they last changed, after a `(changed_at, id)`, so that a reader can follow."""
    query = select(Claim).where(Claim.council_id == council_id)
    if wanted.states:
        query = query.where(Claim.state.in_(wanted.states))
    if wanted.person_id:
        query = query.where(Claim.person_id == wanted.person_id)
    if wanted.session_id:
        query = query.where(Claim.session_id == wanted.session_id)
    if wanted.since:
        query = query.where(Claim.changed_at >= wanted.since)
    if after:
        query = query.where(tuple_(Claim.changed_at, Claim.id) > after)
    return list(session.scalars(query.order_by(Claim.changed_at, Claim.id).limit(limit)))


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Claim]:
    """Everything a person ever claimed, newest first."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.person_id == person_id)
    return list(session.scalars(query.order_by(Claim.id.desc())))


def of_session(session: Session, *, council_id: str, session_id: str) -> list[Claim]:
    """Every claim for one session, oldest first."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.session_id == session_id)
    return list(session.scalars(query.order_by(Claim.id)))


def fee_claim(session: Session, *, council_id: str, session_id: str, person_id: str) -> Claim | None:
    """The one claim that carries the fee of this person at this session, in whatever state."""
    query = select(Claim).where(
        Claim.council_id == council_id,
        Claim.session_id == session_id,
        Claim.person_id == person_id,
        Claim.with_fee,
    )
    return session.scalars(query).first()


def top_ups(session: Session, *, council_id: str, claim_id: str) -> list[Claim]:
    """What was ever offered on top of one claim, oldest first."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.tops_up_id == claim_id)
    return list(session.scalars(query.order_by(Claim.id)))


def is_left_behind(session: Session, *, claim: Claim) -> bool:
    """Whether the claim that a top-up came on top of was worked out again since, and so holds it itself."""
    if claim.tops_up_id is None or claim.top_up is None:
        return False
    topped = get(session, council_id=claim.council_id, claim_id=claim.tops_up_id)
    return bool(topped.assessment_id != claim.top_up["assessment_id"])


def withdrawn_by(session: Session, *, claim: Claim) -> Actor | None:
    """Who took a claim back, or stopped it, the last time that this happened."""
    gone = ("claim.withdrawn", "claim.stopped")
    history = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    return next((event.actor for event in reversed(history) if event.name in gone), None)


def judged_otherwise(
    session: Session, *, council_id: str, policy_id: str, since: date, after: str, limit: int
) -> list[Row[tuple[str, str, str]]]:
    """Claims on their way or paid, for activities since a day, that another version judged: id, person, on.

    In the order of their ids, after one of them. Top-ups are left out: the claims below them are judged.
    """
    on = ClaimAssessment.facts["on"].astext.label("on")
    query = (
        select(Claim.id, Claim.person_id, on)
        .join(
            ClaimAssessment,
            (ClaimAssessment.council_id == Claim.council_id) & (ClaimAssessment.id == Claim.assessment_id),
        )
        .where(
            Claim.council_id == council_id,
            Claim.id > after,
            Claim.kind != TOP_UP,
            Claim.state.in_(COUNTING),
            ClaimAssessment.policy_id != policy_id,
            on >= since.isoformat(),
        )
    )
    return list(session.execute(query.order_by(Claim.id).limit(limit)))


def makers(session: Session, *, council_id: str, claim_id: str) -> set[Actor]:
    """Everybody who made or changed a claim by hand. The rule that follows a register is nobody."""
    made = ("claim.submitted", "claim.changed")
    history = events.of_claim(session, council_id=council_id, claim_id=claim_id)
    return {event.actor for event in history if event.name in made and event.actor_kind != "rule"}


# A claim that somebody refused or took back costs nothing under any policy.
COUNTING = ("submitted", "needs_person", "waiting", "asked", "approved", "paid")
CHUNK = 1000


def judged(
    session: Session, *, council_id: str, since: date, until: date
) -> Iterator[Sequence[Row[tuple[str, str, str | None, int, int, str, str, dict[str, Any]]]]]:
    """Claims for activities from `since` to `until` (counted too), in chunks, with the facts that count.

    Rows: id, person_id, offer_id, fee_pence, expenses_pence, assessment_id, policy_id, facts. They are read
    as they are used, so any number of them fits.
    """
    query = (
        select(
            Claim.id,
            Claim.person_id,
            Claim.offer_id,
            Claim.fee_pence,
            Claim.expenses_pence,
            ClaimAssessment.id,
            ClaimAssessment.policy_id,
            ClaimAssessment.facts,
        )
        .join(
            ClaimAssessment,
            (ClaimAssessment.council_id == Claim.council_id) & (ClaimAssessment.id == Claim.assessment_id),
        )
        .where(Claim.council_id == council_id, *_between(since, until))
        .execution_options(yield_per=CHUNK)
    )
    yield from session.execute(query).partitions()


def judged_count(session: Session, *, council_id: str, since: date, until: date) -> int:
    """How many claims `judged` answers."""
    query = (
        select(func.count())
        .select_from(Claim)
        .join(
            ClaimAssessment,
            (ClaimAssessment.council_id == Claim.council_id) & (ClaimAssessment.id == Claim.assessment_id),
        )
        .where(Claim.council_id == council_id, *_between(since, until))
    )
    return session.scalar(query) or 0


def _between(since: date, until: date) -> tuple[Any, ...]:
    on = ClaimAssessment.facts["on"].astext
    # A top-up is no activity of its own.
    return (Claim.state.in_(COUNTING), Claim.kind != TOP_UP, on >= since.isoformat(), on <= until.isoformat())


def answers(session: Session, *, council_id: str, assessment_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Assessment id → its answer."""
    query = select(ClaimAssessment.id, ClaimAssessment.answer).where(
        ClaimAssessment.council_id == council_id, ClaimAssessment.id.in_(assessment_ids)
    )
    return {row.id: row.answer for row in session.execute(query)}
