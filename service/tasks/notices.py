"""What follows anything that matters to a person: a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.notices import actions, helped, leaving, queries, staffing
from service.tasks.delivery import follows
from service.tasks.hands import Hands

# As many messages are written, or leave, in one go.
MANY = 50


@follows("notices.write", queue="notices", many=MANY)
def write(*, session: Session, council_id: str, events: Sequence[Event], now: datetime) -> None:
    """Write the messages that these events call for."""
    actions.write_all(session, council_id=council_id, events=events, now=now)


@follows("notices.send", queue="notices", staged=True, many=MANY)
def send(*, council_id: str, events: Sequence[Event], hands: Hands) -> None:
    """Let written messages leave, by mail when the person has an address, else they stay in the outbox."""
    notice_ids = [event.subject_id for event in events]
    with hands.db.council(council_id) as session:
        unsent = queries.unsent(session, council_id=council_id, notice_ids=notice_ids)
        by_mail = list(unsent) if hands.way.name != "outbox" else []
        staying = unsent.keys() - set(by_mail)
        actions.mark_all_sent(
            session, council_id=council_id, notice_ids=staying, by="outbox", now=hands.clock()
        )
    for notice_id in by_mail:
        _mail(hands, council_id, notice_id)


def _mail(hands: Hands, council_id: str, notice_id: str) -> None:
    now = hands.clock()
    with hands.db.council(council_id) as session:
        notice = queries.get(session, council_id=council_id, notice_id=notice_id)
        ready = leaving.messages(
            session,
            council_id=council_id,
            notice=notice,
            base_url=hands.settings.base_url,
            secret_key=hands.settings.secret_key,
            now=now,
        )
    for message in ready:
        hands.way.send(message)
    by = hands.way.name if ready else "outbox"
    with hands.db.council(council_id) as session:
        actions.mark_all_sent(session, council_id=council_id, notice_ids={notice_id}, by=by, now=now)


@follows("notices.tell_ops", queue="notices", staged=True)
def tell_ops(*, event: Event, hands: Hands, now: datetime) -> None:
    """Money and records disagree somewhere: whoever looks after the machine or the money is told at once."""
    with hands.db.council(event.council_id) as session:
        messages = actions.breach_messages(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    for message in messages:
        hands.way.send(message)


@follows("notices.staff_link", queue="notices", staged=True)
def staff_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """A member of staff asked for a link to sign in."""
    with hands.db.council(event.council_id) as session:
        message = actions.staff_message(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        hands.way.send(message)


@follows("notices.staff_short_of_funds", queue="notices", staged=True)
def staff_short_of_funds(*, event: Event, hands: Hands, now: datetime) -> None:  # noqa: ARG001 - as every task
    """Payments wait for money: who looks after payments is told. It may come twice, never not."""
    with hands.db.council(event.council_id) as session:
        told = actions.short_of_funds(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url
        )
    for message in told:
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


@follows("notices.helper_link", queue="notices", staged=True)
def helper_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """Somebody may help a person from now on, or asked for a link to sign in."""
    with hands.db.council(event.council_id) as session:
        message = helped.link(
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
