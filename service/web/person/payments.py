"""Every payment to a person, and what each pays, line by line: to read, to print and to keep."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, render_template
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.payouts import queries
from service.payouts.tables import Payout
from service.reports import remittance
from service.web import here, statuses

pages = Blueprint("payments", __name__, url_prefix="/payments")


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("")
def all_of_them() -> str:
    """Every payment, the newest first."""
    with here.room() as session:
        rows = queries.of_person(session, council_id=here.council_id(), person_id=here.me().id)
    shown = [(row, statuses.word(statuses.PAYMENT_FOR_PERSON, row.state)) for row in rows]
    return render_template("person/payments.html", rows=shown)


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


def _own(session: Session, payout_id: str) -> Payout:
    payout = queries.get(session, council_id=here.council_id(), payout_id=payout_id)
    if payout.person_id != here.me().id:
        raise NotFound("We cannot find that payment. Use the link in your message, or look on your own page.")
    return payout
