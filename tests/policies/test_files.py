"""Is every file in `policies/` clean, and do all of its worked examples come out?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from service.policy.engine import check_policy, compile_policy
from service.policy.printed import print_plan
from service.policy.proving import prove
from service.policy.sources import Sources
from service.policy.walking import walk_plan

POLICIES = Path(__file__).parents[2] / "policies"
FILES = sorted(POLICIES.glob("*/*.yaml"))
MAIN_FILES = [path for path in FILES if path.parent.name != "reference"]
COUNCILS = [path for path in FILES if path.parent.name == "councils"]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_there_are_files_to_check() -> None:
    assert {path.parent.name for path in FILES} == {"reference", "region", "councils", "library"}
    assert len(COUNCILS) == 3


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_has_no_mistakes(path: Path) -> None:
    assert [str(fault) for fault in check_policy(Sources.from_path(path))] == []


@pytest.mark.parametrize("path", MAIN_FILES, ids=named)
def test_every_worked_example_comes_out(path: Path) -> None:
    proofs = prove(compile_policy(Sources.from_path(path)))
    assert proofs
    assert {proof.example.name: proof.problems for proof in proofs if proof.problems} == {}


@pytest.mark.parametrize("path", MAIN_FILES, ids=named)
def test_the_slow_walker_agrees_on_every_example(path: Path) -> None:
    policy = compile_policy(Sources.from_path(path))
    for example in policy.tree.examples:
        plan = policy.frame(date.fromisoformat(str(example.facts["on"]))).plan
        answer = policy.assess(example.facts)
        assert policy.assess_by(example.facts, judges=walk_plan(plan)) == answer
        assert policy.assess_by(example.facts, judges=print_plan(plan, trace=True)) == answer


def test_every_demo_council_pays_for_the_same_activity_and_role() -> None:
    paid = set()
    for path in COUNCILS:
        policy = compile_policy(Sources.from_path(path))
        facts = {"activity": "over_a_brew", "role": "participant", "on": "2026-05-12", "minutes": 60}
        answer = policy.assess(facts)
        assert answer["outcome"] == "payable"
        paid.add(
            (
                answer["fee_pence"],
                answer["pay_by"],
                policy.terms(on=date(2026, 5, 12))["approval"][0]["up_to_pence"],
            )
        )
    assert len(paid) == 3


def test_every_council_offers_a_bank_transfer_and_something_else() -> None:
    kinds = {
        path.stem: [
            one["kind"]
            for one in compile_policy(Sources.from_path(path)).catalogue(on=date(2026, 5, 12))[
                "payment_methods"
            ]
        ]
        for path in COUNCILS
    }
    assert kinds == {
        "demoford": ["bank_account", "voucher", "stripe", "none", "charity"],
        "exampleshire": ["bank_account", "voucher", "stripe", "none", "charity"],
        "samplebury": ["bank_account", "voucher", "stripe", "none", "cash_desk"],
    }


def refusals() -> list[tuple[str, dict[str, object]]]:
    """Every refused line of every example for which a change is named."""
    found: list[tuple[str, dict[str, object]]] = []
    for path in MAIN_FILES:
        policy = compile_policy(Sources.from_path(path))
        for example in policy.tree.examples:
            answer = policy.assess(example.facts)
            found += [
                (str(path), {"facts": answer["facts"], "index": index, "changes": line["would_change"]})
                for index, line in enumerate(answer["lines"])
                if line["outcome"] == "not_payable" and "would_change" in line
            ]
    return found


def test_what_would_make_it_payable_does() -> None:
    seen = 0
    for path, row in refusals():
        facts: dict[str, object] = dict(row["facts"])  # type: ignore[call-overload]
        for change in row["changes"]:  # type: ignore[attr-defined]
            if change["pointer"] == "/role":
                facts |= {"minutes": 60, "length": "half_day"}
            put(facts, change["pointer"], change["value"])
        answer = compile_policy(Sources.from_path(path)).assess(facts)
        assert answer["lines"][row["index"]]["outcome"] == "payable", (path, row)
        seen += 1
    assert seen > 10


def unhelped() -> Iterator[tuple[str, str]]:
    """Every refusal of every example without a change that would help: the file and the rule."""
    for path in MAIN_FILES:
        policy = compile_policy(Sources.from_path(path))
        for example in policy.tree.examples:
            for line in policy.assess(example.facts)["lines"]:
                if line["outcome"] != "not_payable" or "would_change" in line:
                    continue
                last = line["reasons"][-1]
                pays = policy.tree.activities[line["category"]].pays if line["kind"] == "fee" else {}
                kinds = {policy.tree.fees[key].__class__.__name__ for key in pays.values()}
                chosen = "accept_pence" in example.facts
                if kinds != {"Unpaid"} and not chosen:
                    yield path.stem, last["rule"]


def test_every_refusal_says_what_would_help() -> None:
    """But where no role in an activity is paid; where the person chose nothing; and these."""
    assert sorted(set(unhelped())) == [
        ("ace-centre", "fees.agreed_hour"),  # a fee for no minutes at all
        ("hsc-northern-ireland", "eligibility.by_choice"),  # costs of whoever came by choice
        ("middleshire", "activities.festival_workshop.several"),  # the other thing that day pays more
        ("sussex-nhs", "eligibility.not_at_open_events"),  # costs of the public at an open event
    ]


def put(facts: object, pointer: str, value: object) -> None:
    """Sets what a JSON pointer names."""
    *path, last = pointer.strip("/").split("/")
    here = facts
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]  # type: ignore[index]
    here[last] = value  # type: ignore[index]
