"""What follows anything that matters to a person: a message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.notices import actions, leaving, queries
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
        ready = (
            leaving.messages(
                session,
                council_id=event.council_id,
                notice=notice,
                base_url=hands.settings.base_url,
                secret_key=hands.settings.secret_key,
                now=now,
            )
            if hands.way.name != "outbox"
            else []
        )
    for message in ready:
        hands.way.send(message)
    by = hands.way.name if ready else "outbox"
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


@follows("notices.attorney_link", queue="notices", staged=True)
def attorney_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """Somebody who may act on a person's money asked for a link to sign in, or may act from now on."""
    with hands.db.council(event.council_id) as session:
        message = leaving.attorney_link(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        hands.way.send(message)


@follows("notices.attorney_code", queue="notices", staged=True)
def attorney_code(*, event: Event, hands: Hands, **_: object) -> None:
    """Somebody who acts on a person's money asked for a change: the code goes to them."""
    with hands.db.council(event.council_id) as session:
        message = leaving.attorney_code(
            session,
            council_id=event.council_id,
            event=event,
            secret_key=hands.settings.secret_key,
        )
    if message is not None:
        hands.way.send(message)
