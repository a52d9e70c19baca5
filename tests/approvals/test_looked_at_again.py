"""A no that somebody did not agree with: do the books, the allowances and the history stay right?"""

from __future__ import annotations

import pytest

from service.approvals import actions as approvals
from service.claims.actions import ClaimHasMoved
from service.events import Actor
from tests.approvals.test_deciding import decide
from tests.stage import Council, Stage, told


def refused(stage: Stage) -> tuple[Council, str, str]:
    """A fee that a person has to agree, and did not. Answers the council, the claim and whose it is."""
    council = stage.council()
    session_id = council.ticked("practice_review", role="team_member", minutes=400)
    stage.drain()
    claim = council.claim(session=session_id)
    assert claim["status"] == "waiting"
    told(decide(council, claim["id"], "refuse", clause="3.1", reason="You left early."))
    stage.drain()
    return council, claim["id"], claim["person"]


def asks_again(council: Council, claim_id: str, person_id: str) -> None:
    with council.stage.hands.db.council(council.id) as session:
        approvals.look_again(
            session,
            council_id=council.id,
            claim_id=claim_id,
            actor=Actor("person", person_id),
            words="",
            now=council.stage.clock(),
        )
    council.stage.drain()


def test_a_fee_is_agreed_after_all_and_the_books_balance(stage: Stage) -> None:
    council, claim_id, person_id = refused(stage)
    assert council.breaches() == []
    asks_again(council, claim_id, person_id)
    asks_again(council, claim_id, person_id)
    assert council.breaches() == []
    told(decide(council, claim_id, "approve"))
    stage.drain()
    claim = told(council.lead.get(f"claims/{claim_id}"))
    assert claim["status"] == "paid"
    assert council.balance() == {"fees": claim["total_pence"], "bank:sandbox": -claim["total_pence"]}
    names = [name for name in council.history(claim_id) if name.startswith("claim.")]
    assert names == [
        "claim.submitted",
        "claim.waiting",
        "claim.refused",
        "claim.look_again_asked",
        "claim.approved",
        "claim.paid",
    ]


def test_what_was_agreed_or_taken_back_is_not_looked_at_again(stage: Stage) -> None:
    council, claim_id, person_id = refused(stage)
    asks_again(council, claim_id, person_id)
    told(decide(council, claim_id, "approve"))
    stage.drain()
    before = stage.picture()
    with pytest.raises(ClaimHasMoved, match="All that you asked for was agreed"):
        asks_again(council, claim_id, person_id)
    assert stage.picture() == before
