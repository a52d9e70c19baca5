"""Do the compiled engine and the slow walker agree, to the penny and in every word?"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.policy.engine import Policy
from service.policy.facts import read_facts
from service.policy.faults import FactFaults
from service.policy.model import Unpaid
from service.policy.printed import print_plan
from service.policy.steps import OUTCOMES
from service.policy.walking import walk_plan
from tests.policy import texts
from tests.policy.random_policies import CLAIMS, policy_texts

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
_read: dict[str, Policy] = {}


def read(text: str) -> Policy:
    if text not in _read:
        _read.clear()
        _read[text] = texts.policy(text)
    return _read[text]


def walked(policy: Policy, facts: dict[str, Any]) -> dict[str, Any]:
    plan = policy.frame(date.fromisoformat(facts["on"])).plan
    return policy.assess_by(facts, judges=walk_plan(plan))


@SLOW
@given(policy_texts(), st.lists(CLAIMS, min_size=1, max_size=8))
def test_compiled_and_walked_agree(text: str, claims: list[dict[str, Any]]) -> None:
    policy = read(text)
    for facts in claims:
        answer = policy.assess(facts)
        assert walked(policy, facts) == answer
        check_shape(answer)


def check_shape(answer: dict[str, Any]) -> None:
    """What holds of every answer."""
    assert json.loads(json.dumps(answer)) == answer
    lines = answer["lines"]
    for kind in ("fee", "expense"):
        sums = [line["amount_pence"] for line in lines if line["kind"] == kind]
        assert all(type(one) is int and one >= 0 for one in sums)
        assert answer["fee_pence" if kind == "fee" else "expenses_pence"] == sum(sums)
    assert answer["total_pence"] == answer["fee_pence"] + answer["expenses_pence"]
    outcomes = {line["outcome"] for line in lines}
    if "needs_person" in outcomes:
        assert answer["outcome"] == "needs_person"
        assert answer["approval_route"] != "automatic"
    else:
        assert answer["outcome"] == ("payable" if answer["total_pence"] else "not_payable")
    for line in lines:
        assert line["reasons"]
        assert all(reason["clause"] and reason["text"] for reason in line["reasons"])
        assert line["amount_pence"] == 0 or line["outcome"] == "payable"
        assert line["amount_pence"] <= line.get("claimed_pence", line["amount_pence"])


@SLOW
@given(policy_texts(), CLAIMS)
def test_the_plain_print_gives_the_same_pence_as_the_trace(text: str, facts: dict[str, Any]) -> None:
    policy = read(text)
    checked = read_facts(facts, vocabulary=policy.vocabulary)
    frame = policy.frame(date.fromisoformat(facts["on"]))
    plain = print_plan(frame.plan, trace=False)
    for part in checked.contributions:
        cell = (part["activity"], part["role"])
        assert plain.fees[cell](checked.claim, part) == frame.judges.fees[cell](checked.claim, part)[:2]
    for cost in checked.expenses:
        key = cost["category"]
        assert plain.expenses[key](checked.claim, cost) == frame.judges.expenses[key](checked.claim, cost)[:2]


@SLOW
@given(policy_texts(), st.lists(CLAIMS, min_size=1, max_size=4))
def test_sums_alone_and_the_short_way_say_what_the_assessment_says(
    text: str, claims: list[dict[str, Any]]
) -> None:
    policy = read(text)
    for facts in claims:
        answer = policy.assess(facts)
        outcome, fee, expenses = policy.totals(facts)
        assert OUTCOMES[outcome] == answer["outcome"]
        assert (fee, expenses) == (answer["fee_pence"], answer["expenses_pence"])
        short = policy.judge(facts)
        if short is not None:
            assert {**answer, **short.assessment()} == answer


@SLOW
@given(policy_texts(), CLAIMS)
def test_several_contributions_and_less_than_offered_go_the_short_way_and_come_out_as_walked(
    text: str, facts: dict[str, Any]
) -> None:
    """The long way under the walker is the plain reference of both."""
    policy = read(text)
    if facts.get("fee") is False and "contributions" in facts:
        facts = {**facts, "fee": True}
    if not policy.holds(date.fromisoformat(facts["on"])):
        facts = {**facts, "on": "2026-07-01"}
    long = walked(policy, facts)
    short = policy.judge(facts)
    assert short is not None
    assert {**long, **short.assessment()} == long
    assert short.sums == (long["fee_pence"], long["expenses_pence"])
    assert OUTCOMES[short.outcome] == long["outcome"]
    outcome, fee, expenses = policy.totals(facts)
    assert (OUTCOMES[outcome], fee, expenses) == (long["outcome"], *short.sums)


UNFIT = st.sampled_from([True, -1, 10**9, 1.5, "x", "2026-13-01", [], {}, [1], {"a": 1}])


@SLOW
@given(policy_texts(), CLAIMS, UNFIT, st.data())
def test_a_fact_that_does_not_fit_is_refused_or_asked_about_by_nobody(
    text: str, facts: dict[str, Any], unfit: Any, data: st.DataObject
) -> None:
    policy = read(text)
    changed = json.loads(json.dumps(facts))
    rows = [changed, *changed["expenses"], *changed.get("contributions", ())]
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = unfit
    try:
        answer = policy.assess(changed)
    except FactFaults:
        try:
            sums = policy.totals(changed)
        except FactFaults:
            return
        assert all(type(one) is int and one >= 0 for one in sums)
    else:
        assert policy.totals(changed)[1:] == (answer["fee_pence"], answer["expenses_pence"])


@SLOW
@given(policy_texts(), CLAIMS)
def test_adding_a_cost_never_lowers_anything_else(text: str, facts: dict[str, Any]) -> None:
    policy = read(text)
    without = policy.assess({**facts, "expenses": []})
    answer = policy.assess(facts)
    assert answer["fee_pence"] == without["fee_pence"]
    assert answer["total_pence"] >= without["total_pence"]


@SLOW
@given(policy_texts(), CLAIMS)
def test_every_refusal_can_be_mended_as_it_says(text: str, facts: dict[str, Any]) -> None:
    """What an answer suggests is done, and what the next one suggests too: then there is something to pay."""
    policy = read(text)
    for index, line in enumerate(policy.assess(facts)["lines"]):
        changed, after = json.loads(json.dumps(facts)), line
        for _ in range(3):
            for change in after.get("would_change", ()) if after["outcome"] == "not_payable" else ():
                put(changed, change["pointer"], change["value"])
            after = policy.assess(changed)["lines"][index]
        assert after["outcome"] != "not_payable" or is_nothing_to_pay(policy, after), (line, after)


def is_nothing_to_pay(policy: Policy, line: dict[str, Any]) -> bool:
    """No cost, no time, nothing wanted; paid already in this claim; or an activity without any fee."""
    if line["kind"] == "fee":
        unpaid = {key for key, fee in policy.tree.fees.items() if isinstance(fee, Unpaid)}
        several = any(reason["rule"] in ("several", "choice") for reason in line["reasons"])
        free = set(policy.tree.activities[line["category"]].pays.values()) <= unpaid
        if several or free:
            return True
    if any(reason["text"].endswith("It is in this claim already.") for reason in line["reasons"]):
        return True
    figures = [reason["figures"] for reason in line["reasons"]]
    return any(one.get("amount_pence") == 0 for one in figures) or line.get("claimed_pence") == 0


@SLOW
@given(policy_texts(), CLAIMS, st.randoms(use_true_random=False))
def test_the_order_of_costs_never_changes_the_total(text: str, facts: dict[str, Any], shuffle: Any) -> None:
    """A cost that is paid once a claim stands there only once: a rule says that the first one counts."""
    policy, seen = read(text), set[str]()
    kept = []
    for cost in facts["expenses"]:
        if cost["category"] != "flat" or "flat" not in seen:
            kept.append(cost)
        seen.add(cost["category"])
    turned = list(kept)
    shuffle.shuffle(turned)
    one, other = (policy.assess({**facts, "expenses": costs}) for costs in (kept, turned))
    for key in ("outcome", "fee_pence", "expenses_pence", "total_pence", "approval_route", "pay_by"):
        assert one[key] == other[key]


def put(facts: dict[str, Any], pointer: str, value: Any) -> None:
    """Sets what a JSON pointer names."""
    *path, last = pointer.strip("/").split("/")
    here: Any = facts
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value
