"""Whatever somebody writes in a policy, does the engine raise nothing but its own errors?"""

from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.policy.engine import check_policy, read_policy
from service.policy.explanation import explain
from service.policy.faults import FactFaults, Fault, PolicyFaults
from service.policy.sources import Sources

LIBRARY = Path(__file__).parents[2] / "policies" / "library"
NAMES = ("oxfordshire-ccg", "york-university", "ace-centre")
POLICIES = [Sources.from_path(LIBRARY / f"{name}.yaml") for name in NAMES]
SUMS = ("£0.00", "45p", "0.45 p", "1h", "999999999h", "-1", "1000%", "3 months", "2026-02-30")
SHAPES = ("{}", "[]", "[a, b]", "{a: {b: c}}", "{undecided: x}", "'{rate}'")
WORDS = ("true", "''", "automatic", "x" * 200, "null", "~", "\U0001f600")
ODD = SUMS + SHAPES + WORDS
CHANGES = st.lists(
    st.tuples(st.sampled_from(["drop", "twice", "value"]), st.integers(0, 200), st.sampled_from(ODD)),
    min_size=1,
    max_size=3,
)


def changed(sources: Sources, changes: list[tuple[str, int, str]]) -> str:
    rows = sources.files[sources.main].splitlines()
    for how, index, odd in changes:
        at = index % len(rows)
        if how == "drop":
            del rows[at]
        elif how == "twice":
            rows.insert(at, rows[at])
        elif ":" in rows[at]:
            rows[at] = rows[at].partition(":")[0] + ": " + odd
    return "\n".join(rows)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(POLICIES), CHANGES)
def test_an_odd_policy_is_refused_with_faults_or_answers(
    policy_text: Sources, changes: list[tuple[str, int, str]]
) -> None:
    sources = policy_text.with_main(changed(policy_text, changes))
    with contextlib.suppress(PolicyFaults, FactFaults):
        assert all(isinstance(fault, Fault) for fault in check_policy(sources))
        policy = read_policy(sources)
        for example in policy.tree.examples:
            assert explain(policy.assess(example.facts))
