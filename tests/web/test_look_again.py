"""Does a no have a way on: another person looks, both are on record, and everybody is told?"""

from __future__ import annotations

from typing import Any

from service.claims.tables import Claim
from service.councils import actions as councils
from service.notices import queries as notices
from tests.receipts import made
from tests.web.filling import Filler, bus, filler
from tests.web.test_costs import costs_of
from tests.web.world import World


def decide(world: World, who: str, claim: Claim, verb: str, **typed: Any) -> tuple[int, str]:
    """Press one of the buttons on the page of a claim. Answers the status and the page after it."""
    client, path = world.client("staff", who), f"/{world.slug}/staff/claims/{claim.id}"
    # Form tokens are another test's matter, and a page that offers no decision has none.
    world.app.config["WTF_CSRF_METHODS"] = set()
    (now,) = [one for one in costs_of(world, "jo") if one.id == claim.id]
    answer = client.post(f"{path}/{verb}", data={"seen": now.tag, **typed}, follow_redirects=True)
    world.drain()
    return answer.status_code, answer.text


NO = {"clause": "6.4", "reason": "We think that you walked."}


def refused(world: World) -> tuple[Filler, Claim]:
    """Jo asked for a dear bus, and Ada said no."""
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert decide(world, "ada", claim, "refuse", **NO)[0] == 200
    (claim,) = costs_of(world, "jo")
    assert claim.state == "refused"
    return one, claim


def disagrees(one: Filler, claim: Claim, words: str = "") -> None:
    one.open(f"/claims/{claim.id}")
    assert one.says("We think that you walked.")
    one.open(one.link("I disagree, look again"))
    one.send(words=words)
    assert one.path == f"{one.at}/claims/{claim.id}"


def test_somebody_else_looks_and_may_say_yes(world: World) -> None:
    one, claim = refused(world)
    disagrees(one, claim, "I have the ticket here.")
    world.drain()
    assert one.says("You asked us to look again")
    assert one.says("I have the ticket here.")
    (now,) = costs_of(world, "jo")
    assert (now.state, now.version) == ("waiting", 1)
    ada = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{claim.id}").text
    assert "Somebody else looks at it now." in ada
    assert "/approve" not in ada
    assert decide(world, "ada", claim, "approve")[0] == 403
    assert decide(world, "ada", claim, "refuse", **NO)[0] == 403
    assert costs_of(world, "jo")[0].state == "waiting"
    lead = world.client("staff", "sam").get(f"/{world.slug}/staff/claims/{claim.id}").text
    assert "Jo Marsh does not agree with the no, and asks for another look." in lead
    assert "“I have the ticket here.”" in lead
    assert "Ada Osei said no on" in lead
    assert decide(world, "sam", claim, "approve")[0] == 200
    (now,) = costs_of(world, "jo")
    assert (now.state, now.total_pence) == ("paid", 8000)
    one.open(f"/claims/{claim.id}")
    order = ["You were paid", "It was agreed", "You asked us to look again", "It was not agreed"]
    places = [one.page.index(words) for words in order]
    assert places == sorted(places)


def test_a_receipt_after_a_no_is_looked_at_also_when_one_was_promised(world: World) -> None:
    one, claim = refused(world)
    assert claim.expenses[0]["receipt"] is True
    one.open(f"/claims/{claim.id}")
    one.open(one.link("add one"))
    one.file(made.png())
    world.drain()
    (now,) = costs_of(world, "jo")
    assert (now.state, now.version, now.expenses) == ("waiting", 2, claim.expenses)
    assert "/receipts/" in world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{claim.id}").text
    assert decide(world, "ada", claim, "approve")[0] == 200
    assert costs_of(world, "jo")[0].state == "paid"


def test_a_lead_sees_who_waits_for_another_look(world: World) -> None:
    one, claim = refused(world)
    again = f"/{world.slug}/staff/approvals?show=again"
    assert "Jo Marsh" not in world.client("staff", "sam").get(again).text
    disagrees(one, claim)
    page = world.client("staff", "sam").get(again).text
    assert "Jo Marsh" in page
    assert f"/staff/claims/{claim.id}" in page


def test_the_person_is_told_and_asking_twice_is_asking_once(world: World) -> None:
    one, claim = refused(world)
    disagrees(one, claim)
    token = one.page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = one.client.post(f"{one.at}/claims/{claim.id}/look-again", data={"csrf_token": token})
    assert answer.status_code == 303
    world.drain()
    with world.db.council(world.council_id) as session:
        found = notices.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    again = [notice.subject for notice in found if notice.name == "claim.look_again_asked"]
    assert again == ["We will look again: Over a Brew: what helps?"]
    assert "I disagree, look again" not in one.open(f"/claims/{claim.id}")


def test_where_there_is_nobody_else_the_same_person_looks_afresh(world: World) -> None:
    with world.db.council(world.council_id) as session:
        councils.change_staff(
            session,
            council_id=world.council_id,
            email=f"sam@{world.slug}.example",
            roles=("finance",),
            now=world.now,
        )
    one, claim = refused(world)
    disagrees(one, claim)
    page = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{claim.id}").text
    assert "nobody else can look. Please look afresh." in page
    assert decide(world, "ada", claim, "approve")[0] == 200
    assert costs_of(world, "jo")[0].state == "paid"


def test_a_claim_that_nobody_refused_is_not_looked_at_again(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world)
    one.send()
    (claim,) = costs_of(world, "jo")
    one.open(f"/claims/{claim.id}/look-again")
    assert one.says("Nobody has said no to this claim")
    assert costs_of(world, "jo")[0].state == claim.state


def test_a_no_rests_on_a_rule_of_the_policy(world: World) -> None:
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    for clause, sentence in (
        ("99.9", "Choose one of the rules of the policy"),
        ("", "Choose the rule of the policy that this rests on"),
    ):
        status, page = decide(world, "ada", claim, "refuse", clause=clause, reason="No.")
        assert (status, sentence in page) == (200, True)
        assert costs_of(world, "jo")[0].state == "waiting"
