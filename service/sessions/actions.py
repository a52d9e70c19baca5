"""Verbs about sessions, offers and registers. Never commit, never call a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from service import events, ids
from service.councils import queries as councils
from service.days import london_day
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import Actor
from service.ledger import actions as ledger
from service.people import helping
from service.people import queries as people
from service.policy import queries as policies
from service.sessions import allowing, queries
from service.sessions.cancelling import cancel as cancel
from service.sessions.model import LONGEST_MINUTES, OFFER_TRANSITIONS, said_twice
from service.sessions.moving import OfferIsOver as OfferIsOver
from service.sessions.moving import locked, locked_offer, move, tell
from service.sessions.planning import NewOffer as NewOffer
from service.sessions.planning import NewSession as NewSession
from service.sessions.planning import check_new, new_row, with_days
from service.sessions.tables import Attendance, InvolvementSession, Offer


def plan(
    session: Session, *, council_id: str, given: NewSession, actor: Actor, now: datetime
) -> InvolvementSession:
    """Add a session; it may lie in the past. Raises `Invalid`, also when no policy knows the activity."""
    check_new(session, council_id=council_id, given=given)
    occasion = InvolvementSession(
        council_id=council_id,
        id=ids.new("ses"),
        title=given.title.strip(),
        activity=given.activity,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        online=given.online,
        place=given.place.strip() or None,
        cost_code=given.cost_code.strip() or None,
        budget=given.budget.strip() or None,
        facts=with_days(session, council_id=council_id, given=given),
        made_by=str(actor),
        made_at=now,
        cancelled_at=None,
    )
    session.add(occasion)
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="session.planned",
        subject_id=occasion.id,
        session_id=occasion.id,
        actor=actor,
        at=now,
    )
    return occasion


def offer(
    session: Session, *, council_id: str, session_id: str, given: NewOffer, actor: Actor, now: datetime
) -> Offer:
    """Offer a place, with what will be paid and why. Raises `Invalid`, `Conflict` when one stands already."""
    occasion = locked(session, council_id, session_id)
    people.still_here(session, council_id=council_id, person_id=given.person_id)
    if faults := said_twice(given.facts, pointer=""):
        raise Invalid("The offer needs another look.", errors=tuple(faults))
    if occasion.cancelled_at is not None:
        raise Conflict("This session is cancelled. Plan a new one, then make the offer.")
    if queries.live_offer(session, council_id=council_id, session_id=session_id, person_id=given.person_id):
        raise Conflict("This person already has an offer for this session. Cancel that one first.")
    judge = policies.in_force(session, council_id=council_id, on=london_day(occasion.starts_at))
    facts = queries.base_facts(occasion) | given.facts | {"role": given.role}
    offer_id = ids.new("off")
    who = allowing.occasion(session_id=session_id, person_id=given.person_id, holder=offer_id)
    answer = allowing.foreseen(
        session, council_id=council_id, judge=judge, facts=facts, person_id=given.person_id, who=who
    )
    row = new_row(occasion, given=given, offer_id=offer_id, judge=judge, answer=answer)
    made = Offer(**row, made_by=str(actor), made_at=now)
    session.add(made)
    session.flush()
    tell(session, made, name="offer.made", actor=actor, now=now)
    return made


def accept(
    session: Session,
    *,
    council_id: str,
    offer_id: str,
    actor: Actor,
    now: datetime,
    accept_pence: int | None = None,
    give_to: str | None = None,
) -> Offer:
    """Say yes, to all of the fee or to less. Saying the same yes twice is one yes.

    Raises `Invalid` when more is asked than was offered, `OfferIsOver` when it is cancelled, `Forbidden`
    for a helper who would take less or give it away, and `LessNow` when an allowance was taken up since, so
    that it would come to less. Where the person chose before to take less or to give it away, a helper's yes
    is a yes to that.
    """
    found = locked_offer(session, council_id, offer_id)
    if actor.kind == "helper":
        if accept_pence is not None or give_to:
            helping.refuse(actor)
        accept_pence, give_to = found.accept_pence, found.give_to
    _check_sum(found, accept_pence)
    if give_to:
        _check_may_give(session, found)
    if found.state == "accepted" and (found.accept_pence, found.give_to) == (accept_pence, give_to):
        return found
    if found.state == "accepted":
        raise OfferIsOver("You have already said yes. Ask the team if you would like to change the sum.")
    occasion = queries.get(session, council_id=council_id, session_id=found.session_id)
    if occasion.cancelled_at is not None:
        raise OfferIsOver("This session was cancelled, so the offer is over.")
    key = {"council_id": council_id, "session_id": found.session_id, "person_id": found.person_id}
    standing = queries.live_offer(session, **key)
    if standing is not None and standing.id != found.id:
        raise OfferIsOver("There is a newer offer for this session. Please answer that one.")
    allowing.reserve(session, offer=found, now=now, accept_pence=accept_pence, give_to=give_to)
    found.accept_pence, found.give_to = accept_pence, give_to
    move(session, found, verb="accept", actor=actor, now=now)
    _set_aside(session, found, occasion, now=now)
    return found


def take_less(
    session: Session, *, council_id: str, offer_id: str, accept_pence: int, actor: Actor, now: datetime
) -> Offer:
    """Take another part of the fee after a yes, which stands, with every cost that was asked for.

    Saying the same twice is saying it once. Raises `Invalid` for more than was offered, `OfferIsOver` without
    a yes, for a fee that is given away, or once they are ticked, `Forbidden` for a helper, and `LessNow`
    where an allowance that they had let go was taken up.
    """
    found = locked_offer(session, council_id, offer_id)
    helping.refuse(actor)
    _check_sum(found, accept_pence)
    if found.state == "accepted" and found.accept_pence == accept_pence:
        return found
    if (found.state, "take_less") not in OFFER_TRANSITIONS or found.give_to:
        raise OfferIsOver("There is no yes of which the sum could change. Look at the offer again.")
    _not_ticked(session, found)
    allowing.reserve(session, offer=found, now=now, accept_pence=accept_pence, give_to=None)
    found.accept_pence = accept_pence
    move(session, found, verb="take_less", actor=actor, now=now)
    ledger.release(session, council_id=council_id, offer_ids=[offer_id], at=now)
    occasion = queries.get(session, council_id=council_id, session_id=found.session_id)
    _set_aside(session, found, occasion, now=now)
    return found


def _check_sum(offer: Offer, accept_pence: int | None) -> None:
    if accept_pence is not None and accept_pence > offer.fee_pence:
        raise one_fault("/accept_pence", "You can take the sum that was offered, or less")
    if accept_pence is not None and accept_pence < 0:
        raise one_fault("/accept_pence", "Enter a sum of nothing or more")


def _not_ticked(session: Session, offer: Offer) -> None:
    key = {"council_id": offer.council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    tick = queries.attendance(session, **key)
    if tick is not None and tick.attended:
        raise OfferIsOver("You are ticked as having come. Tell the team if that is wrong.")


def _set_aside(session: Session, offer: Offer, occasion: InvolvementSession, *, now: datetime) -> None:
    ledger.set_aside(
        session,
        council_id=offer.council_id,
        offer_id=offer.id,
        person_id=offer.person_id,
        cost_centre=occasion.cost_code or councils.get(session, council_id=offer.council_id).cost_centre,
        pence=offer.promised_pence,
        at=now,
    )


def _check_may_give(session: Session, offer: Offer) -> None:
    judge = policies.by_id(session, council_id=offer.council_id, policy_id=offer.policy_id)
    on = date.fromisoformat(offer.assessment["facts"]["on"])
    if "charity" not in [row["kind"] for row in judge.policy.catalogue(on=on)["payment_methods"]]:
        raise one_fault(
            "/give_to", "This policy has no way to give a fee away. You can take less, or nothing"
        )


def decline(session: Session, *, council_id: str, offer_id: str, actor: Actor, now: datetime) -> Offer:
    """Say no, without a reason. The offer stays on record. Saying it twice is one no."""
    found = locked_offer(session, council_id, offer_id)
    if found.state == "declined":
        return found
    _not_ticked(session, found)
    move(session, found, verb="decline", actor=actor, now=now, refs={"was": found.state})
    allowing.free(session, council_id=council_id, offers=[found], now=now)
    ledger.release(session, council_id=council_id, offer_ids=[found.id], at=now)
    return found


@dataclass(frozen=True)
class Tick:
    """One line of a register. `minutes` and `role` only where they differ from the offer."""

    person_id: str
    attended: bool
    minutes: int | None = None
    role: str | None = None


def tick_register(
    session: Session, *, council_id: str, session_id: str, ticks: list[Tick], actor: Actor, now: datetime
) -> list[Attendance]:
    """Write who came. Lines that change nothing write nothing, so sending it again is safe.

    An un-tick is always accepted. The claims follow from the events. Raises `Invalid` for unknown people,
    a time that cannot be, or somebody ticked without an offer or a role.
    """
    occasion = locked(session, council_id, session_id)
    if occasion.cancelled_at is not None and any(tick.attended for tick in ticks):
        raise Conflict("This session is cancelled. If it took place after all, plan it again.")
    accepted = _check_ticks(session, occasion, ticks)
    for tick in ticks:
        _write_tick(session, occasion, tick, actor=actor, now=now)
    if occasion.ends_at <= now:
        # It is over, and these did not come: what was kept for them is free.
        away = {tick.person_id for tick in ticks if not tick.attended}
        unused = [offer for offer in accepted.values() if offer.person_id in away]
        allowing.free(session, council_id=council_id, offers=unused, now=now)
        ledger.release(session, council_id=council_id, offer_ids=[offer.id for offer in unused], at=now)
    return queries.register(session, council_id=council_id, session_id=session_id)


def _check_ticks(session: Session, occasion: InvolvementSession, ticks: list[Tick]) -> dict[str, Offer]:
    """Person → the offer to which they said yes. Raises `Invalid` with what does not fit."""
    council_id = occasion.council_id
    known = people.by_ids(session, council_id=council_id, person_ids={t.person_id for t in ticks})
    offers = queries.offers(session, council_id=council_id, session_id=occasion.id)
    accepted = {offer.person_id: offer for offer in offers if offer.state == "accepted"}
    on = london_day(occasion.starts_at)
    judge = policies.in_force(session, council_id=council_id, on=on)
    roles = {row["key"] for row in judge.policy.catalogue(on=on)["roles"]}
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, tick in enumerate(ticks):
        where = f"/entries/{number}"
        if tick.person_id not in known:
            faults.append(Fault(f"{where}/person", "We cannot find this person"))
        elif tick.person_id in seen:
            faults.append(Fault(f"{where}/person", "This person is on the list twice"))
        elif tick.attended and tick.role is None and tick.person_id not in accepted:
            faults.append(
                Fault(f"{where}/role", "This person has not said yes to an offer. Say which role they took")
            )
        if tick.role is not None and tick.role not in roles:
            faults.append(
                Fault(
                    f"{where}/role",
                    f"The policy does not know this role. Choose one of {', '.join(sorted(roles))}",
                )
            )
        if tick.minutes is not None and not 0 <= tick.minutes <= LONGEST_MINUTES:
            faults.append(Fault(f"{where}/minutes", "Enter how many minutes they were there"))
        seen.add(tick.person_id)
    if faults:
        raise Invalid("The register needs another look. Nothing was saved yet.", errors=tuple(faults))
    return accepted


def _write_tick(
    session: Session, occasion: InvolvementSession, tick: Tick, *, actor: Actor, now: datetime
) -> None:
    key = (occasion.council_id, occasion.id, tick.person_id)
    row = session.get(Attendance, key)
    wanted = (tick.attended, tick.minutes, tick.role)
    if row is None and not tick.attended:
        return
    if row is not None and (row.attended, row.minutes, row.role) == wanted:
        return
    if row is None:
        row = Attendance(
            council_id=occasion.council_id,
            session_id=occasion.id,
            person_id=tick.person_id,
            attended=True,
            minutes=None,
            role=None,
            version=0,
            ticked_by="",
            ticked_at=now,
        )
        session.add(row)
    row.attended, row.minutes, row.role = wanted
    row.version, row.ticked_by, row.ticked_at = row.version + 1, str(actor), now
    session.flush()
    events.record(
        session,
        council_id=occasion.council_id,
        name="register.ticked" if tick.attended else "register.unticked",
        subject_id=occasion.id,
        person_id=tick.person_id,
        session_id=occasion.id,
        actor=actor,
        at=now,
        refs={"version": row.version},
    )
