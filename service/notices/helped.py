"""What is a person told of their helpers and of what staff did for them; and what is the helper sent?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.claims.entering import HOW
from service.councils import actions as councils_actions
from service.councils import queries as councils
from service.days import day_in_words
from service.events import Event
from service.messages.protocol import Message
from service.notices.keeping_safe import HELPER_LINK
from service.notices.model import GREETING
from service.people import helping
from service.people import queries as people
from service.people.helping_tables import Helper
from service.sessions import queries as sessions

# The first link may be read a day later; one that was asked for is awaited.
FIRST_LIVES = timedelta(days=2)
# To a helper who has no email address here.
BY_TEXT = (
    "{name}, press this link to sign in and help {person}: {link} It works once, for {lives}. "
    "You need no code. {council}"
)
# What a helper may do, and did, in words for the person.
MAY = {
    helping.SEE: "see your offers, your claims and what you were paid",
    helping.ANSWER: "say yes or no to offers",
    helping.COSTS: "ask for your costs",
}
DID = {
    "offer.accepted": "said yes to an offer for you",
    "offer.declined": "said no to an offer for you",
    "claim.submitted": "asked for a cost for you",
    "claim.changed": "changed a claim for you",
    "claim.withdrawn": "took back a claim for you",
    "claim.answered": "answered our question for you",
    "ask.made": "asked us a question for you",
    "receipt.added": "sent a picture of a receipt for you",
    "receipt.attached": "put a receipt with a claim for you",
    "receipt.removed": "took a receipt away for you",
    "unsent.changed": "changed a claim that was not sent yet",
    "unsent.thrown_away": "threw away a claim that was not sent yet",
    "helper.signed_in": "opened your pages",
    "helper.ended": "stopped helping you",
}
SAID = {"in_person": "in person", "phone": "on the phone", "writing": "in writing"}


def did(name: str) -> str:
    """What a helper did, by the name of the event: `asked for a cost for you`."""
    return DID.get(name, "did something on your pages")


def facts(session: Session, event: Event) -> dict[str, str]:
    """Names and days for a message about a helper, or about a claim that staff sent."""
    if event.name == "claim.entered":
        names = councils.names_of(session, council_id=event.council_id)
        return {"who": names.get(event.actor_id, "Somebody"), "how": HOW[event.refs["how"]]}
    row = helping.get(session, council_id=event.council_id, helper_id=event.subject_id)
    found = {
        "who": row.name,
        "until": day_in_words(row.until_day),
        "may": "\n".join(f"- {MAY[scope]}" for scope in MAY if scope in helping.may(row)),
        "how": SAID.get(row.consent, ""),
        "title": "",
    }
    if event.name == "helper.did":
        found["did"] = did(event.refs["did"])
    if event.session_id:
        found["title"] = sessions.get(session, council_id=event.council_id, session_id=event.session_id).title
    return found


def link(session: Session, *, council_id: str, event: Event, base_url: str, now: datetime) -> Message | None:
    """The sign-in link for a helper, by mail, or by text where we know a number only.

    None when they may not help now.
    """
    row = helping.get(session, council_id=council_id, helper_id=event.subject_id)
    if not helping.in_force(row, now=now):
        return None
    council = councils.get(session, council_id=council_id)
    first = event.name != "helper.link_asked"
    token = councils_actions.make_link(
        session,
        council_id=council_id,
        kind="helper",
        subject_id=row.id,
        goes_to=f"/{council.slug}/me",
        now=now,
        lives=FIRST_LIVES if first else councils_actions.LINK_LIVES,
    )
    return _message(session, event, row, link=f"{base_url.rstrip('/')}/link/{token}", first=first)


def _message(session: Session, event: Event, row: Helper, *, link: str, first: bool) -> Message:
    person = people.get(session, council_id=event.council_id, person_id=row.person_id)
    council = councils.get(session, council_id=event.council_id)
    told = {"person": person.name, "link": link, "lives": "two days" if first else "one hour"}
    words = GREETING + HELPER_LINK.body + "\n\n{council}" if row.email else BY_TEXT
    return Message(
        f"evt-{event.id}",
        row.email or row.phone or "",
        HELPER_LINK.subject.format(**told),
        words.format(name=row.name, council=council.name, **told),
        by="email" if row.email else "text",
    )
