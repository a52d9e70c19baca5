"""Who cannot sign in, and how can they be reached now? Staff talk with them first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, g, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.people import lost as lost_contacts
from service.people import queries
from service.people.tables import ContactRequest
from service.web import here
from service.web.here import needs

pages = Blueprint("lost", __name__, url_prefix="/people/requests")
# So many people of one name are shown beside a request.
MOST = 5


@dataclass(frozen=True)
class Found:
    """Somebody here who has the name that was typed."""

    id: str
    name: str
    contact: str


@dataclass(frozen=True)
class RequestRow:
    """One request, and who of those here it may be about."""

    id: str
    name: str
    reach: str
    words: str
    at: datetime
    found: tuple[Found, ...]


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.get("")
@needs("people:write")
def waiting() -> str:
    """Requests that wait, the oldest first."""
    with here.room() as session:
        found = lost_contacts.waiting(session, council_id=here.council_id())
        rows = [_row(session, row) for row in found]
    return render_template("staff/contact_requests.html", rows=rows)


@pages.post("/<request_id>/close")
@needs("people:write")
def close(request_id: str) -> Response:
    """It is dealt with."""
    with here.room() as session:
        lost_contacts.close(
            session,
            council_id=here.council_id(),
            request_id=request_id,
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(f"{here.at()}/staff/people/requests", 303)


def _row(session: Session, row: ContactRequest) -> RequestRow:
    alike = queries.find(session, council_id=here.council_id(), words=row.name, limit=MOST)
    return RequestRow(
        id=row.id,
        name=row.name,
        reach=row.reach,
        words=row.words,
        at=row.made_at,
        found=tuple(
            Found(one.id, one.name, ", ".join(c for c in (one.email, one.phone) if c)) for one in alike
        ),
    )
