"""What do the easy pages say, line by line? One idea a line, with a picture; figures as they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.claims.tables import Claim
from service.days import LONDON, clock_in_words, day_in_words, london_day, span_in_words
from service.money import pounds
from service.notices import telling
from service.reports.statement_shapes import (
    NOT_PAID,
    SAID_NO,
    TOOK_LESS,
    Due,
    PersonStatement,
    StatementLine,
)
from service.sessions.tables import InvolvementSession, Offer
from service.web.pictures import picture_for, says

# Line → its picture. A key that begins like a heading has none.
PICTURES = {
    "offer.ask": "group",
    "offer.day": "calendar",
    "offer.days": "calendar",
    "offer.time": "clock",
    "offer.online": "computer",
    "offer.place": "place",
    "offer.place_later": "place",
    "offer.costs": "bus",
    "offer.receipts": "receipt",
    "offer.benefits": "money",
    "offer.benefits_ask": "helper",
    "offer.yes": "yes",
    "offer.no": "no",
    "offer.less": "coins",
    "offer.give": "heart",
    "offer.why": "question",
    "offer.call": "phone",
    "offer.accepted": "yes",
    "offer.declined": "no",
    "offer.cancelled": "no",
    "offer.place_cancelled": "no",
    "offer.over": "calendar",
    "claim.for": "group",
    "claim.waiting": "person",
    "claim.needs_person": "person",
    "claim.asked": "question",
    "claim.approved": "yes",
    "claim.approved_away": "heart",
    "claim.approved_no_method": "question",
    "claim.approved_not_wanted": "no",
    "claim.paid": "money",
    "claim.paid_away": "heart",
    "claim.refused": "no",
    "claim.withdrawn": "no",
    "claim.draft": "question",
    "claim.submitted": "letter",
    "claim.pay_by": "calendar",
    "claim.pay_by_away": "calendar",
    "claim.wrong": "question",
    "claim.call": "phone",
    "statement.period": "calendar",
    "statement.none": "no",
    "statement.total": "money",
    "statement.fees": "clock",
    "statement.costs": "bus",
    "statement.flat": "coins",
    "statement.taken": "receipt",
    "statement.one": "bank",
    "statement.came_back": "no",
    "statement.given_total": "heart",
    "statement.given": "heart",
    "statement.due_total": "coins",
    "statement.due": "letter",
    "statement.due_by": "calendar",
    "statement.took_less": "coins",
    "statement.said_no": "no",
    "statement.not_paid": "no",
    "statement.keep": "printer",
    "statement.call": "phone",
}
# Why money was not taken → the line that says so.
WHY_NOT = {
    TOOK_LESS: "statement.took_less",
    SAID_NO: "statement.said_no",
    NOT_PAID: "statement.not_paid",
}
_RULE = re.compile(r" ?\((?:Rule|Rheol) [^)]*\.\)")
_END = re.compile(r"(?<=[.?!]) (?=[A-ZÂÊÎÔÛŴŶ0-9£])")


@dataclass(frozen=True)
class EasyLine:
    """One idea. A heading has no picture."""

    text: str
    picture: str = ""
    shows: str = ""


class Speaker:
    """Says lines in `easy` or `cy`."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.table = telling.table(f"pages_{words}")

    def say(self, key: str, **facts: str) -> EasyLine:
        """A line of ours."""
        room, _, leaf = key.partition(".")
        # One mark ends a sentence, also where a title brings its own.
        text = self.table[room][leaf].format(**facts).replace("?.", "?").replace("!.", "!")
        picture = PICTURES.get(key, "")
        return EasyLine(text, picture, says(picture, words=self.words) if picture else "")

    def day(self, moment: date | datetime) -> str:
        """A day in these words."""
        said = day_in_words(moment)
        return telling.in_welsh(said) if self.words == "cy" else said

    def reasons(self, paragraphs: Iterable[str]) -> list[EasyLine]:
        """The policy's own sentences, one a line, without the numbers of its rules."""
        lines = []
        for paragraph in paragraphs:
            for sentence in _END.split(_RULE.sub("", paragraph)):
                picture = picture_for(sentence)
                lines.append(EasyLine(sentence.strip(), picture, says(picture, words=self.words)))
        return lines


def of_offer(
    speaker: Speaker,
    offer: Offer,
    occasion: InvolvementSession,
    *,
    paragraphs: Sequence[str],
    costs: bool,
    may_give: bool,
    contact: str,
    now: datetime,
) -> list[EasyLine]:
    """An offer: what it is, what it pays and why, what one can answer. `may_give`: a charity may have it."""
    say = speaker.say
    state = "over" if offer.state == "made" and occasion.ends_at < now else offer.state
    if state == "cancelled" and occasion.cancelled_at is None:
        state = "place_cancelled"
    lines = [] if state == "made" else [say(f"offer.{state}")]
    lines += [say("offer.ask", title=occasion.title), *_when(speaker, occasion), _where(speaker, occasion)]
    lines += [say("offer.money"), *speaker.reasons(paragraphs)]
    if costs:
        lines += [say("offer.costs"), say("offer.receipts")]
    lines += [say("offer.benefits_heading"), say("offer.benefits"), say("offer.benefits_ask")]
    if state == "made":
        lines.append(say("offer.answer_heading"))
        lines += [
            say(f"offer.{one}") for one in ("yes", "no", "less", *(["give"] if may_give else []), "why")
        ]
    return [*lines, say("offer.call", contact=contact)]


def _when(speaker: Speaker, occasion: InvolvementSession) -> list[EasyLine]:
    first, last = occasion.starts_at, occasion.ends_at
    if london_day(first) != london_day(last):
        span = span_in_words(first, last)
        return [speaker.say("offer.days", span=telling.in_welsh(span) if speaker.words == "cy" else span)]
    start, end = (_clock(speaker, one) for one in (first, last))
    return [
        speaker.say("offer.day", day=speaker.day(first)),
        speaker.say("offer.time", start=start, end=end),
    ]


def _clock(speaker: Speaker, moment: datetime) -> str:
    said = clock_in_words(moment.astimezone(LONDON))
    return telling.in_welsh(said) if speaker.words == "cy" else said


def _where(speaker: Speaker, occasion: InvolvementSession) -> EasyLine:
    if occasion.online:
        return speaker.say("offer.online")
    if occasion.place:
        return speaker.say("offer.place", place=occasion.place)
    return speaker.say("offer.place_later")


def of_claim(
    speaker: Speaker,
    claim: Claim,
    *,
    title: str,
    paragraphs: Sequence[str],
    contact: str,
    by: date | None,
    charity: str = "",
    waits: str = "",
) -> list[EasyLine]:
    """A claim: where it is, what it comes to and why, what one can do.

    `by`: the day by which the money is promised. `charity`: who gets it. `waits`: why it does not come
    yet, if it was agreed (see `given_away`).
    """
    waits = waits if claim.state == "approved" and not charity else ""
    say = speaker.say
    lines = [say("claim.for", title=title)]
    if charity and f"claim.{claim.state}_away" in PICTURES:
        lines.append(say(f"claim.{claim.state}_away", charity=charity))
    elif waits:
        lines.append(say(f"claim.approved_{waits}"))
    elif f"claim.{claim.state}" in PICTURES:
        lines.append(say(f"claim.{claim.state}"))
    lines += [say("claim.why"), *speaker.reasons(paragraphs)]
    if by and claim.state in ("waiting", "needs_person", "approved") and not waits:
        key = "claim.pay_by_away" if charity else "claim.pay_by"
        lines.append(say(key, day=speaker.day(by)))
    return [*lines, say("claim.wrong"), say("claim.call", contact=contact)]


def of_statement(speaker: Speaker, found: PersonStatement, *, contact: str) -> list[EasyLine]:
    """The statement of a period: the same figures as on the ordinary one, which are the ledger's."""
    say, period = speaker.say, found.period
    lines = [say("statement.period", since=speaker.day(period.since), until=speaker.day(period.until))]
    lines += _paid(speaker, found)
    if found.given:
        lines += [say("statement.given_heading")]
        lines += [say("statement.given_total", total=pounds(found.given_sums.total_pence))]
        lines += [_payment(speaker, one) for one in found.given]
    if found.due:
        lines += [say("statement.due_heading"), say("statement.due_total", total=pounds(found.due_pence))]
        lines += [_due(speaker, one) for one in found.due]
    if found.not_taken:
        lines.append(say("statement.not_taken_heading"))
        for one in found.not_taken:
            lines.append(say(WHY_NOT[one.why], amount=pounds(one.amount_pence), title=one.title))
    return [*lines, say("statement.keep"), say("statement.call", contact=contact)]


def _paid(speaker: Speaker, found: PersonStatement) -> list[EasyLine]:
    """What reached the person: in all, of what kinds, and each payment."""
    if not found.paid:
        return [speaker.say("statement.none")]
    sums = found.sums
    lines = [speaker.say("statement.total", total=pounds(sums.total_pence))]
    for name, pence in (
        ("fees", sums.fee_pence),
        ("costs", sums.costs_pence),
        ("flat", sums.flat_pence),
        ("taken", sums.taken_pence),
    ):
        if pence:
            lines.append(speaker.say(f"statement.{name}", amount=pounds(pence)))
    lines.append(speaker.say("statement.each"))
    return [*lines, *(_payment(speaker, one) for one in found.paid)]


def _payment(speaker: Speaker, one: StatementLine) -> EasyLine:
    """One payment to the person or to a charity, or its way back."""
    facts = {"day": speaker.day(one.on), "amount": pounds(abs(one.amount_pence)), "title": one.title}
    if one.came_back:
        return speaker.say("statement.came_back", **facts)
    if one.given_to:
        return speaker.say("statement.given", **facts, charity=one.given_to)
    return speaker.say("statement.one", **facts)


def _due(speaker: Speaker, one: Due) -> EasyLine:
    facts = {"amount": pounds(one.amount_pence), "title": one.title}
    if one.due_on is None:
        return speaker.say("statement.due", **facts)
    return speaker.say("statement.due_by", **facts, day=speaker.day(one.due_on))
