"""How do the answers for each line make the answer for the whole claim?

The same frame stands around the printed functions and the reference walker. It asks a function for each line,
then settles several contributions, the person's own choice of less, the sums, the route and the promised day.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Mapping
from datetime import date
from typing import Any

from service.days import add_working_days
from service.policy import wording
from service.policy.beyond import Beyond, counted_minutes
from service.policy.beyond import said as _said
from service.policy.beyond import turn as _turn
from service.policy.facts import DAY, Facts, Vocabulary, whole
from service.policy.faults import FactFault, FactFaults
from service.policy.lines import settle
from service.policy.model import Tree
from service.policy.plan import Plan, Reason
from service.policy.printed import Printed
from service.policy.printing import Trace
from service.policy.steps import NEEDS_PERSON, NOT_PAYABLE, OUTCOMES, PAYABLE
from service.policy.straight import Straight

Line = dict[str, Any]
AUTOMATIC = "automatic"
KEPT_PROMISES = 10_000
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
        self._steps = self._approval_steps(automatic=True)
        self._open_steps = self._approval_steps(automatic=False)
        self.only_role = {
            key: next(iter(one.pays)) for key, one in tree.activities.items() if len(one.pays) == 1
        }
        self._promised: dict[tuple[str, str | None], tuple[str, dict[str, Any]]] = {}
        self._starts: dict[tuple[str, str], Line] = {}
        self._cost_starts: dict[str, Line] = {
            key: {"kind": "expense", "category": key, "name": one.name, "nature": one.nature}
            for key, one in tree.expenses.items()
        }
        self.straight = Straight(self)

    def assess(self, facts: Facts) -> dict[str, Any]:
        """The assessment without its stamp (facts, policy and engine version)."""
        self.check(facts)
        fees = self._fees(facts) if facts.claim.get("fee", True) else []
        costs = self._expenses(facts)
        reasons: list[dict[str, Any]] = []
        self.choice(facts.claim, fees)
        beyond = self._beyond(facts, fees, costs)
        if beyond is not None:
            beyond.apply()
            reasons += beyond.reasons
        fee, expenses = _sum(fees), _sum(costs)
        lines = fees + costs
        outcome = _whole(lines, fee + expenses)
        approval, because = self.approved_by(self.approval_step(outcome, fee + expenses))
        reasons += because
        answer = {
            "outcome": OUTCOMES[outcome],
            "fee_pence": fee,
            "expenses_pence": expenses,
            "total_pence": fee + expenses,
            "field": self.field(facts.contributions[0]["activity"]),
            "lines": lines,
            "warnings": self._warnings(facts.claim, fee, expenses),
            "approval_route": approval,
            "payment_route": self.route(facts.claim, fee, reasons),
            "pay_by": self.pay_by(facts.claim, outcome, fee + expenses, reasons),
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
            mark, pence, trace = self.judges.fees[activity.key, part["role"]](facts.claim, part)
            line = self.fee_line(part, mark, pence, trace, at)
            found.append(line)
            if counter and not mark:
                before[counter] = before.get(counter, 0) + counted_minutes(line, part)
        if len(found) > 1:
            self.several(found)
        return found

    def fee_line(self, part: Mapping[str, Any], mark: int, pence: int, trace: Trace, at: str) -> Line:
        """What the rules said to one contribution, in words."""
        role = part.get("role") or self.only_role[part["activity"]]
        return settle(self._fee_start(part["activity"], role), mark, pence, trace, at)

    def _fee_start(self, activity: str, role: str) -> Line:
        """How every line for this activity and role begins."""
        found = self._starts.get((activity, role))
        if found is None:
            one = self.tree.activities[activity]
            fee = self.tree.fees.get(one.pays.get(role, ""))
            found = self._starts[activity, role] = {
                "kind": "fee",
                "category": one.key,
                "name": one.name,
                "role": role,
                "role_name": self.tree.roles[role],
                "nature": fee.nature if fee else "fee",
                "field": one.field,
            }
        return found

    def several(self, lines: list[Line]) -> None:
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
            if key in seen:
                cost = {**cost, "_again": True}
            counter = stepped.get(f"expenses.{key}") if stepped else None
            if counter:
                cost = {**cost, "_before": before.get(counter, 0)}
            mark, pence, trace = self.judges.expenses[key](facts.claim, cost)
            if not mark:
                seen.add(key)
                if counter:
                    before[counter] = before.get(counter, 0) + whole(cost["miles"], 10)
            found.append(self.expense_line(cost, mark, pence, trace, f"/expenses/{index}"))
        return found

    def expense_line(self, cost: Mapping[str, Any], mark: int, pence: int, trace: Trace, at: str) -> Line:
        """What the rules said to one cost, in words."""
        settled = settle(self._cost_starts[cost["category"]], mark, pence, trace, at)
        if cost.get("amount_pence") is not None:
            settled["claimed_pence"] = cost["amount_pence"]
        return settled

    # The whole

    def choice(self, claim: Mapping[str, Any], fees: list[Line]) -> None:
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
            field = activity.field if activity else "none"
            trace = self.judges.warnings(claim, field, fee, expenses, fee + expenses)
            found = [entry[0](entry, "") for entry in trace]
        return found + self.overdue(claim["on"])

    def overdue(self, on: str) -> list[dict[str, Any]]:
        """The warning that the policy should have been looked at again before that day."""
        review_by = self.tree.header.review_by
        if not review_by or DAY[on] <= review_by:
            return []
        text = f"This policy was due to be looked at again by {wording.day(review_by)}. It still holds."
        return [{"code": "review_by_passed", "clause": "policy", "text": text}]

    def field(self, activity: str) -> str:
        """The field of involvement that an activity belongs to."""
        return self.tree.activities[activity].field

    def approval_step(self, outcome: int, total: int) -> int:
        """Which step of the approval counts for an outcome and a sum in pence; -1 when there is none."""
        limits, steps = self._open_steps if outcome == NEEDS_PERSON else self._steps
        return steps[bisect.bisect_left(limits, total)]

    def _approval_steps(self, *, automatic: bool) -> tuple[list[int], list[int]]:
        """The limits of the steps, smallest first, and the step of each; then those without, and none."""
        rows = [
            (limit, index)
            for index, (limit, who, _) in enumerate(self.plan.approval)
            if automatic or who != (AUTOMATIC,)
        ]
        return [limit for limit, _ in rows if limit is not None], [*(index for _, index in rows), -1]

    def approved_by(self, step: int) -> tuple[str | list[str], list[dict[str, Any]]]:
        """The route of a step, and its reason."""
        if step < 0:
            return ["approver"], []
        _, who, reason = self.plan.approval[step]
        return AUTOMATIC if who == (AUTOMATIC,) else list(who), [_said(reason)]

    def route(self, claim: Mapping[str, Any], fee: int, reasons: list[dict[str, Any]]) -> str:
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

    def pay_by(
        self, claim: Mapping[str, Any], outcome: int, total: int, reasons: list[dict[str, Any]]
    ) -> str | None:
        """The promised day, counted from the claim, or from the activity when none is made yet."""
        if self.plan.promise is None or (not total and outcome != NEEDS_PERSON):
            return None
        start = max(claim.get("claimed_on") or claim["on"], claim["on"])
        key = (start, claim.get("nation"))
        found = self._promised.get(key)
        if found is None:
            found = self.promised(*key)
            if len(self._promised) < KEPT_PROMISES:
                self._promised[key] = found
        reasons.append({**found[1], "figures": {}})
        return found[0]

    def promised(self, start: str, nation: str | None) -> tuple[str, dict[str, Any]]:
        """The day promised for a claim of that day, and the reason, where the policy promises one."""
        if self.plan.promise is None:
            raise LookupError("This policy promises no day.")
        count, unit, reason = self.plan.promise
        first = DAY[start]
        if self.tree.promise is not None and self.tree.promise.from_quarter_end:
            first = wording.quarter_end(first)
        if unit == "working days":
            day = _working_days_after(first, count, nation or self.tree.header.nation)
        else:
            day = wording.later(first, count, unit)
        return day.isoformat(), _said(reason, f" That is by {wording.day(day)}.")


@functools.lru_cache(maxsize=4096)
def _working_days_after(start: date, count: int, nation: str) -> date:
    return add_working_days(start, count, nation=nation)


def _sum(lines: list[Line]) -> int:
    return sum(line["amount_pence"] for line in lines)


def _whole(lines: list[Line], total: int) -> int:
    if any(line["outcome"] == OUTCOMES[NEEDS_PERSON] for line in lines):
        return NEEDS_PERSON
    return PAYABLE if total else NOT_PAYABLE
