"""What can a helper open, by every address there is; what do they see there; and is all of it shown?"""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.councils import actions as councils
from service.events import Actor
from service.notices import queries as notices
from service.people import helping
from service.people.helping import HelperGiven
from service.people.helping_tables import Helper
from service.sessions import queries as sessions
from service.web.person import admitting
from tests.receipts import made
from tests.web.cookies import sign_in
from tests.web.filling import Filler, bus, filler
from tests.web.test_sign_in import OURS, send
from tests.web.test_walls import _addresses
from tests.web.world import World


def named(world: World, who: str = "jo", **other: Any) -> str:
    """Somebody names Hal on their own page. Answers the helper's id."""
    given = {
        "kind": "supporter",
        "name": "Hal Helper",
        "email": "hal@people.example",
        "may_answer": True,
        "may_ask": True,
        "until_day": world.now.date() + timedelta(days=30),
    }
    person_id = world.people[who]
    with world.db.council(world.council_id) as session:
        return helping.name(
            session,
            council_id=world.council_id,
            person_id=person_id,
            given=HelperGiven(**{**given, **other}),
            actor=Actor("person", person_id),
            now=world.now,
        ).id


def helper(world: World, helper_id: str) -> FlaskClient:
    """The helper's browser."""
    return sign_in(world.app.test_client(), world.council_id, "helper", helper_id)


def row(world: World, helper_id: str) -> Helper:
    with world.db.council(world.council_id) as session:
        return helping.get(session, council_id=world.council_id, helper_id=helper_id)


KINDS: dict[str, dict[str, Any]] = {
    "supporter": {},
    "supporter who answers": {"may_ask": False},
    "supporter who asks": {"may_answer": False},
    "appointee": {"kind": "appointee"},
    "interpreter": {"kind": "interpreter"},
}
# Leaf → the scope that opens it, written out once more: a slip in the table of the pages is seen here.
OPENED = {
    "GET ": "see",
    "GET /offers/{offer}": "see",
    "GET /offers/{offer}/easy": "see",
    "POST /offers/{offer}/yes": "answer",
    "POST /offers/{offer}/no": "answer",
    "GET /offers/{offer}/answered": "answer",
    "GET /offers/{offer}/cannot-come": "answer",
    "GET /offers/{offer}/question": "answer",
    "POST /offers/{offer}/question": "answer",
    "GET /offers/{offer}/asked": "answer",
    "GET /claims/{claim}": "see",
    "GET /claims/{claim}/easy": "see",
    "GET /claims/{claim}/answer": "costs",
    "POST /claims/{claim}/answer": "costs",
    "GET /costs/{session}": "costs",
    "GET /costs/{session}/kind": "costs",
    "POST /costs/{session}/kind": "costs",
    "GET /claims/{claim}/receipt": "costs",
    "POST /claims/{claim}/receipt": "costs",
    "GET /receipts/{receipt}": "costs",
    "POST /costs/{session}/receipt/remove": "costs",
    "GET /costs/{session}/sum": "costs",
    "POST /costs/{session}/remove": "costs",
    "POST /costs/{session}/throw-away": "costs",
    "GET /costs/{session}/check": "costs",
    "POST /costs/{session}/check": "costs",
    "GET /costs/{session}/sent/{claim}": "costs",
    "GET /sign-out": "see",
    "POST /sign-out": "see",
    "GET /helpers/change": "see",
    "POST /helpers/change": "see",
    "POST /helpers/leave": "see",
}


PLACES = {"off": "{offer}", "clm": "{claim}", "ses": "{session}"}


@pytest.mark.parametrize("which", KINDS)
def test_a_helper_gets_no_further_than_the_person_said(app: Flask, world: World, which: str) -> None:
    """Every method and address under a person's pages, from the URL map."""
    world.tick("jo")
    helper_id = named(world, **KINDS[which])
    may = helping.may(row(world, helper_id))
    ids = {
        "offer": world.offers["board-jo"],
        "claim": world.claims_of("jo")[0].id,
        "session": world.sessions["brew"],
    }
    app.config["WTF_CSRF_METHODS"] = set()
    opened = set()
    calls = [(m, p) for m, p in _addresses(app, world, "me") if "leave" not in p and "sign-out" not in p]
    assert len(calls) > 40
    ids["receipt"] = next(path for _, path in calls if "/me/receipts/" in path).rpartition("/")[2]
    expected = {call.format_map(ids) for call, scope in OPENED.items() if scope in may}
    for method, path in calls:
        status = helper(world, helper_id).open(path, method=method, headers=OURS, data={}).status_code
        leaf = path.split(f"/{world.slug}/me", 1)[1].rstrip("/")
        if status != 403:
            opened.add(f"{method} {leaf}")
    assert opened == {call for call in expected if "leave" not in call and "sign-out" not in call}


def test_a_page_that_nobody_listed_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = helper(world, named(world))
    assert client.get(f"/{world.slug}/me").status_code == 200
    monkeypatch.delitem(admitting.FOR_HELPERS, "web.me.my_page.mine")
    assert client.get(f"/{world.slug}/me").status_code == 403


def test_a_helper_is_not_staff_and_not_a_helper_of_others(world: World) -> None:
    client = helper(world, named(world))
    assert client.get(f"/{world.slug}/staff/people").status_code == 303
    offer = world.offers["brew-wei"]
    assert client.get(f"/{world.slug}/me/offers/{offer}").status_code == 404
    assert client.post(f"/{world.slug}/me/offers/{offer}/no", headers=OURS).status_code in (400, 404)


def walked(client: FlaskClient, at: str) -> dict[str, str]:
    """Every page and picture that can be reached from a page by pressing links, with what stands there."""
    found: dict[str, str] = {}
    to_open = [at]
    while to_open:
        href = to_open.pop()
        answer = client.get(href)
        assert answer.status_code in (200, 303), href
        found[href] = answer.text if answer.mimetype == "text/html" else ""
        links = {html.unescape(one) for one in re.findall(rf'(?:href|src)="({at}[^"#]*)', found[href])}
        to_open += sorted(links - {*found, *to_open})
    return found


@pytest.mark.parametrize("which", KINDS)
def test_a_helper_sees_no_bank_details_and_no_link_or_button_that_is_closed(
    world: World, app: Flask, which: str
) -> None:
    world.tick("jo")
    world.asks("jo", "board-jo", "Is there a lift?")
    _addresses(app, world, "me")
    helper_id = named(world, **KINDS[which])
    may = helping.may(row(world, helper_id))
    at = f"/{world.slug}/me"
    pages = walked(helper(world, helper_id), at)
    own = world.client("person", "jo").get(at).text
    assert "account ending 2345" in own
    assert "payment-method" in own
    assert f"{at}/claims/{world.claims_of('jo')[0].id}" in pages
    assert (f"{at}/offers/{world.offers['board-jo']}/question" in pages) == ("answer" in may)
    assert any("/receipts/" in href for href in pages) == ("costs" in may)
    forms = {tuple(call.split(" /")) for call in OPENED if call.startswith("POST") and OPENED[call] in may}
    pressed = set()
    for page in pages.values():
        assert "account ending" not in page
        assert "payment-method" not in page
        for form in re.findall(rf'<form[^>]*action="{at}/([^"?]*)', page):
            pressed.add(re.sub(r"(off|clm|ses)_\w+", lambda m: PLACES[m[1]], form))
    assert {("POST", form) for form in pressed} - forms == set()
    assert bool(pressed & {"offers/{offer}/yes"}) == ("answer" in may)


def test_what_a_helper_did_stands_on_the_persons_page(world: World) -> None:
    helper_id = named(world)
    at = f"/{world.slug}/me"
    client = helper(world, helper_id)
    offer = world.offers["board-jo"]
    assert send(client, f"{at}/offers/{offer}/yes", f"{at}/offers/{offer}") == (
        303,
        f"{at}/offers/{offer}/answered",
    )
    world.tick("jo")
    costs = f"{at}/costs/{world.sessions['brew']}"
    for step, typed in (("kind", "bus"), ("amount_pence", "4.10")):
        send(client, f"{costs}/{step}", **{step: typed})
    for _ in range(4):
        page = client.get(f"{costs}/check")
        if page.status_code == 200:
            break
        step = page.headers["Location"].rpartition("/")[2]
        send(client, f"{costs}/{step}", **{step: "yes"})
    status, sent = send(client, f"{costs}/check")
    assert status == 303
    assert "/sent/" in sent
    world.drain()
    jo = world.client("person", "jo")
    did = jo.get(f"{at}/helpers/did").text
    assert "Said yes to an offer for you: Making it Real board" in did
    assert "Asked for a cost for you: Over a Brew: what helps?" in did
    assert did.count("Changed a claim that was not sent yet: Over a Brew: what helps?") == 1
    assert did.count("Hal Helper, supporter") == 3
    assert "Did something" not in did
    claim = jo.get(f"{at}/claims/{sent.rpartition('/')[2]}").text
    assert "This claim was sent for you" in claim
    assert "Hal Helper, who helps you" in claim
    decided = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{sent.rpartition('/')[2]}").text
    assert "Hal Helper, who helps them" in decided


def test_a_person_names_a_helper_one_question_a_page_and_ends_it_with_one_press(world: World) -> None:
    at = f"/{world.slug}/me/helpers"
    client = world.client("person", "jo")
    assert client.get(f"{at}/new").headers["Location"] == f"{at}/new/who"
    status, page = send(client, f"{at}/new/who", name="Hal Helper", email="", phone="")
    assert status == 200
    assert "Enter an email address or a phone number, so that they can sign in" in page
    assert 'value="Hal Helper"' in page
    answers = (
        ("who", {"name": "Hal Helper", "email": "hal@people.example", "phone": ""}, "kind"),
        ("kind", {"kind": "supporter"}, "may"),
        ("may", {"may": "answer"}, "until"),
        ("until", {"until-day": "1", "until-month": "2", "until-year": "2027"}, "check"),
    )
    for step, typed, then in answers:
        assert send(client, f"{at}/new/{step}", **typed) == (303, f"{at}/new/{then}")
    assert "Yes, Hal Helper may help me until 1 February 2027" in client.get(f"{at}/new/check").text
    assert send(client, f"{at}/new/check") == (303, at)
    page = client.get(at).text
    (helper_id,) = re.findall(r"helpers/(hlp_\w+)/end", page)
    found = row(world, helper_id)
    assert (found.name, helping.may(found), str(found.until_day)) == (
        "Hal Helper",
        {"see", "answer"},
        "2027-02-01",
    )
    hal = helper(world, helper_id)
    assert hal.get(f"/{world.slug}/me").status_code == 200
    assert send(client, f"{at}/{helper_id}/end", at) == (303, at)
    assert "Hal Helper helps you no longer." in client.get(at).text
    # Out at once, on the next page.
    assert hal.get(f"/{world.slug}/me").headers["Location"] == f"/{world.slug}/sign-in"


def test_an_interpreter_is_not_asked_what_else_they_may_do(world: World) -> None:
    at = f"/{world.slug}/me/helpers/new"
    client = world.client("person", "jo")
    send(client, f"{at}/who", name="Ina", email="ina@people.example", phone="")
    assert send(client, f"{at}/kind", kind="interpreter") == (303, f"{at}/until")


def test_a_helper_of_two_people_goes_from_one_to_the_other_and_leaves(world: World) -> None:
    first, second = named(world), named(world, "wei")
    other = named(world, "tom", email="somebody@people.example")
    client, at = helper(world, first), f"/{world.slug}/me"
    page = client.get(f"{at}/helpers/change").text
    assert "Go to the pages of Wei Chen" in page
    assert "Tom Price" not in page
    assert send(client, f"{at}/helpers/change", helper=other)[0] == 403
    assert send(client, f"{at}/helpers/change", helper=second) == (303, at)
    assert "The page of Wei Chen" in client.get(at).text
    status, page = send(client, f"{at}/helpers/leave", f"{at}/helpers/change")
    assert status == 200
    assert "You have stopped helping Wei Chen" in page
    assert client.get(at).status_code == 303
    assert row(world, second).ended_at is not None
    assert row(world, first).ended_at is None


def test_going_to_another_person_makes_no_sign_in_younger(world: World) -> None:
    first, second = named(world), named(world, "wei")
    old = timedelta(hours=11)
    client = sign_in(world.app.test_client(), world.council_id, "helper", first, shown=old)
    with client.session_transaction() as cookie:
        before = cookie["signed_in"]
    assert send(client, f"/{world.slug}/me/helpers/change", helper=second)[0] == 303
    with client.session_transaction() as cookie:
        assert (cookie["helper"], cookie["signed_in"]) == ({world.council_id: second}, before)


def test_an_old_link_of_who_helps_no_longer_opens_nothing_and_says_nothing(world: World) -> None:
    helper_id = named(world)
    with world.db.council(world.council_id) as session:
        key = {"council_id": world.council_id, "now": world.now}
        links = [
            councils.make_link(
                session, **key, kind="helper", subject_id=helper_id, goes_to=f"/{world.slug}/me"
            )
            for _ in range(2)
        ]
        actor = Actor("person", world.people["jo"])
        helping.end(session, **key, helper_id=helper_id, actor=actor)
    for token in links:
        client = world.client()
        assert send(client, f"/link/{token}")[0] == 410
        assert client.get(f"/{world.slug}/me").status_code == 303
    assert "Opened your pages" not in world.client("person", "jo").get(f"/{world.slug}/me/helpers/did").text


def told_of_helpers(world: World) -> list[str]:
    """What the messages about helpers say that they did, the oldest first."""
    with world.db.council(world.council_id) as session:
        found = notices.newest(session, council_id=world.council_id)
        said = [re.search(r"who helps you, (.+)\.", one.body) for one in found if one.name == "helper.did"]
        return [one[1] for one in reversed(said) if one]


def test_a_helper_takes_nothing_away_unseen_and_a_claim_with_pictures_is_one_message(world: World) -> None:
    """Jo has typed a cost. Hal throws it away, and sends another with two pictures, and a third one later."""
    world.tick("jo")
    jo, at = filler(world, "jo"), f"/{world.slug}/me"
    bus(jo, world)
    hal = Filler(helper(world, named(world)), at)
    costs = f"{at}/costs/{world.sessions['brew']}"
    world.drain()
    assert send(hal.client, f"{costs}/throw-away", f"{costs}/check")[0] == 303
    world.drain()
    assert told_of_helpers(world) == ["threw away a claim that was not sent yet"]
    bus(hal, world, pence="80.00", picture=made.jpeg())
    hal.open(f"/costs/{world.sessions['brew']}/receipt")
    hal.file(made.jpeg(made.ticket(80, 50)))
    hal.send()
    world.drain()
    assert told_of_helpers(world)[1:] == ["asked for a cost for you"]
    claim = next(one for one in world.claims_of("jo") if one.expenses)
    hal.open(f"/claims/{claim.id}/receipt")
    hal.file(made.jpeg(made.ticket(90, 60)))
    world.drain()
    assert told_of_helpers(world)[2:] == ["put a receipt with a claim for you"]
    did = world.client("person", "jo").get(f"{at}/helpers/did").text
    for words in ("Sent a picture of a receipt", "Put a receipt with a claim", "Threw away a claim"):
        assert words in did
    assert "Did something" not in did


def test_signed_in_as_a_helper_a_browser_is_no_longer_the_person(world: World) -> None:
    """Wei is paid here and helps Jo: one browser is one of the two."""
    helper_id = named(world, email="wei@people.example")
    client = world.client("person", "wei")
    with world.db.council(world.council_id) as session:
        token = councils.make_link(
            session,
            council_id=world.council_id,
            kind="helper",
            subject_id=helper_id,
            goes_to=f"/{world.slug}/me",
            now=world.now,
        )
    assert send(client, f"/link/{token}") == (303, f"/{world.slug}/me")
    assert "The page of Jo Marsh" in client.get(f"/{world.slug}/me").text
    assert "Opened your pages" in world.client("person", "jo").get(f"/{world.slug}/me/helpers/did").text
    client.get(world.link("person", "wei"))
    assert send(client, world.link("person", "wei")) == (303, f"/{world.slug}/me")
    assert "Hello Wei Chen" in client.get(f"/{world.slug}/me").text


def test_staff_write_down_a_helper_and_a_second_person_checks_it(world: World) -> None:
    at = f"/{world.slug}/staff/people/{world.people['tom']}"
    sam, ada = world.client("staff", "sam"), world.client("staff", "ada")
    asked = sam.get(f"{at}/helpers/new").text
    assert "Say yes or no to offers for them" in asked
    assert "your benefits" not in asked
    status, page = send(sam, f"{at}/helpers/new", kind="", name="", email="")
    assert status == 200
    for sentence in ("Choose how they help", "Enter their name", "Choose how the person agreed"):
        assert sentence in page
    typed = {"kind": "supporter", "name": "Hal", "email": "hal@people.example", "consent": "phone"}
    until = {"until-day": "1", "until-month": "2", "until-year": "2027"}
    assert send(sam, f"{at}/helpers/new", **typed, **until) == (303, at)
    page = sam.get(at).text
    assert "Not yet: a second person here has to check it" in page
    assert "I have checked this" not in page
    (helper_id,) = re.findall(r"helpers/(hlp_\w+)/end", page)
    assert send(sam, f"{at}/helpers/{helper_id}/confirm", at)[0] == 403
    wrong = f"/{world.slug}/staff/people/{world.people['jo']}/helpers/{helper_id}/confirm"
    assert send(ada, wrong, at)[0] == 404
    assert send(ada, f"{at}/helpers/{helper_id}/confirm", at) == (303, at)
    assert "May help now" in ada.get(at).text
    own = world.client("person", "tom").get(f"/{world.slug}/me/helpers").text
    assert "A member of staff wrote this down for you. You told us: on the phone." in own
    with world.db.council(world.council_id) as session:
        assert sessions.offers_of(session, council_id=world.council_id, person_id=world.people["tom"]) == []
