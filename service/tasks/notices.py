"""What follows anything that matters to a person: a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.messages.protocol import Message
from service.notices import actions, before, helped, leaving, queries, reaching, sendings, staffing
from service.notices.ways import Ways
from service.tasks import posting
from service.tasks.delivery import follows
from service.tasks.hands import Hands, is_demo

# As many messages are written, or leave, in one go.
MANY = 50


@follows("notices.write", queue="notices", many=MANY)
def write(*, session: Session, council_id: str, events: Sequence[Event], now: datetime) -> None:
    """Write the messages that these events call for."""
    actions.write_all(session, council_id=council_id, events=events, now=now, drafts=is_demo())


@follows("notices.send", queue="notices", staged=True, many=MANY)
def send(*, council_id: str, events: Sequence[Event], hands: Hands) -> None:
    """Let written messages leave by the way that each person chose, else they stay in the outbox.

    Where there is no way at all, only who asked for letters is written to: somebody here prints them.
    """
    notice_ids = [event.subject_id for event in events]
    known = posting.ways_of(hands, council_id=council_id)
    with hands.db.council(council_id) as session:
        unsent = queries.unsent(session, council_id=council_id, notice_ids=notice_ids)
        asked = reaching.choices(session, council_id=council_id, person_ids=set(unsent.values()))
        by_letter = {person_id for person_id, said in asked.items() if said.reached_by == "letter"}
        leaving_now = [one for one, person_id in unsent.items() if known.open or person_id in by_letter]
        actions.mark_all_sent(
            session,
            council_id=council_id,
            notice_ids=unsent.keys() - set(leaving_now),
            by="outbox",
            now=hands.clock(),
        )
    for notice_id in leaving_now:
        _leave(hands, council_id, notice_id, known)


def _leave(
    hands: Hands, council_id: str, notice_id: str, known: Ways, *, but_not: Collection[str] = ()
) -> None:
    """One message, to everywhere that it goes. `but_not`: by which ways it did not arrive."""
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
            open_ways=known.open,
            but_not=but_not,
        )
        for message in ready:
            if _is_printed(message, known):
                sendings.to_print(
                    session, council_id=council_id, message=message, notice_id=notice_id, now=now
                )
    # Only what goes to the person themselves is theirs to miss.
    own = {message.key: notice_id for message in ready if before.is_own(notice_id, message.key)}
    outwards = [message for message in ready if not _is_printed(message, known)]
    posting.send_all(hands, council_id=council_id, messages=outwards, own=own, among=known)
    by = next((message.by for message in ready if message.key in own), "outbox")
    with hands.db.council(council_id) as session:
        actions.mark_all_sent(session, council_id=council_id, notice_ids={notice_id}, by=by, now=now)


def _is_printed(message: Message, known: Ways) -> bool:
    """Whether somebody here prints it: where no letter leaves by itself, or nobody knows the address."""
    return message.by == "letter" and ("letter" not in known.open or not reaching.has_address(message.to))


@follows("notices.other_way", queue="notices", staged=True)
def other_way(*, event: Event, hands: Hands, **_: object) -> None:
    """A message will never arrive: where the person has another way, it goes by that."""
    council_id, notice_id = event.council_id, event.refs["notice_id"]
    known = posting.ways_of(hands, council_id=council_id)
    with hands.db.council(council_id) as session:
        found = sendings.of_notices(session, council_id=council_id, notice_ids=[notice_id])[notice_id]
    rows = [row for row in found if before.is_own(notice_id, row.key)]
    tried = {row.reached_by for row in rows if row.state in sendings.IN_VAIN}
    if all(row.state in sendings.IN_VAIN for row in rows):
        _leave(hands, council_id, notice_id, known, but_not=tried)


@follows("notices.tell_ops", queue="notices", staged=True)
def tell_ops(*, event: Event, hands: Hands, now: datetime) -> None:
    """Money and records disagree somewhere: whoever looks after the machine or the money is told at once."""
    with hands.db.council(event.council_id) as session:
        messages = actions.breach_messages(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    posting.send_all(hands, council_id=event.council_id, messages=messages)


@follows("notices.staff_link", queue="notices", staged=True)
def staff_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """A member of staff asked for a link to sign in."""
    with hands.db.council(event.council_id) as session:
        message = actions.staff_message(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        posting.send(hands, council_id=event.council_id, message=message)


@follows("notices.staff_short_of_funds", queue="notices", staged=True)
def staff_short_of_funds(*, event: Event, hands: Hands, now: datetime) -> None:  # noqa: ARG001 - as every task
    """Payments wait for money: who looks after payments is told. It may come twice, never not."""
    with hands.db.council(event.council_id) as session:
        told = actions.short_of_funds(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url
        )
    posting.send_all(hands, council_id=event.council_id, messages=told)


@follows("notices.attorney_link", queue="notices", staged=True)
def attorney_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """Somebody who may act on a person's money asked for a link to sign in, or may act from now on."""
    with hands.db.council(event.council_id) as session:
        message = leaving.attorney_link(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        posting.send(hands, council_id=event.council_id, message=message)


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
        posting.send(hands, council_id=event.council_id, message=message)


@follows("notices.attorney_sign_in_code", queue="notices", staged=True)
def attorney_sign_in_code(*, event: Event, hands: Hands, **_: object) -> None:
    """Somebody who acts on a person's money shows that it is still them, by a code."""
    with hands.db.council(event.council_id) as session:
        message = leaving.attorney_sign_in_code(
            session, council_id=event.council_id, event=event, secret_key=hands.settings.secret_key
        )
    posting.send(hands, council_id=event.council_id, message=message)


@follows("notices.helper_link", queue="notices", staged=True)
def helper_link(*, event: Event, hands: Hands, now: datetime) -> None:
    """Somebody may help a person from now on, or asked for a link to sign in."""
    with hands.db.council(event.council_id) as session:
        message = helped.link(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url, now=now
        )
    if message is not None:
        posting.send(hands, council_id=event.council_id, message=message)


@follows("notices.tell_staff", queue="notices", staged=True)
def tell_staff(*, event: Event, hands: Hands, now: datetime) -> None:  # noqa: ARG001 - all take it
    """Something needs a look by somebody who works here."""
    with hands.db.council(event.council_id) as session:
        messages = staffing.staff_messages(
            session, council_id=event.council_id, event=event, base_url=hands.settings.base_url
        )
    posting.send_all(hands, council_id=event.council_id, messages=messages)
