"""How is one claim judged when nothing in it needs a second look? The short way through, in one pass.

Most claims are some activities and some costs, under a policy without limits that mount up. They need no
words until somebody reads them: the rules' functions leave a trace of figures, which `Judgement.assessment`
says. Anything else answers None here, and goes the long way (`Frame.assess`). Both ways give the same answer.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service.days import NATIONS
from service.policy.facts import DAY, MAX_COUNT, MEASURE_KEYS, SHARED_KEYS, STATUSES, WORKERS, Unfit
from service.policy.printed import Printed, print_plan
from service.policy.printing import Judge, Row, Trace
from service.policy.steps import NEEDS_PERSON, OUTCOMES

if TYPE_CHECKING:
    from service.policy.frame import Frame

# What looks past one line goes the long way.
LOOKED_AT_TWICE = frozenset({"method", "hardship", "advance_pence", "payer"})
MISFIT = (Unfit, KeyError, TypeError, AttributeError, ValueError)
UNMOVED = frozenset(STATUSES) - frozenset(WORKERS)
Parts = list[tuple[Judge, Mapping[str, Any]]]
# What is judged: the claim, its one fee's function or None, its parts, and the lower fee asked for.
Opened = tuple[Mapping[str, Any], Judge | None, Parts, int | None]


class Judgement:
    """What the rules said to one claim, with the trace they left. `sums` are fee and costs in pence."""

    __slots__ = ("_frame", "_step", "_warned", "claim", "costs", "fees", "outcome", "several", "sums")

    def __init__(
        self,
        frame: Frame,
        claim: Mapping[str, Any],
        told: tuple[int, list[Row], list[Row], int, int, Trace],
        step: int,
        *,
        several: bool,
    ) -> None:
        self._frame, self._step, self.several = frame, step, several
        self.claim = claim
        self.outcome, self.fees, self.costs, fee, expenses, self._warned = told
        self.sums = (fee, expenses)

    def assessment(self) -> dict[str, Any]:
        """The assessment without its stamp, as plain JSON."""
        frame, claim = self._frame, self.claim
        fees = []
        for index, (part, mark, pence, trace) in enumerate(self.fees):
            at = f"/contributions/{index}" if self.several else ""
            fees.append(frame.fee_line(part, mark, pence, trace, at))
        if len(fees) > 1:
            frame.several(fees)
        if "accept_pence" in claim:
            frame.choice(claim, fees)
        lines = fees
        for index, (cost, mark, pence, trace) in enumerate(self.costs):
            lines.append(frame.expense_line(cost, mark, pence, trace, f"/expenses/{index}"))
        fee, expenses = self.sums
        total = fee + expenses
        approval, reasons = frame.approved_by(self._step)
        return {
            "outcome": OUTCOMES[self.outcome],
            "fee_pence": fee,
            "expenses_pence": expenses,
            "total_pence": total,
            "field": frame.field(self.fees[0][0]["activity"] if self.several else claim["activity"]),
            "lines": lines,
            "warnings": [entry[0](entry, "") for entry in self._warned] + frame.overdue(claim["on"]),
            "approval_route": approval,
            "payment_route": frame.route(claim, fee, reasons),
            "pay_by": frame.pay_by(claim, self.outcome, total, reasons),
            "reasons": reasons,
        }


class Straight:
    """One day's short way."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        tree, plan, vocabulary = frame.tree, frame.plan, frame.vocabulary
        self.is_open = not (frame.looks_beyond or plan.beyond.stepped)
        claim_keys = (vocabulary.claim.keys() - LOOKED_AT_TWICE) | {"expenses", "contributions"}
        self.knows = frozenset(claim_keys).issuperset
        self.knows_part = frozenset(vocabulary.contribution).issuperset
        self.has_no_measure = frozenset(MEASURE_KEYS).isdisjoint
        self.only_role = frame.only_role
        self.fields = {key: one.field for key, one in tree.activities.items()}
        self._plain: Printed | None = None

    @property
    def plain(self) -> Printed:
        """The functions without a trace, printed when they are first asked for."""
        if self._plain is None:
            self._plain = print_plan(self.frame.plan, trace=False)
        return self._plain

    def totals(
        self, given: Mapping[str, Any], costs: Sequence[Mapping[str, Any]], contributions: Any = None
    ) -> tuple[int, int, int] | None:
        """Outcome, fee and expenses in pence, without a trace; None when it must go the long way."""
        plain = self._plain or self.plain
        try:
            opened = self._open(plain, given, contributions)
            if opened is None:
                return None
            claim, judge, parts, accept = opened
            if judge is not None:
                found: tuple[int, int, int] = plain.one(claim, claim, judge, costs, accept)
            else:
                found = plain.many(claim, parts, costs, self._settle(parts, accept))
            return found
        except MISFIT:
            return None

    def judge(
        self, given: Mapping[str, Any], costs: Sequence[Mapping[str, Any]], contributions: Any = None
    ) -> Judgement | None:
        """The claim with its trace; None when it must go the long way."""
        judges = self.frame.judges
        try:
            opened = self._open(judges, given, contributions)
            if opened is None:
                return None
            claim, judge, parts, accept = opened
            field = self.fields[claim["activity"]]
            if judge is not None:
                told = judges.one(claim, claim, judge, costs, accept, field)
            else:
                told = judges.many(claim, parts, costs, self._settle(parts, accept), field)
            outcome, _, _, fee, expenses, _ = told
            step = self.frame.approval_step(outcome, fee + expenses)
            DAY[claim.get("claimed_on") or claim["on"]]
            return Judgement(self.frame, claim, told, step, several=bool(contributions))
        except MISFIT:
            return None

    def _open(self, judges: Printed, given: Mapping[str, Any], contributions: Any) -> Opened | None:
        """What is to be judged; None when the facts do not fit, or are looked at twice."""
        if not self.is_open or not self.knows(given):
            return None
        look = given.get
        if (paid := look("fee")) is not None and paid.__class__ is not bool:
            return None
        accept = look("accept_pence")
        if accept is not None and not (accept.__class__ is int and 0 <= accept <= MAX_COUNT):
            return None
        if not _may_be_short(look):
            return None
        if contributions:
            parts = self._parts(judges, given, contributions)
            if parts is None or paid is False:
                return None
            if look("activity") is None:
                given = {**given, "activity": parts[0][1]["activity"]}
            return given, None, parts, accept
        activity = given["activity"]
        role: Any = look("role")
        if role is None:
            role = self.only_role.get(activity)
            if role is not None and "role" in judges.reads:
                given = {**given, "role": role}
            elif role is None and paid is False and not self.frame.by_role:
                return given, None, [], accept
        judge = judges.cells.get((activity, role))
        if judge is None:
            return None
        return (given, None, [], accept) if paid is False else (given, judge, [], accept)

    def _parts(self, judges: Printed, given: Mapping[str, Any], contributions: Any) -> Parts | None:
        """Each contribution with what it shares with its claim, and the function of its fee."""
        if contributions.__class__ is not list or not self.has_no_measure(given):
            return None
        shared = {key: given[key] for key in SHARED_KEYS if given.get(key) is not None}
        found: Parts = []
        for own in contributions:
            if not self.knows_part(own) or None in own.values():
                return None
            part = {**shared, **own}
            if "role" not in part and part["activity"] in self.only_role:
                part["role"] = self.only_role[part["activity"]]
            found.append((judges.cells[part["activity"], part["role"]], part))
        return found

    def _settle(self, parts: Parts, accept: int | None) -> functools.partial[tuple[int, bool]]:
        several = self.frame.plan.several
        pay = next((several[key][0] for _, part in parts if (key := part["activity"]) in several), "")
        return functools.partial(settled, pay, accept)


def _may_be_short(look: Any) -> bool:
    """Whether what the rules do not read, but the frame does, fits and leaves the lines alone."""
    status, nation, given_to = look("status"), look("nation"), look("give_to")
    return (
        (status is None or status in UNMOVED)
        and (nation is None or nation in NATIONS)
        and (given_to is None or given_to.__class__ is str)
    )


def settled(pay: str, accept: int | None, fees: Sequence[int]) -> tuple[int, bool]:
    """What several fees come to, and whether a person must look. A fee that is not paid is below zero.

    `pay` is the policy's word for several: `sum`, `highest`, or empty when it has none.
    """
    paid = [pence for pence in fees if pence > 0]
    is_open = -NEEDS_PERSON in fees
    if len(fees) < 2 or pay == "sum":
        fee = sum(paid)
    elif pay == "highest":
        fee = 0 if is_open else max(paid, default=0)
    else:
        fee, is_open = 0, is_open or bool(paid)
    return (fee if accept is None else min(fee, accept)), is_open
