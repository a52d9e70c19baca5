"""Can staff send a claim for somebody who rang up; does it say so everywhere; who may never approve it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service.approvals import actions as approvals
from service.approvals.actions import MayNotDecide
from service.approvals.model import Decider
from service.claims import entering
from service.notices import queries as notices
from service.sessions import actions as sessions
from service.sessions.actions import NewSession
from tests.letterbox import Letterbox
from tests.web.test_sign_in import send
from tests.web.world import World

HELP = {"amount_pence": "99", "hours": "4", "in_care_package": "no", "receipt": "yes"}


def answers(world: World, client: FlaskClient, **given: str) -> str:
    """Go through the questions to the last page. Answers its text."""
    at = f"/{world.slug}/staff/people/{world.people['jo']}/claim"
    known = {"session": world.sessions["brew"], "how": "phone", "note_of_staff": "", **given}
    where = client.get(at).headers["Location"]
    while not where.endswith("/check"):
        step = where.rpartition("/")[2]
        status, where = send(client, where, **{step: known[step]})
        assert status == 303, where
    page = client.get(where)
    return answers_again(client, page.headers["Location"], known) if page.status_code == 303 else page.text


def answers_again(client: FlaskClient, where: str, known: dict[str, str]) -> str:
    """The last page sent us to a question that has no answer yet."""
    while True:
        step = where.rpartition("/")[2]
        status, where = send(client, where, **{step: known[step]})
        assert status == 303, where
        page = client.get(where)
        if page.status_code == 200 and where.endswith("/check"):
            return page.text
        where = page.headers.get("Location", where)


def entered(world: World, who: str = "sam") -> str:
    """A claim that needs somebody's yes, entered by staff. Answers its id."""
    client = world.client("staff", who)
    page = answers(world, client, kind="personal_assistant", note_of_staff="Rang at noon.", **HELP)
    assert "Jo Marsh will get" in page
    at = f"/{world.slug}/staff/people/{world.people['jo']}/claim/check"
    status, where = send(client, at)
    assert status == 303
    world.drain()
    return where.rpartition("/")[2]


def test_a_claim_told_on_the_phone_says_so_to_the_person_and_to_whoever_decides(world: World) -> None:
    world.tick("jo")
    claim_id = entered(world)
    decided = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{claim_id}").text
    assert "Entered by staff for the person, on the phone" in decided
    assert "Rang at noon." in decided
    own = world.client("person", "jo").get(f"/{world.slug}/me/claims/{claim_id}").text
    assert "Sam Field wrote this down for you, as you told us on the phone." in own
    with world.db.council(world.council_id) as session:
        told = notices.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    (message,) = [one for one in told if one.name == "claim.entered"]
    assert message.subject == "We sent a claim for you: Over a Brew: what helps?"
    assert "Sam Field at the council sent a claim for you, as you told us on the phone." in message.body


def test_the_questions_to_staff_speak_of_the_person(world: World) -> None:
    world.tick("jo")
    sam = world.client("staff", "sam")
    at = f"/{world.slug}/staff/people/{world.people['jo']}/claim"
    sam.get(at)
    assert "Which session did Jo Marsh spend money for?" in sam.get(f"{at}/session").text
    send(sam, f"{at}/session", session=world.sessions["brew"])
    send(sam, f"{at}/how", how="phone")
    assert "What did they pay for?" in sam.get(f"{at}/kind").text
    send(sam, f"{at}/kind", kind="bus")
    page = sam.get(f"{at}/amount_pence").text
    assert "How much did they pay?" in page
    assert "Ask Jo Marsh, or read it on the paper. For example, 4.10" in page
    assert "Enter how much they paid" in send(sam, f"{at}/amount_pence", amount_pence="")[1]


def test_whoever_entered_it_can_never_approve_it(world: World) -> None:
    world.tick("jo")
    claim_id = entered(world)
    claim = next(one for one in world.claims_of("jo") if one.id == claim_id)
    assert claim.state == "waiting"
    decide = {"council_id": world.council_id, "claim_id": claim_id, "seen": claim.tag, "now": world.now}
    sam = Decider(
        "staff", world.staff["sam"], roles=frozenset(("approver", "senior_approver", "budget_holder"))
    )
    with pytest.raises(MayNotDecide), world.db.council(world.council_id) as session:
        approvals.approve(session, decider=sam, **decide)
    assert (
        "You made or changed this claim."
        in world.client("staff", "sam").get(f"/{world.slug}/staff/claims/{claim_id}").text
    )
    ada = Decider("staff", world.staff["ada"], roles=sam.roles)
    with world.db.council(world.council_id) as session:
        assert approvals.approve(session, decider=ada, **decide).state == "approved"


def test_the_person_says_that_it_is_wrong_and_it_is_taken_back(world: World) -> None:
    world.tick("jo")
    claim_id = entered(world)
    at = f"/{world.slug}/me/claims/{claim_id}"
    jo = world.client("person", "jo")
    assert world.client("person", "wei").get(f"{at}/wrong").status_code == 404
    status, page = send(jo, f"{at}/wrong", words=" ")
    assert (status, "Say in a few words what is wrong" in page) == (200, True)
    box = Letterbox()
    world.hands = type(world.hands)(**{**vars(world.hands), "way": box})
    for _ in range(2):
        assert send(jo, f"{at}/wrong", words="It was £9.") == (303, at)
    world.drain()
    assert [one.state for one in world.claims_of("jo") if one.id == claim_id] == ["withdrawn"]
    assert "You said that it is wrong" in jo.get(at).text
    assert [m.to for m in box.messages if m.subject == "Somebody says that a claim is wrong"] == [
        "sam@exampleshire.example"
    ]
    seen = world.client("staff", "sam").get(f"/{world.slug}/staff/claims/{claim_id}").text
    assert "The person says that this is wrong" in seen
    assert "It was £9." in seen


def test_ones_own_claim_has_no_such_button(world: World) -> None:
    world.tick("jo")
    claim = world.claims_of("jo")[0]
    jo = world.client("person", "jo")
    page = jo.get(f"/{world.slug}/me/claims/{claim.id}").text
    assert "This is wrong" not in page
    assert jo.get(f"/{world.slug}/me/claims/{claim.id}/wrong").status_code == 404
    with world.db.council(world.council_id) as session:
        assert entering.entered(session, council_id=world.council_id, claim_id=claim.id) is None


def test_only_who_may_make_claims_opens_the_questions(world: World) -> None:
    at = f"/{world.slug}/staff/people/{world.people['jo']}/claim/session"
    found = {who: world.client("staff", who).get(at).status_code for who in world.staff}
    assert found == {who: 200 if who == "sam" else 403 for who in world.staff}
    nobody = f"/{world.slug}/staff/people/{world.people['tom']}/claim/session"
    answer = world.client("staff", "sam").get(nobody)
    assert (answer.status_code, "was not asked to any session yet" in answer.text) == (404, True)


def test_a_session_is_found_however_many_others_came_since(world: World) -> None:
    with world.db.council(world.council_id) as session:
        for number in range(200):
            began = world.now + timedelta(hours=number)
            given = NewSession("Another", "over_a_brew", began, began + timedelta(hours=1), online=True)
            sessions.plan(session, council_id=world.council_id, given=given, actor=world.lead, now=world.now)
    at = f"/{world.slug}/staff/people/{world.people['wei']}/claim/session"
    page = world.client("staff", "sam").get(at).text
    assert page.count('type="radio"') == 1
    assert f'value="{world.sessions["brew"]}"' in page
