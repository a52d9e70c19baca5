"""Sessions: the list, a new one, one with everybody on it, asking somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.days import london_day
from service.errors import Conflict, Invalid
from service.people import queries as people
from service.sessions import actions, queries
from service.sessions.actions import NewOffer, NewSession
from service.sessions.inviting import roles_of
from service.sessions.model import LIVE_OFFERS
from service.sessions.tables import InvolvementSession, Offer
from service.web import here, statuses, typed_times
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import questions, reading
from service.web.person.shapes import Ask
from service.web.policies import names_of
from service.web.staff.shapes import Choice, OfferRow, SessionPage, SessionRow
from service.web.statuses import Status

pages = Blueprint("sessions", __name__, url_prefix="/sessions")
FIELDS = {
    "/title": "title",
    "/activity": "activity",
    "/starts_at": "start_time",
    "/ends_at": "end_time",
    "/role": "role",
    "/preparation_minutes": "preparation",
}


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.get("")
@needs("sessions:read")
def all_of_them() -> str:
    """Every session, the latest day first."""
    council_id = here.council_id()
    with here.room() as session:
        rows = [_row(session, held) for held in queries.newest(session, council_id=council_id)]
    return render_template("staff/sessions.html", rows=rows, may_plan=here.may("sessions:write"))


def _row(session: Session, held: InvolvementSession) -> SessionRow:
    key = {"council_id": held.council_id, "session_id": held.id}
    states = [offer.state for offer in queries.offers(session, **key)]
    return SessionRow(
        id=held.id,
        occasion=reading.occasion_of(session, held),
        status=_status(held, here.now()),
        invited=len(states),
        said_yes=states.count("accepted"),
        came=sum(tick.attended for tick in queries.register(session, **key)),
    )


def _status(held: InvolvementSession, now: datetime) -> Status:
    if held.cancelled_at is not None:
        return Status("Cancelled", "red")
    if london_day(held.starts_at) <= london_day(now) <= london_day(held.ends_at):
        return Status("Today", "green")
    return Status("Coming up") if held.starts_at > now else Status("Past", "grey")


@pages.route("/new", methods=["GET", "POST"])
@needs("sessions:write")
def new() -> str | Response:
    """Plan a session; it may lie in the past."""
    answers = Answers(request.form)
    if request.method == "POST" and (given := _read(answers)):
        try:
            with here.room() as session:
                made = actions.plan(
                    session,
                    council_id=here.council_id(),
                    given=given,
                    actor=here.staff_actor(),
                    now=here.now(),
                )
            return redirect(_address(made.id), 303)
        except Invalid as refusal:
            answers.learn(refusal, FIELDS)
    return render_template("staff/session_new.html", answers=answers, activities=_activities())


def _read(answers: Answers) -> NewSession | None:
    answers.need("title", "Enter a title that people will recognise")
    answers.need("activity", "Choose what kind of session it is")
    day = typed_times.read_day(answers, "day")
    start = typed_times.read_clock(answers, "start_time", "Enter when it starts, like 2pm or 14:00")
    end = typed_times.read_clock(answers, "end_time", "Enter when it ends, like 3:30pm or 15:30")
    nights = answers.whole("nights", "Enter how many nights later it ends, like 1", most=13) or 0
    where = answers.one_of("where", {"online", "place"}, "Choose where it is")
    if answers.wrong or day is None or start is None or end is None:
        return None
    return NewSession(
        title=answers["title"],
        activity=answers["activity"],
        starts_at=typed_times.moment(day, start),
        ends_at=typed_times.moment(day + timedelta(days=nights), end),
        online=where == "online",
        place=answers["place_name"] if where == "place" else "",
        cost_code=answers["cost_code"],
    )


def _activities() -> list[Choice]:
    on = london_day(here.now())
    with here.room() as session:
        policy = reading.policy_on(session, here.council_id(), on)
    return [Choice(key, name) for key, name in names_of(policy, on=on, what="activities").items()]


@pages.get("/<session_id>")
@needs("sessions:read")
def show(session_id: str) -> str:
    """One session with everybody on it."""
    with here.room() as session:
        page = _page(session, session_id)
    return render_template(
        "staff/session.html",
        page=page,
        asked_now=cookie.pop("asked_now", ""),
        may_claim=here.may("claims:write"),
        see_claims=here.may("claims:read"),
    )


@pages.route("/<session_id>/ask", methods=["GET", "POST"])
@needs("sessions:write")
def ask(session_id: str) -> str | Response:
    """Offer somebody a place. They are told what they will be paid before they answer."""
    answers = Answers(request.form)
    with here.room() as session:
        page = _page(session, session_id)
        asks = asks_for(session, session_id)
    if request.method == "POST" and (given := _read_offer(answers, asks)):
        try:
            with here.room() as session:
                actions.offer(
                    session,
                    council_id=here.council_id(),
                    session_id=session_id,
                    given=given,
                    actor=here.staff_actor(),
                    now=here.now(),
                )
            return redirect(_address(session_id), 303)
        except (Invalid, Conflict) as refusal:
            answers.learn(refusal, FIELDS)
    with here.room() as session:
        asked = {row.person_id for row in page.people}
        everybody = people.find(session, council_id=here.council_id())
        roles = roles_for(session, session_id)
    free = [Choice(person.id, person.name) for person in everybody if person.id not in asked]
    return render_template(
        "staff/ask_person.html",
        answers=answers,
        page=page,
        people=free,
        roles=roles,
        asks=asks,
        may_add=here.may("people:write"),
    )


def asks_for(session: Session, session_id: str) -> list[Ask]:
    """What the policy needs to know about somebody at this activity, beyond what the session says itself."""
    held = queries.get(session, council_id=here.council_id(), session_id=session_id)
    on = london_day(held.starts_at)
    catalogue = reading.policy_on(session, held.council_id, on).catalogue(on=on)
    wanted: list[str] = next((a["asks"] for a in catalogue["activities"] if a["key"] == held.activity), [])
    facts = {row["key"]: row for row in catalogue["facts"]}
    known = queries.base_facts(held)
    return [questions.plain_ask(facts[key]) for key in wanted if key in facts and key not in known]


def _read_offer(answers: Answers, asks: list[Ask]) -> NewOffer | None:
    answers.need("person", "Choose a person")
    answers.need("role", "Choose a role")
    facts = read_facts(answers, asks)
    return None if answers.wrong else NewOffer(answers["person"], answers["role"], facts)


def read_facts(answers: Answers, asks: list[Ask]) -> dict[str, Any]:
    """What the policy needs to know for an offer, as it was typed."""
    preparation = answers.whole("preparation", "Enter minutes as a whole number, like 30", most=10_000)
    facts: dict[str, Any] = {ask.name: questions.read(ask, answers) for ask in asks}
    return facts | ({"preparation_minutes": preparation} if preparation else {})


def roles_for(session: Session, session_id: str) -> list[Choice]:
    """The roles that the policy pays for the activity of a session; all roles where it names none."""
    held = queries.get(session, council_id=here.council_id(), session_id=session_id)
    return [Choice(key, name) for key, name in roles_of(session, occasion=held).items()]


def _address(session_id: str) -> str:
    return f"{here.at()}/staff/sessions/{session_id}"


def _page(session: Session, session_id: str) -> SessionPage:
    council_id = here.council_id()
    held = queries.get(session, council_id=council_id, session_id=session_id)
    return SessionPage(
        id=held.id,
        occasion=reading.occasion_of(session, held),
        cost_code=held.cost_code or "",
        cancelled=held.cancelled_at is not None,
        people=_people(session, held),
        may_change=here.may("sessions:write"),
    )


def _answer(offer: Offer | None) -> Status:
    return statuses.word(statuses.OFFER_FOR_STAFF, offer.state) if offer else Status("Dropped in")


def _people(session: Session, held: InvolvementSession) -> tuple[OfferRow, ...]:
    """Everybody who was asked, and everybody who dropped in, by name."""
    key = {"council_id": held.council_id, "session_id": held.id}
    offers = {offer.person_id: offer for offer in queries.offers(session, **key)}
    ticks = {tick.person_id: tick for tick in queries.register(session, **key)}
    fees = {claim.person_id: claim for claim in claims.of_session(session, **key) if claim.with_fee}
    known = people.by_ids(session, council_id=held.council_id, person_ids={*offers, *ticks})
    roles = {choice.value: choice.text for choice in roles_for(session, held.id)}
    rows = []
    for person_id, person in known.items():
        offer, tick, claim = offers.get(person_id), ticks.get(person_id), fees.get(person_id)
        role = (tick.role if tick and tick.role else None) or (offer.role if offer else "")
        rows.append(
            OfferRow(
                person_id=person_id,
                person=person.name,
                role=roles.get(role, role),
                fee_pence=offer.fee_pence if offer else None,
                status=_answer(offer),
                taking_pence=offer.accept_pence if offer else None,
                give_to=(offer.give_to or "") if offer else "",
                came=bool(tick and tick.attended),
                claim_id=claim.id if claim else "",
                claim_status=statuses.word(statuses.CLAIM_FOR_STAFF, claim.state) if claim else None,
                offer_id=offer.id if offer else "",
                may_cancel=bool(offer and offer.state in LIVE_OFFERS and not (tick and tick.attended)),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.person))
