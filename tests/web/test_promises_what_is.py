"""Does no page or message promise money that does not come, or a way that the policy does not have?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.days import utc_now
from service.events import Actor
from service.notices import queries as notices
from service.sessions import cancelling
from tests.stage import Council, Stage, told
from tests.web.cookies import sign_in
from tests.web.test_easy_statement import page

NO_METHOD = "We do not know yet how you would like to be paid."
NOT_WANTED = "You told us that you do not want to be paid."


def came(council: Council, *, wants: bool) -> tuple[str, str]:
    """Somebody came who has not said how they are paid, or would like not to be. Answers person and claim."""
    person_id, session_id = council.person(account=None), council.session()
    if not wants:
        told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "none"}))
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    return person_id, council.claim(session=session_id)["id"]


@pytest.mark.parametrize(
    ("wants", "because", "line"),
    [
        (True, NO_METHOD, "We said yes. Tell us how you want to get your money."),
        (False, NOT_WANTED, "We said yes. You told us that you do not want the money."),
    ],
)
def test_money_that_does_not_come_is_not_said_to_be_on_its_way(
    stage: Stage, wants: bool, because: str, line: str
) -> None:
    council = stage.council()
    person_id, claim_id = came(council, wants=wants)
    with stage.hands.db.council(council.id) as session:
        told_of = notices.of_person(session, council_id=council.id, person_id=person_id)
    (agreed,) = [one for one in told_of if one.name == "claim.approved"]
    assert agreed.subject == "Agreed: £15.50 for Over a Brew"
    assert "We have agreed £15.50 for Over a Brew. It is not on its way yet." in agreed.body
    assert because in agreed.body
    assert "is on its way to you" not in agreed.body
    assert "We promised" not in agreed.body
    assert "is on its way to you" not in agreed.short
    lines = page(council, person_id, of=f"claims/{claim_id}", days="")
    assert line in lines
    assert [one for one in lines if "on its way" in one or "You get your money" in one] == []


def test_who_has_said_how_reads_that_it_is_on_its_way(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    stage.drain()
    person_id = council.claim()["person"]
    with stage.hands.db.council(council.id) as session:
        told_of = notices.of_person(session, council_id=council.id, person_id=person_id)
    (agreed,) = [one for one in told_of if one.name == "claim.approved"]
    assert "£15.50 is on its way to you." in agreed.body


@pytest.mark.parametrize(("slug", "has"), [("exampleshire", True), ("samplebury", False)])
def test_a_charity_is_offered_only_where_the_policy_has_one(stage: Stage, slug: str, has: bool) -> None:
    council = stage.council(slug)
    person_id = council.person()
    ends = utc_now().replace(microsecond=0) + timedelta(days=7)
    offer_id = council.offer(council.session(ends=ends), person_id)
    client = sign_in(stage.app.test_client(), council.id, "person", person_id)
    at = f"/{slug}/me/offers/{offer_id}"
    assert ("or give it away" in client.get(at).text) == has
    assert "take less" in client.get(at).text
    assert ("Give it to a charity" in client.get(f"{at}/less").text) == has
    lines = page(council, person_id, of=f"offers/{offer_id}", days="", slug=slug)
    assert ("You can give your money to a charity." in lines) == has
    easy = client.get(f"{at}/easy").text
    assert ("Take less, or give it away" in easy) == has
    stage.app.config["WTF_CSRF_METHODS"] = set()
    client.post(f"{at}/less", data={"choice": "give", "give_to": "The Tea Trust"})
    offer = told(council.lead.get(f"offers/{offer_id}"))
    assert (offer["status"], offer["give_to"]) == (("accepted", "The Tea Trust") if has else ("made", None))


def test_a_place_that_was_cancelled_is_not_a_session_that_was(stage: Stage) -> None:
    council = stage.council()
    offers = []
    session_id = council.session()
    for _ in range(2):
        person_id = council.person()
        offers.append((person_id, council.invited(session_id, person_id)))
    (one, first), (other, second) = offers
    key = {"council_id": council.id, "actor": Actor("staff", "stf_1"), "now": stage.clock()}
    with stage.hands.db.council(council.id) as session:
        cancelling.cancel_place(session, offer_id=first, **key)
    lines = page(council, one, of=f"offers/{first}", days="")
    assert lines[0] == "We do not need you this time. We are sorry."
    assert "This will not happen. We are sorry." not in lines
    with stage.hands.db.council(council.id) as session:
        cancelling.cancel(session, session_id=session_id, **key)
    assert page(council, other, of=f"offers/{second}", days="")[0] == "This will not happen. We are sorry."
