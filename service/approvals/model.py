"""Who may say yes to a claim? One list of checks, run alike for the rule and for a person.

A check finds nothing, something to look at, or something that forbids. The rule approves only what no check
has anything to say about; a person may approve what is merely to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AUTOMATIC = "automatic"

# The approving roles of staff and keys. Where a policy names another, any of them may answer.
ROLE_NAMES = {
    "approver": "an approver",
    "senior_approver": "a senior approver",
    "budget_holder": "a budget holder",
}


# Kind and id of the one who decided, and the person whom they named, if any.
Who = tuple[str, str, str]


@dataclass(frozen=True)
class Decider:
    """Whoever decides. `by` is the person in the caller's own system, where a key speaks for several."""

    kind: str
    id: str
    roles: frozenset[str] = frozenset()
    by: str = ""

    @property
    def same_as(self) -> Who:
        """Who that is, to compare with: see `may_be_the_same`."""
        return (self.kind, self.id, self.by.strip().lower())


@dataclass(frozen=True)
class Matter:
    """Everything the checks may look at."""

    state: str
    outcome: str
    open_lines: int
    route: tuple[str, ...]
    agreed: tuple[tuple[str, Who], ...]
    claimant_id: str
    makers: frozenset[tuple[str, str]]
    on_register: bool | None
    decider: Decider
    same_cost_elsewhere: str | None = None
    same_receipt_elsewhere: str | None = None
    refused_by: tuple[Who, ...] = ()
    somebody_else: bool = False
    ahead: bool = False

    @property
    def to_come(self) -> tuple[str, ...]:
        """The roles that have still to agree, in order. A role that is asked twice has to agree twice."""
        left = list(self.route)
        for role, _ in self.agreed:
            if role in left:
                left.remove(role)
        return tuple(left)

    @property
    def next_role(self) -> str | None:
        """The role whose turn it is, or None for a claim that the rule may approve."""
        return next(iter(self.to_come), None)


@dataclass(frozen=True)
class Finding:
    """What a check found. `forbids`: nobody in this position may approve; else: a person should look."""

    check: str
    forbids: bool
    text: str


def can_be_decided(matter: Matter) -> Finding | None:
    """Only an open claim is decided."""
    if matter.state in ("submitted", "waiting", "needs_person", "asked"):
        return None
    return Finding("can_be_decided", True, f"This claim is {matter.state}, so there is nothing to decide.")


def not_the_claimant(matter: Matter) -> Finding | None:
    """Nobody approves their own money."""
    if matter.decider.kind == "person" and matter.decider.id == matter.claimant_id:
        return Finding("not_the_claimant", True, "This is your own claim. Somebody else must decide.")
    return None


def not_a_maker(matter: Matter) -> Finding | None:
    """Whoever made or changed a claim does not approve it. Ticking a register is neither."""
    if (matter.decider.kind, matter.decider.id) in matter.makers:
        return Finding("not_a_maker", True, "You made or changed this claim. Somebody else must decide.")
    return None


def may_be_the_same(one: Who, other: Who) -> bool:
    """Whether two decisions may be one person's: a key that names nobody may speak for whoever it named."""
    return one[:2] == other[:2] and (one[2] == other[2] or not one[2] or not other[2])


def two_different_people(matter: Matter) -> Finding | None:
    """Where two must agree, they are two."""
    if any(may_be_the_same(who, matter.decider.same_as) for _, who in matter.agreed):
        return Finding(
            "two_different_people", True, "You have already agreed this. A second person must decide now."
        )
    return None


def right_role(matter: Matter) -> Finding | None:
    """The policy says whose turn it is."""
    role = matter.next_role
    if role is None or role in matter.decider.roles:
        return None
    if role not in ROLE_NAMES and not matter.decider.roles.isdisjoint(ROLE_NAMES):
        return None
    name = ROLE_NAMES.get(role, role.replace("_", " "))
    return Finding("right_role", matter.decider.kind != "rule", f"The policy asks for {name} to agree this.")


def policy_is_sure(matter: Matter) -> Finding | None:
    """The policy answers with a sum, or a person fills the gap it names."""
    if matter.outcome == "payable":
        return None
    if matter.outcome == "needs_person":
        return Finding(
            "policy_is_sure", False, "The policy does not settle this. Say what is right, and why."
        )
    return Finding("policy_is_sure", True, "The policy pays nothing here. Refuse it with the clause, or ask.")


def came(matter: Matter) -> Finding | None:
    """Costs for a session need the person on its register, or somebody who knows."""
    if matter.on_register is False and matter.ahead:
        return Finding("came", False, "This is money for before the day.")
    if matter.on_register is False:
        return Finding("came", False, "This person is not ticked on the register.")
    return None


def not_claimed_twice(matter: Matter) -> Finding | None:
    """The same cost on the same day in another claim may be right; a person looks."""
    if matter.same_cost_elsewhere:
        return Finding(
            "not_claimed_twice",
            False,
            f"The same cost for the same day is also in {matter.same_cost_elsewhere}. "
            "Both may be right: please look.",
        )
    return None


def receipt_used_once(matter: Matter) -> Finding | None:
    """One ticket may pay for two people, or be sent twice by a slip; a person looks."""
    if matter.same_receipt_elsewhere:
        return Finding(
            "receipt_used_once",
            False,
            f"The same picture of a receipt is also in {matter.same_receipt_elsewhere}. "
            "Both may be right: please look.",
        )
    return None


def fresh_eyes(matter: Matter) -> Finding | None:
    """What was refused is looked at again by somebody else, where there is somebody."""
    if not any(may_be_the_same(who, matter.decider.same_as) for who in matter.refused_by):
        return None
    if matter.somebody_else:
        return Finding("fresh_eyes", True, "You did not agree this before. Somebody else looks at it now.")
    return Finding(
        "fresh_eyes", False, "You did not agree this before, and nobody else can look. Please look afresh."
    )


CHECKS: tuple[Callable[[Matter], Finding | None], ...] = (
    can_be_decided,
    not_the_claimant,
    not_a_maker,
    two_different_people,
    right_role,
    policy_is_sure,
    came,
    not_claimed_twice,
    receipt_used_once,
    fresh_eyes,
)


def findings(matter: Matter) -> list[Finding]:
    """What every check has to say. The rule and a person are asked the same list."""
    return [found for check in CHECKS if (found := check(matter))]


def with_sums(answer: Mapping[str, Any], sums: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An assessment in which lines left open hold what a person gave for them, and that person's reason.

    `sums`: `{line, amount_pence, reason}` each. The policy's words on such a line, which say what was still
    missing, give way to the reason; its clause stays.
    """
    lines = [dict(line) for line in answer["lines"]]
    for row in sums:
        line = lines[int(row["line"])]
        clause = line["reasons"][-1]["clause"] if line["reasons"] else ""
        text = f"A person here decided this. {row['reason']}"
        line |= {"outcome": "payable", "amount_pence": int(row["amount_pence"])}
        line["reasons"] = [{"clause": clause, "rule": "decided", "text": text, "figures": {}}]
        line.pop("would_change", None)
    if not sums:
        return dict(answer)
    fee, costs = (sum(one["amount_pence"] for one in lines if one["kind"] == k) for k in ("fee", "expense"))
    still_open = any(line["outcome"] == "needs_person" for line in lines)
    outcome = "needs_person" if still_open else "payable" if fee + costs else "not_payable"
    totals = {"fee_pence": fee, "expenses_pence": costs, "total_pence": fee + costs}
    return {**answer, "lines": lines, "outcome": outcome, **totals}
