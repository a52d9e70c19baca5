"""Who may say yes, and is every check asked of the rule and of a person alike?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.approvals import actions, model
from service.approvals.model import AUTOMATIC, CHECKS, Decider, Finding, Matter, findings
from service.claims import queries as claims
from service.events import Actor
from service.sessions import actions as sessions
from tests.stage import Council, Stage, refused, told

ME = Decider("staff", "stf_1", roles=frozenset({"approver", "budget_holder"}))
RULE = actions.THE_RULE

# A claim that neither the rule nor a person has anything to say about.
FINE = Matter(
    state="submitted",
    outcome="payable",
    open_lines=0,
    route=(),
    agreed=(),
    claimant_id="per_1",
    makers=frozenset(),
    on_register=True,
    decider=ME,
)

# check → what is planted for it, and whether it forbids a person and the rule; None: it cannot apply to them.
PLANTED: dict[str, tuple[Callable[[Matter], Matter], bool, bool | None]] = {
    "can_be_decided": (lambda m: replace(m, state="paid"), True, True),
    "not_the_claimant": (lambda m: replace(m, decider=Decider("person", "per_1")), True, None),
    "not_a_maker": (lambda m: replace(m, makers=frozenset({(m.decider.kind, m.decider.id)})), True, True),
    "two_different_people": (lambda m: replace(m, agreed=(("approver", m.decider.same_as),)), True, True),
    "right_role": (lambda m: replace(m, route=("approver",), decider=_bare(m.decider)), True, False),
    "policy_is_sure": (lambda m: replace(m, outcome="needs_person"), False, False),
    "came": (lambda m: replace(m, on_register=False), False, False),
    "not_claimed_twice": (lambda m: replace(m, same_cost_elsewhere="clm_9"), False, False),
    "receipt_used_once": (lambda m: replace(m, same_receipt_elsewhere="clm_9"), False, False),
    "fresh_eyes": (
        lambda m: replace(m, refused_by=(m.decider.same_as,), somebody_else=True),
        True,
        None,
    ),
}


def _bare(decider: Decider) -> Decider:
    return decider if decider.kind == "rule" else replace(decider, roles=frozenset())


def test_nothing_stands_in_the_way_of_a_claim_that_is_fine() -> None:
    assert findings(FINE) == findings(replace(FINE, decider=RULE)) == []


def test_every_check_is_tried_here() -> None:
    assert [check.__name__ for check in CHECKS] == list(PLANTED)


@pytest.mark.parametrize("check", PLANTED)
def test_a_check_finds_what_is_planted_for_it_and_nothing_else(check: str) -> None:
    plant, forbids_person, forbids_rule = PLANTED[check]
    assert [(f.check, f.forbids) for f in findings(plant(FINE))] == [(check, forbids_person)]
    if forbids_rule is not None:
        by_rule = findings(plant(replace(FINE, decider=RULE)))
        assert [(f.check, f.forbids) for f in by_rule] == [(check, forbids_rule)]


def test_the_rule_and_a_person_are_asked_the_same_list(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is added is asked of both: one more, planted here, stops both."""
    council = stage.council()
    asked: list[str] = []

    def planted(matter: Matter) -> Finding | None:
        asked.append(matter.decider.kind)
        return Finding("planted", True, "A hole planted by a test.")

    monkeypatch.setattr(model, "CHECKS", (*CHECKS, planted))
    session_id = council.ticked()
    stage.drain()
    claim = council.claim(session=session_id)
    assert claim["status"] == "waiting"
    problem = refused(decide(council, claim["id"], "approve"), 403)
    assert problem["detail"] == "A hole planted by a test."
    assert asked == ["rule", "key"]


def decide(council: Council, claim_id: str, verb: str, *, door: str = "approver", **body: Any) -> Any:
    """One decision on what was just read."""
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    return council.doors[door].post(f"claims/{claim_id}/{verb}", body, seen=seen)


def waiting(council: Council, **more: Any) -> str:
    """A claim of £90.00 that an approver must agree. Answers its id."""
    session_id = council.ticked("practice_review", role="team_member", minutes=300, **more)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["assessment"]["approval_route"]) == ("waiting", ["approver"])
    claim_id: str = claim["id"]
    return claim_id


def test_an_approver_says_yes_and_it_is_paid(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    approved = told(decide(council, claim_id, "approve", by="Bo of Finance"))
    assert approved["status"] == "approved"
    assert [(d["kind"], d["role"], d["by"]) for d in approved["decisions"]] == [
        ("agreed", "approver", "Bo of Finance")
    ]
    stage.drain()
    assert told(council.lead.get(f"claims/{claim_id}"))["status"] == "paid"


def test_pressing_yes_twice_is_one_yes_and_one_payment(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    first = council.approver.post(f"claims/{claim_id}/approve", {}, seen=seen)
    before = stage.picture("kept_answers")
    again = council.approver.post(f"claims/{claim_id}/approve", {}, seen=seen)
    assert told(again)["decisions"] == told(first)["decisions"]
    assert stage.picture("kept_answers") == before
    stage.drain()
    told(council.approver.post(f"claims/{claim_id}/approve", {}, seen=seen))
    stage.drain()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert council.balance() == {"fees": 9000, "bank:sandbox": -9000}


def test_another_who_says_yes_after_it_was_agreed_is_told_so(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    told(decide(council, claim_id, "approve"))
    before = stage.picture()
    refused(decide(council, claim_id, "approve", door="lead"), 409)
    refused(decide(council, claim_id, "refuse", clause="3.1", reason="No."), 409)
    assert stage.picture() == before


def test_refuses_who_made_or_changed_the_claim(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    costs = [{"category": "bus", "amount_pence": 410, "receipt": True}]
    told(council.lead.patch(f"claims/{claim_id}", {"expenses": costs}, seen=seen))
    stage.drain()
    before = stage.picture()
    for verb, body in (
        ("approve", {}),
        ("refuse", {"clause": "3.1", "reason": "No."}),
        ("ask", {"question": "?"}),
    ):
        problem = refused(decide(council, claim_id, verb, door="lead", **body), 403)
        assert problem["detail"] == "You made or changed this claim. Somebody else must decide."
    assert stage.picture() == before
    told(decide(council, claim_id, "approve"))


def test_ticking_the_register_makes_nobody_a_maker(stage: Stage) -> None:
    council = stage.council()
    told(decide(council, waiting(council), "approve", door="lead"))


def test_refuses_own_claim(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    with stage.hands.db.council(council.id) as session:
        claim = claims.get(session, council_id=council.id, claim_id=claim_id)
        own = Decider("person", claim.person_id, roles=frozenset({"approver"}))
        with pytest.raises(actions.MayNotDecide, match="your own claim"):
            actions.approve(
                session,
                council_id=council.id,
                claim_id=claim_id,
                decider=own,
                seen=claim.tag,
                now=stage.clock(),
            )


def test_refuses_a_key_of_another_role(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    before = stage.picture()
    for role in ("finance", "ops"):
        refused(decide(council, claim_id, "approve", door=role), 403)
    council.doors["facilitator"] = council.key("facilitator")
    before = stage.picture()
    refused(decide(council, claim_id, "approve", door="facilitator"), 403)
    assert stage.picture() == before


def large(council: Council) -> str:
    """A claim of £360.00, which two people look at. Answers its id."""
    session_id = council.ticked("practice_review", role="team_member", minutes=1200)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert claim["assessment"]["approval_route"] == ["approver", "senior_approver"]
    claim_id: str = claim["id"]
    return claim_id


def test_two_different_people_agree_a_large_claim(stage: Stage) -> None:
    council = stage.council()
    claim_id = large(council)
    first = told(decide(council, claim_id, "approve", by="Ada"))
    assert first["status"] == "waiting"
    before = stage.picture()
    for name in ("Ada", " ADA ", ""):
        refused(decide(council, claim_id, "approve", by=name), 403)
    assert stage.picture() == before
    council.doors["senior"] = council.key("budget_holder")
    second = told(decide(council, claim_id, "approve", door="senior"))
    assert second["status"] == "approved"
    assert [d["role"] for d in second["decisions"]] == ["approver", "senior_approver"]
    assert "claim.agreed" in council.history(claim_id)
    stage.drain()
    assert council.balance() == {"fees": 36000, "bank:sandbox": -36000}


def test_one_key_that_speaks_for_two_people_must_name_both(stage: Stage) -> None:
    council = stage.council()
    claim_id = large(council)
    told(decide(council, claim_id, "approve", door="lead"))
    problem = refused(decide(council, claim_id, "approve", door="lead", by="Bo"), 403)
    assert problem["detail"] == "You have already agreed this. A second person must decide now."
    other = large(council)
    told(decide(council, other, "approve", door="lead", by="Ada"))
    assert told(decide(council, other, "approve", door="lead", by="Bo"))["status"] == "approved"


def test_an_edit_takes_back_the_first_yes(stage: Stage) -> None:
    council = stage.council()
    claim_id = large(council)
    told(decide(council, claim_id, "approve", by="Ada"))
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    told(council.lead.patch(f"claims/{claim_id}", {"expenses": []}, seen=seen))
    stage.drain()
    assert told(decide(council, claim_id, "approve", by="Ada"))["status"] == "waiting"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/clause", "/reason"]),
        ({"clause": "3.1"}, ["/reason"]),
        ({"reason": "No."}, ["/clause"]),
        ({"clause": " ", "reason": " "}, ["/clause", "/reason"]),
    ],
)
def test_a_no_needs_its_clause_and_its_reason(
    stage: Stage, body: dict[str, str], pointers: list[str]
) -> None:
    council = stage.council()
    claim_id = waiting(council)
    before = stage.picture()
    refused(decide(council, claim_id, "refuse", **body), 422, *pointers)
    assert stage.picture() == before


def test_the_person_reads_the_reason_for_a_no(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    body = {"clause": "3.1", "reason": "The session was cancelled."}
    claim = told(decide(council, claim_id, "refuse", **body))
    assert claim["status"] == "refused"
    assert [(d["kind"], d["clause"], d["reason"]) for d in claim["decisions"]] == [
        ("refused", "3.1", "The session was cancelled.")
    ]
    stage.drain()
    with stage.admin() as line:
        ((letter,),) = line.execute("SELECT body FROM notices WHERE name = 'claim.refused'").fetchall()
    assert "The session was cancelled." in letter
    assert council.payments() == []


def test_a_question_waits_for_its_answer(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    refused(decide(council, claim_id, "ask", question=" "), 422, "/question")
    asked = told(decide(council, claim_id, "ask", question="Which day?"))
    assert asked["status"] == "asked"
    stage.drain()
    assert council.messages(asked["person"])[-1] == "We have a question: Over a Brew"
    with stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "claim_id": claim_id}
        who = Actor("person", asked["person"])
        actions.answer(session, **key, actor=who, words="The second.", now=stage.clock())
    assert told(council.lead.get(f"claims/{claim_id}"))["status"] == "waiting"
    assert told(decide(council, claim_id, "approve"))["status"] == "approved"


def open_line(council: Council) -> str:
    """A claim whose one line the policy leaves open: a panel, and nobody said whether there was training."""
    session_id = council.ticked("recruitment_panel", role="panel_member", minutes=120)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["total_pence"]) == ("needs_person", 0)
    claim_id: str = claim["id"]
    return claim_id


@pytest.mark.parametrize(
    ("sums", "pointers"),
    [
        ([], ["/sums/0"]),
        ([{"line": 1, "amount_pence": 4000, "reason": "r"}], ["/sums/0", "/sums/1"]),
        ([{"line": 0, "amount_pence": 4000, "reason": " "}], ["/sums/0"]),
        ([{"line": 0, "amount_pence": -1, "reason": "r"}], ["/sums/0/amount_pence"]),
    ],
)
def test_a_line_that_the_policy_left_open_needs_a_sum_and_a_reason(
    stage: Stage, sums: list[dict[str, Any]], pointers: list[str]
) -> None:
    council = stage.council()
    claim_id = open_line(council)
    before = stage.picture()
    refused(decide(council, claim_id, "approve", sums=sums), 422, *pointers)
    assert stage.picture() == before


def test_the_sum_that_a_person_decides_is_paid(stage: Stage) -> None:
    council = stage.council()
    claim_id = open_line(council)
    sums = [{"line": 0, "amount_pence": 4000, "reason": "Trained last year."}]
    claim = told(decide(council, claim_id, "approve", sums=sums))
    assert (claim["status"], claim["fee_pence"]) == ("approved", 4000)
    stage.drain()
    assert council.balance() == {"fees": 4000, "bank:sandbox": -4000}


def test_the_rule_leaves_costs_of_somebody_who_was_not_ticked_to_a_person(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session("advisory_network", online=False), council.person()
    council.invited(session_id, person_id, "member")
    costs = [{"category": "bus", "amount_pence": 410, "receipt": True}]
    body = {"person": person_id, "session": session_id, "expenses": costs}
    claim_id = told(council.lead.post("claims", body), 201)["id"]
    stage.drain()
    claim = told(council.lead.get(f"claims/{claim_id}"))
    assert (claim["status"], claim["assessment"]["approval_route"]) == ("waiting", AUTOMATIC)
    assert told(decide(council, claim_id, "approve"))["status"] == "approved"


def test_the_rule_leaves_a_cost_that_was_claimed_before_to_a_person(stage: Stage) -> None:
    council = stage.council()
    session_id = council.ticked("advisory_network", role="member", minutes=60, online=False)
    stage.drain()
    person_id = council.claim(session=session_id)["person"]
    costs = [{"category": "bus", "amount_pence": 410, "receipt": True}]
    body = {"person": person_id, "session": session_id, "expenses": costs}
    states = []
    for _ in range(2):
        claim_id = told(council.lead.post("claims", body), 201)["id"]
        stage.drain()
        states.append(told(council.lead.get(f"claims/{claim_id}"))["status"])
    assert states == ["paid", "waiting"]


def test_every_decision_stays_on_record_and_cannot_be_changed(stage: Stage) -> None:
    council = stage.council()
    claim_id = waiting(council)
    told(decide(council, claim_id, "approve"))
    with (
        stage.admin() as line,
        pytest.raises(Exception, match="decisions is kept for ever"),
    ):
        line.execute("UPDATE decisions SET decider_id = 'somebody'")


def test_who_is_never_offered_may_still_be_ticked_with_a_role(stage: Stage) -> None:
    """The finding is about the register, not about the offer."""
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    with stage.hands.db.council(council.id) as session:
        sessions.tick_register(
            session,
            council_id=council.id,
            session_id=session_id,
            ticks=[sessions.Tick(person_id, True, role="participant")],
            actor=Actor("staff", "stf_1"),
            now=stage.clock(),
        )
    stage.drain()
    assert council.claim(session=session_id)["status"] == "paid"
