"""Messages that were written to people: what they were told, and how it left."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from sqlalchemy.orm import Session

from service.notices import leaving, queries, sendings
from service.notices.tables import Notice, Sending
from service.people import queries as people
from service.web import here
from service.web.here import needs
from service.web.staff.shapes import MessageRow

pages = Blueprint("messages", __name__, url_prefix="/messages")
LEFT = {
    "outbox": "kept here, because there is no way to send it",
    "email": "sent by email",
    "text": "sent as a text",
    "letter": "sent as a letter",
}
# What became of it since, by the state of its last sending.
BECAME = {
    "delivered": "it arrived",
    "delayed": "it could not be delivered for three days",
    "failed": "it did not arrive",
    "to_print": "it waits to be printed",
    "posted": "posted by hand",
}


@pages.get("")
@needs("people:write")
def outbox() -> str:
    """Messages, newest first."""
    g.place = "messages"
    council_id = here.council_id()
    with here.room() as session:
        notices = queries.newest(session, council_id=council_id)
        named = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in notices})
        sent = sendings.of_notices(session, council_id=council_id, notice_ids=[row.id for row in notices])
        rows = [
            MessageRow(
                id=row.id,
                name=named[row.person_id].name,
                subject=row.subject,
                words=_words(session, row),
                stops="{stop}" in row.body,
                at=row.made_at,
                left=_left(row, sent.get(row.id, [])),
                short=row.short.replace("{link}", "(their own link)").replace("{stop}", "(their own link)")
                if row.sent_by == "text"
                else "",
            )
            for row in notices
        ]
    return render_template("staff/messages.html", rows=rows)


def _left(row: Notice, sent: list[Sending]) -> str:
    """How it left, and what became of it: `sent by email: it did not arrive; sent as a text`."""
    tried = [
        f"{LEFT[one.reached_by]}: {BECAME[one.state]}" if one.state in BECAME else LEFT[one.reached_by]
        for one in sent
    ]
    return "; ".join(tried) or LEFT.get(row.sent_by or "", "waiting to leave")


def _words(session: Session, row: Notice) -> str:
    """A message without what is the person's alone; in the demonstration, where none leaves, with a code."""
    shown = row.body.replace("{link}", "(their own link)").replace("{stop}", "(their own link)")
    if "{code}" not in shown:
        return shown
    demo = here.settings().demo
    code = leaving.code_in(session, notice=row, secret_key=here.settings().secret_key) if demo else ""
    return shown.replace("{code}", code or "(their own code)")
