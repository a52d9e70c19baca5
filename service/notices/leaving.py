"""What leaves when a written message does: to whom, and with which links and code in it?

Links sign people in, and codes let a change through, so they are put in here and stand in no row. A contact
that was changed not long ago hears of everything about money too, without a link that signs anybody in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service import events
from service.councils import actions as councils_actions
from service.councils import codes
from service.councils import queries as councils
from service.events import Event
from service.messages.protocol import Message
from service.notices.model import (
    ATTORNEY_CODE,
    ATTORNEY_LINK,
    ATTORNEY_SIGN_IN_CODE,
    GREETING,
    TOLD_AT_OLD_CONTACT,
)
from service.notices.tables import Notice
from service.people import authorities, confirming, signing_in, stopping
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.people.tables import Authority

# How long "This was not me" can be pressed.
STOP_LIVES = timedelta(days=14)


def messages(
    session: Session, *, council_id: str, notice: Notice, base_url: str, secret_key: str, now: datetime
) -> list[Message]:
    """Everything that leaves for one notice: to the person's address, and to the one before if it is due."""
    person = people.get(session, council_id=council_id, person_id=notice.person_id)
    if _texted(session, notice):
        body = _filled(session, notice, base_url=base_url, secret_key=secret_key, now=now, signs_in=False)
        return [Message(notice.id, person.phone, notice.subject, body, by="text")] if person.phone else []
    old = (
        stopping.former_addresses(session, council_id=council_id, person_id=person.id, now=now)
        if notice.name in TOLD_AT_OLD_CONTACT or "{stop}" in notice.body
        else []
    )
    found = []
    for number, address in enumerate([person.email, *old]):
        if address:
            key = notice.id if not number else f"{notice.id}-{number + 1}"
            body = _filled(
                session, notice, base_url=base_url, secret_key=secret_key, now=now, signs_in=not number
            )
            found.append(Message(key, address, notice.subject, body))
    return found


def _filled(
    session: Session, notice: Notice, *, base_url: str, secret_key: str, now: datetime, signs_in: bool
) -> str:
    body = notice.body
    if "{code}" in body:
        body = body.replace("{code}", code_in(session, notice=notice, secret_key=secret_key))
    if "{stop}" in body:
        body = body.replace("{stop}", stop_link(session, notice=notice, base_url=base_url, now=now))
    if "{link}" in body:
        link = (
            sign_in_link(session, notice=notice, base_url=base_url, now=now)
            if signs_in
            else f"{base_url.rstrip('/')}/{councils.get(session, council_id=notice.council_id).slug}/sign-in"
        )
        body = body.replace("{link}", link)
    return body


def sign_in_link(session: Session, *, notice: Notice, base_url: str, now: datetime) -> str:
    """The address in a message. It signs the person in once they press the button on the page it opens."""
    council = councils.get(session, council_id=notice.council_id)
    asked = notice.name == "person.link_asked"
    token = councils_actions.make_link(
        session,
        council_id=notice.council_id,
        kind="person",
        subject_id=notice.person_id,
        goes_to=f"/{council.slug}/me/{notice.goes_to}".rstrip("/"),
        now=now,
        lives=councils_actions.LINK_LIVES if asked else councils_actions.OFFER_LINK_LIVES,
    )
    return f"{base_url.rstrip('/')}/link/{token}"


def stop_link(session: Session, *, notice: Notice, base_url: str, now: datetime) -> str:
    """The address that says "This was not me". It stops everything, and signs nobody in."""
    council = councils.get(session, council_id=notice.council_id)
    token = councils_actions.make_link(
        session,
        council_id=notice.council_id,
        kind="stop",
        subject_id=notice.person_id,
        goes_to=f"/{council.slug}/me/payment-method",
        now=now,
        lives=STOP_LIVES,
    )
    return f"{base_url.rstrip('/')}/link/{token}"


def _texted(session: Session, notice: Notice) -> bool:
    """Whether a message goes to the person's phone: a code that somebody asked to be texted."""
    if notice.name != signing_in.ASKED["person"]:
        return False
    event = events.get(session, council_id=notice.council_id, event_id=notice.event_id)
    return bool(event.refs["way"] == "text")


def code_in(session: Session, *, notice: Notice, secret_key: str) -> str:
    """The code of the question that a message is about."""
    event = events.get(session, council_id=notice.council_id, event_id=notice.event_id)
    if code_id := event.refs.get("code_id"):
        return codes.code_of(secret_key=secret_key, code_id=code_id)
    return confirming.code_of(secret_key=secret_key, confirmation_id=event.refs["confirmation_id"])


def attorney_link(
    session: Session, *, council_id: str, event: Event, base_url: str, now: datetime
) -> Message | None:
    """The sign-in link for somebody who may act on a person's money, or None when they may not."""
    row = authorities.get(session, council_id=council_id, authority_id=event.subject_id)
    if not authorities.in_force(row, now=now):
        return None
    council = councils.get(session, council_id=council_id)
    token = councils_actions.make_link(
        session,
        council_id=council_id,
        kind="attorney",
        subject_id=row.id,
        goes_to=f"/{council.slug}/me/payment-method",
        now=now,
    )
    link = f"{base_url.rstrip('/')}/link/{token}"
    return _to_attorney(session, event, row, ATTORNEY_LINK.subject, ATTORNEY_LINK.body, link=link)


def attorney_code(session: Session, *, council_id: str, event: Event, secret_key: str) -> Message | None:
    """The code for a change that somebody asked for who acts for a person; None where the person asked."""
    if event.actor_kind != "attorney":
        return None
    row = authorities.get(session, council_id=council_id, authority_id=event.actor_id)
    method = people.method(session, council_id=council_id, method_id=event.subject_id)
    told = {
        "code": confirming.code_of(secret_key=secret_key, confirmation_id=event.refs["confirmation_id"]),
        "because": f"{METHOD_NAMES[method.kind]} {method.masked or method.charity or ''}".strip(),
    }
    return _to_attorney(session, event, row, ATTORNEY_CODE.subject, ATTORNEY_CODE.body, **told)


def attorney_sign_in_code(session: Session, *, council_id: str, event: Event, secret_key: str) -> Message:
    """The code with which somebody who acts on a person's money shows that it is still them."""
    row = authorities.get(session, council_id=council_id, authority_id=event.subject_id)
    code = codes.code_of(secret_key=secret_key, code_id=event.refs["code_id"])
    return _to_attorney(
        session, event, row, ATTORNEY_SIGN_IN_CODE.subject, ATTORNEY_SIGN_IN_CODE.body, code=code
    )


def _to_attorney(
    session: Session, event: Event, row: Authority, subject: str, body: str, **told: str
) -> Message:
    person = people.get(session, council_id=event.council_id, person_id=row.person_id)
    council = councils.get(session, council_id=event.council_id)
    words = (GREETING + body + "\n\n{council}").format(
        name=row.name, person=person.name, council=council.name, **told
    )
    return Message(f"evt-{event.id}", row.email, subject.format(person=person.name), words)
