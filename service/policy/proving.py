"""Do the worked examples come out, and do they reach every rule?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from service.policy.checking import names_in, spans
from service.policy.faults import FactFaults, Fault
from service.policy.model import Example, Rule, Tree
from service.policy.wording import money

if TYPE_CHECKING:
    from service.policy.engine import Policy

SUMS = {"fee": "fee_pence", "expenses": "expenses_pence", "total": "total_pence"}


@dataclass(frozen=True)
class Proof:
    """One example run: what did not come out, and which rules, cells and warnings it reached."""

    example: Example
    problems: tuple[str, ...]
    reached: frozenset[str] = frozenset()
    on: date | None = None
    answer: dict[str, Any] = field(default_factory=dict, compare=False)


def prove(policy: Policy) -> list[Proof]:
    """Runs every worked example of the main file."""
    return [_run(policy, example) for example in policy.tree.examples]


def failures(policy: Policy) -> list[Fault]:
    """A fault for each example that does not come out."""
    return [
        Fault(
            proof.example.place.file,
            proof.example.place.line,
            "",
            f"Example '{proof.example.name}': {problem}",
            "Correct the rule, or work the example again by hand.",
        )
        for proof in prove(policy)
        for problem in proof.problems
    ]


def _run(policy: Policy, example: Example) -> Proof:
    try:
        answer = policy.assess(example.facts)
    except FactFaults as error:
        found = "; ".join(f"{one.pointer}: {one.detail}" for one in error.errors)
        return Proof(example, (f"its facts do not fit ({found})",))
    return Proof(
        example,
        tuple(_problems(example, answer)),
        frozenset(_reached(answer)),
        date.fromisoformat(answer["facts"]["on"]),
        answer,
    )


def _problems(example: Example, answer: dict[str, Any]) -> Iterator[str]:
    expect = example.expect
    if answer["outcome"] != expect["outcome"]:
        yield f"expects {expect['outcome']}, but the rules say {answer['outcome']}.{_why(answer)}"
    for key, name in SUMS.items():
        if key in expect and answer[name] != expect[key]:
            yield f"expects {key} {money(int(str(expect[key])))}, but the rules give {money(answer[name])}."
    for key in ("warnings", "all_warnings", "rules", "lines", "approval", "pay_by", "route"):
        if (
            key in expect
            and (found := _found(key, answer)) != expect[key]
            and not _within(key, expect[key], found)
        ):
            yield f"expects {key} {expect[key]}, but the rules give {found}."


def _within(key: str, expected: Any, found: Any) -> bool:
    """Warnings and rules may be more than an example names."""
    return key in ("warnings", "rules") and set(expected) <= set(found)


def _found(key: str, answer: dict[str, Any]) -> Any:
    if key in ("warnings", "all_warnings"):
        return [warning["code"] for warning in answer["warnings"]]
    if key == "rules":
        return sorted(_reached(answer))
    if key == "lines":
        return [f"{line['category']} {money(line['amount_pence'])}" for line in answer["lines"]]
    if key == "approval":
        route = answer["approval_route"]
        return [route] if isinstance(route, str) else route
    if key == "route":
        return answer["payment_route"]
    return answer[key]


def _why(answer: dict[str, Any]) -> str:
    texts = [
        reason["text"]
        for line in answer["lines"]
        if line["outcome"] != "payable"
        for reason in line["reasons"]
    ]
    return f" ({texts[0]})" if texts else ""


def _reached(answer: dict[str, Any]) -> Iterator[str]:
    yield from (reason["rule"] for reason in answer["reasons"])
    yield from (f"warnings.{warning['code']}" for warning in answer["warnings"])
    for line in answer["lines"]:
        yield from (reason["rule"] for reason in line["reasons"])
        if line["kind"] == "fee":
            yield f"cell {line['category']} {line['role']}"


def unproved(policy: Policy) -> list[Fault]:
    """A fault for each rule, cell and dated value of the main file that no example reaches."""
    proofs = prove(policy)
    reached: set[str] = set().union(*(proof.reached for proof in proofs))
    tree = policy.tree
    found = [
        Fault(
            tree.main,
            rule.place.line,
            rule.clause,
            f'No worked example shows the rule "{rule.key}" at work.',
            "Add one for it.",
        )
        for rule in own_rules(tree)
        if rule.key not in reached
    ]
    if not tree.examples:
        what, remedy = (
            "The policy has no worked examples.",
            'Add "examples:" with facts, and pounds expected.',
        )
        found.append(Fault(tree.main, 1, "", what, remedy))
    found += _unproved_cells(tree, reached)
    found += _unproved_values(tree, proofs)
    return sorted(set(found))


def own_rules(tree: Tree) -> list[Rule]:
    """The rules that the main file says something about."""
    rules = [rule for rule in every_rule(tree) if tree.main in rule.place.files]
    return list({rule.key: rule for rule in rules}.values())


def every_rule(tree: Tree) -> Iterator[Rule]:
    """Every rule that can give a reason or a warning."""
    yield from (fee.rule for fee in tree.fees.values())
    yield from (one.rule for one in tree.paid_time)
    yield from (one.rule for one in tree.cancellation)
    yield from (one.rule for one in tree.eligibility)
    yield from (one.rule for one in tree.deadlines)
    yield from (one.rule for one in tree.approval)
    yield from (one.rule for one in tree.warnings)
    yield from (one.several.rule for one in tree.activities.values() if one.several)
    yield from (one.rule for one in (tree.several,) if one)
    for expense in tree.expenses.values():
        yield expense.rule
        yield from (one.rule for one in expense.only_if)
        yield from (rule for rule in (expense.agreed_first,) if rule)
        yield from (one.rule for one in (expense.receipts,) if one)
    yield from (one.rule for one in tree.limits if one.beyond != "warn")
    yield from (one.rule for one in tree.routes)
    yield from (one.rule for one in tree.batches)
    yield from (one.rule for one in (tree.time_basis, tree.hardship, tree.advance) if one)
    yield from (rule for rule in (tree.barred,) if rule)
    yield from (rule for rule in (tree.choice, tree.promise.rule if tree.promise else None) if rule)


def _unproved_cells(tree: Tree, reached: set[str]) -> Iterable[Fault]:
    for key, activity in tree.activities.items():
        for role, file in activity.pays_files.items():
            if file == tree.main and f"cell {key} {role}" not in reached:
                yield Fault(
                    tree.main,
                    activity.place.line,
                    activity.clause,
                    f"No worked example has the role '{role}' in '{key}'.",
                    "Add one for it.",
                )


def _unproved_values(tree: Tree, proofs: list[Proof]) -> Iterable[Fault]:
    named: dict[str, set[str]] = {}
    for rule in every_rule(tree):
        for name in names_in(rule):
            named.setdefault(name, set()).add(rule.key)
    for key, amount in tree.amounts.items():
        if amount.place.file != tree.main or key not in named:
            continue
        for start, end in spans(amount, tree):
            if not any(
                proof.on
                and proof.on >= start
                and (end is None or proof.on < end)
                and proof.reached & named[key]
                for proof in proofs
            ):
                yield Fault(
                    amount.place.file,
                    amount.place.line,
                    amount.clause,
                    f"No worked example uses '{key}' as it stands from {start.isoformat()}.",
                    "Add one for it.",
                )
