"""What leaves when a written message does: to whom, and with which links and code in it?

Links sign people in, and codes let a change through, so they are put in here and stand in no row. A contact
that was changed not long ago hears of everything about money too, without a code and without signing in.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service import events
from service.councils import actions as councils_actions
from service.councils import codes
from service.councils import queries as councils
from service.events import Event
from service.messages.protocol import By, Message
from service.notices import before, reaching, telling
from service.notices.keeping_safe import ATTORNEY_CODE, ATTORNEY_LINK, ATTORNEY_SIGN_IN_CODE
from service.notices.model import GREETING, TOLD_AT_OLD_CONTACT
from service.notices.tables import Notice
from service.people import authorities, confirming, signing_in
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.people.tables import Authority, Person

# How long "This was not me" can be pressed.
STOP_LIVES = timedelta(days=14)


def messages(
    session: Session,
    *,
    council_id: str,
    notice: Notice,
    base_url: str,
    secret_key: str,
    now: datetime,
    open_ways: Collection[By],
    but_not: Collection[str] = (),
) -> list[Message]:
    """Everything that leaves for one notice: to the person first, then to where they were reached before.

    `open_ways`: by which ways messages leave by themselves. A letter may always be printed here. `but_not`:
    the ways that failed; what they missed goes by the next one, and to no earlier address again.
    """
    person = people.get(session, council_id=council_id, person_id=notice.person_id)
    if person.erased_at is not None:
        return []
    place = _Place(session, notice, base_url=base_url, secret_key=secret_key, now=now)
    by, to = _way_to(session, person, notice, open_ways=open_ways, but_not=but_not)
    found = []
    if by is not None:
        key = f"{notice.id}-{by}" if but_not else notice.id
        found.append(place.message(key, by, to))
    if but_not or not (notice.name in TOLD_AT_OLD_CONTACT or "{stop}" in notice.body):
        return found
    return found + [
        place.message(before.key_of(notice.id, old), old.by, old.to, own=False)
        for old in before.places(session, person=person, open_ways=open_ways, now=now)
        if (old.by, old.to) != (by, to)
    ]


def on_paper(session: Session, *, notice: Notice, key: str, base_url: str) -> Message:
    """A notice as a letter that is printed here. `to` is the name alone where we know no address."""
    person = people.get(session, council_id=notice.council_id, person_id=notice.person_id)
    place = _Place(session, notice, base_url=base_url, secret_key="", now=notice.made_at)
    if not before.is_own(notice.id, key):
        given_up = before.letter_to(session, council_id=person.council_id, name=person.name, key=key)
        return place.message(key, "letter", given_up, own=False)
    chosen = reaching.choice(session, council_id=person.council_id, person_id=person.id)
    return place.message(key, "letter", reaching.contacts(person, chosen).get("letter", person.name))


def _way_to(
    session: Session, person: Person, notice: Notice, *, open_ways: Collection[By], but_not: Collection[str]
) -> tuple[By | None, str]:
    """By which way this message goes to the person, and where; None where we cannot reach them at all."""
    chosen = reaching.choice(session, council_id=person.council_id, person_id=person.id)
    known = reaching.contacts(person, chosen)
    if asked := _asked_for_by(session, notice):
        # What signs somebody in goes where it was asked for, and nowhere else.
        goes = asked in known and asked in open_ways and asked not in but_not
        return (asked, known[asked]) if goes else (None, "")
    code = "{code}" in notice.body
    if able := reaching.able(known, open_ways=open_ways, but_not=but_not, code=code):
        return able[0], known[able[0]]
    # Nobody knows where: somebody here hands it over, or asks for an address.
    return (None, "") if person.email or but_not else ("letter", person.name)


class _Place:
    """Fills one notice for the way that it goes: links and codes where they can be used."""

    def __init__(
        self, session: Session, notice: Notice, *, base_url: str, secret_key: str, now: datetime
    ) -> None:
        self._session, self._notice, self._now = session, notice, now
        self._base, self._secret = base_url, secret_key
        self._council = councils.get(session, council_id=notice.council_id)

    def message(self, key: str, by: By, to: str, *, own: bool = True) -> Message:
        """The whole message, as it leaves. A place that is not the person's `own` has no code, no sign-in."""
        subject, body = self._notice.subject, self._words(by)
        if "{code}" in body and (by == "letter" or not own):
            subject, body = self._without_code(by, body)
        filled = self._letter(body) if by == "letter" else self._filled(body, signs_in=own)
        return Message(key, to, subject, filled, by=by)

    def _words(self, by: By) -> str:
        return (self._notice.short if by == "text" else "") or self._notice.body

    def _without_code(self, by: By, body: str) -> tuple[str, str]:
        """The same where a code is of no use, or not safe: nothing is typed, and it can still be stopped."""
        key, words = before.WITHOUT_CODE, self._notice.words
        open_still = {"council": self._council.name, "link": "{link}", "stop": "{stop}"}
        if by == "text":
            return "", telling.in_short(key=key, facts=open_still, words=words)
        kept = [one for one in body.split("\n\n") if "{code}" not in one and "{link}" not in one]
        return telling.subject_of(key=key, words=words), "\n\n".join(kept)

    def _filled(self, body: str, *, signs_in: bool) -> str:
        notice, now = self._notice, self._now
        if "{code}" in body:
            body = body.replace("{code}", code_in(self._session, notice=notice, secret_key=self._secret))
        if "{stop}" in body:
            stop = stop_link(self._session, notice=notice, base_url=self._base, now=now)
            body = body.replace("{stop}", stop)
        if "{link}" in body:
            link = (
                sign_in_link(self._session, notice=notice, base_url=self._base, now=now)
                if signs_in
                else f"{self._base.rstrip('/')}/{self._council.slug}/sign-in"
            )
            body = body.replace("{link}", link)
        return body

    def _letter(self, body: str) -> str:
        """On paper no link signs anybody in, and a code would be over: our page and our phone stand there."""
        council = self._council
        call = council.contact_phone or council.contact_email or council.name
        page = f"{self._base.rstrip('/')}/{council.slug}"
        return body.replace("{link}", page).replace("{stop}", call)


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


def _asked_for_by(session: Session, notice: Notice) -> By | None:
    """The way by which somebody asked for a code or a link to sign in; None for every other message."""
    if notice.name == "person.link_asked":
        # Who types a number is texted a code.
        return "email"
    if notice.name != signing_in.ASKED["person"]:
        return None
    event = events.get(session, council_id=notice.council_id, event_id=notice.event_id)
    return "text" if event.refs["way"] == "text" else "email"


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
