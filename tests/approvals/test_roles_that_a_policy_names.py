"""Whose turn is it when a policy names roles in order, also roles that nobody here is called by?"""

from __future__ import annotations

import pytest

from service.approvals.model import AUTOMATIC, Decider, Finding, Matter, right_role
from service.councils.model import Caller


def _decider(*roles: str) -> Decider:
    caller = Caller("cou_1", "staff", "stf_1", roles, frozenset())
    return Decider("staff", "stf_1", roles=caller.approves_as)


def _finding(decider: Decider, *route: str, agreed: tuple[str, ...] = ()) -> Finding | None:
    return right_role(
        Matter(
            state="waiting",
            outcome="payable",
            open_lines=0,
            route=route,
            agreed=tuple((role, ("staff", "stf_9", "")) for role in agreed),
            claimant_id="per_1",
            makers=frozenset(),
            on_register=None,
            decider=decider,
        )
    )


@pytest.mark.parametrize(
    ("role", "turn", "agreed"),
    [
        ("approver", "approver", ()),
        ("lead", "approver", ()),
        ("budget_holder", "senior_approver", ("approver",)),
        ("lead", "senior_approver", ("approver",)),
        ("approver", "convenor", ()),
        ("budget_holder", "second_signatory", ("convenor",)),
    ],
)
def test_lets_the_role_whose_turn_it_is_decide(role: str, turn: str, agreed: tuple[str, ...]) -> None:
    assert _finding(_decider(role), *agreed, turn, agreed=agreed) is None


def test_keeps_an_approver_from_answering_as_a_senior_one() -> None:
    found = _finding(_decider("approver"), "approver", "senior_approver", agreed=("approver",))
    assert found == Finding("right_role", True, "The policy asks for a senior approver to agree this.")


@pytest.mark.parametrize("role", ["facilitator", "finance", "ops", "policy_owner"])
def test_keeps_everybody_else_from_deciding(role: str) -> None:
    found = _finding(_decider(role), "convenor")
    assert found == Finding("right_role", True, "The policy asks for convenor to agree this.")


def test_leaves_to_people_what_names_a_role() -> None:
    rule = Decider("rule", "policy", roles=frozenset({AUTOMATIC}))
    found = _finding(rule, "convenor")
    assert found == Finding("right_role", False, "The policy asks for convenor to agree this.")
