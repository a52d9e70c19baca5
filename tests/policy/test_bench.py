"""Is the comparison of engines honest? Its policy is sound, and the hand-written one answers the same."""

from __future__ import annotations

from benchmarks.policy.claims import claims
from benchmarks.policy.run import differences, the_policy
from service.policy.engine import check_policy, compile_policy


def test_the_policy_that_is_measured_is_sound_and_as_large_as_it_says() -> None:
    policy = the_policy()
    tree = policy.tree
    assert check_policy(policy.sources) == []
    assert len(tree.amounts) == 28
    assert len(tree.fees) + len(tree.expenses) == 24
    assert len(tree.warnings) == 7
    assert len(tree.approval) == 4


def test_the_hand_written_policy_gives_the_whole_answer_that_ours_gives() -> None:
    given = claims(1000)
    lines = [len(one.get("contributions", (0,))) + len(one.get("expenses", ())) for one in given]
    outcomes = {the_policy().assess(one)["outcome"] for one in given}
    assert differences(the_policy(), given) == []
    assert (min(lines), max(lines)) == (1, 8)
    assert outcomes == {"payable", "not_payable", "needs_person"}


def test_one_changed_sentence_is_a_difference_for_each_claim_that_says_it() -> None:
    policy = the_policy()
    text = policy.sources.files[policy.sources.main]
    changed = compile_policy(policy.sources.with_main(text.replace("bus and tram fares", "bus fares")))
    given = claims(200)
    told = [index for index, one in enumerate(given) if "bus and tram fares" in str(policy.assess(one))]
    assert told
    assert differences(changed, given) == told
