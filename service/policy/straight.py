"""How is one claim judged when nothing in it needs a second look? The short way through, in one pass.

Most claims are one activity and some costs, under a policy without limits that mount up. They need no words
until somebody reads them: the rules' functions leave a trace of figures, and `Judgement.assessment` says it.
Anything else answers None here, and goes the long way (`Frame.assess`). Both ways give the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service.policy.facts import Unfit
from service.policy.printing import Printed, Trace, print_plan
from service.policy.steps import NEEDS_PERSON, NOT_PAYABLE, OUTCOMES, PAYABLE

if TYPE_CHECKING:
    from service.policy.frame import Frame

# What a person chose, or what looks past one line, goes the long way.
LOOKED_AT_TWICE = frozenset(
    {"accept_pence", "give_to", "status", "method", "hardship", "advance_pence", "payer"}
)
MISFIT = (Unfit, KeyError, TypeError, AttributeError, ValueError)
# A fee's or a cost's facts, its outcome, its sum in pence, and what the rules said.
Row = tuple[Mapping[str, Any], int, int, Trace]


class Judgement:
    """What the rules said to one claim, with the trace they left. `sums` are fee and costs in pence."""

    __slots__ = ("_frame", "_promise", "_step", "_warned", "claim", "costs", "fees", "outcome", "sums")

    def __init__(
        self,
        frame: Frame,
        claim: Mapping[str, Any],
        outcome: int,
        fees: list[Row],
        costs: list[Row],
        sums: tuple[int, int],
        warned: Trace,
        step: int,
        promise: tuple[str, dict[str, Any]] | None,
    ) -> None:
        self._frame, self._warned, self._step, self._promise = frame, warned, step, promise
        self.claim, self.outcome, self.fees, self.costs = claim, outcome, fees, costs
        self.sums = sums

    def assessment(self) -> dict[str, Any]:
        """The assessment without its stamp, as plain JSON."""
        frame = self._frame
        lines = [frame.fee_line(part, mark, pence, trace, "") for part, mark, pence, trace in self.fees]
        for index, (cost, mark, pence, trace) in enumerate(self.costs):
            lines.append(frame.expense_line(cost, mark, pence, trace, f"/expenses/{index}"))
        route, reasons = frame.approved_by(self._step)
        if self._promise is not None:
            reasons.append({**self._promise[1], "figures": {}})
        warnings = [entry[0](entry, "") for entry in self._warned]
        warnings += frame.overdue(self.claim["on"])
        return {
            "outcome": OUTCOMES[self.outcome],
            "fee_pence": self.sums[0],
            "expenses_pence": self.sums[1],
            "total_pence": sum(self.sums),
            "field": frame.tree.activities[self.claim["activity"]].field,
            "lines": lines,
            "warnings": warnings,
            "approval_route": route,
            "payment_route": frame.tree.route,
            "pay_by": self._promise[0] if self._promise is not None else None,
            "reasons": reasons,
        }


class Straight:
    """One day's short way."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        tree, plan, vocabulary = frame.tree, frame.plan, frame.vocabulary
        self.is_open = not (frame.looks_beyond or plan.beyond.stepped)
        self.claim_keys = (vocabulary.claim.keys() - LOOKED_AT_TWICE) | {"expenses"}
        self.cost_keys = vocabulary.expense.keys()
        self.only_role = {
            key: next(iter(one.pays)) for key, one in tree.activities.items() if len(one.pays) == 1
        }
        self.fields = {key: one.field for key, one in tree.activities.items()}
        self._plain: Printed | None = None
        self._promised: dict[tuple[str, str | None], tuple[str, dict[str, Any]]] = {}

    @property
    def plain(self) -> Printed:
        """The functions without a trace, printed when they are first asked for."""
        if self._plain is None:
            self._plain = print_plan(self.frame.plan, trace=False)
        return self._plain

    def judge(self, given: Mapping[str, Any], costs: Sequence[Mapping[str, Any]]) -> Judgement | None:
        """The claim with its trace; None when it must go the long way."""
        try:
            claim = self._claim(given)
            if claim is None:
                return None
            judges = self.frame.judges
            activity = claim["activity"]
            fees: list[Row] = []
            if claim.get("fee") is not False:
                mark, pence, trace = judges.fees[activity, claim["role"]](claim, claim)
                fees.append((claim, mark, pence, trace))
            spent: list[Row] = []
            seen: set[str] = set()
            for cost in costs:
                if not cost.keys() <= self.cost_keys:
                    return None
                key = cost["category"]
                if key in seen:
                    cost = {**cost, "_again": True}
                mark, pence, trace = judges.expenses[key](claim, cost)
                if not mark:
                    seen.add(key)
                spent.append((cost, mark, pence, trace))
            return self._whole(claim, fees, spent)
        except MISFIT:
            return None

    def _whole(self, claim: Mapping[str, Any], fees: list[Row], costs: list[Row]) -> Judgement:
        fee = expenses = 0
        is_open = False
        for _, mark, pence, _ in fees:
            fee += pence
            is_open = is_open or mark == NEEDS_PERSON
        for _, mark, pence, _ in costs:
            expenses += pence
            is_open = is_open or mark == NEEDS_PERSON
        total = fee + expenses
        outcome = NEEDS_PERSON if is_open else PAYABLE if total else NOT_PAYABLE
        frame = self.frame
        warn = frame.judges.warnings
        warned = warn(claim, self.fields[claim["activity"]], fee, expenses, total) if warn else []
        promise = None
        if frame.plan.promise is not None and (total or is_open):
            on = claim["on"]
            promise = self._promise(max(claim.get("claimed_on") or on, on), claim.get("nation"))
        step = frame.approval_step(outcome, total)
        return Judgement(frame, claim, outcome, fees, costs, (fee, expenses), warned, step, promise)

    def _promise(self, start: str, nation: str | None) -> tuple[str, dict[str, Any]]:
        """The promised day for a claim made on a day, kept: many claims share one."""
        found = self._promised.get((start, nation))
        if found is None:
            found = self.frame.promised(start, nation)
            if len(self._promised) < 10_000:
                self._promised[start, nation] = found
        return found

    def totals(
        self, given: Mapping[str, Any], costs: Sequence[Mapping[str, Any]]
    ) -> tuple[int, int, int] | None:
        """Outcome, fee and expenses in pence, without a trace; None when it must go the long way."""
        try:
            claim = self._claim(given)
            if claim is None:
                return None
            plain = self.plain
            fee = expenses = 0
            is_open = False
            if claim.get("fee") is not False:
                mark, fee = plain.fees[claim["activity"], claim["role"]](claim, claim)
                is_open = mark == NEEDS_PERSON
            seen: set[str] = set()
            for cost in costs:
                if not cost.keys() <= self.cost_keys:
                    return None
                key = cost["category"]
                if key in seen:
                    cost = {**cost, "_again": True}
                mark, pence = plain.expenses[key](claim, cost)
                if not mark:
                    seen.add(key)
                    expenses += pence
                elif mark == NEEDS_PERSON:
                    is_open = True
        except MISFIT:
            return None
        outcome = NEEDS_PERSON if is_open else PAYABLE if fee or expenses else NOT_PAYABLE
        return outcome, fee, expenses

    def _claim(self, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The claim's facts with its role; None when they do not fit, or are looked at twice."""
        if not self.is_open or not given.keys() <= self.claim_keys:
            return None
        activity, role, paid = given["activity"], given.get("role"), given.get("fee")
        if paid is not None and paid.__class__ is not bool:
            return None
        if role is None:
            role = self.only_role.get(activity)
            if role is not None:
                return {**given, "role": role}
            return None if paid is not False or self.frame.by_role else given
        return given if (activity, role) in self.frame.judges.fees else None
