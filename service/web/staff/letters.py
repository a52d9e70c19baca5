"""Letters to print: for people whom neither email nor a phone reaches. Marked by who has posted them."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.councils import queries as councils
from service.notices import leaving, queries, sendings
from service.notices.tables import Sending
from service.people import queries as people
from service.web import here
from service.web.here import needs
from service.web.staff.shapes import LetterRow

pages = Blueprint("letters", __name__, url_prefix="/letters")
MOST_POSTED = 50


@pages.before_request
def _place() -> None:
    g.place = "messages"


@pages.get("")
@needs("people:write")
def to_print() -> str:
    """What waits to be posted, and what was posted last."""
    council_id = here.council_id()
    with here.room() as session:
        waiting = _rows(session, sendings.letters(session, council_id=council_id, state="to_print"))
        found = sendings.letters(session, council_id=council_id, state="posted", limit=MOST_POSTED)
        posted = _rows(session, found)
    return render_template("staff/letters.html", waiting=waiting, posted=posted)


@pages.get("/<letter_id>")
@needs("people:write")
def show(letter_id: str) -> str:
    """One letter, as it is printed."""
    council_id = here.council_id()
    with here.room() as session:
        row = sendings.letter(session, council_id=council_id, key=letter_id)
        notice = queries.get(session, council_id=council_id, notice_id=row.notice_id or "")
        message = leaving.on_paper(session, notice=notice, key=row.key, base_url=here.settings().base_url)
    return render_template(
        "staff/letter.html",
        letter=message,
        letter_id=letter_id,
        on=notice.made_at,
        to_print=row.state == "to_print",
    )


@pages.post("/<letter_id>/posted")
@needs("people:write")
def posted(letter_id: str) -> Response:
    """It is in the post."""
    with here.room() as session:
        sendings.posted(
            session, council_id=here.council_id(), key=letter_id, actor=here.staff_actor(), now=here.now()
        )
    return redirect(f"{here.at()}/staff/letters", 303)


def _rows(session: Session, found: list[Sending]) -> list[LetterRow]:
    key = {"council_id": here.council_id()}
    notices = queries.by_ids(session, **key, notice_ids=[row.notice_id or "" for row in found])
    named = people.by_ids(session, **key, person_ids={one.person_id for one in notices.values()})
    staff = councils.names_of(session, **key)
    return [
        LetterRow(
            id=row.key,
            name=named[notices[row.notice_id or ""].person_id].name,
            subject=notices[row.notice_id or ""].subject,
            at=row.begun_at,
            posted_at=row.changed_at if row.state == "posted" else None,
            posted_by=staff.get((row.posted_by or "").removeprefix("staff:"), ""),
        )
        for row in found
    ]
