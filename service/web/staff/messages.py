"""Messages that were written to people: what they were told, and how it left."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from service.notices import queries
from service.people import queries as people
from service.web import here
from service.web.here import needs
from service.web.staff.shapes import MessageRow

pages = Blueprint("messages", __name__, url_prefix="/messages")
LEFT = {"outbox": "kept here, because no mail server is set", "email": "sent by email"}


@pages.get("")
@needs("people:write")
def outbox() -> str:
    """Messages, newest first."""
    g.place = "messages"
    council_id = here.council_id()
    with here.room() as session:
        notices = queries.newest(session, council_id=council_id)
        named = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in notices})
        rows = [
            MessageRow(
                id=row.id,
                name=named[row.person_id].name,
                subject=row.subject,
                words=row.body,
                at=row.made_at,
                left=LEFT.get(row.sent_by or "", "waiting to leave"),
            )
            for row in notices
        ]
    return render_template("staff/messages.html", rows=rows)
