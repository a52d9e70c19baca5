"""Every payment to a person, and what each pays, line by line: to read, to print and to keep."""

from __future__ import annotations

from collections import Counter
from datetime import date

from flask import Blueprint, g, render_template
from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.errors import NotFound
from service.payouts import queries
from service.payouts.tables import Payout
from service.reports import remittance
from service.sessions import queries as sessions
from service.web import here, statuses
from service.web.person.my_page import title_of

pages = Blueprint("payments", __name__, url_prefix="/payments")


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("")
def all_of_them() -> str:
    """Every payment, the newest first. Its day is a link where more than this one was paid on it."""
    with here.room() as session:
        rows = queries.of_person(session, council_id=here.council_id(), person_id=here.me().id)
        titles = _titles(session, rows)
    shown = [(row, titles[row.id], statuses.word(statuses.PAYMENT_FOR_PERSON, row.state)) for row in rows]
    days = Counter(row.paid_on for row in rows if row.state == "paid")
    return render_template("person/payments.html", rows=shown, days=days)


@pages.get("/<payout_id>")
def show(payout_id: str) -> str:
    """What one payment pays, and why."""
    with here.room() as session:
        found = remittance.advice(session, council_id=here.council_id(), payout=_own(session, payout_id))
    return render_template("person/advice.html", advices=[found], day=None, words=statuses.PAYMENT_FOR_PERSON)


@pages.get("/on/<day>")
def on_day(day: str) -> str:
    """Everything that was paid on a day."""
    try:
        paid_on = date.fromisoformat(day)
    except ValueError as error:
        raise NotFound("There is no such day. Look at the list of your payments.") from error
    with here.room() as session:
        found = remittance.of_day(
            session, council_id=here.council_id(), paid_on=paid_on, person_id=here.me().id
        )
    if not found:
        raise NotFound("Nothing was paid to you on that day. Look at the list of your payments.")
    return render_template(
        "person/advice.html", advices=found, day=paid_on, words=statuses.PAYMENT_FOR_PERSON
    )


def _titles(session: Session, rows: list[Payout]) -> dict[str, str]:
    """Payment → what it is for, as the person's own page calls it."""
    key = {"council_id": here.council_id()}
    paid = claims.by_ids(session, **key, claim_ids={row.claim_id for row in rows})
    wanted = {claim.session_id for claim in paid.values() if claim.session_id}
    held = sessions.by_ids(session, **key, session_ids=wanted)
    return {
        row.id: title_of(paid[row.claim_id], held.get(paid[row.claim_id].session_id or "")) for row in rows
    }


def _own(session: Session, payout_id: str) -> Payout:
    payout = queries.get(session, council_id=here.council_id(), payout_id=payout_id)
    if payout.person_id != here.me().id:
        raise NotFound("We cannot find that payment. Use the link in your message, or look on your own page.")
    return payout
