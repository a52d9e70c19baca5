"""Verbs of telling people. Never commit, never call a task."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from service import events, ids
from service.claims import queries as claims
from service.claims.model import TOP_UP
from service.councils import actions as councils_actions
from service.councils import queries as councils
from service.councils.model import scopes_of
from service.days import clock_in_words, date_in_words, day_in_words
from service.db import among, insert_all
from service.events import SYSTEM, Event, Happening, record_all
from service.messages.protocol import Message
from service.money import pounds
from service.notices import given_away, helped, offering, queries, reaching, reasons, reviews, telling
from service.notices.model import GREETING, NAME_SAYS, WAITS_BECAUSE, WORDINGS
from service.notices.tables import Notice
from service.payouts import choosing
from service.payouts import overpaid_queries as overpaid
from service.payouts import queries as payouts
from service.people import authorities, recipients
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.people.recipients import KIND
from service.policy import queries as policies
from service.rails.protocol import RAILS, RECORDED
from service.sessions import queries as sessions

# Only these messages say by when, and for what reasons; the others need not work it out.
SAYS_WHEN = {name for name, wording in WORDINGS.items() if "{pay_by}" in wording.body}
SAYS_WHY = {name for name, wording in WORDINGS.items() if "{reasons}" in wording.body} | {"claim.withdrawn"}


def write_all(
    session: Session, *, council_id: str, events: Sequence[Event], now: datetime, drafts: bool = False
) -> None:
    """Write the messages that events call for, in the words that each person chose.

    Safe to repeat: one event is one message. `drafts`: words that nobody has reviewed may be seen here.
    """
    written = queries.written(session, council_id=council_id, event_ids=[event.id for event in events])
    wanted = [event for event in events if event.id not in written and _is_news(session, event)]
    gone = people.erased(session, council_id=council_id, person_ids={one.person_id or "" for one in wanted})
    wanted = [event for event in wanted if event.person_id not in gone]
    at_hand = _at_hand(session, council_id, wanted)
    spoken = _spoken(session, council_id, wanted, drafts=drafts)
    rows = [_row(session, event, spoken[event.id], now=now) for event in wanted]
    del at_hand
    insert_all(session, Notice, rows)
    told = [_written(row, event) for row, event in zip(rows, wanted, strict=True)]
    record_all(session, council_id=council_id, happenings=told, actor=SYSTEM, at=now)


def _is_news(session: Session, event: Event) -> bool:
    if event.person_id is None or event.name not in WORDINGS:
        return False
    if event.name == "claim.corrected":
        return _came_to_the_same(session, event)
    if event.name == "offer.declined" and event.refs.get("was") != "accepted":
        return False  # Who said no first has seen the answer on the page.
    if event.name == "offer.accepted" and event.actor_kind == "staff":
        return False  # Somebody who dropped in: the offer's own message says it all.
    own = event.name == "person.method_set" and event.actor_kind == "person"
    return not (own and _first_method(session, event))


def _came_to_the_same(session: Session, event: Event) -> bool:
    """Somebody asked for it to be put right, and it changes no sum. Where one changes, that is said."""
    rows = claims.corrections(session, council_id=event.council_id, claim_id=event.claim_id or "")
    row = next(one for one in rows if one.number == event.refs["number"])
    sums = (row.sums or {}).values()
    return row.because == "asked" and all(one["before_pence"] == one["after_pence"] for one in sums)


def _at_hand(session: Session, council_id: str, wanted: Sequence[Event]) -> list[object]:
    """What many messages speak of, read in few questions; it is at hand while the answer is kept."""
    about = {event.subject_id for event in wanted}
    claim_ids = {event.claim_id for event in wanted if event.claim_id}
    key = {"council_id": council_id}
    known = claims.by_ids(session, **key, claim_ids=claim_ids)
    return [
        known,
        claims.assessments_by_ids(
            session, **key, assessment_ids={claim.assessment_id or "" for claim in known.values()}
        ),
        people.by_ids(session, **key, person_ids={event.person_id or "" for event in wanted}),
        payouts.by_ids(session, **key, payout_ids=about),
        sessions.by_ids(session, **key, session_ids={claim.session_id or "" for claim in known.values()}),
    ]


@dataclass(frozen=True)
class _Spoken:
    """In which words somebody is written to, and whether those are a draft."""

    words: str = "en"
    draft: bool = False


def _spoken(
    session: Session, council_id: str, wanted: Sequence[Event], *, drafts: bool
) -> dict[int, _Spoken]:
    """Event → the words of its message: those that the person chose, where they may be seen."""
    chosen = reaching.choices(
        session, council_id=council_id, person_ids={event.person_id or "" for event in wanted}
    )
    others = {choice.words for choice in chosen.values()} - {"en"}
    good = reviews.reviewed(session, council_id=council_id) if others else frozenset()
    found = {}
    for event in wanted:
        words = chosen.get(event.person_id or "", reaching.UNSAID).words
        seen = words in good or (drafts and words != "en")
        found[event.id] = _Spoken(words, draft=words not in good) if seen else _Spoken()
    return found


def _row(session: Session, event: Event, spoken: _Spoken, *, now: datetime) -> dict[str, Any]:
    facts = _facts(session, event)
    if "reasons" in facts and spoken.words != "en":
        facts["reasons"] = reasons.of_event(session, event, words=spoken.words)
    if facts.get("due") and spoken.words != "en":
        facts["due"] = offering.due(session, event, words=spoken.words)
    key = facts.get("wording", event.name)
    told = telling.said(key=key, facts=facts, words=spoken.words, draft=spoken.draft)
    return {
        "council_id": event.council_id,
        "id": ids.new("ntc"),
        "person_id": event.person_id,
        "event_id": event.id,
        "name": event.name,
        "claim_id": event.claim_id,
        "subject": told.subject,
        "body": _tidy(told.body),
        "goes_to": telling.goes_to(key=key, facts=facts, words=told.words),
        "amount_pence": event.amount_pence,
        "words": told.words,
        "short": told.short,
        "made_at": now,
    }


def _written(row: dict[str, Any], event: Event) -> Happening:
    return Happening(
        name="notice.written",
        subject_id=row["id"],
        request_id=event.request_id,
        person_id=event.person_id,
        refs={"notice_id": row["id"]},
    )


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


def breach_messages(
    session: Session, *, council_id: str, event: Event, base_url: str, now: datetime
) -> list[Message]:
    """The message about a breach of the books, one for each member of staff who must look at it."""
    council = councils.get(session, council_id=council_id)
    link = f"{base_url.rstrip('/')}/{council.slug}/staff"
    wording = WORDINGS["books.breach"]
    return [
        Message(
            f"evt-{event.id}-{member.id}",
            member.email,
            wording.subject.format(council=council.name),
            (GREETING + wording.body).format(
                name=member.name,
                words=event.refs["breaches"],
                when=f"{day_in_words(now)}, {clock_in_words(now)}",
                link=link,
            ),
        )
        for member in councils.staff(session, council_id=council_id)
        if {"ops", "finance"} & set(member.roles)
    ]


def short_of_funds(session: Session, *, council_id: str, event: Event, base_url: str) -> list[Message]:
    """To everybody who looks after payments here: some of them wait for money."""
    council = councils.get(session, council_id=council_id)
    wording, number = WORDINGS[event.name], event.refs["payments"]
    said = wording.body.format(
        rail=RAILS[event.refs["rail"]].name,
        count="1 payment" if number == 1 else f"{number} payments",
        amount=pounds(event.amount_pence or 0),
        link=f"{base_url.rstrip('/')}/{council.slug}/staff/payments?show=held",
    )
    return [
        Message(
            f"evt-{event.id}-{member.id}",
            member.email,
            wording.subject,
            GREETING.format(name=member.name) + said,
        )
        for member in councils.staff(session, council_id=council_id)
        if "payments:hold" in scopes_of(tuple(member.roles))
    ]


def mark_all_sent(
    session: Session, *, council_id: str, notice_ids: Collection[str], by: str, now: datetime
) -> None:
    """Note that messages have left, and by which way. Safe to repeat."""
    session.execute(
        update(Notice)
        .where(Notice.council_id == council_id, among(Notice.id, notice_ids), Notice.sent_at.is_(None))
        .values(sent_at=now, sent_by=by)
    )


def _first_method(session: Session, event: Event) -> bool:
    """The person's own first method is no news to them."""
    told = events.named(
        session, council_id=event.council_id, person_id=event.person_id or "", name=event.name
    )
    return not any(one.id < event.id for one in told)


class _Facts(dict[str, str]):
    """Figures and names for a wording; links and codes stay open until the message leaves."""

    def copy(self) -> _Facts:
        """Another of the same, to be said otherwise."""
        return _Facts(self)

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}" if key in ("link", "code", "stop") else ""


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
    if event.text_digest is not None:
        said = events.words_of(session, council_id=council_id, event_ids=[event.id])
        facts["words"] = said.get(event.id, "")
    if event.claim_id:
        facts |= _of_claim(session, council_id, event.claim_id, with_reasons=event.name in SAYS_WHY)
        if event.name in SAYS_WHEN:
            facts |= _own_day(session, council_id, event.claim_id, now=event.at)
        if event.name == "claim.withdrawn" and facts["kind"] == TOP_UP:
            facts["wording"] = "top_up.gone" if event.actor_kind == "rule" else "top_up.declined"
        facts |= given_away.of_claim(session, event)
    elif event.session_id:
        held = sessions.get(session, council_id=council_id, session_id=event.session_id)
        facts["title"] = held.title
    if event.name.startswith("payout."):
        facts |= _of_payout(session, event)
    if event.name == "person.method_proposed" and event.actor_kind == "rail":
        facts["wording"] = "method.told_by_bank"
    if event.name.startswith(("person.method", "person.contact", "authority.")):
        facts |= _of_safety(session, event)
    if event.name == "person.reach_chosen":
        facts["because"] = reaching.in_words(
            reaching.choice(session, council_id=council_id, person_id=person.id)
        )
    if event.name.startswith("helper.") or event.name == "claim.entered":
        facts |= helped.facts(session, event)
    if event.name.startswith("recipient."):
        row = recipients.get(session, council_id=council_id, recipient_id=event.subject_id)
        facts["because"] = row.refusal or NAME_SAYS.get(row.check_result or "", "")
    if event.name.startswith("policy."):
        draft = policies.draft(session, council_id=council_id, policy_id=event.subject_id)
        facts["title"] = draft.name or "the policy"
    if event.name.startswith("offer."):
        facts |= offering.of_offer(session, event)
    if event.name.startswith("ask."):
        facts |= offering.of_ask(session, event)
    return facts


def _of_safety(session: Session, event: Event) -> dict[str, str]:
    """What changed in how somebody is paid or reached, masked, and who asked for it."""
    council_id = event.council_id
    if event.name.startswith("authority."):
        return {
            "because": authorities.get(session, council_id=council_id, authority_id=event.subject_id).name
        }
    person = people.get(session, council_id=council_id, person_id=event.person_id or "")
    if event.name == "person.contact_changed":
        return {"because": " · ".join(c for c in (person.email, person.phone) if c) or "nowhere by itself"}
    facts = {"because": _way(session, council_id, event.subject_id)}
    if before := event.refs.get("before"):
        facts["before"] = f"Before, it was: {_way(session, council_id, before)}"
    if event.name == "person.method_code_asked" and event.actor_kind == "attorney":
        who = authorities.get(session, council_id=council_id, authority_id=event.actor_id)
        facts |= {"wording": "attorney.asked", "who": who.name}
    return facts


def _way(session: Session, council_id: str, method_id: str) -> str:
    method = people.method(session, council_id=council_id, method_id=method_id)
    return f"{METHOD_NAMES[method.kind]} {method.masked or method.charity or ''}".strip() + "."


def _of_claim(session: Session, council_id: str, claim_id: str, *, with_reasons: bool) -> dict[str, str]:
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    facts = {"claim": claim_id, "kind": claim.kind, "pay_by": "the date the policy sets"}
    if with_reasons:
        facts["reasons"] = offering.reasons(reasons.agreed(session, claim=claim))
    if claim.pay_by:
        facts["pay_by"] = date_in_words(claim.pay_by)
    if claim.session_id:
        facts["title"] = sessions.get(session, council_id=council_id, session_id=claim.session_id).title
    return facts


def _own_day(session: Session, council_id: str, claim_id: str, *, now: datetime) -> dict[str, str]:
    """The later day that the person chose, in place of the one that was promised; or both days, with sums."""
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    parts = choosing.parts(session, claim=claim, now=now)
    if parts is not None and claim.pay_by:
        first, later = (date_in_words(day) for day in (claim.pay_by, max(claim.pay_by, parts.day)))
        sums = pounds(parts.now_pence + claim.expenses_pence), pounds(parts.later_pence)
        return {"pay_by": f"{first} ({sums[0]}) and {later} ({sums[1]})"}
    chosen = choosing.own_day(session, claim=claim)
    by = choosing.promised(claim.pay_by, chosen)
    return {"pay_by": date_in_words(by)} if chosen and by else {}


def _of_payout(session: Session, event: Event) -> dict[str, str]:
    council_id, payout_id = event.council_id, event.subject_id
    payout = payouts.get(session, council_id=council_id, payout_id=payout_id)
    because = payout.failure or WAITS_BECAUSE.get(payout.held_because or "", "")
    details = KIND if payout.rail == KIND else "bank"
    facts = {"reference": payout.reference, "because": because, "details": details}
    if payout.state == "returned" and RAILS[payout.rail].moves == RECORDED:
        facts["wording"] = "payout.not_handed_over"
    taken = overpaid.offsets_of(session, council_id=council_id, payout_ids=[payout_id]).get(payout_id)
    if taken:
        facts["less"] = (
            f"Your fee is {pounds(taken)} less this time, because you said that we may take back "
            "what we had paid you too much."
        )
    if payout.state == "held" and payout.held_because != "no_method":
        facts["wording"] = "payout.waits"
    return facts | given_away.of_payment(payout, event)


def _tidy(text: str) -> str:
    """No more than one empty line at a time, where a wording had nothing to say; one mark ends a sentence."""
    lines: list[str] = []
    for line in text.replace("?.", "?").replace("!.", "!").splitlines():
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()
