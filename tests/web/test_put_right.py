"""Can a cost that was paid be put right from its page, whatever it is measured in?"""

from __future__ import annotations

from typing import Any

from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.claims.tables import Claim
from service.events import Actor
from tests.web.filling import filler
from tests.web.test_costs import costs_of
from tests.web.world import World


def paid(world: World, *costs: dict[str, Any]) -> Claim:
    """Costs of Jo's that were paid."""
    world.tick("jo")
    given = NewClaim(person_id=world.people["jo"], session_id=world.sessions["brew"], expenses=costs)
    me = Actor("person", world.people["jo"])
    with world.db.council(world.council_id) as session:
        claims.submit(session, council_id=world.council_id, given=given, actor=me, now=world.now)
    world.drain()
    (claim,) = [one for one in costs_of(world, "jo") if one.kind == "expenses"]
    assert claim.state == "paid"
    return claim


def more_for(world: World, claim: Claim) -> list[int]:
    return [one.total_pence for one in world.claims_of("jo") if one.corrects_id == claim.id]


def test_miles_with_tenths_are_put_right_and_what_is_paid_flat_is_not_asked_about(world: World) -> None:
    claim = paid(world, {"category": "internet"}, {"category": "car", "miles": 12.5})
    one = filler(world, "jo")
    one.open(f"/claims/{claim.id}/correct")
    assert 'name="cost-0"' not in one.page
    assert 'id="cost-1" name="cost-1" type="text"' in one.page
    assert 'value="12.5"' in one.page
    one.send(**{"cost-1": "a lot", "reason": "A detour."})
    assert one.says("Enter a number, like 12 or 12.5")
    one.send(**{"cost-1": "14.5", "reason": "A detour."})
    assert one.path == f"{one.at}/claims/{claim.id}"
    world.drain()
    assert more_for(world, claim) == [110]


def test_where_no_sum_was_given_there_is_none_to_put_right(world: World) -> None:
    claim = paid(world, {"category": "internet"})
    one = filler(world, "jo")
    one.open(f"/claims/{claim.id}")
    assert not one.says("Put a cost right")
    one.open(f"/claims/{claim.id}/correct")
    assert one.says("There is no sum in this claim to put right.")
    assert more_for(world, claim) == []
