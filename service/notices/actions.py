"""Verbs of telling people. Never commit, never call a task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.approvals import queries as approvals
from service.claims import queries as claims
from service.claims.model import TOP_UP
from service.councils import actions as councils_actions
from service.councils import queries as councils
from service.days import span_in_words
from service.events import SYSTEM, Event
from service.messages.protocol import Message
from service.money import pounds
from service.notices import queries
from service.notices.model import GOODBYE, GREETING, WAITS_BECAUSE, WORDINGS
from service.notices.tables import Notice
from service.payouts import overpaid_queries as overpaid
from service.payouts import queries as payouts
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.policy import queries as policies
from service.policy.explanation import explain
from service.sessions import queries as sessions


def write(session: Session, *, council_id: str, event: Event, now: datetime) -> Notice | None:
    """Write the message that an event calls for. Safe to repeat: one event is one message."""
    if event.person_id is None or event.name not in WORDINGS:
        return None
    if event.name == "person.method_set" and event.actor_kind == "person" and _first_method(session, event):
        return None
    written = session.scalars(
        select(Notice).where(Notice.council_id == council_id, Notice.event_id == event.id)
    ).first()
    if written is not None:
        return written
    facts = _facts(session, event)
    wording = WORDINGS[facts.get("wording", event.name)]
    notice = Notice(
        council_id=council_id,
        id=ids.new("ntc"),
        person_id=event.person_id,
        event_id=event.id,
        name=event.name,
        claim_id=event.claim_id,
        subject=wording.subject.format_map(facts),
        body=_tidy((GREETING + wording.body + GOODBYE).format_map(facts)),
        goes_to=wording.goes_to.format_map(facts),
        amount_pence=event.amount_pence,
        made_at=now,
        sent_at=None,
        sent_by=None,
    )
    session.add(notice)
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="notice.written",
        subject_id=notice.id,
        person_id=event.person_id,
        actor=SYSTEM,
        at=now,
        refs={"notice_id": notice.id},
    )
    return notice


def make_link(session: Session, *, council_id: str, notice: Notice, base_url: str, now: datetime) -> str:
    """The address in a message. It signs the person in once they press the button on the page it opens."""
    council = councils.get(session, council_id=council_id)
    asked = notice.name == "person.link_asked"
    token = councils_actions.make_link(
        session,
        council_id=council_id,
        kind="person",
        subject_id=notice.person_id,
        goes_to=f"/{council.slug}/me/{notice.goes_to}".rstrip("/"),
        now=now,
        lives=councils_actions.LINK_LIVES if asked else councils_actions.OFFER_LINK_LIVES,
    )
    return f"{base_url.rstrip('/')}/link/{token}"


def staff_message(
    session: Session, *, council_id: str, event: Event, base_url: str, now: datetime
) -> Message | None:
    """The message with a sign-in link that a member of staff asked for, or None when they have left."""
    council = councils.get(session, council_id=council_id)
    member = next(
        (m for m in councils.staff(session, council_id=council_id) if m.id == event.subject_id), None
    )
    if member is None:
        return None
    token = councils_actions.make_link(
        session,
        council_id=council_id,
        kind="staff",
        subject_id=member.id,
        goes_to=f"/{council.slug}/staff",
        now=now,
    )
    wording = WORDINGS["person.link_asked"]
    body = GREETING.format(name=member.name) + wording.body.format(
        link=f"{base_url.rstrip('/')}/link/{token}"
    )
    return Message(f"evt-{event.id}", member.email, wording.subject, body)


def mark_sent(session: Session, *, council_id: str, notice_id: str, by: str, now: datetime) -> None:
    """Note that a message has left, and by which way. Safe to repeat."""
    notice = queries.get(session, council_id=council_id, notice_id=notice_id)
    if notice.sent_at is None:
        notice.sent_at, notice.sent_by = now, by


def _first_method(session: Session, event: Event) -> bool:
    """The person's own first method is no news to them."""
    return not [
        e
        for e in events.of_person(session, council_id=event.council_id, person_id=event.person_id or "")
        if e.name == "person.method_set" and e.id < event.id
    ]


class _Facts(dict[str, str]):
    """Figures and names for a wording; `{link}` stays until the message leaves."""

    def __missing__(self, key: str) -> str:
        return "{link}" if key == "link" else ""


def _facts(session: Session, event: Event) -> _Facts:
    council_id = event.council_id
    council = councils.get(session, council_id=council_id)
    person = people.get(session, council_id=council_id, person_id=event.person_id or "")
    contact = " · ".join(c for c in (council.contact_name, council.contact_email, council.contact_phone) if c)
    facts = _Facts(
        name=person.name, council=council.name, contact=contact, subject=event.subject_id, title="your claim"
    )
    if event.amount_pence is not None:
        facts["amount"] = pounds(event.amount_pence)
    facts["words"] = events.words_of(session, council_id=council_id, event_ids=[event.id]).get(event.id, "")
    if event.claim_id:
        facts |= _of_claim(session, council_id, event.claim_id)
        if event.name == "claim.withdrawn" and facts["kind"] == TOP_UP:
            facts["wording"] = "top_up.gone" if event.actor_kind == "rule" else "top_up.declined"
    if event.name.startswith("payout."):
        facts |= _of_payout(session, council_id, event.subject_id)
    if event.name.startswith("person.method"):
        method = people.method(session, council_id=council_id, method_id=event.subject_id)
        facts["because"] = (
            f"{METHOD_NAMES[method.kind]} {method.masked or method.charity or ''}".strip() + "."
        )
    if event.name.startswith("policy."):
        draft = policies.draft(session, council_id=council_id, policy_id=event.subject_id)
        facts["title"] = draft.name or "the policy"
    if event.name.startswith("offer."):
        facts |= _of_offer(session, council_id, event.subject_id)
    return facts


def _of_claim(session: Session, council_id: str, claim_id: str) -> dict[str, str]:
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    answer = approvals.answer(session, council_id=council_id, claim=claim)
    facts = {
        "claim": claim_id,
        "kind": claim.kind,
        "reasons": _reasons(answer),
        "pay_by": "the date the policy sets",
    }
    if claim.pay_by:
        facts["pay_by"] = f"{claim.pay_by:%-d %B %Y}"
    if claim.session_id:
        facts["title"] = sessions.get(session, council_id=council_id, session_id=claim.session_id).title
    return facts


def _of_payout(session: Session, council_id: str, payout_id: str) -> dict[str, str]:
    payout = payouts.get(session, council_id=council_id, payout_id=payout_id)
    because = payout.failure or WAITS_BECAUSE.get(payout.held_because or "", "")
    facts = {"reference": payout.reference, "because": because}
    taken = overpaid.offsets_of(session, council_id=council_id, payout_ids=[payout_id]).get(payout_id)
    if taken:
        facts["less"] = (
            f"Your fee is {pounds(taken)} less this time, because you said that we may take back "
            "what we had paid you too much."
        )
    if payout.state == "held" and payout.held_because != "no_method":
        facts["wording"] = "payout.waits"
    return facts


def _of_offer(session: Session, council_id: str, offer_id: str) -> dict[str, str]:
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    occasion = sessions.get(session, council_id=council_id, session_id=offer.session_id)
    return {
        "title": occasion.title,
        "when": span_in_words(occasion.starts_at, occasion.ends_at),
        "where": "Online" if occasion.online else occasion.place or "We will tell you where",
        "paid": f"We will pay you {pounds(offer.fee_pence)} for your time.",
        "reasons": _reasons(offer.assessment),
    }


def _reasons(answer: dict[str, Any]) -> str:
    return "\n".join(explain(answer))


def _tidy(text: str) -> str:
    """No more than one empty line at a time, where a wording had nothing to say."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()
