"""Of what was agreed a part was not: has that no a way on too, and is the rest paid once meanwhile?"""

from __future__ import annotations

from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.claims.tables import Claim
from service.events import Actor
from service.notices import queries as notices
from tests.approvals.in_part import COSTS
from tests.web.filling import Filler, filler
from tests.web.test_costs import costs_of
from tests.web.test_look_again import decide
from tests.web.world import World

BUTTON = "I disagree, look again"


def agreed_in_part(world: World) -> tuple[Filler, Claim]:
    """Jo asked for a bus and for a train without its ticket. The rules pay the bus alone."""
    world.tick("jo")
    return filler(world, "jo"), costs_in_part(world)


def costs_in_part(world: World) -> Claim:
    """The claim for both."""
    before = {claim.id for claim in costs_of(world, "jo")}
    given = NewClaim(person_id=world.people["jo"], session_id=world.sessions["brew"], expenses=COSTS)
    me = Actor("person", world.people["jo"])
    with world.db.council(world.council_id) as session:
        claims.submit(session, council_id=world.council_id, given=given, actor=me, now=world.now)
    world.drain()
    (claim,) = [one for one in costs_of(world, "jo") if one.id not in before]
    return claim


def disagrees(one: Filler, claim: Claim, words: str = "") -> None:
    one.open(f"/claims/{claim.id}")
    one.open(one.link(BUTTON))
    assert one.says("£20.00 asked for, £0.00 agreed")
    one.send(words=words)
    assert one.path == f"{one.at}/claims/{claim.id}"


def paid(world: World) -> list[tuple[int, str]]:
    return sorted((row.amount_pence, row.state) for row in world.payments_of("jo"))


def of_staff(world: World, who: str, leaf: str) -> str:
    return world.client("staff", who).get(f"/{world.slug}/staff/{leaf}").text


def test_what_was_agreed_is_paid_once_and_the_rest_is_looked_at(world: World) -> None:
    one, claim = agreed_in_part(world)
    before = paid(world)
    assert (claim.state, before) == ("paid", [(410, "paid"), (1550, "paid")])
    assert "Jo Marsh" not in of_staff(world, "ada", "approvals")
    disagrees(one, claim, "The machine gave no ticket.")
    world.drain()
    assert one.says("Somebody here looks at it again.")
    assert BUTTON not in one.open(f"/claims/{claim.id}")
    for tab in ("waiting", "again"):
        queue = of_staff(world, "ada", f"approvals?show={tab}")
        assert f"/staff/claims/{claim.id}" in queue
        assert "Agreed in part: look again" in queue
    page = of_staff(world, "ada", f"claims/{claim.id}")
    assert "Jo Marsh does not agree with a part of this" in page
    assert "£20.00 asked for, £0.00 agreed" in page
    assert "“The machine gave no ticket.”" in page
    assert decide(world, "ada", claim, "looked-again", found="Bring the card bill, and we pay it.")[0] == 200
    (now,) = costs_of(world, "jo")
    assert (now.state, now.version, now.total_pence) == ("paid", claim.version, 410)
    assert paid(world) == before
    assert "Jo Marsh" not in of_staff(world, "ada", "approvals")
    one.open(f"/claims/{claim.id}")
    assert one.says("Bring the card bill, and we pay it.")
    assert one.link(BUTTON)
    with world.db.council(world.council_id) as session:
        told = notices.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    said = [notice.name for notice in told if "look" in notice.name]
    assert sorted(said) == ["claim.look_again_asked", "claim.looked_again"]


def test_asked_twice_is_asked_once_and_an_answer_needs_words_and_somebody_who_waits(world: World) -> None:
    one, claim = agreed_in_part(world)
    assert decide(world, "ada", claim, "looked-again", found="Nobody asked.")[0] == 409
    disagrees(one, claim)
    assert one.client.post(f"{one.at}/claims/{claim.id}/look-again").status_code == 303
    status, page = decide(world, "ada", claim, "looked-again", found=" ")
    assert (status, "Write what you found" in page) == (200, True)
    assert decide(world, "ada", claim, "looked-again", found="It stays.")[0] == 200
    assert decide(world, "ada", claim, "looked-again", found="It stays.")[0] == 409
    one.open(f"/claims/{claim.id}")
    assert one.page.count("You asked us to look again") == 1
    assert one.page.count("We looked again") == 1


def test_whoever_agreed_a_part_leaves_the_other_look_to_somebody_else(world: World) -> None:
    dear = ({**COSTS[0], "amount_pence": 8000}, COSTS[1])
    world.tick("jo")
    given = NewClaim(person_id=world.people["jo"], session_id=world.sessions["brew"], expenses=dear)
    me = Actor("person", world.people["jo"])
    with world.db.council(world.council_id) as session:
        claims.submit(session, council_id=world.council_id, given=given, actor=me, now=world.now)
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert decide(world, "ada", claim, "approve")[0] == 200
    disagrees(filler(world, "jo"), claim)
    assert "You decided this before. Somebody else looks at it now." in of_staff(
        world, "ada", f"claims/{claim.id}"
    )
    assert decide(world, "ada", claim, "looked-again", found="It stays.")[0] == 403
    assert decide(world, "sam", claim, "looked-again", found="It stays.")[0] == 200


def test_where_all_was_agreed_there_is_nothing_to_look_at_again(world: World) -> None:
    world.tick("jo")
    (claim,) = world.claims_of("jo")
    one = filler(world, "jo")
    assert BUTTON not in one.open(f"/claims/{claim.id}")
    one.open(f"/claims/{claim.id}/look-again")
    assert one.says("Nobody has said no to this claim")
