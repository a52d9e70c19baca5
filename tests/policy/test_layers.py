"""Does a council's layer say only what differs, on a pinned base?"""

from __future__ import annotations

import pytest

from service.policy.engine import compile_policy, read_policy
from service.policy.faults import PolicyFaults
from tests.policy import texts

LAYER = texts.HEADER.replace("slug: small", "slug: council").replace(
    "  effective_from", "  extends: region/base@1.0\n  effective_from"
)
FACTS = {"activity": "meeting", "role": "member", "on": "2026-02-01", "minutes": 60}


def total(layer: str, **facts: object) -> int:
    policy = read_policy(texts.sources(LAYER + layer, region__base=texts.text()))
    return int(policy.assess({**FACTS, **facts})["total_pence"])


def test_an_empty_layer_is_its_base() -> None:
    assert total("") == 1500
    assert total("", on="2026-07-01") == 1600


def test_dated_values_are_replaced_whole() -> None:
    layer = 'amounts:\n  hourly:\n    name: Rate\n    clause: "C1"\n    values:\n      2026-01-01: £20.00\n'
    assert total(layer) == 2000
    assert total(layer, on="2026-07-01") == 2000


def test_one_key_of_a_rule_can_differ() -> None:
    layer = "expenses:\n  car:\n    rate: 50p\n"
    policy = read_policy(texts.sources(LAYER + layer, region__base=texts.text()))
    answer = policy.assess({**FACTS, "expenses": [{"category": "car", "miles": 10}]})
    assert answer["expenses_pence"] == 500
    assert answer["lines"][1]["reasons"][0]["text"].startswith("We pay 50p a mile.")


def test_a_rule_of_another_kind_replaces_the_whole_rule() -> None:
    layer = 'fees:\n  by_hour: {clause: "C4", sentence: "We pay {amount}.", kind: flat, amount: £30.00}\n'
    assert total(layer, on="2026-02-01") == 3000


def test_a_rule_can_be_left_out() -> None:
    layer = "expenses:\n  hotel: {left_out: We book hotels ourselves.}\n"
    policy = read_policy(texts.sources(LAYER + layer, region__base=texts.text()))
    assert list(policy.tree.expenses) == ["bus", "car"]


def test_the_base_must_be_the_pinned_version() -> None:
    layer = LAYER.replace("@1.0", "@1.1")
    with pytest.raises(PolicyFaults) as caught:
        compile_policy(texts.sources(layer, region__base=texts.text()))
    fault = caught.value.faults[0]
    assert fault.line == texts.line_of(layer, "extends:")
    assert fault.what == "This builds on version 1.1, but the base there is version 1.0."


def test_an_unpinned_base_is_refused() -> None:
    with pytest.raises(PolicyFaults, match="The base has no version"):
        compile_policy(texts.sources(LAYER.replace("@1.0", ""), region__base=texts.text()))


def test_a_circle_of_bases_is_refused() -> None:
    layer = LAYER.replace("region/base", "main")
    with pytest.raises(PolicyFaults, match="Too many layers"):
        compile_policy(texts.sources(layer))


def test_a_mistake_in_the_base_names_the_base() -> None:
    base = texts.text(fees=texts.FEES.replace("rate: hourly", "rate: hourli"))
    with pytest.raises(PolicyFaults) as caught:
        read_policy(texts.sources(LAYER, region__base=base))
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("region/base.yaml", texts.line_of(base, "by_hour: {"))
    assert fault.remedy == "Did you mean 'hourly'?"
