"""Does a receipt that comes after the claim reach whoever decides, and is none lost on the way?"""

from __future__ import annotations

from typing import Any

from service.claims import actions, advancing
from service.claims.advancing import Before
from service.claims.drafting import NewClaim
from service.claims.tables import Claim
from service.events import Actor
from service.sessions import actions as sessions
from tests.receipts import made
from tests.web.filling import bus, filler
from tests.web.test_costs import approve, costs_of
from tests.web.test_costs_receipts import kept
from tests.web.world import World


def test_no_receipt_is_a_way_on_and_a_later_one_is_worked_out_anew(world: World) -> None:
    """Refused by the rule for want of a receipt; sent afterwards, it is paid."""
    world.tick("jo")
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="12.00")
    one.send(receipt="no")
    assert one.says("It can be paid if you send a receipt or ticket.")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert claim.state == "refused"
    one.open(f"/claims/{claim.id}")
    one.open(one.link("add one"))
    one.send()
    assert one.says("Choose a picture of your receipt.")
    one.file(made.png())
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert (claim.state, claim.version, claim.total_pence) == ("paid", 2, 1200)
    one.open(f"/claims/{claim.id}")
    assert one.says("You added a receipt")
    assert "Add a receipt" not in one.page
    one.open(f"/claims/{claim.id}/receipt")
    assert one.says("This claim needs no receipt any more.")


def test_a_receipt_that_came_after_a_change_was_begun_goes_with_the_change(world: World) -> None:
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.open(one.link("Add another cost"))
    one.send(kind="bicycle")
    one.send(miles="3")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    check = one.path
    one.open(f"/claims/{claim.id}/receipt")
    one.file(made.jpeg(), cost="0")
    one.open(check)
    assert one.says("1 picture")
    # The bus is taken out of the change; then another ticket comes for it, so there it is again.
    one.send(to="/remove")
    assert not one.says("Bus or tram")
    one.open(f"/claims/{claim.id}/receipt")
    one.file(made.png(), cost="0")
    one.open(check)
    assert one.says("Cost 2: Bus or tram")
    assert not one.says("This claim was changed")
    one.send()
    assert one.says("We have what you changed")
    (claim,) = costs_of(world, "jo")
    assert [cost["category"] for cost in claim.expenses] == ["bicycle", "bus"]
    assert [(row.state, row.cost_number) for row in kept(world) if row.claim_id] == [
        ("removed", 0),
        ("kept", 1),
    ]


def test_a_change_stays_up_to_date_with_a_receipt_that_is_worked_out_anew(world: World) -> None:
    world.tick("jo")
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="12.00")
    one.send(receipt="no")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    check = one.path
    one.open(f"/claims/{claim.id}/receipt")
    one.file(made.jpeg())
    one.open(check)
    assert one.says("1 picture")
    assert not one.says("This claim was changed")
    one.send()
    (claim,) = costs_of(world, "jo")
    assert (claim.version, claim.expenses[0]["receipt"]) == (3, True)
    assert [(row.state, row.claim_id) for row in kept(world)] == [("kept", claim.id)]


def test_a_cost_beside_a_fee_takes_a_receipt_too(world: World) -> None:
    """A claim for both, as staff or another system make it: worked out again, and the fee stays as it was."""
    key: dict[str, Any] = {"council_id": world.council_id, "now": world.now}
    facts = {"activity": "over_a_brew", "role": "participant", "minutes": 60, "online": True}
    facts["on"] = world.now.date().isoformat()
    cost = {"category": "bus", "amount_pence": 1200, "receipt": False}
    given = NewClaim(world.people["jo"], facts=facts, expenses=(cost,), with_fee=True)
    with world.db.council(world.council_id) as session:
        before = actions.submit(session, given=given, actor=world.lead, **key)
    one = filler(world, "jo")
    one.open(f"/claims/{before.id}/receipt")
    one.file(made.jpeg())
    after = one_of(world, before.id)
    assert (before.fee_pence, before.expenses_pence) == (1550, 0)
    assert (after.version, after.fee_pence, after.expenses_pence) == (2, 1550, 1200)
    assert [(row.state, row.claim_id) for row in kept(world)] == [("kept", before.id)]


def advance(world: World, pence: int = 400) -> Claim:
    """Jo says yes to the board, and is given money for the bus there, with Ada's yes."""
    key: dict[str, Any] = {"council_id": world.council_id, "now": world.now}
    jo = world.people["jo"]
    given = Before(jo, world.sessions["board"], "bus", pence, "She cannot lay it out.")
    with world.db.council(world.council_id) as session:
        sessions.accept(session, offer_id=world.offers["board-jo"], actor=Actor("person", jo), **key)
        claim_id = advancing.hand_over(session, given=given, actor=world.lead, **key).id
    world.drain()
    return one_of(world, claim_id)


def one_of(world: World, claim_id: str) -> Claim:
    (found,) = [claim for claim in world.claims_of("jo") if claim.id == claim_id]
    return found


def test_somebody_who_was_given_money_first_shows_what_they_spent(world: World) -> None:
    claim = advance(world)
    if claim.state == "waiting":
        approve(world, "ada", claim, claim.tag)
        world.drain()
    assert one_of(world, claim.id).state == "paid"
    one = filler(world, "jo")
    one.open(f"/claims/{claim.id}/correct")
    one.open(one.link("add it first"))
    one.file(made.jpeg())
    (row,) = kept(world)
    assert (row.claim_id, row.cost_number, row.state) == (claim.id, 0, "kept")
    assert one_of(world, claim.id).version == 1
    one.open(f"/claims/{claim.id}/correct")
    one.send(**{"cost-0": "90.00", "reason": "The ticket was dearer."})
    world.drain()
    staff = world.client("staff", "ada")
    (more,) = [one for one in world.claims_of("jo") if one.corrects_id == claim.id]
    for claim_id in (claim.id, more.id):
        page = staff.get(f"/{world.slug}/staff/claims/{claim_id}").text
        assert f'href="/{world.slug}/staff/receipts/{row.id}"' in page


def test_before_the_money_is_given_there_is_nothing_to_show(world: World) -> None:
    claim = advance(world, 8000)
    assert claim.state == "waiting"
    one = filler(world, "jo")
    one.open(f"/claims/{claim.id}/receipt")
    assert one.says("This claim needs no receipt any more.")
