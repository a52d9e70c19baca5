"""Do pages say what somebody has used, whom they come for, and that an offer has come to less?"""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from service.councils import actions as councils
from tests.allowances.counting import at, counting, offered
from tests.stage import Council, Stage, told
from tests.web.cookies import sign_in

LIMIT = """
counters: {week_talks: {name: Talks in a week, counts: activities, each: week, per: organisation}}
limits: {one: {clause: "L", sentence: One a week., counter: week_talks, at_most: 1 time, beyond: not payable}}
"""


def client(council: Council, kind: str, who: str) -> FlaskClient:
    """A browser, signed in."""
    found = council.stage.app.test_client()
    return sign_in(found, council.id, kind, who)


def lead(council: Council) -> FlaskClient:
    with council.stage.hands.db.council(council.id) as session:
        member = councils.add_staff(
            session,
            council_id=council.id,
            email="sam@example.org",
            name="Sam",
            roles=("lead",),
            now=council.stage.clock(),
        )
    return client(council, "staff", member.id)


def token(page: str) -> str:
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_staff_write_down_whom_somebody_comes_for_and_see_what_is_used(stage: Stage) -> None:
    council = counting(stage, LIMIT)
    staff = lead(council)
    new = "/council-0/staff/people/new"
    given = {"name": "Ada Example", "organisation": " Many  Voices "}
    added = staff.post(new, data={"csrf_token": token(staff.get(new).text), **given})
    assert added.status_code == 303
    ada = added.location.rsplit("/", 1)[1]
    assert told(council.lead.get(f"people/{ada}"))["organisation"] == "Many Voices"
    page = words(staff.get(added.location).text)
    assert "Organisation Many Voices" in page
    assert "Used so far" not in page
    today = stage.clock().date().isoformat()
    offer = offered(council, at(council, today), ada)
    told(council.lead.post(f"offers/{offer['id']}/accept", {}))
    page = words(staff.get(added.location).text)
    assert "Talks in a week 0 used, 1 kept for offers they said yes to. From " in page


def test_a_person_reads_that_their_offer_has_come_to_less(stage: Stage) -> None:
    council = counting(stage, LIMIT)
    ada, bo = (council.person(name, organisation="Voices") for name in ("Ada", "Bo"))
    hers, his = (offered(council, at(council, "2027-05-12"), who) for who in (ada, bo))
    browser, path = client(council, "person", ada), f"/council-0/me/offers/{hers['id']}"
    before = browser.get(path).text
    assert "£20.00" in before
    told(council.lead.post(f"offers/{his['id']}/accept", {}))
    answer = browser.post(f"{path}/yes", data={"csrf_token": token(before)})
    assert answer.status_code == 409
    assert "What you would be paid has changed" in answer.text
    assert "You have not said yes yet. Look at the offer again, then answer." in answer.text
    after = words(browser.get(path).text)
    assert "You will be paid £0.00" in after
    assert "One a week. With this it would be 2 this week." in after
    assert told(council.lead.get(f"offers/{hers['id']}"))["status"] == "made"
