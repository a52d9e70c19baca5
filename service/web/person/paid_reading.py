"""What does a person see of how they are paid? What counts, what waits, what failed, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from service import events
from service.claims import queries as claims
from service.councils import queries as councils
from service.days import london_day
from service.events import Event
from service.notices import reaching
from service.payouts import queries as payouts
from service.payouts import waiting
from service.payouts.model import rail_for
from service.people import authorities, confirming, queries
from service.people.authorities import KINDS
from service.people.benefit_figures import as_of
from service.people.model import masked_contact
from service.people.recipients import KIND
from service.people.tables import Authority, PaymentMethod
from service.people.ways import Way, way
from service.sessions import queries as sessions
from service.web import here
from service.web.person import reading
from service.web.person.my_page import title_of
from service.web.person.shapes import Choice, Step


@dataclass(frozen=True)
class Trouble:
    """A payment that failed or came back and has not been made since: for what, when, and why.

    `trying`: somebody has said since that the details are right, or gave others, and it is being made again.
    """

    title: str
    amount_pence: int
    on: date
    came_back: bool
    why: str
    trying: bool


@dataclass(frozen=True)
class Asked:
    """A change that waits for a code. `address`: where it went, so far as may be shown; empty: nowhere.

    `code` is filled in the demonstration alone, where no message leaves.
    """

    change: str
    address: str
    until: datetime | None
    code: str = ""


@dataclass(frozen=True)
class ActsFor:
    """Somebody who may act on the person's money, may soon, or could once."""

    name: str
    kind: str
    standing: str


@dataclass(frozen=True)
class PaidPage:
    """Everything about how one person is paid. `acting`: somebody acts for them at this browser.

    `details_at`: the page on which they correct their details without leaving the way by which they are paid.
    """

    name: str
    acting: bool
    now: str
    has_method: bool
    details_at: str
    waits_until: datetime | None
    proposed: str
    own: bool
    stopped: bool
    troubles: tuple[Trouble, ...]
    acts: tuple[ActsFor, ...]
    steps: tuple[Step, ...]


# What happened to how somebody is paid, in words for them. `{by}`: who did it.
WORDS = {
    "person.method_set": "This way of being paid counts: {method}",
    "person.method_proposed": "{by} wrote down a change, and asked you: {method}",
    "person.method_code_asked": "{by} asked for a change, and we sent a code: {method}",
    "person.method_declined": "A change was not wanted: {method}",
    "person.method_confirmed": "{by} said that the details are right: {method}",
    "person.contact_changed": "How we reach you was changed. We told you at the old place too",
    "person.payments_stopped": "Somebody said that a change was not theirs. We held your payments",
    "person.payments_go_on": "We talked with you, and your payments go on",
    "authority.recorded": "We saw a document: {authority}. A second person here has to see it too",
    "authority.checked": "A second person here saw the document, and it counts: {authority}",
    "authority.ended": "They act for you no longer: {authority}",
}


def page(session: Session) -> PaidPage:
    """The page of whoever is signed in."""
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    person = queries.get(session, **key)
    method = queries.current_method(session, **key)
    proposed = queries.proposed_method(session, **key)
    waits = bool(method and method.details_sealed and method.usable_at > here.now())
    return PaidPage(
        name=person.name,
        acting=bool(here.me().acting),
        now=_now(person.name, method, stopped=person.payments_stopped_at is not None),
        has_method=method is not None,
        details_at=KIND if method is not None and method.kind == KIND else "bank",
        waits_until=method.usable_at if method and waits else None,
        proposed=_would_be(proposed) if proposed else "",
        own=bool(proposed and proposed.recorded_by == str(here.me().actor)),
        stopped=person.payments_stopped_at is not None,
        troubles=troubles(session),
        acts=tuple(_acts(row) for row in authorities.of_person(session, **key)),
        steps=_steps(session),
    )


@dataclass(frozen=True)
class SideBySide:
    """Every way that the policy allows, each with its own facts; and what holds for all of them."""

    ways: tuple[tuple[Choice, Way], ...]
    promise: str
    together: str
    as_of: date


def side_by_side(session: Session, kinds: list[Choice]) -> SideBySide:
    """The ways to be paid, beside each other."""
    council_id, on = here.council_id(), london_day(here.now())
    rail = councils.get(session, council_id=council_id).bank_rail
    promise = reading.policy_on(session, council_id, on).terms(on=on)["payment_promise"]
    runs = waiting.how(session, council_id=council_id, now=here.now()).runs
    days = [day.capitalize() for day in runs.days] if runs else []
    return SideBySide(
        ways=tuple((kind, way(kind.value, rail=rail_for(kind=kind.value, bank_rail=rail))) for kind in kinds),
        promise=promise["text"] if promise else "",
        together=f"We send money into banks on {' and '.join(days)}." if days else "",
        as_of=as_of(),
    )


def _now(name: str, method: PaymentMethod | None, *, stopped: bool) -> str:
    if stopped:
        return f"Nothing is paid for now. The way that we have is: {_in_a_word(method)}." if method else ""
    if not here.me().acting:
        return reading.paid_how(method)
    return f"{name} is paid this way: {_in_a_word(method)}." if method else "We do not know yet how."


def _would_be(proposed: PaymentMethod) -> str:
    return f"The money would then go this way: {_in_a_word(proposed)}."


def asked(session: Session) -> Asked | None:
    """The change that waits for a code, or None when nothing waits."""
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    proposed = queries.proposed_method(session, **key)
    if proposed is None:
        return None
    question = confirming.open_question(session, **key, now=here.now())
    mine = question is not None and (question.method_id, question.asked_by) == (
        proposed.id,
        str(here.me().actor),
    )
    if question is None or not mine:
        return Asked(_would_be(proposed), "", None)
    shown = confirming.code_of(secret_key=here.settings().secret_key, confirmation_id=question.id)
    return Asked(
        change=_would_be(proposed),
        address=masked_contact(_address(session)),
        until=question.expires_at,
        code=shown if here.settings().demo else "",
    )


def _address(session: Session) -> str:
    if here.me().acting:
        return authorities.get(session, council_id=here.council_id(), authority_id=here.me().acting).email
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    known = reaching.contacts(queries.get(session, **key), reaching.choice(session, **key))
    # Where nothing leaves, as in a demonstration, it stands on the page of messages.
    able = reaching.able(known, open_ways=here.open_ways() or {"email", "text"}, code=True)
    return next((known[by] for by in able if by != "letter"), "")


def troubles(session: Session) -> tuple[Trouble, ...]:
    """What failed or came back, and has neither been paid since nor is on its way."""
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    found = claims.of_person(session, **key)
    paid = payouts.of_claims(session, council_id=key["council_id"], claim_ids=[claim.id for claim in found])
    held = sessions.by_ids(
        session, council_id=key["council_id"], session_ids={c.session_id for c in found if c.session_id}
    )
    said_at = _last_said(session)
    return tuple(
        Trouble(
            title=title_of(claim, held.get(claim.session_id or "")),
            amount_pence=last.amount_pence,
            on=london_day(last.changed_at),
            came_back=last.state == "returned",
            why=last.failure or "The bank did not say why.",
            trying=said_at is not None and said_at > last.changed_at,
        )
        for claim in found
        if paid[claim.id]
        for last in paid[claim.id][-1:]
        if last.state in ("failed", "returned") and claim.state == "approved"
    )


def _last_said(session: Session) -> datetime | None:
    """When the person last said how they are paid, so that what had failed is made again."""
    told = events.of_person(session, council_id=here.council_id(), person_id=here.me().id, limit=500)
    return next((e.at for e in told if e.name in ("person.method_confirmed", "person.method_set")), None)


def _acts(row: Authority) -> ActsFor:
    if row.ended_at is not None:
        standing = "This has ended."
    elif row.checked_at is None:
        standing = "Not yet: a second person here has to see the document first."
    elif not authorities.in_force(row, now=here.now()):
        standing = "Not at this time, going by the days on the document."
    else:
        standing = "They may say how you are paid. We tell you each time."
    return ActsFor(row.name, KINDS.get(row.kind, row.kind), standing)


def _steps(session: Session) -> tuple[Step, ...]:
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    told = [e for e in events.of_person(session, **key, limit=500) if e.name in WORDS]
    methods = {row.id: row for row in queries.methods_of(session, **key)}
    acts = {row.id: row for row in authorities.of_person(session, **key)}
    return tuple(Step(at=event.at, what=_what(event, methods, acts)) for event in told[:30])


def _what(event: Event, methods: dict[str, PaymentMethod], acts: dict[str, Authority]) -> str:
    about = acts.get(event.subject_id)
    who = acts.get(event.actor_id)
    by = {"person": "You", "attorney": f"{who.name}, who acts for you," if who else "Who acts for you"}
    return WORDS[event.name].format(
        method=_in_a_word(methods.get(event.subject_id)),
        authority=f"{about.name}, {KINDS.get(about.kind, about.kind)[0].lower()}{KINDS[about.kind][1:]}"
        if about
        else "",
        by=by.get(event.actor_kind, "Somebody here"),
    )


def _in_a_word(method: PaymentMethod | None) -> str:
    if method is None:
        return "unknown"
    words = {
        "bank_account": f"bank {method.masked}",
        "stripe": f"bank {method.masked or 'account'}, by Stripe",
        "voucher": "shopping voucher",
        "charity": f"given to {method.charity}",
        "cash_desk": "cash from the council's desk",
        "none": "not paid",
    }
    return words.get(method.kind, method.kind.replace("_", " "))
