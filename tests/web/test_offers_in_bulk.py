"""Are many asked at once as the check page said? Is nothing typed lost, nobody asked twice?"""

from __future__ import annotations

import io
import re
import time

import pytest
from flask.testing import FlaskClient

from service.people import queries as people
from service.sessions import queries
from tests.web.test_offers import messages, text_of
from tests.web.test_sign_in import OURS, send
from tests.web.world import World

LIST = """\
Wei Chen, wei@people.example
Tom Price; tom@people.example
New Person, new@people.example, co_chair, R-1
Jo Marsh, jo@people.example
wei chen, WEI@people.example
Somebody Else, tom@people.example
No Way To Reach
=cmd(), bad@people.example
"""


def at(world: World) -> str:
    return f"/{world.slug}/staff/sessions/{world.sessions['board']}/invite"


def check(world: World, client: FlaskClient, text: str = LIST, **more: str) -> tuple[int, str]:
    return send(client, at(world), **{"list": text, "role": "member", "step": "check", **more})


def rows(page: str) -> dict[int, str]:
    """Line → what the table says of it."""
    found = re.findall(r'<th scope="row"[^>]*>Line (\d+)</th>(.*?)</tr>', page, re.S)
    return {int(number): " ".join(re.sub(r"<[^>]+>", " ", row).split()) for number, row in found}


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{16})"', page)
    assert found
    return found[1]


def asked(world: World) -> dict[str, str]:
    """Name → role of everybody who has an offer for the board."""
    key = {"council_id": world.council_id}
    with world.db.council(world.council_id) as session:
        offers = queries.offers(session, **key, session_id=world.sessions["board"])
        known = people.by_ids(session, **key, person_ids={offer.person_id for offer in offers})
        return {known[offer.person_id].name: offer.role for offer in offers}


def test_the_check_page_says_what_would_happen_with_each_line(world: World) -> None:
    sam = world.client("staff", "sam")
    status, page = check(world, sam, LIST.replace(";", ","))
    assert status == 200
    said = rows(page)
    assert "Wei Chen Known person Member £36.00" in said[1]
    assert "Tom Price Known person Member £36.00" in said[2]
    assert "New Person new@people.example New person Co-chair £50.00" in said[3]
    assert "Asked already They have an offer for this session already." in said[4]
    assert "Twice on this list The same person as on line 1." in said[5]
    assert "Needs mending Here this is Tom Price. Write that name, or add the other person" in said[6]
    assert "Needs mending Write an email address or a phone number too" in said[7]
    assert "Needs mending The name begins with =, as a formula does." in said[8]
    assert list(said)[:3] == [6, 7, 8]
    assert "If all 3 people say yes, their fees come to" in page
    assert "£122.00" in page
    assert "No Way To Reach" in page.split("<textarea", 1)[1]
    assert asked(world) == {"Jo Marsh": "member"}


def test_those_in_order_are_asked_and_the_rest_stays_to_be_mended(world: World) -> None:
    sam, text = world.client("staff", "sam"), LIST.replace(";", ",")
    _, page = check(world, sam, text)
    status, page = check(world, sam, text, step="send", seen=seen_on(page))
    assert status == 200
    assert "3 people asked. Each gets a message." in page
    assert "3 lines could not be used. Mend them here." in page
    assert set(rows(page)) == {1, 2, 3}
    assert asked(world) == {
        "Jo Marsh": "member",
        "Wei Chen": "member",
        "Tom Price": "member",
        "New Person": "co_chair",
    }
    world.drain()
    for who in ("wei", "tom"):
        assert list(messages(world, who)).count("Would you like to join us? Making it Real board") == 1


def test_a_list_in_order_leads_back_to_the_session_and_again_asks_nobody(world: World) -> None:
    sam, text = world.client("staff", "sam"), "wei@people.example\ntom@people.example"
    _, page = check(world, sam, text)
    given = {"step": "send", "seen": seen_on(page)}
    status, leads = check(world, sam, text, **given)
    assert (status, leads) == (303, at(world).removesuffix("/invite"))
    assert "2 people asked. Each gets a message." in text_of(sam, leads)
    before = asked(world)
    status, page = check(world, sam, text, **given)
    assert status == 422
    assert "Something changed since you looked." in page
    assert asked(world) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_from_a_spreadsheet(world: World, encoding: str) -> None:
    sam = world.client("staff", "sam")
    token = re.search(r'name="csrf_token" value="([^"]+)"', sam.get(at(world)).text)
    assert token
    content = "Name;Mobile;Reference;Role\r\nZoë Ödegård;07700 900 982;R-9;Member\r\n".encode(encoding)
    data = {"csrf_token": token[1], "step": "check", "file": (io.BytesIO(content), "list.csv")}
    page = sam.post(at(world), data=data, headers=OURS).text
    assert "Zoë Ödegård 07700900982 New person Member £36.00" in rows(page)[2]
    status, _ = check(world, sam, "Zoë Ödegård, 07700 900 982, R-9", step="check")
    assert status == 200


def test_what_cannot_be_read_says_so_and_keeps_what_was_typed(world: World) -> None:
    sam = world.client("staff", "sam")
    assert "Write one person on each line" in check(world, sam, " \n")[1]
    status, page = check(world, sam, "Wei Chen, wei@people.example", preparation="soon")
    assert status == 422
    assert "Enter minutes as a whole number" in page
    assert "Wei Chen, wei@people.example" in page
    assert 'value="soon"' in page
    status, page = check(world, sam, "wei@people.example", role="queen")
    assert (status, "Choose a role" in page) == (422, True)
    status, page = check(world, sam, "name,email,role\nWei Chen,wei@people.example,queen")
    assert "We do not know the role “queen” for this session." in rows(page)[2]
    status, page = check(world, sam, "wei@people.example", role="")
    assert "Write a role on this line, or choose one for everybody." in rows(page)[1]


def test_nothing_is_asked_for_a_cancelled_session(world: World) -> None:
    sam = world.client("staff", "sam")
    session_page = at(world).removesuffix("/invite")
    assert send(sam, f"{session_page}/cancel")[0] == 303
    status, page = check(world, sam, "wei@people.example")
    assert status == 422
    assert "This session is cancelled" in page
    assert asked(world) == {"Jo Marsh": "member"}


def test_five_hundred_at_once(world: World) -> None:
    sam = world.client("staff", "sam")
    text = "\n".join(f"Person Number{n}, p{n}@people.example" for n in range(500))
    began = time.monotonic()
    _, page = check(world, sam, text)
    looked = time.monotonic() - began
    assert "£18,000.00" in page
    status, _ = check(world, sam, text, step="send", seen=seen_on(page))
    took = time.monotonic() - began
    assert status == 303
    assert len(asked(world)) == 501
    print(f"500 people: checked in {looked:.1f} s, asked after {took:.1f} s")
    assert took < 30
