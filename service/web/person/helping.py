"""Who helps me? Name a helper, one question a page; see what they did; end it with one press.

The helper's own two buttons are here too: to stop helping, and to go to another person whom they help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import events
from service.days import london_day
from service.errors import Forbidden, Invalid, NotFound
from service.notices import helped
from service.people import helping, queries
from service.people.helping import ANSWER, COSTS, KINDS, SEE, HelperGiven
from service.people.helping_tables import Helper
from service.sessions import queries as sessions
from service.web import here, wording
from service.web.answers import Answers
from service.web.person.shapes import Change, Choice, Step
from service.web.typed_times import example_to_come, read_day

pages = Blueprint("helping", __name__, url_prefix="/helpers")
STEPS = ("who", "kind", "may", "until")
# Where the answers so far stand in the cookie, beside those about costs.
KEPT = "helper"
KIND_HINTS = {
    "supporter": "A friend, a relative or a worker who helps you",
    "appointee": "Somebody who looks after your benefits for you. They cannot change where your money goes",
    "interpreter": "Somebody who signs or speaks for you. They can see your pages, and nothing else",
}
MAY = {
    SEE: "See your offers, your claims and what you were paid",
    ANSWER: "Say yes or no to offers for you",
    COSTS: "Ask for your costs, and answer our questions about them",
}
FIELDS = {
    "/name": "name",
    "/email": "email",
    "/phone": "phone",
    "/kind": "kind",
    "/until_day": "until",
    "/consent": "consent",
}


@dataclass(frozen=True)
class HelperCard:
    """One helper as the person, or staff, see them."""

    id: str
    name: str
    kind: str
    contact: str
    may: tuple[str, ...]
    until: date
    standing: str
    over: bool
    waits: bool
    no_link: bool
    consent: str
    may_confirm: bool = False


def card(row: Helper, *, viewer: str = "") -> HelperCard:
    """`viewer`: the member of staff who looks, as events name them."""
    over = row.ended_at is not None or london_day(here.now()) > row.until_day
    waits = row.confirmed_at is None and not over
    if row.ended_at is not None:
        standing = f"Ended on {wording.short_day(row.ended_at)}"
    elif over:
        standing = f"Ended by itself on {wording.short_day(row.until_day)}"
    else:
        standing = "Not yet: a second person here has to check it" if waits else "May help now"
    return HelperCard(
        id=row.id,
        name=row.name,
        kind=KINDS[row.kind],
        contact=", ".join(text for text in (row.email, row.phone) if text),
        may=tuple(MAY[scope] for scope in MAY if scope in helping.may(row)),
        until=row.until_day,
        standing=standing,
        over=over,
        waits=waits,
        no_link=row.email is None and not over and not here.can_text(),
        consent=helping.CONSENTS.get(row.consent, "On their own page"),
        may_confirm=waits and bool(viewer) and row.recorded_by != viewer,
    )


@pages.before_request
def _place() -> None:
    g.place = "helpers"


@pages.get("")
def mine() -> str:
    """Everybody who helps, may soon, or did."""
    with here.room() as session:
        rows = [card(row) for row in _of_me(session)]
    return render_template("person/helpers/mine.html", rows=rows, saved=cookie.pop("saved", ""))


@pages.get("/did")
def did() -> str:
    """Every single thing that helpers did, the newest first."""
    with here.room() as session:
        steps = _steps(session)
    return render_template("person/helpers/did.html", steps=steps)


def _steps(session: Session) -> tuple[Step, ...]:
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    names = {row.id: f"{row.name}, {KINDS[row.kind].lower()}" for row in _of_me(session)}
    told = [
        event
        for event in events.of_person(session, **key, limit=2000)
        if event.actor_kind == "helper" and event.name not in ("helper.did", "helper.link_asked")
    ]
    held = sessions.by_ids(
        session,
        council_id=key["council_id"],
        session_ids={event.session_id for event in told if event.session_id},
    )
    said = events.words_of(session, council_id=key["council_id"], event_ids=[event.id for event in told])
    return tuple(
        Step(
            at=event.at,
            what=_what(event, {one.id: one.title for one in held.values()}),
            who=names.get(event.actor_id, "somebody who helped you"),
            words=said.get(event.id, ""),
        )
        for event in told
    )


def _what(event: events.Event, titles: Mapping[str, str]) -> str:
    words = helped.did(event.name)
    title = titles.get(event.session_id or "")
    return f"{words[0].upper()}{words[1:]}{f': {title}' if title else ''}"


@pages.get("/new")
def begin() -> Response:
    """Start at the first question."""
    _forget()
    return redirect(_address(STEPS[0]), 303)


@pages.route("/new/<step>", methods=["GET", "POST"])
def ask(step: str) -> str | Response:
    """One question about the new helper."""
    if step not in STEPS:
        return redirect(_address(STEPS[0]), 303)
    kept = _kept()
    shown = {"until": _boxes(kept.get("until") or helping.usual_end(here.now()).isoformat()), "may": {}}
    answers = Answers({**{k: v for k, v in kept.items() if isinstance(v, str)}, **shown.get(step, {})})
    ticked = kept.get("may", [])
    if request.method == "POST":
        answers = Answers(request.form)
        ticked = [one for one in request.form.getlist("may") if one in MAY]
        said = _read(step, answers, ticked)
        if not answers.wrong:
            _keep(said)
            return redirect(_next(step), 303)
    at = _steps_of(kept).index(step) if step in _steps_of(kept) else 0
    back = _address(STEPS[at - 1]) if at else f"{here.at()}/me/helpers"
    return render_template(
        "person/helpers/question.html",
        step=step,
        answers=answers,
        ticked=ticked,
        kinds=[Choice(key, name, KIND_HINTS[key]) for key, name in KINDS.items()],
        scopes=[(key, text) for key, text in MAY.items() if key != SEE],
        name=kept.get("name", ""),
        back_to=back,
    )


def _read(step: str, answers: Answers, ticked: list[str]) -> dict[str, Any]:
    """The answers of one page; what is missing is said beside its field."""
    if step == "kind":
        return {"kind": answers.one_of("kind", KINDS, "Choose how they help you")}
    if step == "may":
        return {"may": ticked}
    if step == "until":
        until = read_day(answers, "until", what="last day", like=example_to_come(london_day(here.now())))
        _try(answers, {"until": until.isoformat()} if until else {}, only="until")
        return {"until": until.isoformat() if until else ""}
    said = {name: answers[name] for name in ("name", "email", "phone")}
    _try(answers, said, only="name email phone")
    answers.faults = {name: answers.faults[name] for name in said if name in answers.faults}
    return said


def _try(answers: Answers, said: Mapping[str, Any], *, only: str) -> None:
    """Put the room's own sentences beside the fields of this page, with nothing written down."""
    try:
        with here.room() as session:
            helping.judge(
                session,
                council_id=here.council_id(),
                person_id=here.me().id,
                given=_given({"kind": "supporter", "name": "x", "email": "x@example.org", **said}),
                own=True,
                now=here.now(),
            )
    except Invalid as refusal:
        for fault in refusal.errors:
            field = FIELDS.get(fault.pointer, "")
            if field in only.split():
                answers.fault(field, fault.detail)


@pages.route("/new/check", methods=["GET", "POST"])
def check() -> str | Response:
    """What was answered; then the person's yes."""
    kept = _kept()
    missing = [step for step in _steps_of(kept) if not _answered(step, kept)]
    if missing:
        return redirect(_address(missing[0]), 303)
    answers = Answers()
    if request.method == "POST":
        try:
            with here.room() as session:
                row = helping.name(
                    session,
                    council_id=here.council_id(),
                    person_id=here.me().id,
                    given=_given(kept),
                    actor=here.me().actor,
                    now=here.now(),
                )
                cookie["saved"] = f"{row.name} may help you now."
            _forget()
            return redirect(f"{here.at()}/me/helpers", 303)
        except Invalid as refusal:
            answers.learn(refusal, {})
    until = date.fromisoformat(kept["until"])
    scopes = [MAY[one] for one in MAY if one == SEE or one in kept.get("may", [])]
    changes = [
        Change("Name", kept["name"], _address("who")),
        Change(
            "How we reach them", ", ".join(x for x in (kept["email"], kept["phone"]) if x), _address("who")
        ),
        Change("How they help", KINDS[kept["kind"]], _address("kind")),
        Change("Until", wording.day(until), _address("until")),
    ]
    return render_template(
        "person/helpers/check.html",
        answers=answers,
        changes=changes,
        scopes=scopes if kept["kind"] != "interpreter" else scopes[:1],
        change_scopes=_address("may") if kept["kind"] != "interpreter" else "",
        name=kept["name"],
        until=until,
        appointee=kept["kind"] == "appointee",
        back_to=_address("until"),
    )


@pages.post("/<helper_id>/end")
def end(helper_id: str) -> Response:
    """One press, and they help no longer."""
    with here.room() as session:
        row = helping.get(session, council_id=here.council_id(), helper_id=helper_id)
        if row.person_id != here.me().id:
            raise NotFound("We cannot find that helper. Look at the list of those who help you.")
        helping.end(
            session,
            council_id=here.council_id(),
            helper_id=helper_id,
            actor=here.me().actor,
            now=here.now(),
        )
        cookie["saved"] = f"{row.name} helps you no longer."
    return redirect(f"{here.at()}/me/helpers", 303)


# The helper's own buttons


@pages.post("/leave")
def leave() -> str:
    """The helper stops helping, and is out at once."""
    me = here.me()
    with here.room() as session:
        helping.end(
            session, council_id=here.council_id(), helper_id=me.acting, actor=me.actor, now=here.now()
        )
    here.leave("helper")
    g.me = None
    return render_template("person/helpers/left.html", name=me.name)


@pages.route("/change", methods=["GET", "POST"])
def change() -> str | Response:
    """Go to another person whom the same helper helps."""
    me = here.me()
    if request.method == "POST" and not request.form.get("helper"):
        return redirect(f"{here.at()}/me/helpers/change", 303)
    key = {"council_id": here.council_id()}
    with here.room() as session:
        others = helping.others_of(session, **key, helper_id=me.acting, now=here.now())
        known = queries.by_ids(session, **key, person_ids={row.person_id for row in others})
        if request.method == "POST":
            wanted = next((row for row in others if row.id == request.form.get("helper")), None)
            if wanted is None:
                raise Forbidden("You do not help this person, or not any more.")
            helping.signed_in(session, **key, helper_id=wanted.id, now=here.now())
            here.become("helper", wanted.id)
            return redirect(f"{here.at()}/me", 303)
    shown = [(row.id, known[row.person_id].name) for row in others]
    return render_template("person/helpers/change.html", name=me.name, others=shown)


def _of_me(session: Session) -> list[Helper]:
    return helping.of_person(session, council_id=here.council_id(), person_id=here.me().id)


def _steps_of(kept: Mapping[str, Any]) -> tuple[str, ...]:
    """An interpreter only sees, so that nobody is asked what else they may do."""
    return tuple(step for step in STEPS if step != "may" or kept.get("kind") != "interpreter")


def _answered(step: str, kept: Mapping[str, Any]) -> bool:
    return bool(kept.get("name")) if step == "who" else step in kept


def _next(step: str) -> str:
    """The next question that has no answer yet, else the last page."""
    kept = _kept()
    left = [one for one in _steps_of(kept) if not _answered(one, kept) and one != step]
    return _address(left[0] if left else "check")


def _given(kept: Mapping[str, Any]) -> HelperGiven:
    return HelperGiven(
        kind=kept["kind"],
        name=kept["name"],
        email=kept.get("email", ""),
        phone=kept.get("phone", ""),
        may_answer=ANSWER in kept.get("may", ()),
        may_ask=COSTS in kept.get("may", ()),
        until_day=date.fromisoformat(kept["until"]) if kept.get("until") else helping.usual_end(here.now()),
    )


def _boxes(day: str) -> dict[str, str]:
    year, month, number = day.split("-")
    return {"until-year": year, "until-month": str(int(month)), "until-day": str(int(number))}


def _kept() -> dict[str, Any]:
    return dict(cookie.get(here.ANSWERS, {}).get(KEPT, {}))


def _keep(said: Mapping[str, Any]) -> None:
    cookie[here.ANSWERS] = {**cookie.get(here.ANSWERS, {}), KEPT: {**_kept(), **said}}


def _forget() -> None:
    cookie[here.ANSWERS] = {k: v for k, v in cookie.get(here.ANSWERS, {}).items() if k != KEPT}


def _address(leaf: str) -> str:
    return f"{here.at()}/me/helpers/new/{leaf}"
