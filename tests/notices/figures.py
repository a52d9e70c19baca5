"""What do messages say in sums and days, and do those stand in the books?

Each message that was written, and the same message in Welsh, in Easy Read and as a text, is read again: a sum
must be one of the ledger, the payment or the stored answer; a day one of the session, the promise or the
policy.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from service import events
from service.approvals import queries as approvals
from service.claims import queries as claims
from service.days import london_day
from service.events import Event
from service.ledger import queries as ledger
from service.notices import actions, offering, queries, reasons, telling
from service.notices.tables import Notice
from service.payouts import queries as payouts
from service.people import helping
from service.policy.form_words import MONTHS_CY
from service.sessions import queries as sessions
from tests.stage import Council

MONTHS = [*MONTHS_CY]
# Messages with the same subject that are looked at: more say nothing new.
MOST_ALIKE = 2
_SUM = re.compile(r"£([\d,]+)\.(\d\d)")
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join([*MONTHS_CY, *MONTHS_CY.values()])}) (\d{{4}})\b")


def sums_in(text: str) -> set[int]:
    """Every sum that a text says, in pence."""
    return {int(pounds.replace(",", "")) * 100 + int(pence) for pounds, pence in _SUM.findall(text)}


def days_in(text: str) -> set[date]:
    """Every day that a text names, in English or in Welsh."""
    welsh = {name: english for english, name in MONTHS_CY.items()}
    return {
        date(int(year), MONTHS.index(welsh.get(month, month)) + 1, int(day))
        for day, month, year in _DAY.findall(text)
    }


class Books:
    """What stands in the books of one message's own offer, claim and payment."""

    def __init__(self, session: Any, event: Event) -> None:
        self.session, self.event = session, event
        self.key = {"council_id": event.council_id}
        self.sums: set[int] = {event.amount_pence} if event.amount_pence is not None else set()
        self.days: set[date] = set()
        if event.name.startswith("offer."):
            self._offer()
        if event.claim_id:
            self._claim(event.claim_id)
        if event.name.startswith("helper."):
            self._helper()
        if event.name.startswith("payout."):
            self._payment()
        if event.session_id:
            self._session(event.session_id)

    def _answer(self, answer: dict[str, Any]) -> None:
        """The stored answer: its own sums, and what its rules say of rates and days."""
        self.sums |= {answer[f"{name}_pence"] for name in ("fee", "expenses", "total")}
        self.sums |= {line["amount_pence"] for line in answer["lines"]}
        self.sums |= {line["claimed_pence"] for line in answer["lines"] if line.get("claimed_pence")}
        said = str([answer["reasons"], answer["warnings"], [line["reasons"] for line in answer["lines"]]])
        self.sums |= sums_in(said)
        self.days |= days_in(said)

    def _session(self, session_id: str) -> None:
        held = sessions.get(self.session, **self.key, session_id=session_id)
        self.days |= {london_day(held.starts_at), london_day(held.ends_at)}

    def _offer(self) -> None:
        offer = sessions.offer(self.session, **self.key, offer_id=self.event.subject_id)
        self.sums.add(offer.fee_pence)
        self._answer(offer.assessment)
        self._session(offer.session_id)
        if offer.state in ("cancelled", "declined"):
            self._ended(offer.session_id, offer.person_id)

    def _ended(self, session_id: str, person_id: str) -> None:
        """What a cancelled place is worth stands in its claim, and in the claim for more by newer rules."""
        stored = claims.assessments(self.session, **self.key)
        known = claims.by_ids(self.session, **self.key, claim_ids={row.claim_id for row in stored})
        for row in stored:
            claim = known[row.claim_id]
            if (claim.session_id, claim.person_id) == (session_id, person_id):
                self._answer(row.answer)
                self.sums |= {line["after_pence"] for line in claim.facts.get("top_up", {}).get("lines", ())}

    def _helper(self) -> None:
        row = helping.get(self.session, **self.key, helper_id=self.event.subject_id)
        self.days.add(row.until_day)

    def _claim(self, claim_id: str) -> None:
        claim = claims.get(self.session, **self.key, claim_id=claim_id)
        self._answer(approvals.answer(self.session, **self.key, claim=claim))
        # A message said at the time what was worked out then, which stays on the books.
        for row in claims.assessments(self.session, **self.key):
            if row.claim_id == claim_id:
                self._answer(row.answer)
        if claim.pay_by:
            self.days.add(claim.pay_by)

    def _payment(self) -> None:
        row = payouts.get(self.session, **self.key, payout_id=self.event.subject_id)
        self.sums.add(row.amount_pence)
        if self.event.name == "payout.paid" and row.state == "paid":
            moved = ledger.moved_pence(self.session, **self.key, source_ids=[row.id])
            assert moved[row.id] == row.amount_pence == self.event.amount_pence


def in_form(session: Any, event: Event, notice: Notice, words: str) -> telling.Told:
    """What the same event says in a form, from the facts of this moment."""
    facts = actions._facts(session, event)
    if "reasons" in facts:
        facts["reasons"] = reasons.of_event(session, event, words=words)
    if facts.get("due"):
        facts["due"] = offering.due(session, event, words=words)
    return telling.said(key=facts.get("wording", event.name), facts=facts, words=words)


def check_all(council: Council, words: str, *, least: int) -> None:
    """Every message of a council in these words: at least so many figures, and all of them in the books."""
    wrong, said, looked = [], 0, Counter[str]()
    with council.stage.hands.db.council(council.id) as session:
        for notice in queries.newest(session, council_id=council.id, limit=1000):
            event = events.get(session, council_id=council.id, event_id=notice.event_id)
            looked[notice.subject] += 1
            if looked[notice.subject] > MOST_ALIKE:
                continue
            books = Books(session, event)
            told = in_form(session, event, notice, words)
            texts = [told.subject, told.body, told.short]
            if words == "en":
                # As they were written at the time, too.
                texts += [notice.subject, notice.body, notice.short]
            for text in texts:
                said += len(sums_in(text) | days_in(text))
                if not (sums_in(text) <= books.sums and days_in(text) <= books.days):
                    wrong.append((notice.name, sums_in(text) - books.sums, days_in(text) - books.days, text))
            if event.amount_pence is not None and "{amount}" in _wording(told, event, session):
                assert event.amount_pence in sums_in(told.subject + told.body), (notice.name, told)
    assert wrong == [], wrong
    assert said > least


def _wording(told: telling.Told, event: Event, session: Any) -> str:
    key = actions._facts(session, event).get("wording", event.name)
    if told.words == "en":
        return telling.WORDINGS[key].body
    return telling.parts(told.words, key)[1]
