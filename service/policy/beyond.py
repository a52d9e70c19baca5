"""What changes a claim once each line has its answer? Limits, the wage floor, routes, advances, rounding.

None of it touches a policy that says nothing of the kind. Costs of access are never counted towards a
limit and never lowered by one, so that asking for one cannot cost anybody anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.policy import wording
from service.policy.facts import USED, WORKERS, Facts, inner, whole
from service.policy.model import FromFact, Limit, Tree, Undecided
from service.policy.plan import Plan, Reason
from service.policy.rounding import round_share
from service.policy.steps import NEEDS_PERSON, NOT_PAYABLE, OUTCOMES, PAYABLE
from service.policy.walking import Walk

Line = dict[str, Any]
WORK = (
    "minutes",
    "preparation_minutes",
    "training_minutes",
    "correspondence_minutes",
    "administration_minutes",
)
UNIT = {
    "fee": "pence",
    "expenses": "pence",
    "total": "pence",
    "hours": "minutes",
    "miles": "tenths of a mile",
    "days": "days",
    "activities": "count",
    "times": "count",
}
PERIOD = {"week": "this week", "month": "this month", "quarter": "this quarter", "tax year": "this tax year"}


def said(reason: Reason, more: str = "", figures: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A reason of the answer, with its working."""
    return {
        "clause": reason.clause,
        "rule": reason.rule,
        "text": reason.text + more,
        "figures": dict(figures or {}),
    }


def turn(line: Line, outcome: int, reason: dict[str, Any]) -> None:
    """Adds a reason, and settles a payable line otherwise."""
    line["reasons"].append(reason)
    if line["outcome"] == OUTCOMES[PAYABLE]:
        line["outcome"], line["amount_pence"] = OUTCOMES[outcome], 0


class Beyond:
    """One claim's lines, looked at together."""

    def __init__(self, tree: Tree, plan: Plan, facts: Facts, fees: list[Line], costs: list[Line]) -> None:
        self.tree = tree
        self.plan = plan.beyond
        self.vocabulary = plan.vocabulary
        self.claim = facts.claim
        self.fees, self.costs = fees, costs
        self.parts = list(zip(fees, facts.contributions, strict=False))
        self.spent = list(zip(costs, facts.expenses, strict=False))
        self.reasons: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.route = ""
        self.lifted = False

    def apply(self) -> None:
        """Everything in its order: the floor, the limits, the rounding of the whole, the route."""
        self._worker_floor()
        lifts = self.tree.hardship is not None and bool(self.claim.get("hardship"))
        for limit, at_most, reason in self.plan.limits:
            self._limit(limit, at_most, reason, lifts=lifts and "limits" in self.tree.hardship.lifts)  # type: ignore[union-attr]
        if lifts and self.plan.hardship is not None:
            self.lifted = True
            self.reasons.append(said(self.plan.hardship, f" The reason given is: {self.claim['hardship']}"))
        if self.plan.rounding is not None:
            self._round(self.fees)
            self._round(self.costs)
        self._routes()

    # The wage floor of workers

    def _worker_floor(self) -> None:
        """Whoever is a worker in law gets the wage floor for the time worked, whatever they choose."""
        if self.claim.get("status") not in WORKERS or "notice_hours" in self.claim:
            return
        rule = Reason(
            "wage floor", "wage_floor", "A worker is paid at least the wage floor, whatever they choose."
        )
        for line, part in self.parts:
            if line["outcome"] != OUTCOMES[PAYABLE]:
                continue
            minutes = sum(part.get(name) or 0 for name in WORK)
            chose_less = "accept_pence" in self.claim
            if self.plan.floor is None or (not minutes and chose_less):
                gap = " The policy names no floor." if minutes else " The time worked is not known."
                if chose_less:
                    turn(line, NEEDS_PERSON, said(rule, gap))
                continue
            least = -(-self.plan.floor * minutes // 60)
            if line["amount_pence"] < least:
                words = f" For {wording.time(minutes)} that is {wording.money(least)}."
                figures = {"minutes": minutes, "floor_pence": self.plan.floor, "amount_pence": least}
                line["amount_pence"] = least
                line["reasons"].append(said(rule, words, figures))

    # Limits

    def _limit(
        self, limit: Limit, at_most: int | Undecided | FromFact, reason: Reason, *, lifts: bool
    ) -> None:
        if limit.activities and not {line["category"] for line in self.fees} & set(limit.activities):
            return
        counter = self.tree.counters.get(limit.counter)
        only = counter.activities if counter else ()
        categories = counter.categories if counter else limit.categories
        lines = self._counted(limit.counts, only, categories)
        amount = self._measure(limit.counts, lines)
        if not amount:
            return
        if isinstance(at_most, FromFact):
            known = inner(self.vocabulary.claim.get(at_most.name), self.claim.get(at_most.name))
            at_most = Undecided("the sum to compare with is not known.") if known is None else int(known)
        if isinstance(at_most, Undecided):
            for line in lines:
                turn(line, NEEDS_PERSON, said(reason, f" The policy leaves this open: {at_most.why}"))
            return
        kind = self.vocabulary.counters.get(limit.counter)
        used = inner(kind, self.claim.get(USED + limit.counter)) or 0
        if used + amount <= at_most:
            return
        unit = UNIT[limit.counts]
        period = f" {PERIOD.get(counter.each, '')}".rstrip() if counter else ""
        words = f" With this it would be {wording.words(used + amount, unit)}{period}."
        figures = {"used": used, "this_claim": amount, "at_most": at_most}
        if lifts:
            self.reasons.append(said(reason, words, figures))
        else:
            self._past(limit, lines, max(at_most - used, 0), said(reason, words, figures))

    def _past(self, limit: Limit, lines: list[Line], left: int, reason: dict[str, Any]) -> None:
        if limit.beyond.startswith("route "):
            self.route = limit.beyond.removeprefix("route ")
            self.reasons.append(reason)
        elif limit.beyond == "warn":
            code = limit.rule.key.removeprefix("limits.")
            self.warnings.append({"code": code, "clause": reason["clause"], "text": reason["text"]})
        elif limit.beyond == "part":
            for line in lines:
                before = line["amount_pence"]
                paid = min(before, left)
                left -= paid
                if paid == before:
                    continue
                figures = {**reason["figures"], "before_pence": before, "amount_pence": paid}
                line["reasons"].append({**reason, "figures": figures})
                line["amount_pence"] = paid
                if not paid:
                    line["outcome"] = OUTCOMES[NOT_PAYABLE]
        else:
            outcome = NEEDS_PERSON if limit.beyond == "needs_person" else NOT_PAYABLE
            for line in lines:
                turn(line, outcome, dict(reason))

    def _counted(self, counts: str, activities: tuple[str, ...], categories: tuple[str, ...]) -> list[Line]:
        """The payable lines that a limit looks at; never a cost of access."""
        fees = [line for line in self.fees if not activities or line["category"] in activities]
        costs = [
            line
            for line in self.costs
            if not self.tree.expenses[line["category"]].access
            and (not categories or line["category"] in categories)
        ]
        if counts in ("fee", "hours", "activities", "days"):
            costs = []
        elif counts in ("expenses", "miles") or (counts == "times" and categories):
            fees = []
        return [line for line in fees + costs if line["outcome"] == OUTCOMES[PAYABLE]]

    def _measure(self, counts: str, lines: list[Line]) -> int:
        """What these lines add to a count."""
        paid = [line for line in lines if line["amount_pence"]]
        if counts in ("fee", "expenses", "total"):
            return sum(line["amount_pence"] for line in paid)
        if counts in ("activities", "times"):
            return int(bool(paid))
        chosen = {id(line) for line in paid}
        if counts == "miles":
            return sum(whole(cost.get("miles") or 0, 10) for line, cost in self.spent if id(line) in chosen)
        if counts == "days":
            return max((part.get("days") or 1 for line, part in self.parts if id(line) in chosen), default=0)
        return sum(counted_minutes(line, part) for line, part in self.parts if id(line) in chosen)

    def uses(self) -> dict[str, int]:
        """What this claim adds to each counter, in the counter's inner unit."""
        return {
            key: self._measure(one.counts, self._counted(one.counts, one.activities, one.categories))
            for key, one in self.tree.counters.items()
        }

    # The whole

    def _round(self, lines: list[Line]) -> None:
        """The sum of the lines to the stated step; the last line carries the difference."""
        rounding, reason = self.tree.rounding, self.plan.rounding
        paid = [line for line in lines if line["amount_pence"]]
        if rounding is None or reason is None or not paid:
            return
        total = sum(line["amount_pence"] for line in paid)
        whole = round_share(total, 1, rounding.step, rounding.direction)
        last = paid[-1]["amount_pence"]
        more = max(min(whole - total, paid[-1].get("claimed_pence", whole) - last), -last)
        if more:
            paid[-1]["amount_pence"] += more
            if not paid[-1]["amount_pence"]:
                paid[-1]["outcome"] = OUTCOMES[NOT_PAYABLE]
            words = f" Together it was {wording.money(total)}, so it is {wording.money(total + more)}."
            figures = {"before_pence": total, "amount_pence": total + more}
            paid[-1]["reasons"].append(said(reason, words, figures))

    def _routes(self) -> None:
        part = self.parts[0][1] if self.parts else self.claim
        walk = Walk(self.claim, part, self.vocabulary)
        for tests, route, reason in self.plan.routes:
            if all(walk.holds(test) for test in tests):
                self.route = route
                self.reasons.append(said(reason))
                break
        method, other = self.claim.get("method"), self.plan.other_ways
        if method is not None and method not in self.tree.methods:
            named = self.tree.elsewhere.get(method)
            plain = Reason("not stated", "payment.other_ways", "This policy names the ways to be paid.")
            ways = ", ".join(self.tree.methods.values())
            words = f" {named}" if named else f" {method} is not one of them. You can choose: {ways}."
            self.reasons.append(said(other or plain, words))

    def more(self) -> dict[str, Any]:
        """What is only in an answer that needs it: counters, what an advance leaves due, and the payer."""
        found: dict[str, Any] = {}
        if self.tree.counters:
            found["uses"] = self.uses()
        payer = self.tree.payers.get(self.claim.get("payer", ""))
        if payer is not None:
            found["payer"] = {"key": payer.key, "name": payer.name, "contact": payer.contact}
        given = self.claim.get("advance_pence")
        if given and self.plan.advance is not None:
            most, reason = self.plan.advance
            total = sum(line["amount_pence"] for line in self.fees + self.costs)
            due, back = max(total - given, 0), max(given - total, 0)
            words = f" You had {wording.money(given)} beforehand, so {wording.money(due)} is still due"
            words += f", and {wording.money(back)} comes back to us." if back else "."
            if most is not None and given > most:
                words += f" That was more than the {wording.money(most)} that may be handed over."
            self.reasons.append(said(reason, words, {"advance_pence": given, "due_pence": due}))
            found["advance"] = {"advance_pence": given, "due_pence": due, "to_return_pence": back}
        return found


def counted_minutes(line: Line, part: Mapping[str, Any]) -> int:
    """The time that a fee was worked out from: what its reasons say, else the time taking part."""
    told = [one["figures"]["minutes"] for one in line["reasons"] if "minutes" in one["figures"]]
    return int(told[-1]) if told else int(part.get("minutes") or 0)
