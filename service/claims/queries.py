"""Questions about claims and their assessments. Writes nothing."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, func, select, tuple_
from sqlalchemy.orm import Session

from service import events
from service.claims.model import ADVANCE, CANCELLATION, COMING, ON_TOP
from service.claims.tables import BookedCost, Claim, ClaimAssessment, Correction
from service.db import among
from service.errors import NotFound
from service.events import RULE, Actor


def get(session: Session, *, council_id: str, claim_id: str) -> Claim:
    """One claim. Raises `NotFound`."""
    claim = session.get(Claim, (council_id, claim_id))
    if claim is None:
        raise NotFound("We cannot find that claim. Check the id, or look under another council.")
    return claim


def by_ids(session: Session, *, council_id: str, claim_ids: Collection[str]) -> dict[str, Claim]:
    """Id → claim, for the ids that this council knows."""
    query = select(Claim).where(Claim.council_id == council_id, among(Claim.id, claim_ids))
    return {claim.id: claim for claim in session.scalars(query)}


def assessments_by_ids(
    session: Session, *, council_id: str, assessment_ids: Collection[str]
) -> dict[str, ClaimAssessment]:
    """Id → assessment, for the ids that this council knows."""
    mine = (ClaimAssessment.council_id == council_id, among(ClaimAssessment.id, assessment_ids))
    return {found.id: found for found in session.scalars(select(ClaimAssessment).where(*mine))}


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
    claim_ids: Collection[str] | None = None


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
    if wanted.claim_ids is not None:
        query = query.where(among(Claim.id, wanted.claim_ids))
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


def carries_fee(session: Session, *, claim: Claim) -> bool:
    """Whether the fee of a yes that stands comes with this claim, came, or was said no to.

    Not where it was for a cancelled place, or where the rule took it back: the register brings that fee anew.
    """
    if not claim.with_fee or claim.kind == CANCELLATION:
        return False
    return claim.state != "withdrawn" or withdrawn_by(session, claim=claim) != RULE


def top_ups(session: Session, *, council_id: str, claim_id: str) -> list[Claim]:
    """What was ever offered on top of one claim, oldest first."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.tops_up_id == claim_id)
    return list(session.scalars(query.order_by(Claim.id)))


def differences(session: Session, *, council_id: str, claim_id: str) -> list[Claim]:
    """What corrections of one claim ever came to more, oldest first."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.corrects_id == claim_id)
    return list(session.scalars(query.order_by(Claim.correction_number)))


def rest_of(session: Session, *, council_id: str, claim_id: str) -> Claim | None:
    """The part of a claim's fee that its person put off to a later day, in whatever state."""
    query = select(Claim).where(Claim.council_id == council_id, Claim.rest_of_id == claim_id)
    return session.scalars(query).first()


def whole_pence(session: Session, *, claim: Claim) -> int:
    """What a claim comes to with the part that was put off, asked of either of the two."""
    first = get(session, council_id=claim.council_id, claim_id=claim.rest_of_id or claim.id)
    return first.total_pence + first.put_off_pence


def agreed_as(session: Session, *, council_id: str, claim_ids: Collection[str]) -> list[str]:
    """The claims to which somebody said yes: of a rest the claim that it is a part of."""
    found = by_ids(session, council_id=council_id, claim_ids=claim_ids)
    return [found[one].rest_of_id or one if one in found else one for one in claim_ids]


def corrections(session: Session, *, council_id: str, claim_id: str) -> list[Correction]:
    """Every correction of a claim, oldest first, also those that wait or were replaced."""
    query = select(Correction).where(Correction.council_id == council_id, Correction.claim_id == claim_id)
    return list(session.scalars(query.order_by(Correction.number)))


def last_correction(session: Session, *, claim: Claim) -> Correction | None:
    """The correction on which a claim rests now, if it was ever corrected."""
    rows = corrections(session, council_id=claim.council_id, claim_id=claim.id)
    return next((row for row in reversed(rows) if row.state == "applied"), None)


def advances_for(session: Session, *, council_id: str, session_id: str, person_id: str) -> list[Claim]:
    """Money for costs of this session that was handed over before the day, or is about to be."""
    query = select(Claim).where(
        Claim.council_id == council_id,
        Claim.session_id == session_id,
        Claim.person_id == person_id,
        Claim.kind == ADVANCE,
        Claim.state.in_(COUNTING),
    )
    return list(session.scalars(query.order_by(Claim.id)))


def paid_advances(session: Session, *, council_id: str, until: str) -> list[Claim]:
    """Advances that were paid for a day up to `until`, like 2027-01-12, the oldest first."""
    query = select(Claim).where(
        Claim.council_id == council_id, Claim.kind == ADVANCE, Claim.state == "paid", Claim.day <= until
    )
    return list(session.scalars(query.order_by(Claim.id)))


def promised_before(session: Session, *, council_id: str, day: date, after: str, limit: int) -> list[Claim]:
    """Claims behind an id whose money is still to come and was promised by an earlier day."""
    query = select(Claim).where(
        Claim.council_id == council_id, Claim.state.in_(COMING), Claim.pay_by < day, Claim.id > after
    )
    return list(session.scalars(query.order_by(Claim.id).limit(limit)))


def booked_for(session: Session, *, council_id: str, person_id: str) -> list[BookedCost]:
    """What the council booked and paid itself for one person, oldest first."""
    query = select(BookedCost).where(BookedCost.council_id == council_id, BookedCost.person_id == person_id)
    return list(session.scalars(query.order_by(BookedCost.id)))


def rests_on(session: Session, *, claim: Claim) -> dict[str, Any]:
    """The facts on which a claim rests now."""
    last = last_correction(session, claim=claim)
    return claim.facts if last is None else last.facts


def waiting_correction(session: Session, *, claim: Claim) -> Correction | None:
    """The correction that waits until the money of a claim stands still."""
    rows = corrections(session, council_id=claim.council_id, claim_id=claim.id)
    return next((row for row in rows if row.state == "waiting"), None)


def waiting_corrections(session: Session, *, council_id: str, limit: int) -> list[str]:
    """The claims of which a correction waits, the longest first."""
    query = select(Correction.claim_id).where(
        Correction.council_id == council_id, Correction.state == "waiting"
    )
    return list(session.scalars(query.order_by(Correction.made_at).limit(limit)))


@dataclass(frozen=True)
class Counting:
    """The answer on which a claim rests now: its assessment's, or that of its last correction."""

    id: str
    facts: dict[str, Any]
    answer: dict[str, Any]
    policy_id: str


def counting(session: Session, *, claim: Claim) -> Counting:
    """What a claim rests on now. Raises `NotFound` before it was worked out."""
    last = last_correction(session, claim=claim)
    if last is not None and last.answer is not None and last.asked is not None and last.policy_id is not None:
        return Counting(last.id, last.asked, last.answer, last.policy_id)
    stored = assessment(session, council_id=claim.council_id, claim_id=claim.id)
    return Counting(stored.id, stored.facts, stored.answer, stored.policy_id)


def counting_id(session: Session, *, claim: Claim) -> str | None:
    """Which answer that is."""
    last = last_correction(session, claim=claim)
    return last.id if last is not None and last.answer is not None else claim.assessment_id


def is_left_behind(session: Session, *, claim: Claim) -> bool:
    """Whether the claim that a top-up came on top of was worked out again since, and so holds it itself."""
    if claim.tops_up_id is None or claim.top_up is None:
        return False
    topped = get(session, council_id=claim.council_id, claim_id=claim.tops_up_id)
    return bool(counting_id(session, claim=topped) != claim.top_up["assessment_id"])


def withdrawn_by(session: Session, *, claim: Claim) -> Actor | None:
    """Who took a claim back, or stopped it, the last time that this happened."""
    gone = ("claim.withdrawn", "claim.stopped", "claim.rest_taken_in")
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
            Claim.kind.not_in(ON_TOP),
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


# What is read of a stored claim to try a draft on it: person, offer, fee and costs in pence, the version that
# judged it, its day and its facts as JSON; then the outcome, the sum, and the pence of each line as JSON.
Judged = tuple[str, str | None, int, int, str, str, str, str, int, str]

# A claim that somebody refused or took back costs nothing under any policy.
COUNTING = ("submitted", "needs_person", "waiting", "asked", "approved", "paid")
CHUNK = 2000


def judged(session: Session, *, council_id: str, since: date, until: date) -> Iterator[Sequence[Judged]]:
    """Claims for activities from `since` to `until` (counted too), by their day, in chunks.

    Rows are `Judged`. They are read as they are used, so any number of them fits.
    """
    query = (
        select(
            Claim.person_id,
            Claim.offer_id,
            (Claim.fee_pence + Claim.put_off_pence).label("fee_pence"),
            Claim.expenses_pence,
            ClaimAssessment.policy_id,
            Claim.day,
            cast(ClaimAssessment.facts, Text),
            ClaimAssessment.outcome,
            ClaimAssessment.total_pence,
            cast(ClaimAssessment.line_pence, Text),
        )
        .join(
            ClaimAssessment,
            (ClaimAssessment.council_id == Claim.council_id) & (ClaimAssessment.id == Claim.assessment_id),
        )
        .where(*_between(council_id, since, until))
        .order_by(Claim.day, Claim.id)
        .execution_options(yield_per=CHUNK)
    )
    for rows in session.execute(query).partitions():
        yield typing.cast("Sequence[Judged]", rows)


def judged_count(session: Session, *, council_id: str, since: date, until: date) -> int:
    """How many claims `judged` answers."""
    query = select(func.count()).select_from(Claim).where(*_between(council_id, since, until))
    return session.scalar(query.where(Claim.assessment_id.is_not(None))) or 0


def shares(
    session: Session, *, council_id: str, since: date, until: date, size: int
) -> list[tuple[date, date]]:
    """The time from `since` to `until` in parts with about `size` claims each, whatever their state."""
    query = (
        select(Claim.day, func.count())
        .where(Claim.council_id == council_id, *_days(since, until))
        .group_by(Claim.day)
        .order_by(Claim.day)
    )
    found, many = [since], 0
    for day, count in session.execute(query):
        if many and many + count > size:
            found.append(date.fromisoformat(str(day)))
            many = 0
        many += count
    return list(zip(found, [*(first - timedelta(days=1) for first in found[1:]), until], strict=True))


def _between(council_id: str, since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    # What comes on top is no activity of its own.
    counting = (Claim.council_id == council_id, Claim.state.in_(COUNTING), Claim.kind.not_in(ON_TOP))
    return (*counting, *_days(since, until))


def _days(since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    return (Claim.day >= since.isoformat(), Claim.day <= until.isoformat())
