"""What are members of staff told by mail, and who? Things that somebody here must look at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.events import Event
from service.messages.protocol import Message
from service.notices.keeping_safe import Wording
from service.notices.model import GREETING

# Event → who is told, and in which words; `goes_to` is a page for staff, behind their own sign-in.
STAFF_WORDINGS: dict[str, tuple[tuple[str, ...], Wording]] = {
    "ask.made": (
        ("lead",),
        Wording(
            "Somebody has a question about an offer",
            "Somebody asks about an offer, or needs a cost paid before the day. They wait for an answer.\n\n"
            "Please answer here: {link}",
            "questions",
        ),
    ),
    "ask.look_again_asked": (
        ("lead",),
        Wording(
            "Somebody asks you to look again",
            "We said no to a cost before the day. The person does not agree, and asks for another look.\n\n"
            "Please answer here: {link}",
            "questions",
        ),
    ),
    "claim.said_wrong": (
        ("lead",),
        Wording(
            "Somebody says that a claim is wrong",
            "A claim was sent for somebody by a member of staff. The person says that it is wrong.\n\n"
            "Please look at it, and talk with them: {link}",
            "claims/{subject}",
        ),
    ),
    "webhook.failing": (
        ("finance", "ops"),
        Wording(
            "Another system does not take our messages",
            "One of your systems has not taken our last messages. We keep trying for five days.\n\n"
            "Please look here, and tell whoever looks after that system: {link}",
            "webhooks/{subject}",
        ),
    ),
    "webhook.disabled": (
        ("finance", "ops"),
        Wording(
            "We have stopped sending messages to one of your systems",
            "One of your systems took none of our messages for five days, or told us to stop. So we "
            "stopped.\n\n"
            "When it works again, switch it on here and send it what it missed: {link}",
            "webhooks/{subject}",
        ),
    ),
    "contact_request.made": (
        ("lead",),
        Wording(
            "Somebody cannot sign in, and asks to be reached elsewhere",
            "Somebody has a new phone number or email address, and cannot sign in.\n\n"
            "Please talk with them first, in person or on a number that you had before. "
            "See what they say, and what to do: {link}",
            "people/requests",
        ),
    ),
    "message.failed": (
        ("lead",),
        Wording(
            "One of our messages did not arrive",
            "A message to somebody whom you look after did not arrive. If we know another way to reach them, "
            "we use it by ourselves.\n\n"
            "Please look at how we reach them, and ask them if it is still right: {link}",
            "people/{person}",
        ),
    ),
    "reconciliation.found": (
        ("finance",),
        Wording(
            "Payments that do not agree with the bank's record",
            "We compared our payments with the bank's own record. They do not agree everywhere.\n\n"
            "See what differs, and what to do about each: {link}",
            "reconciliations/{subject}",
        ),
    ),
}


def staff_messages(session: Session, *, council_id: str, event: Event, base_url: str) -> list[Message]:
    """A message for everybody whose role must hear of this. Its link needs them to sign in."""
    roles, wording = STAFF_WORDINGS[event.name]
    council = councils.get(session, council_id=council_id)
    page = wording.goes_to.format(subject=event.subject_id, person=event.person_id)
    link = f"{base_url.rstrip('/')}/{council.slug}/staff/{page}"
    told = [m for m in councils.staff(session, council_id=council_id) if set(m.roles) & set(roles)]
    return [
        Message(
            f"evt-{event.id}-{member.id}",
            member.email,
            wording.subject,
            GREETING.format(name=member.name) + wording.body.format(link=link),
        )
        for member in told
    ]
