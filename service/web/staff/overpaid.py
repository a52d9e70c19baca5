"""What was paid too much, and what is decided about it: let it go, or ask the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.councils import queries as councils
from service.errors import Conflict, Forbidden, Invalid
from service.payouts import overpaid_queries as queries
from service.payouts import overpaying
from service.payouts.overpaid_model import STAFF_WORDS, TRANSITIONS
from service.payouts.overpaid_tables import Overpayment
from service.people import queries as people
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import overpaid as own
from service.web.person.overpaid import TooMuch
from service.web.statuses import Status

pages = Blueprint("overpaid", __name__, url_prefix="/overpaid")
MOST = 200
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("Open", ("noted", "asked", "agreed", "declined")),
    "over": ("Over", ("written_off", "settled", "gone")),
}
COLOURS = {"noted": "orange", "asked": "yellow", "agreed": "turquoise", "declined": "grey"}
BECAUSE = {
    "register": "The register changed after it was paid.",
    "asked": "The costs were put right after they were paid.",
    "spent": "Less was spent than was handed over before the day.",
    "followed": "Money for it came in between.",
}


@dataclass(frozen=True)
class Row:
    """One overpayment, with who it is about and what may be done."""

    shown: TooMuch
    seen: str
    person_id: str
    person: str
    because: str
    noticed_by: str
    noticed_at: datetime
    status: Status
    verbs: tuple[str, ...]


@pages.before_request
def _place() -> None:
    g.place = "overpaid"


@pages.get("")
@needs("overpayments:decide")
def all_of_them() -> str:
    """Overpayments, those that need a decision first."""
    wanted = request.args.get("show", "open")
    tab = wanted if wanted in TABS else "open"
    with here.room() as session:
        found = queries.page(
            session, council_id=here.council_id(), states=TABS[tab][1], after=None, limit=MOST
        )
        rows = [_row(session, row) for row in sorted(found, key=lambda row: row.state != "noted")]
    tabs = [{"name": name, "href": f"?show={key}", "current": key == tab} for key, (name, _) in TABS.items()]
    return render_template("staff/overpaid.html", rows=rows, tabs=tabs)


@pages.get("/<overpayment_id>")
@needs("overpayments:decide")
def show(overpayment_id: str) -> str:
    """One of them."""
    return _render(overpayment_id, Answers())


@pages.post("/<overpayment_id>/<any(ask, write_off):verb>")
@needs("overpayments:decide")
def decide(overpayment_id: str, verb: str) -> str | Response:
    """Ask the person, or let it go."""
    answers = Answers(request.form)
    given: dict[str, Any] = {
        "council_id": here.council_id(),
        "overpayment_id": overpayment_id,
        "seen": answers["seen"],
        "actor": here.staff_actor(),
        "now": here.now(),
    }
    try:
        with here.room() as session:
            if verb == "ask":
                overpaying.ask(session, **given)
            else:
                overpaying.write_off(session, reason=answers["reason"], **given)
        return redirect(f"{here.at()}/staff/overpaid/{overpayment_id}", 303)
    except (Invalid, Conflict, Forbidden) as refusal:
        answers.learn(refusal, {"/reason": "reason"})
    return _render(overpayment_id, answers)


def _render(overpayment_id: str, answers: Answers) -> str:
    with here.room() as session:
        row = _row(session, queries.get(session, council_id=here.council_id(), overpayment_id=overpayment_id))
    return render_template("staff/overpaid_one.html", row=row, answers=answers, see=here.may("claims:read"))


def _row(session: Session, row: Overpayment) -> Row:
    key = {"council_id": row.council_id}
    person = people.get(session, **key, person_id=row.person_id)
    claim = claims.get(session, **key, claim_id=row.claim_id)
    kind, _, who = row.noticed_by.partition(":")
    names = councils.names_of(session, **key)
    because = BECAUSE[row.because]
    if row.because == "register" and claim.overpaid_pence == claim.total_pence:
        because = "This person was taken off the register after they were paid."
    return Row(
        shown=own.too_much(session, row),
        seen=row.tag,
        person_id=row.person_id,
        person=person.name,
        because=because,
        noticed_by=_name(kind, who, person.name, names),
        noticed_at=row.noticed_at,
        status=Status(STAFF_WORDS[row.state], COLOURS.get(row.state, "")),
        verbs=tuple(verb for verb in ("ask", "write_off") if (row.state, verb) in TRANSITIONS),
    )


def _name(kind: str, who: str, person: str, names: dict[str, str]) -> str:
    if kind == "person":
        return person
    return names.get(who, {"key": "a connected system", "rule": "the service"}.get(kind, kind))
