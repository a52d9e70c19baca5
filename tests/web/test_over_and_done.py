"""Do pages and messages still say what is true once a day has passed, was called off, or was decided?"""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask.testing import FlaskClient

from service.approvals import actions as approvals
from service.approvals.actions import LineSum
from service.approvals.model import Decider
from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.events import Actor
from service.notices import queries as notices
from service.sessions import actions as sessions
from service.sessions.actions import NewOffer
from tests.web.world import World

WAITS = "Waiting for your answer"
MISSING = "We still need to know this"


def _token(client: FlaskClient, path: str) -> str:
    page = client.get(path).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def _post(client: FlaskClient, path: str, token: str, **answers: str) -> str:
    answer = client.post(path, data={"csrf_token": token, **answers}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_a_day_that_has_passed_asks_for_no_answer(world: World) -> None:
    path = f"/{world.slug}/me"
    assert WAITS in world.client("person", "jo").get(path).text
    with time_machine.travel(world.now + timedelta(days=8), tick=True):
        client = world.client("person", "jo")
        mine = client.get(path).text
        offer = client.get(f"{path}/offers/{world.offers['board-jo']}").text
    assert WAITS not in mine + offer
    assert "This day has passed" in mine
    assert "Did you come? Tell us, and we will put it right." in offer
    assert "What you will be paid" not in offer


def test_after_a_no_nothing_is_promised_until_they_say_yes(world: World) -> None:
    client, path = world.client("person", "jo"), f"/{world.slug}/me/offers/{world.offers['board-jo']}"
    assert "What you will be paid, and why" in client.get(path).text
    answered = _post(client, f"{path}/no", _token(client, path))
    offer = client.get(path).text
    assert "What you will be paid" not in offer
    assert "You will be paid" not in offer
    assert "What we offered, and why" in offer
    before, after = offer.split("If you change your mind and say yes")
    assert "We promise to pay" not in answered + before
    assert "We promise to pay within 10 working days." in after


def test_costs_of_a_session_that_was_called_off_can_be_asked_for(world: World) -> None:
    jo, board = Actor("person", world.people["jo"]), world.sessions["board"]
    with world.db.council(world.council_id) as session:
        key = {"council_id": world.council_id, "now": world.now}
        sessions.accept(session, offer_id=world.offers["board-jo"], actor=jo, **key)
        sessions.cancel(session, session_id=board, actor=world.lead, **key)
    world.drain()
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    offer = client.get(f"{at}/offers/{world.offers['board-jo']}").text
    assert "What we offered, and why" in offer
    assert "We promise to pay" not in offer
    assert f'href="{at}/costs/{board}"' in offer
    costs = f"{at}/costs/{board}"
    token = _token(client, f"{costs}/kind")
    _post(client, f"{costs}/kind", token, kind="bus")
    _post(client, f"{costs}/amount_pence", token, amount_pence="4.20")
    check = _post(client, f"{costs}/receipt", token, receipt="yes")
    import re

    print(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", check))[-1500:])
    assert "£4.20" in check
    _post(client, f"{costs}/check", token)
    world.drain()
    asked = world.claims_of("jo")[0]
    assert (asked.kind, asked.session_id, asked.total_pence) == ("expenses", board, 420)
    assert asked.state == "waiting"


def test_a_session_that_was_never_theirs_is_not_found(world: World) -> None:
    board = world.sessions["board"]
    assert world.client("person", "wei").get(f"/{world.slug}/me/costs/{board}/kind").status_code == 404


def test_a_yes_asks_how_to_pay_where_nobody_knows(world: World) -> None:
    with world.db.council(world.council_id) as session:
        offer = sessions.offer(
            session,
            council_id=world.council_id,
            session_id=world.sessions["board"],
            given=NewOffer(world.people["wei"], "member"),
            actor=world.lead,
            now=world.now,
        ).id
    at = f"/{world.slug}/me"
    for who, of, says in (("wei", offer, True), ("jo", world.offers["board-jo"], False)):
        client = world.client("person", who)
        said = _post(client, f"{at}/offers/{of}/yes", _token(client, f"{at}/offers/{of}"))
        assert ("Tell us how to pay you" in said) is says
        assert ("You do not need to do anything before the day." in said) is not says


def test_what_a_person_settled_is_no_longer_called_open(world: World) -> None:
    world.tick("jo")
    jo, who = world.people["jo"], Decider("staff", world.staff["ada"], roles=frozenset({"approver"}))
    key = {"council_id": world.council_id, "now": world.now}
    cost = {"category": "personal_assistant", "amount_pence": 2200, "hours": 1, "receipt": True}
    with world.db.council(world.council_id) as session:
        given = NewClaim(person_id=jo, session_id=world.sessions["brew"], expenses=(cost,), with_fee=False)
        claim_id = claims.submit(session, given=given, actor=Actor("person", jo), **key).id
    world.drain()
    path = f"/{world.slug}/me/claims/{claim_id}"
    assert MISSING in world.client("person", "jo").get(path).text
    with world.db.council(world.council_id) as session:
        seen = world.claims_of("jo")[0].tag
        sums = (LineSum(0, 2000, "Jo told us that nobody else pays for this."),)
        approvals.approve(session, claim_id=claim_id, decider=who, seen=seen, sums=sums, **key)
    world.drain()
    page = world.client("person", "jo").get(path).text
    with world.db.council(world.council_id) as session:
        said = [n.body for n in notices.of_person(session, council_id=world.council_id, person_id=jo)]
    after = [body for body in said if "£20.00" in body]
    assert len(after) == 2
    for text in (page, *after):
        assert "A person here decided this. Jo told us that nobody else pays for this." in text
        assert MISSING not in text
        assert "needs to look at this" not in text
