"""Does a person get what they spent with little effort, and is nothing lost that they typed?"""

from __future__ import annotations

from datetime import timedelta

from service.claims import actions, unsent
from service.claims import queries as claims
from service.claims.tables import Claim, UnsentClaim
from tests.web.filling import bus, filler
from tests.web.world import World


def begun(world: World, who: str) -> list[UnsentClaim]:
    with world.db.council(world.council_id) as session:
        return unsent.of_person(session, council_id=world.council_id, person_id=world.people[who])


def costs_of(world: World, who: str) -> list[Claim]:
    return [claim for claim in world.claims_of(who) if claim.kind == "expenses"]


def test_a_bus_fare_is_sent_in_six_pages_and_paid(world: World) -> None:
    world.tick("jo")
    one = filler(world, "jo")
    one.open("")
    one.open(one.link("Ask for a cost"))
    one.send(kind="bus")
    one.send(amount_pence="4.10")
    one.send(receipt="yes")
    assert one.says("We pay bus and tram fares in full. The cost was £4.10.")
    one.send()
    assert one.says("We have it")
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert (claim.state, claim.total_pence) == ("paid", 410)
    assert claim.expenses == [{"category": "bus", "amount_pence": 410, "receipt": True}]
    assert begun(world, "jo") == []


def test_several_costs_go_in_one_claim(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    one.open(one.link("Add another cost"))
    one.send(kind="car")
    one.send(miles="12.5")
    one.send(passengers="0")
    assert one.says("Cost 1: Bus or tram")
    assert one.says("Cost 2: Car")
    one.open(one.link("Add another cost"))
    one.send(kind="bicycle")
    one.send(miles="2")
    one.send(to="/remove")
    assert not one.says("Bus or tram")
    one.send()
    (claim,) = costs_of(world, "jo")
    assert claim.expenses == [
        {"category": "car", "miles": 12.5, "passengers": 0},
        {"category": "bicycle", "miles": 2},
    ]


def test_half_a_claim_is_there_on_another_phone(world: World) -> None:
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="4.10")
    other = filler(world, "jo")
    other.open("")
    assert other.says("Go on with your claim: Over a Brew: what helps?")
    other.open(other.link("Go on with your claim"))
    assert other.path.endswith("/receipt")
    other.send(receipt="yes")
    assert other.says("The cost was £4.10.")
    somebody = filler(world, "wei")
    somebody.open("")
    assert not somebody.says("Go on with your claim")
    other.send()
    one.open("")
    assert not one.says("Go on with your claim")


def test_nothing_typed_is_lost_when_the_session_ends_in_between(world: World) -> None:
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    with one.client.session_transaction() as cookie:
        cookie.pop("person")
    token = one.page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    typed = {"csrf_token": token, "amount_pence": "4.10"}
    answer = one.client.post(one.path, data=typed, headers={"Origin": "http://localhost"})
    assert answer.status_code == 401
    assert 'name="amount_pence" value="4.10"' in answer.text
    with one.client.session_transaction() as cookie:
        cookie["person"] = {world.council_id: world.people["jo"]}
    one.page, one.path = answer.text, one.path
    one.send(amount_pence="4.10")
    assert one.path.endswith("/receipt")
    assert begun(world, "jo")[0].costs == [{"answers": {"kind": "bus", "amount_pence": 410}, "receipts": []}]


def test_a_wrong_answer_keeps_every_other(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    one.open(one.link("Change"))
    one.send(kind="taxi")
    one.send(amount_pence="lots")
    assert one.says("Write the amount in pounds and pence, like 4.10")
    assert 'value="lots"' in one.page
    assert begun(world, "jo")[0].costs[0]["answers"] == {"kind": "taxi"}


def test_what_was_begun_goes_after_ninety_days(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    key = {"council_id": world.council_id}
    with world.db.council(world.council_id) as session:
        unsent.forget_old(session, now=world.now + timedelta(days=89), **key)
    assert len(begun(world, "jo")) == 1
    with world.db.council(world.council_id) as session:
        unsent.forget_old(session, now=world.now + timedelta(days=91), **key)
    assert begun(world, "jo") == []


def test_the_sum_of_a_journey_comes_from_the_policy_while_it_is_typed(world: World) -> None:
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="car")
    assert 'data-sum-for="miles"' in one.page
    at = f"{one.at}/costs/{world.sessions['brew']}/sum?name=miles&miles="
    told = one.client.get(at + "12.5").json
    assert told is not None
    assert told["sum"] == "£6.88"
    assert any("12.5" in reason for reason in told["why"])
    for typed in ("", "far", "-1"):
        assert one.client.get(at + typed).json == {"sum": "", "why": []}
    assert begun(world, "jo")[0].costs[0]["answers"] == {"kind": "car"}
    one.send(miles="12.5")
    one.send(passengers="0")
    assert one.says("By our rules you would get £6.88")


def test_the_same_cost_again_is_noticed_and_can_be_sent(world: World) -> None:
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world)
    one.send()
    world.drain()
    bus(one, world)
    assert one.says("You asked for this already on")
    assert one.says("Is this another one?")
    one.send()
    world.drain()
    first, second = sorted(costs_of(world, "jo"), key=lambda claim: claim.id)
    assert (first.state, second.state) == ("paid", "waiting")
    page = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{second.id}").text
    assert "The same cost for the same day is also in" in page


def test_two_the_same_in_one_claim_are_noticed_and_can_be_sent(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    one.open(one.link("Add another cost"))
    one.send(kind="bus")
    one.send(amount_pence="4.10")
    one.send(receipt="yes")
    assert one.says("Bus or tram £4.10 is here 2 times. Is that right?")
    one.send()
    assert [claim.total_pence for claim in costs_of(world, "jo")] == [820]


def test_what_was_begun_can_be_thrown_away(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    one.send(to="/throw-away")
    assert one.path == one.at
    assert (begun(world, "jo"), costs_of(world, "jo")) == ([], [])
    bus(one, world)
    one.send()
    (claim,) = costs_of(world, "jo")
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    one.send(to="/throw-away")
    assert one.path == f"{one.at}/claims/{claim.id}"
    assert [(one.version, one.tag) for one in costs_of(world, "jo")] == [(1, claim.tag)]


def test_pressing_send_twice_sends_once(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    check, page = one.path, one.page
    one.send()
    one.path, one.page = check, page
    one.send()
    assert one.says("Hello Jo Marsh")
    assert len(costs_of(world, "jo")) == 1


def test_a_claim_is_changed_until_it_is_agreed_and_then_put_right_another_way(world: World) -> None:
    """The change is a new version of the same claim, and everybody has to agree it anew."""
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert (claim.state, claim.version) == ("waiting", 1)
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    assert one.says("£80.00")
    assert costs_of(world, "jo")[0].version == 1
    one.open(one.link("Add another cost"))
    one.send(kind="bicycle")
    one.send(miles="3")
    assert one.says("Send the change")
    one.send()
    assert one.says("We have what you changed")
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert (claim.state, claim.version, claim.total_pence) == ("waiting", 2, 8060)
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    with world.db.council(world.council_id) as session:
        seen = claims.get(session, council_id=world.council_id, claim_id=claim.id).tag
    approve(world, "ada", claim, seen)
    unsent_before = begun(world, "jo")[0].costs
    one.send()
    assert one.says("This claim cannot be changed here any more.")
    assert one.link("This claim cannot be changed") == f"{one.at}/claims/{claim.id}"
    assert begun(world, "jo")[0].costs == unsent_before
    one.open("")
    assert not one.says("Go on with your claim")
    world.drain()
    (after,) = costs_of(world, "jo")
    assert (after.state, after.version, after.total_pence) == ("paid", 2, 8060)


def test_a_change_that_was_begun_writes_over_nothing_that_came_since(world: World) -> None:
    """The claim was changed elsewhere: the person sees both, and nothing is sent before they have."""
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.send()
    (claim,) = costs_of(world, "jo")
    one.open(f"/claims/{claim.id}")
    one.send(to="/change")
    one.open(one.link("Add another cost"))
    one.send(kind="bicycle")
    one.send(miles="3")
    assert not one.says("This claim was changed")
    typed = begun(world, "jo")[0].costs
    key = {"council_id": world.council_id, "claim_id": claim.id}
    other = ({"category": "bus", "amount_pence": 7000, "receipt": True},)
    with world.db.council(world.council_id) as session:
        seen = claims.get(session, **key).tag
        actions.edit(session, **key, expenses=other, seen=seen, actor=world.lead, now=world.now)
    one.send()
    assert one.says("This claim was changed after you began this. It says now: Bus or tram £70.00")
    (now,) = costs_of(world, "jo")
    assert (now.version, now.expenses, begun(world, "jo")[0].costs) == (2, list(other), typed)
    assert 'name="seen" value="2"' in one.page
    one.send(seen="2")
    assert one.says("We have what you changed")
    (now,) = costs_of(world, "jo")
    assert (now.version, now.total_pence, begun(world, "jo")) == (3, 8060, [])


def approve(world: World, who: str, claim: Claim, seen: str) -> None:
    client, path = world.client("staff", who), f"/{world.slug}/staff/claims/{claim.id}"
    page = client.get(path).text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = client.post(f"{path}/approve", data={"csrf_token": token, "seen": seen})
    assert answer.status_code == 303, answer.text
