"""What would a draft have paid for claims of the past? Sums, who gains, who loses, and why. Pure.

Claims come one by one and only totals are kept, so any number of them fits. A claim from before the draft's
first day is judged by the rules of that first day: the question is what the draft's rules would have paid.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.policy.engine import Policy
from service.policy.facts import read_facts
from service.policy.faults import FactFaults
from service.policy.wording import money

NEEDS_PERSON = "needs_person"
REASONS_EACH = 3
REASONS_ALL = 20
PEOPLE_SHOWN = 200


@dataclass(frozen=True)
class PastClaim:
    """A stored claim: the facts that its policy was asked about, and what it came to.

    `promised`: an accepted offer had promised this sum, so that no other policy pays less.
    """

    id: str
    person: str
    facts: Mapping[str, Any]
    fee_pence: int
    expenses_pence: int
    promised: bool = False

    @property
    def total_pence(self) -> int:
        """Fee and expenses together."""
        return self.fee_pence + self.expenses_pence


@dataclass(frozen=True)
class Judged:
    """What the draft says to one claim; `answer` is None where it cannot be asked, and `fault` says why."""

    claim: PastClaim
    answer: dict[str, Any] | None
    fault: str = ""

    @property
    def is_open(self) -> bool:
        """The draft leaves it to a person."""
        return self.answer is not None and self.answer["outcome"] == NEEDS_PERSON

    @property
    def is_settled_alike(self) -> bool:
        """The draft pays the same fee and the same costs, and nothing is left open."""
        answer, claim = self.answer, self.claim
        return (
            answer is not None
            and answer["outcome"] != NEEDS_PERSON
            and answer["fee_pence"] == claim.fee_pence
            and answer["expenses_pence"] == claim.expenses_pence
        )


@dataclass
class _Sums:
    """Claims with what they came to, and what they would come to."""

    claims: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        self.claims += 1
        self.before += before
        self.after += after

    def to_json(self) -> dict[str, int]:
        return {
            "claims": self.claims,
            "before_pence": self.before,
            "after_pence": self.after,
            "difference_pence": self.after - self.before,
        }


@dataclass
class _Person(_Sums):
    """One person whose claims move, and the reasons: (line, clause) → (pence, sentence)."""

    reasons: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def because(self, key: tuple[str, str], pence: int, text: str) -> None:
        known = self.reasons.get(key)
        if known is not None or len(self.reasons) < REASONS_ALL:
            self.reasons[key] = (pence + (known[0] if known else 0), known[1] if known else text)


class Simulation:
    """The totals of one draft over many claims. Feed it, then ask for the `answer`."""

    def __init__(self, draft: Policy) -> None:
        self.draft = draft
        self.all = _Sums()
        self.moved = 0
        self.people: dict[str, _Person] = {}
        self.activities: dict[str, _Sums] = {}
        self.open, self.unread = _Sums(), _Sums()
        self.open_reasons: dict[str, int] = {}
        self.unread_reasons: dict[str, int] = {}

    def judge(self, claim: PastClaim) -> Judged:
        """What the draft's rules say to a claim. Nothing is counted yet."""
        draft = self.draft
        try:
            facts = read_facts(claim.facts, vocabulary=draft.vocabulary)
            on = facts.on
            if on >= draft.effective_from and not draft.holds(on):
                return Judged(claim, draft.assess(claim.facts))
            return Judged(claim, draft.frame(max(on, draft.effective_from)).assess(facts))
        except FactFaults as error:
            return Judged(claim, None, error.errors[0].detail)

    def alike(self, claim: PastClaim) -> None:
        """Counts a claim that comes to the same."""
        self.all.add(claim.total_pence, claim.total_pence)
        self._activity(claim).add(claim.total_pence, claim.total_pence)

    def differs(self, judged: Judged, before: Mapping[str, Any]) -> None:
        """Counts any other claim. `before` is the stored assessment, for its outcome and its lines."""
        claim, answer = judged.claim, judged.answer
        if answer is None:
            self.unread.add(claim.total_pence, 0)
            _count(self.unread_reasons, judged.fault)
            return
        if judged.is_open != (before["outcome"] == NEEDS_PERSON):
            self._turns(judged, answer)
            return
        shift = answer["total_pence"] - before["total_pence"]
        if shift == 0 or (claim.promised and shift < 0):
            self.alike(claim)
        else:
            self._moves(claim, before, answer, shift)

    def _turns(self, judged: Judged, answer: dict[str, Any]) -> None:
        """What was settled is left to a person; or the other way round, and what they decided stands."""
        if not judged.is_open:
            self.alike(judged.claim)
            return
        self.open.add(judged.claim.total_pence, answer["total_pence"])
        for line in answer["lines"]:
            if line["outcome"] == NEEDS_PERSON and line["reasons"]:
                _count(self.open_reasons, f"{line['name']}: {line['reasons'][-1]['text']}")

    def _moves(self, claim: PastClaim, before: Mapping[str, Any], answer: dict[str, Any], shift: int) -> None:
        # A person may have decided a sum for an open line: it stands, whatever the settled lines come to.
        total = claim.total_pence + shift
        self.moved += 1
        self.all.add(claim.total_pence, total)
        self._activity(claim).add(claim.total_pence, total)
        person = self.people.setdefault(claim.person, _Person())
        person.add(claim.total_pence, total)
        for old, new in zip(before["lines"], answer["lines"], strict=False):
            change = new["amount_pence"] - old["amount_pence"]
            if change:
                person.because((new["name"], _clause(new)), change, _because(old, new))

    def _activity(self, claim: PastClaim) -> _Sums:
        key = str(claim.facts.get("activity", ""))
        return self.activities.setdefault(key, _Sums())

    def answer(self) -> dict[str, Any]:
        """Everything that was counted, as JSON: pence, and people by their ids."""
        nets = {person: sums.after - sums.before for person, sums in self.people.items()}
        gains = [net for net in nets.values() if net > 0]
        losses = [net for net in nets.values() if net < 0]
        shown = heapq.nsmallest(
            PEOPLE_SHOWN, self.people.items(), key=lambda row: (-abs(nets[row[0]]), row[0])
        )
        return {
            **self.all.to_json(),
            "moved": self.moved,
            "winners": {"people": len(gains), "pence": sum(gains)},
            "losers": {"people": len(losses), "pence": sum(losses)},
            "people": [_person(key, sums) for key, sums in sorted(shown, key=lambda row: nets[row[0]])],
            "people_not_listed": len(self.people) - len(shown),
            "activities": [self._named(key, sums) for key, sums in sorted(self.activities.items())],
            "left_to_a_person": _left(self.open, self.open_reasons),
            "not_read": _left(self.unread, self.unread_reasons),
        }

    def _named(self, key: str, sums: _Sums) -> dict[str, Any]:
        known = self.draft.tree.activities.get(key)
        return {"activity": key, "name": known.name if known else key, **sums.to_json()}


def _person(key: str, sums: _Person) -> dict[str, Any]:
    rows = sorted(sums.reasons.items(), key=lambda row: -abs(row[1][0]))[:REASONS_EACH]
    reasons = [
        {"line": line, "clause": clause, "difference_pence": pence, "text": text}
        for (line, clause), (pence, text) in rows
    ]
    return {"person": key, **sums.to_json(), "reasons": reasons}


def _left(sums: _Sums, reasons: Mapping[str, int]) -> dict[str, Any]:
    rows = sorted(reasons.items(), key=lambda row: (-row[1], row[0]))
    return {
        "claims": sums.claims,
        "before_pence": sums.before,
        "reasons": [{"text": text, "claims": count} for text, count in rows],
    }


def _count(reasons: dict[str, int], text: str) -> None:
    if text in reasons or len(reasons) < REASONS_ALL:
        reasons[text] = reasons.get(text, 0) + 1


def _clause(line: Mapping[str, Any]) -> str:
    return str(line["reasons"][-1]["clause"]) if line["reasons"] else ""


def _because(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """`Bus or tram: £4.10 instead of £5.00. We pay bus fares up to £4.10.`"""
    said = " ".join(reason["text"] for reason in new["reasons"])
    return f"{new['name']}: {money(new['amount_pence'])} instead of {money(old['amount_pence'])}. {said}"
