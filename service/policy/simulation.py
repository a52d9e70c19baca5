"""What would a draft have paid for claims of the past? Sums, who gains, who loses, and why. Pure.

Claims come one by one and only totals are kept, so any number of them fits. A claim from before the draft's
first day is judged by the rules of that first day: the question is what the draft's rules would have paid.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.policy.engine import Policy
from service.policy.faults import FactFault, FactFaults
from service.policy.figures import of_this_policy
from service.policy.steps import NEEDS_PERSON as OPEN
from service.policy.wording import money

NEEDS_PERSON = "needs_person"
REASONS_EACH = 3
REASONS_ALL = 20
PEOPLE_SHOWN = 200

# A stored claim: person, offer or None, fee and costs in pence, the version that judged it, its day and its
# facts as JSON; then what its assessment came to: outcome, sum, and the pence of each line as JSON.
Row = tuple[str, str | None, int, int, str, str, str, str, int, str]
State = dict[str, Any]


@dataclass(slots=True)
class _Sums:
    """Claims with what they came to, and what they would come to."""

    claims: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        self.claims += 1
        self.before += before
        self.after += after

    def take(self, other: Iterable[int]) -> None:
        claims, before, after = other
        self.claims += claims
        self.before += before
        self.after += after

    def state(self) -> list[int]:
        return [self.claims, self.before, self.after]

    def to_json(self) -> dict[str, int]:
        return {
            "claims": self.claims,
            "before_pence": self.before,
            "after_pence": self.after,
            "difference_pence": self.after - self.before,
        }


@dataclass(slots=True)
class _Person(_Sums):
    """One person whose claims move, and the reasons: (line, clause) → (pence, sentence)."""

    reasons: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def because(self, key: tuple[str, str], pence: int, text: object) -> None:
        known = self.reasons.get(key)
        if known is not None:
            self.reasons[key] = (pence + known[0], known[1])
        elif len(self.reasons) < REASONS_ALL:
            self.reasons[key] = (pence, str(text))


class _Change:
    """One line of a claim that comes to another sum, under the name and clause that it counts for."""

    __slots__ = ("key", "line", "old_pence", "pence")

    def __init__(self, old_pence: int, line: Mapping[str, Any]) -> None:
        self.old_pence, self.line = old_pence, line
        self.pence = int(line["amount_pence"]) - old_pence
        self.key = (line["name"], str(line["reasons"][-1]["clause"]) if line["reasons"] else "")

    def __str__(self) -> str:
        """`Bus or tram: £4.10 instead of £5.00. We pay bus fares up to £4.10.`"""
        line = self.line
        said = " ".join(reason["text"] for reason in line["reasons"])
        return f"{line['name']}: {money(line['amount_pence'])} instead of {money(self.old_pence)}. {said}"


class _Said:
    """What the draft says to some facts. People at one session have the same ones, so it is asked once.

    `fault` says why it cannot be asked. The trace is made only when somebody needs it.
    """

    __slots__ = ("_answer", "_changes", "_rules", "activity", "costs", "facts", "fault", "fee", "open")

    def __init__(self, rules: Policy, facts: Mapping[str, Any], activity: _Sums) -> None:
        self._rules, self.facts, self.activity = rules, of_this_policy(facts, rules), activity
        self._answer: dict[str, Any] | None = None
        self._changes: dict[str, list[_Change]] = {}
        self.fault: FactFault | None = None
        self.open, self.fee, self.costs = False, 0, 0
        try:
            outcome, self.fee, self.costs = rules.totals(self.facts)
            self.open = outcome == OPEN
        except FactFaults as error:
            self.fault = error.errors[0]

    @property
    def answer(self) -> dict[str, Any]:
        """The whole answer, with its lines and their reasons."""
        if self._answer is None:
            self._answer = self._rules.assess(self.facts)
        return self._answer

    def changes(self, old_lines: str) -> list[_Change]:
        """The lines that come to other sums than these, a list of pence as JSON."""
        found = self._changes.get(old_lines)
        if found is None:
            pairs = zip(json.loads(old_lines), self.answer["lines"], strict=False)
            found = [_Change(old, line) for old, line in pairs if line["amount_pence"] != old]
            self._changes[old_lines] = found
        return found


def reaching_back(draft: Policy) -> Policy:
    """The draft as if it had always been there: days before its first one go by the rules of that day."""
    return Policy(draft.sources, draft.tree, since=date.min)


class Simulation:
    """The totals of one draft over many claims. Feed it, then ask for the `answer`.

    `promised` says of a version and a day whether an offer under that version had promised its sum, so that
    no other policy pays less.
    """

    def __init__(self, draft: Policy, *, promised: Callable[[str, str], bool]) -> None:
        self.draft = draft
        self._rules, self._promised = reaching_back(draft), promised
        self.moved = 0
        self.people: dict[str, _Person] = {}
        self.activities: dict[str, _Sums] = {}
        self.open, self.unread = _Sums(), _Sums()
        self.open_reasons: dict[str, int] = {}
        self.unread_reasons: dict[str, int] = {}
        # The same without a word that anybody wrote: for whoever may not see behind a council's walls.
        self.open_rules: dict[str, int] = {}
        self.unread_places: dict[str, int] = {}

    def take(self, rows: Sequence[Row]) -> None:
        """Judge these claims by the draft, and count them."""
        known = self._ask(list(dict.fromkeys(row[6] for row in rows)))
        for row in rows:
            said = known[row[6]]
            fee, costs = row[2], row[3]
            if said.fee == fee and said.costs == costs and not said.open and said.fault is None:
                said.activity.add(fee + costs, fee + costs)
            else:
                self._differs(row, said)

    def _ask(self, texts: list[str]) -> dict[str, _Said]:
        facts = json.loads(f"[{','.join(texts)}]")
        return {
            text: _Said(self._rules, one, self._activity(one)) for text, one in zip(texts, facts, strict=True)
        }

    def _activity(self, facts: Mapping[str, Any]) -> _Sums:
        key = str(facts.get("activity", ""))
        found = self.activities.get(key)
        if found is None:
            found = self.activities[key] = _Sums()
        return found

    def _differs(self, row: Row, said: _Said) -> None:
        """Counts a claim that does not plainly come to the same."""
        person, offer, fee, costs, version, day, _, outcome, old_total, old_lines = row
        total = fee + costs
        if said.fault is not None:
            self.unread.add(total, 0)
            _count(self.unread_reasons, said.fault.detail)
            _count(self.unread_places, said.fault.pointer.rpartition("/")[2])
            return
        if said.open != (outcome == NEEDS_PERSON):
            self._turns(total, said)
            return
        shift = said.fee + said.costs - old_total
        if shift == 0 or (shift < 0 and offer is not None and self._promised(version, day)):
            said.activity.add(total, total)
            return
        # A person may have decided a sum for an open line: it stands, whatever the settled lines come to.
        self.moved += 1
        said.activity.add(total, total + shift)
        sums = self.people.get(person)
        if sums is None:
            sums = self.people[person] = _Person()
        sums.add(total, total + shift)
        for change in said.changes(old_lines):
            sums.because(change.key, change.pence, change)

    def _turns(self, total: int, said: _Said) -> None:
        """What was settled is left to a person; or the other way round, and what they decided stands."""
        if not said.open:
            said.activity.add(total, total)
            return
        self.open.add(total, said.fee + said.costs)
        for line in said.answer["lines"]:
            if line["outcome"] == NEEDS_PERSON and line["reasons"]:
                _count(self.open_reasons, f"{line['name']}: {line['reasons'][-1]['text']}")
                _count(self.open_rules, str(line["reasons"][-1]["rule"]))

    # Counted in parts

    def state(self) -> State:
        """Everything that was counted so far, as JSON: another simulation of the same draft can `add` it."""
        return {
            "moved": self.moved,
            "people": {
                person: [sums.state(), [[*key, *why] for key, why in sums.reasons.items()]]
                for person, sums in self.people.items()
            },
            "activities": {key: sums.state() for key, sums in self.activities.items()},
            "open": self.open.state(),
            "unread": self.unread.state(),
            "counts": [*self._counts()],
        }

    def add(self, state: State) -> None:
        """Count what another simulation of this draft counted, as if its claims came after ours."""
        self.moved += state["moved"]
        for person, (counted, reasons) in state["people"].items():
            sums = self.people.get(person)
            if sums is None:
                sums = self.people[person] = _Person()
            sums.take(counted)
            for name, clause, pence, text in reasons:
                sums.because((name, clause), pence, text)
        for key, counted in state["activities"].items():
            self._activity({"activity": key}).take(counted)
        self.open.take(state["open"])
        self.unread.take(state["unread"])
        for mine, theirs in zip(self._counts(), state["counts"], strict=True):
            for text, count in theirs.items():
                _count(mine, text, count)

    def _counts(self) -> tuple[dict[str, int], ...]:
        return self.open_reasons, self.unread_reasons, self.open_rules, self.unread_places

    def answer(self) -> dict[str, Any]:
        """Everything that was counted, as JSON: pence, and people by their ids."""
        whole = _Sums()
        for counted in self.activities.values():
            whole.take(counted.state())
        nets = {person: sums.after - sums.before for person, sums in self.people.items()}
        gains = [net for net in nets.values() if net > 0]
        losses = [net for net in nets.values() if net < 0]
        shown = heapq.nsmallest(
            PEOPLE_SHOWN, self.people.items(), key=lambda row: (-abs(nets[row[0]]), row[0])
        )
        return {
            **whole.to_json(),
            "moved": self.moved,
            "winners": {"people": len(gains), "pence": sum(gains)},
            "losers": {"people": len(losses), "pence": sum(losses)},
            "people": [_person(key, sums) for key, sums in sorted(shown, key=lambda row: nets[row[0]])],
            "people_not_listed": len(self.people) - len(shown),
            "activities": [
                self._named(key, sums) for key, sums in sorted(self.activities.items()) if sums.claims
            ],
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


def _count(reasons: dict[str, int], text: str, count: int = 1) -> None:
    if text in reasons or len(reasons) < REASONS_ALL:
        reasons[text] = reasons.get(text, 0) + count
