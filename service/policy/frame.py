"""How do the answers for each line make the answer for the whole claim?

The same frame stands around the printed functions and the reference walker. It asks a function for each line,
then settles several contributions, the person's own choice of less, the sums, the route and the promised day.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any

from service.days import add_working_days
from service.policy import wording
from service.policy.beyond import Beyond, counted_minutes
from service.policy.beyond import said as _said
from service.policy.beyond import turn as _turn
from service.policy.facts import Facts, Vocabulary
from service.policy.faults import FactFault, FactFaults
from service.policy.model import Tree
from service.policy.plan import Plan, Reason
from service.policy.printing import Printed
from service.policy.steps import NEEDS_PERSON, NOT_PAYABLE, OUTCOMES, PAYABLE

Line = dict[str, Any]
AUTOMATIC = "automatic"
UNSTATED_CHOICE = Reason("not stated", "choice", "You may always ask for less, or for nothing.")


class Frame:
    """One day's judges with what surrounds them."""

    def __init__(self, tree: Tree, vocabulary: Vocabulary, plan: Plan, judges: Printed) -> None:
        self.tree = tree
        self.vocabulary = vocabulary
        self.plan = plan
        self.judges = judges
        self.looks_beyond = bool(
            plan.beyond.limits
            or plan.beyond.routes
            or plan.beyond.hardship
            or plan.beyond.advance
            or plan.beyond.rounding
            or tree.counters
            or tree.payers
        )
        self.by_role = any(one.roles and one.applies_to != "fee" for one in tree.eligibility)

    def assess(self, facts: Facts) -> dict[str, Any]:
        """The assessment without its stamp (facts, policy and engine version)."""
        self.check(facts)
        fees = self._fees(facts) if facts.claim.get("fee", True) else []
        costs = self._expenses(facts)
        reasons: list[dict[str, Any]] = []
        self._choice(facts.claim, fees)
        beyond = self._beyond(facts, fees, costs)
        if beyond is not None:
            beyond.apply()
            reasons += beyond.reasons
        fee, expenses = _sum(fees), _sum(costs)
        lines = fees + costs
        outcome = _whole(lines, fee + expenses)
        answer = {
            "outcome": outcome,
            "fee_pence": fee,
            "expenses_pence": expenses,
            "total_pence": fee + expenses,
            "field": self.tree.activities[facts.contributions[0]["activity"]].field,
            "lines": lines,
            "warnings": self._warnings(facts.claim, fee, expenses),
            "approval_route": self._approval(outcome, fee + expenses, reasons),
            "payment_route": self._route(facts.claim, fee, reasons),
            "pay_by": self._pay_by(facts.claim, outcome, fee + expenses, reasons),
            "reasons": reasons,
        }
        return answer if beyond is None else self._with(answer, beyond)

    def _beyond(self, facts: Facts, fees: list[Line], costs: list[Line]) -> Beyond | None:
        """The lines looked at together, where the policy or the claim asks for it."""
        if self.looks_beyond or "status" in facts.claim or "method" in facts.claim:
            return Beyond(self.tree, self.plan, facts, fees, costs)
        return None

    def _with(self, answer: dict[str, Any], beyond: Beyond) -> dict[str, Any]:
        """The answer with what was settled beyond its lines. New keys stand last, and only where used."""
        beyond.reasons.clear()
        answer["warnings"] += beyond.warnings
        if beyond.route and answer["payment_route"] != "charity":
            answer["payment_route"] = beyond.route
        if beyond.lifted and self.tree.hardship is not None:
            answer["approval_route"] = list(self.tree.hardship.who)
        answer |= beyond.more()
        answer["reasons"] += beyond.reasons
        return answer

    # What must be known

    def check(self, facts: Facts) -> None:
        """Names must exist, and the measures that a rule needs must be there. Fills in an only role."""
        faults: list[FactFault] = []
        for index, line in enumerate(facts.contributions):
            at = f"/contributions/{index}" if facts.several else ""
            self._check_contribution(line, at, faults, bool(facts.claim.get("fee", True)))
        if facts.several and "activity" not in facts.claim and not faults:
            facts.claim["activity"] = facts.contributions[0]["activity"]
        for index, line in enumerate(facts.expenses):
            self._check_expense(line, f"/expenses/{index}", faults)
        if faults:
            raise FactFaults(faults)

    def _check_contribution(self, line: Line, at: str, faults: list[FactFault], paid: bool) -> None:
        activities, roles = self.tree.activities, self.tree.roles
        activity = activities.get(line.get("activity", ""))
        if activity is None:
            known = ", ".join(activities)
            faults.append(
                FactFault(f"{at}/activity", f"This policy has no such activity. It knows: {known}.")
            )
            return
        if "role" not in line and len(activity.pays) == 1:
            line["role"] = next(iter(activity.pays))
        if line.get("role") not in roles:
            if "role" in line or paid or self.by_role:
                known = ", ".join(activity.pays)
                faults.append(
                    FactFault(f"{at}/role", f"Say which role the person had. Here it can be: {known}.")
                )
            return
        needs = self.plan.fee_needs[activity.key, line["role"]] if paid else ()
        ask = self.vocabulary.claim
        faults.extend(FactFault(f"{at}/{name}", ask[name].ask) for name in needs if name not in line)

    def _check_expense(self, line: Line, at: str, faults: list[FactFault]) -> None:
        key = str(line.get("category"))
        if key not in self.plan.expenses:
            known = ", ".join(self.plan.expenses)
            faults.append(
                FactFault(f"{at}/category", f"This policy has no such kind of cost. It knows: {known}.")
            )
            return
        ask = self.vocabulary.expense
        needs = self.plan.expense_needs[key]
        faults.extend(FactFault(f"{at}/{name}", ask[name].ask) for name in needs if name not in line)

    # Lines

    def _fees(self, facts: Facts) -> list[Line]:
        found: list[Line] = []
        stepped, before = self.plan.beyond.stepped, dict[str, int]()
        for index, part in enumerate(facts.contributions):
            at = f"/contributions/{index}" if facts.several else ""
            activity = self.tree.activities[part["activity"]]
            counter = stepped.get(f"fees.{activity.pays.get(part['role'])}") if stepped else None
            if counter:
                part = {**part, "_before": before.get(counter, 0)}
            mark, pence, reasons, changes = self.judges.fees[activity.key, part["role"]](
                facts.claim, part, at
            )
            fee = self.tree.fees.get(activity.pays.get(part["role"], ""))
            line: Line = {
                "kind": "fee",
                "category": activity.key,
                "name": activity.name,
                "role": part["role"],
                "role_name": self.tree.roles[part["role"]],
                "nature": fee.nature if fee else "fee",
                "field": activity.field,
            }
            found.append(_settle(line, mark, pence, reasons, changes))
            if counter and not mark:
                before[counter] = before.get(counter, 0) + counted_minutes(line, part)
        if len(found) > 1:
            self._several(found)
        return found

    def _several(self, lines: list[Line]) -> None:
        """Several contributions: all are paid, or the highest, or nobody has said."""
        rule = next(
            (self.plan.several[line["category"]] for line in lines if line["category"] in self.plan.several),
            None,
        )
        if rule is None:
            text = "The policy does not say how several contributions to one activity are paid."
            for line in lines:
                _turn(
                    line,
                    NEEDS_PERSON,
                    {
                        "clause": self.tree.activities[line["category"]].clause,
                        "rule": f"activities.{line['category']}",
                        "text": text,
                        "figures": {},
                    },
                )
            return
        pay, reason = rule
        payable = [line for line in lines if line["outcome"] == OUTCOMES[PAYABLE]]
        if pay == "sum":
            for line in payable:
                line["reasons"].append(_said(reason))
            return
        if any(line["outcome"] == OUTCOMES[NEEDS_PERSON] for line in lines):
            for line in payable:
                _turn(line, NEEDS_PERSON, _said(reason, " A person must settle the others first."))
            return
        highest = max(payable, key=lambda line: line["amount_pence"], default=None)
        for line in payable:
            if line is highest:
                line["reasons"].append(_said(reason))
            else:
                figures = {"amount_pence": line["amount_pence"]}
                _turn(
                    line,
                    NOT_PAYABLE,
                    _said(reason, f" This one is {wording.money(line['amount_pence'])}.", figures),
                )

    def _expenses(self, facts: Facts) -> list[Line]:
        found = []
        seen: set[str] = set()
        stepped, before = self.plan.beyond.stepped, dict[str, int]()
        for index, cost in enumerate(facts.expenses):
            key = cost["category"]
            expense = self.tree.expenses[key]
            if key in seen:
                cost = {**cost, "_again": True}
            counter = stepped.get(f"expenses.{key}") if stepped else None
            if counter:
                cost = {**cost, "_before": before.get(counter, 0)}
            mark, pence, reasons, changes = self.judges.expenses[key](facts.claim, cost, f"/expenses/{index}")
            if not mark:
                seen.add(key)
                if counter:
                    before[counter] = before.get(counter, 0) + cost["miles"]
            line: Line = {"kind": "expense", "category": key, "name": expense.name, "nature": expense.nature}
            settled = _settle(line, mark, pence, reasons, changes)
            if "amount_pence" in cost:
                settled["claimed_pence"] = cost["amount_pence"]
            found.append(settled)
        return found

    # The whole

    def _choice(self, claim: Mapping[str, Any], fees: list[Line]) -> None:
        """The person takes less, or nothing: each line is lowered in turn, never raised."""
        accept = claim.get("accept_pence")
        offered = _sum(fees)
        if accept is None or accept >= offered:
            return
        reason = self.plan.choice or UNSTATED_CHOICE
        left = accept
        for line in fees:
            if line["outcome"] != OUTCOMES[PAYABLE]:
                continue
            before = line["amount_pence"]
            line["amount_pence"] = min(before, left)
            left -= line["amount_pence"]
            chosen = wording.money(line["amount_pence"]) if line["amount_pence"] else "nothing"
            text = f" You chose to take {chosen} of {wording.money(before)}. This was your own choice."
            figures = {"offered_pence": before, "amount_pence": line["amount_pence"]}
            line["reasons"].append(_said(reason, text, figures))

    def _warnings(self, claim: Mapping[str, Any], fee: int, expenses: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        if self.judges.warnings is not None:
            activity = self.tree.activities.get(claim.get("activity", ""))
            known = {**claim, "field": activity.field if activity else "none"}
            found = self.judges.warnings(known, fee, expenses, fee + expenses)
        review_by = self.tree.header.review_by
        if review_by and claim["on"] > review_by:
            text = f"This policy was due to be looked at again by {wording.day(review_by)}. It still holds."
            found.append({"code": "review_by_passed", "clause": "policy", "text": text})
        return found

    def _approval(self, outcome: str, total: int, reasons: list[dict[str, Any]]) -> str | list[str]:
        for limit, who, reason in self.plan.approval:
            if limit is not None and total > limit:
                continue
            if who == (AUTOMATIC,):
                if outcome == OUTCOMES[NEEDS_PERSON]:
                    continue
                reasons.append(_said(reason))
                return AUTOMATIC
            reasons.append(_said(reason))
            return list(who)
        return ["approver"]

    def _route(self, claim: Mapping[str, Any], fee: int, reasons: list[dict[str, Any]]) -> str:
        """Direct, unless the policy says otherwise or the person gives the fee away."""
        if not claim.get("give_to") or not fee:
            return self.tree.route
        reason = self.plan.choice or UNSTATED_CHOICE
        if "charity" not in self.tree.methods:
            reasons.append(
                _said(reason, " The policy does not say that a fee can go to someone else. Please ask.")
            )
            return self.tree.route
        reasons.append(
            _said(reason, " You asked for the fee to go to someone else. This was your own choice.")
        )
        return "charity"

    def _pay_by(
        self, claim: Mapping[str, Any], outcome: str, total: int, reasons: list[dict[str, Any]]
    ) -> str | None:
        """The promised day, counted from the claim, or from the activity when none is made yet."""
        if self.plan.promise is None or (not total and outcome != OUTCOMES[NEEDS_PERSON]):
            return None
        count, unit, reason = self.plan.promise
        start: date = max(claim.get("claimed_on") or claim["on"], claim["on"])
        if self.tree.promise is not None and self.tree.promise.from_quarter_end:
            start = wording.quarter_end(start)
        if unit == "working days":
            day = _working_days_after(start, count, claim.get("nation") or self.tree.header.nation)
        else:
            day = wording.later(start, count, unit)
        reasons.append(_said(reason, f" That is by {wording.day(day)}."))
        return day.isoformat()


@functools.lru_cache(maxsize=4096)
def _working_days_after(start: date, count: int, nation: str) -> date:
    return add_working_days(start, count, nation=nation)


def _settle(line: Line, mark: int, pence: int, reasons: list[Any], changes: list[Any]) -> Line:
    """A line with its outcome. A sum of nothing is not payable, whatever the rule."""
    outcome = mark or (PAYABLE if pence else NOT_PAYABLE)
    line["outcome"] = OUTCOMES[outcome]
    line["amount_pence"] = pence if not mark else 0
    line["reasons"] = reasons
    if changes:
        line["would_change"] = _once(changes)
    return line


def _once(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One change for each fact: the first that was named."""
    found: dict[str, dict[str, Any]] = {}
    for change in changes:
        found.setdefault(change["pointer"], change)
    return list(found.values())


def _sum(lines: list[Line]) -> int:
    return sum(line["amount_pence"] for line in lines)


def _whole(lines: list[Line], total: int) -> str:
    if any(line["outcome"] == OUTCOMES[NEEDS_PERSON] for line in lines):
        return OUTCOMES[NEEDS_PERSON]
    return OUTCOMES[PAYABLE] if total else OUTCOMES[NOT_PAYABLE]
