"""What follows anything that matters to a person: a message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.messages.protocol import Message
from service.notices import actions, queries, staffing
from service.people import queries as people
from service.tasks.delivery import follows
from service.tasks.hands import Hands


@follows("notices.write", queue="notices")
def write(*, session: Session, event: Event, now: datetime) -> None:
    """Write the message that this event calls for."""
    actions.write(session, council_id=event.council_id, event=event, now=now)


@follows("notices.send", queue="notices", staged=True)
def send(*, event: Event, hands: Hands, now: datetime) -> None:
    """Let a written message leave, by mail when the person has an address, else it stays in the outbox."""
    with hands.db.council(event.council_id) as session:
        notice = queries.get(session, council_id=event.council_id, notice_id=event.subject_id)
        if notice.sent_at is not None:
            return
        person = people.get(session, council_id=event.council_id, person_id=notice.person_id)
        if person.email and hands.way.name != "outbox":
            link = actions.make_link(
                session, council_id=event.council_id, notice=notice, base_url=hands.settings.base_url, now=now
            )
            message = Message(notice.id, person.email, notice.subject, notice.body.replace("{link}", link))
        else:
            message = None
    if message is not None:
        hands.way.send(message)
    by = hands.way.name if message is not None else "outbox"
    with hands.db.council(event.council_id) as session:
        actions.mark_sent(session, council_id=event.council_id, notice_id=notice.id, by=by, now=now)


@follows("notices.staff_link", queue="notices", staged=True)
def staff_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """A member of staff asked for a link to sign in."""
    with hands.db.council(event.council_id) as session:
        message = actions.staff_message(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        hands.way.send(message)


@follows("notices.tell_staff", queue="notices", staged=True)
def tell_staff(*, event: Event, hands: Hands, now: datetime) -> None:  # noqa: ARG001 - all take it
    """Something needs a look by somebody who works here."""
    with hands.db.council(event.council_id) as session:
        messages = staffing.staff_messages(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url
        )
    for message in messages:
        hands.way.send(message)
