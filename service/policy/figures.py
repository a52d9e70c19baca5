"""How do the figures of allowances come to a policy, and back? In its facts' units, and in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.policy.beyond import Beyond
from service.policy.engine import Policy
from service.policy.facts import DISTANCE_AND_TIME, MAX_COUNT, read_facts

USED = "used"


def used_facts(figures: Mapping[str, int], policy: Policy) -> dict[str, int | float]:
    """Counter → what it stood at, as the policy's facts say it: hours and miles, not minutes and tenths.

    A figure beyond what facts may say is beyond every limit, so the largest stands for it.
    """
    found: dict[str, int | float] = {}
    for key, figure in figures.items():
        known = min(figure, MAX_COUNT)
        scale = DISTANCE_AND_TIME.get(policy.vocabulary.counters[key].unit, 1)
        found[key] = known // scale if known % scale == 0 else known / scale
    return found


def uses_of(lines: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], policy: Policy) -> dict[str, int]:
    """What these lines of an answer add to each counter, whoever settled their sums. `facts` as asked."""
    read = read_facts(facts, vocabulary=policy.vocabulary)
    frame = policy.frame(read.on)
    frame.check(read)
    fees = [dict(line) for line in lines if line["kind"] == "fee"]
    costs = [dict(line) for line in lines if line["kind"] != "fee"]
    return Beyond(policy.tree, frame.plan, read, fees, costs).uses()


def of_this_policy(facts: Mapping[str, Any], policy: Policy) -> Mapping[str, Any]:
    """Facts that another policy was asked about, without the counters that this one does not have."""
    if USED not in facts:
        return facts
    known = {key: value for key, value in facts[USED].items() if key in policy.vocabulary.counters}
    rest = {key: value for key, value in facts.items() if key != USED}
    return {**rest, USED: known} if known else rest
