"""Do a region and its councils see on their pages what is theirs, and no more?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.councils import actions as councils
from service.councils.model import ROLES
from tests.regions import base_text, join, region
from tests.stage import Council, refused, told
from tests.web.cookies import sign_in
from tests.web.world import PEOPLE, World

OWNER = "Olu Owner"


@dataclass(frozen=True)
class Shared:
    """A world whose council is in a region, which has one member of staff with every role."""

    world: World
    own: Council
    council: Council
    staff_id: str

    def client(self, kind: str = "staff") -> FlaskClient:
        """A browser without eyes, signed in at the region."""
        client = self.world.app.test_client()
        return sign_in(client, self.own.id, kind, self.staff_id)

    def tried(self) -> dict[str, str]:
        """A draft of the base that was tried across the region: its id, and the trial's."""
        draft = told(self.own.lead.post("policies", {"text": base_text(), "by": "ada"}), 201)
        found = told(self.own.lead.post(f"policies/{draft['id']}/simulations", {}), 202)
        self.world.drain()
        return {"draft": draft["id"], "simulation": found["id"]}

    def published(self) -> str:
        """A newer version of the base."""
        draft = self.tried()["draft"]
        told(self.own.lead.post(f"policies/{draft}/publish", {"by": "bo"}))
        return draft


def pressed(client: FlaskClient, path: str) -> TestResponse:
    """A button of a form, with the token that any page of staff gives."""
    page = client.get("/exampleshire/staff/sign-out").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return client.post(path, data={"csrf_token": token[1]})


def share(world: World) -> Shared:
    """Puts the world's council into a region."""
    own = region(world)
    council = Council(world, world.council_id, {})
    council.doors["lead"] = council.key("lead")
    join(council, own)
    with world.db.council(own.id) as session:
        member = councils.add_staff(
            session, council_id=own.id, email="olu@x.test", name=OWNER, roles=tuple(ROLES), now=world.now
        )
    return Shared(world, own, council, member.id)


@pytest.fixture
def shared(world: World) -> Shared:
    return share(world)


def test_a_region_has_its_policy_its_councils_and_its_machine(shared: Shared) -> None:
    client = shared.client()
    home = client.get("/middleshire/staff")
    assert home.headers["Location"] == "/middleshire/staff/policy"
    page = client.get("/middleshire/staff/policy").text
    assert [f"/middleshire/staff/{place}" in page for place in ("policy", "councils", "machine")] == [
        True
    ] * 3
    for place in ("sessions", "approvals", "payments", "people", "messages"):
        assert f"/middleshire/staff/{place}" not in page
        answer = client.get(f"/middleshire/staff/{place}")
        assert (answer.status_code, "A region has a policy, and no people" in answer.text) == (403, True), (
            place
        )
    for path in ("/middleshire/sign-in", "/middleshire/me", "/middleshire/how-we-work-out-your-money"):
        answer = client.get(path)
        assert (answer.status_code, "A region pays nobody itself." in answer.text) == (404, True), path
    assert shared.world.client().get("/middleshire").status_code == 200


def test_people_are_not_asked_to_choose_a_region(shared: Shared) -> None:
    client = shared.world.client()
    for path in ("/", "/privacy", "/how-we-work-out-your-money"):
        page = client.get(path).text
        assert "Exampleshire County Council" in page
        assert "Middleshire" not in page
    assert OWNER in client.get("/demo").text


def test_a_region_sees_each_council_by_its_totals(shared: Shared) -> None:
    shared.world.tick("jo", "wei")
    found = shared.tried()
    client = shared.client()
    page = client.get("/middleshire/staff/councils").text
    assert f"/middleshire/staff/councils/{found['simulation']}" in page
    whole = client.get(f"/middleshire/staff/councils/{found['simulation']}").text
    assert "£31.00" in whole
    assert "£33.00" in whole
    assert "£2.00 more" in whole
    assert whole.count("Too few to say") == 2
    hidden = {*PEOPLE.values(), *shared.world.people.values(), *shared.world.staff.values()}
    assert [word for word in hidden if word in page + whole] == []


def test_no_council_has_the_pages_of_a_region(shared: Shared) -> None:
    found = shared.tried()
    lead = shared.world.client("staff", "sam")
    assert lead.get("/exampleshire/staff/councils").status_code == 404
    assert lead.get(f"/exampleshire/staff/councils/{found['simulation']}").status_code == 404
    assert "/exampleshire/staff/councils" not in lead.get("/exampleshire/staff/policy").text


def test_a_council_takes_a_version_on_from_its_page(shared: Shared) -> None:
    base_id = shared.published()
    lead = shared.world.client("staff", "sam")
    assert "/exampleshire/staff/policy/bases" in lead.get("/exampleshire/staff/policy").text
    page = lead.get("/exampleshire/staff/policy/bases").text
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in page
    assert "Line 32: Example " in page
    path = f"/exampleshire/staff/policy/bases/{base_id}/take-on"
    assert pressed(shared.world.client("staff", "ada"), path).status_code == 403
    assert [row["version"] for row in told(shared.council.lead.get("policies"))["data"]] == ["1.0"]
    made = pressed(lead, path)
    assert made.status_code == 303
    page = lead.get(made.headers["Location"]).text
    assert "Version 1.1: draft" in page
    assert re.search(r'href="[^"]*/staff/policy/pol_[0-9a-z]+">See your draft</a>', page)
    assert "Make a draft on version" not in page
    assert [row["version"] for row in told(shared.council.lead.get("policies"))["data"]] == ["1.1", "1.0"]
    assert pressed(lead, "/exampleshire/staff/policy/bases/pol_none/take-on").status_code == 404
    refused(shared.council.lead.get(f"policies/{base_id}"), 404)
