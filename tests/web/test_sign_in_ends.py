"""Does a sign-in end when it should, and must it be proved again before how somebody is paid is shown?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service.councils import actions as councils
from service.councils import codes
from service.notices import reaching
from service.people import helping
from service.people import queries as people
from service.sessions import queries as sessions
from service.web.sign_in_time import FRESH, IDLE, WHOLE
from tests.web.cookies import sign_in
from tests.web.test_paid import details
from tests.web.test_sign_in import OURS, reached, send, texted
from tests.web.world import World

A_BIT = timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["person", "staff"])
def test_a_sign_in_ends_when_it_is_idle_and_at_the_end_of_the_day(world: World, kind: str) -> None:
    who, page = ("jo", "me") if kind == "person" else ("sam", "staff/sessions")
    subject = world.people[who] if kind == "person" else world.staff[who]
    found = {}
    for name, shown, used in (
        ("new", timedelta(), timedelta()),
        ("busy", WHOLE - A_BIT, timedelta()),
        ("old", WHOLE, timedelta()),
        ("almost idle", IDLE[kind] - A_BIT, IDLE[kind] - A_BIT),
        ("idle", IDLE[kind], IDLE[kind]),
    ):
        client = sign_in(world.client(), world.council_id, kind, subject, shown=shown, used=used)
        found[name] = client.get(f"/{world.slug}/{page}").status_code
    assert found == {"new": 200, "busy": 200, "old": 303, "almost idle": 200, "idle": 303}


def test_a_page_that_is_opened_keeps_the_sign_in_alive(world: World) -> None:
    almost = IDLE["person"] - A_BIT
    client = sign_in(
        world.client(), world.council_id, "person", world.people["jo"], shown=almost, used=almost
    )
    client.get(f"/{world.slug}/me")
    with client.session_transaction() as cookie:
        shown, used = cookie["signed_in"][f"person:{world.council_id}"]
    assert used - shown == pytest.approx(almost.total_seconds(), abs=5)


def test_a_cookie_that_says_nothing_of_when_is_no_sign_in(world: World) -> None:
    client = world.client()
    with client.session_transaction() as cookie:
        cookie["person"] = {world.council_id: world.people["jo"]}
    assert client.get(f"/{world.slug}/me").status_code == 303


@pytest.mark.parametrize("kind", ["person", "staff"])
def test_signing_out_everywhere_ends_every_other_sign_in_and_every_old_link(world: World, kind: str) -> None:
    who, leaf = ("jo", "me") if kind == "person" else ("sam", "staff")
    here, elsewhere, link = world.client(kind, who), world.client(kind, who), world.link(kind, who)
    at = f"/{world.slug}/{leaf}"
    assert send(here, f"{at}/sign-out", where="everywhere")[0] == 303
    assert [client.get(f"{at}/sign-out").status_code for client in (here, elsewhere)] == [303, 303]
    assert world.client().get(link).status_code == 410
    again = world.client()
    assert send(again, world.link(kind, who))[0] == 303
    assert again.get(f"{at}/sign-out").status_code == 200


def test_signing_out_in_one_browser_leaves_the_others(world: World) -> None:
    here, elsewhere = world.client("person", "jo"), world.client("person", "jo")
    send(here, f"/{world.slug}/me/sign-out")
    assert [client.get(f"/{world.slug}/me").status_code for client in (here, elsewhere)] == [303, 200]


def test_a_new_contact_signs_out_whoever_has_the_old_phone(world: World) -> None:
    client, link = world.client("person", "jo"), world.link("person", "jo")
    reached(world, "jo", email="new@people.example")
    assert client.get(f"/{world.slug}/me").status_code == 200  # Signed in after the moment of the change.
    old = sign_in(world.client(), world.council_id, "person", world.people["jo"], shown=timedelta(minutes=10))
    assert old.get(f"/{world.slug}/me").status_code == 303
    assert world.client().get(link).status_code == 410


# Before how somebody is paid


def still_jo(world: World) -> list[str]:
    """Every code with which Jo shows that it is still Jo."""
    return texted(world, "jo", purpose=codes.STILL_THEM)


def _a_while_ago(world: World, who: str = "jo") -> FlaskClient:
    return sign_in(world.client(), world.council_id, "person", world.people[who], shown=FRESH)


def test_pages_about_money_and_all_that_is_kept_ask_again_once_the_sign_in_is_old(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    assert client.get(at).status_code == 200
    paid = [f"/payment-method{leaf}" for leaf in ("", "/choose", "/bank", "/confirm", "/stripe")]
    for leaf in (*paid, "/my-data", "/my-data/erase"):
        answer = client.get(f"{at}{leaf}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{at}/again"), leaf
    assert "Is it still you?" in client.get(f"{at}/again").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{at}/again").text)
    assert token is not None
    for leaf in ("take", "erase", "erase/take-back"):
        answer = client.post(
            f"{at}/my-data/{leaf}", data={"csrf_token": token[1], "sure": "yes"}, headers=OURS
        )
        assert (answer.status_code, answer.mimetype) == (401, "text/html"), leaf


def test_a_link_from_an_old_message_lets_somebody_look_and_asks_again_before_money(world: World) -> None:
    """Whoever finds a message of last week cannot write down a first account with it."""
    two_weeks, at = councils.OFFER_LINK_LIVES, f"/{world.slug}/me"
    just, late = (councils.LINK_LIVES + ago for ago in (-A_BIT, A_BIT))
    for ago, opens in ((just, True), (late, False), (two_weeks - A_BIT, False)):
        client, before = world.client(), methods_of(world, "wei")
        assert send(client, world.link("person", "wei", ago=ago, lives=two_weeks)) == (303, at)
        assert client.get(at).status_code == 200
        assert client.get(f"{at}/payment-method/bank").status_code == (200 if opens else 303), ago
        if not opens:
            status = send(client, f"{at}/payment-method/bank", f"{at}/sign-out", **details("00733445"))[0]
            assert (status, methods_of(world, "wei")) == (401, before)


NEW_HELPER = {
    "who": {"name": "A Thief", "email": "thief@example.org", "phone": ""},
    "kind": {"kind": "supporter"},
    "may": {"may": "costs"},
    "until": {"until-day": "1", "until-month": "2", "until-year": "2027"},
}


def test_an_old_link_names_no_helper_moves_no_letter_and_gives_nothing_away(world: World) -> None:
    """Whoever was sent on a message of last week can look, and no more of this."""
    at, two_weeks, offer_id = f"/{world.slug}/me", councils.OFFER_LINK_LIVES, world.offers["board-jo"]
    client = world.client()
    send(client, world.link("person", "jo", ago=timedelta(days=10), lives=two_weeks))
    for step, said in NEW_HELPER.items():
        assert send(client, f"{at}/helpers/new/{step}", **said)[0] == 303
    elsewhere = {"reached_by": "letter", "address": "1 Made Up Street\nExampleton\nEX1 2MP"}
    away = {"choice": "give", "give_to": "The Invented Trust", "amount": ""}
    before = _of_jo(world, offer_id)
    for leaf, said in (
        ("helpers/new/check", {}),
        ("messages/way", elsewhere),
        (f"offers/{offer_id}/less", away),
    ):
        assert client.get(f"{at}/{leaf}").status_code == 200
        status, page = send(client, f"{at}/{leaf}", **said)
        kept = {name.removeprefix("kept-field-"): value for name, value in hidden(page).items()}
        assert (status, "Is it still you?" in page) == (401, True), leaf
        assert {**kept, **said} == kept, leaf
    assert _of_jo(world, offer_id) == before == (0, {"reached_by": "", "address": ""}, None)
    assert send(client, f"{at}/offers/{offer_id}/less", choice="less", give_to="", amount="x")[0] == 200
    # Jo, who has the phone, types the code that went to it, and what was typed is sent.
    status, page = send(client, f"{at}/helpers/new/check")
    page = client.post(f"{at}/again/send", data={**hidden(page), "way": "email"}, headers=OURS).text
    (code,) = still_jo(world)
    page = client.post(f"{at}/again/code", data={**hidden(page), "code": code}, headers=OURS).text
    assert client.post(f"{at}/helpers/new/check", data=hidden(page), headers=OURS).status_code == 303
    assert send(client, f"{at}/messages/way", **elsewhere)[0] == 303
    assert send(client, f"{at}/offers/{offer_id}/less", **away)[0] == 303
    assert _of_jo(world, offer_id) == (1, elsewhere, "The Invented Trust")


def _of_jo(world: World, offer_id: str) -> tuple[int, dict[str, str], str | None]:
    """How many help Jo, where letters go, and to whom the fee of an offer is given."""
    key = {"council_id": world.council_id, "person_id": world.people["jo"]}
    with world.db.council(world.council_id) as session:
        chosen = reaching.choice(session, **key)
        gives = sessions.offer(session, council_id=world.council_id, offer_id=offer_id).give_to
        helps = len(helping.of_person(session, **key))
        return helps, {"reached_by": chosen.reached_by, "address": chosen.address}, gives


def test_an_old_link_makes_a_sign_in_that_stands_neither_older_nor_newer(world: World) -> None:
    at, two_weeks = f"/{world.slug}/me", councils.OFFER_LINK_LIVES
    client = world.client("person", "jo")
    with client.session_transaction() as cookie:
        before = dict(cookie["signed_in"])
    send(client, world.link("person", "jo", ago=timedelta(days=3), lives=two_weeks))
    with client.session_transaction() as cookie:
        assert cookie["signed_in"] == before
    assert client.get(f"{at}/payment-method/choose").status_code == 200
    # Somebody else's sign-in in the same browser is another matter.
    send(client, world.link("person", "wei", ago=timedelta(days=3), lives=two_weeks))
    assert client.get(f"{at}/payment-method/choose").status_code == 303


def test_this_was_not_me_signs_out_whoever_is_in_and_names_no_helper_after(world: World) -> None:
    at, jo = f"/{world.slug}/me", world.people["jo"]
    thief = sign_in(world.client(), world.council_id, "person", jo, shown=timedelta(minutes=10))
    link = world.link("person", "jo")
    with world.db.council(world.council_id) as session:
        token = councils.make_link(
            session,
            council_id=world.council_id,
            kind="stop",
            subject_id=jo,
            goes_to=f"{at}/payment-method",
            now=world.now,
        )
    assert thief.get(at).status_code == 200
    assert "We have stopped it" in send(world.client(), f"/link/{token}")[1]
    assert thief.get(at).status_code == 303
    assert world.client().get(link).status_code == 410
    back_in = world.client("person", "jo")
    for step, said in NEW_HELPER.items():
        send(back_in, f"{at}/helpers/new/{step}", **said)
    status, page = send(back_in, f"{at}/helpers/new/check")
    assert (status, "Somebody told us that a change was not theirs." in page) == (409, True)
    with world.db.council(world.council_id) as session:
        assert helping.of_person(session, council_id=world.council_id, person_id=jo) == []


def test_who_knows_a_number_neither_uses_up_nor_ends_a_code_for_who_is_signed_in(world: World) -> None:
    reached(world, "jo", email="jo@people.example", phone="07700 900982", ago=timedelta(days=20))
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    with world.db.council(world.council_id) as session:
        about = {"council_id": world.council_id, "kind": "person", "subject_id": world.people["jo"]}
        for hour in range(10, 0, -1):
            ago = world.now - timedelta(hours=2 * hour)
            assert codes.ask(session, **about, way="text", now=ago) is not None
    send(client, f"{at}/again/send", f"{at}/again", way="email")
    (code,) = still_jo(world)
    stranger = world.client()
    send(stranger, f"/{world.slug}/sign-in", contact="07700 900982")
    assert (texted(world, "jo"), still_jo(world)) == ([], [code])
    assert codes.WRONG in send(stranger, f"/{world.slug}/sign-in/code", code=code)[1]
    assert send(client, f"{at}/again/code", f"{at}/again", code=code)[0] == 303


def test_who_has_used_up_the_codes_of_a_day_is_told_so(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    with world.db.council(world.council_id) as session:
        about = {"council_id": world.council_id, "kind": "person", "subject_id": world.people["jo"]}
        for hour in range(10, 0, -1):
            ago = world.now - timedelta(hours=2 * hour)
            codes.ask(session, **about, way="email", now=ago, purpose=codes.STILL_THEM)
    page = send(client, f"{at}/again/send", f"{at}/again", way="email")[1]
    assert "We sent you 10 codes in one day, and send no more than that." in page
    assert re.search(r"after \d+ \w+ \d{4} at [^.]+\. Do you need it sooner\? Contact us\.", page)
    assert still_jo(world) == []


def test_too_many_tries_lose_nothing_that_waits_and_say_how_long(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    waits = {"kept-address": f"{at}/payment-method/bank", "kept-field-account_name": "Jo & Wei"}
    for _ in range(30):
        send(client, f"{at}/again/code", f"{at}/again", code="", **waits)
    status, page = send(client, f"{at}/again/code", f"{at}/again", code="123456", **waits)
    kept = {name: value for name, value in hidden(page).items() if name != "csrf_token"}
    assert (status, kept) == (429, {**waits, "code": "123456"})
    assert re.search(r"Wait (9|10) minutes\. Then press the button\.", page)
    assert f'action="{at}/again/code"' in page


def test_a_code_opens_the_page_that_was_wanted(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    client.get(f"{at}/payment-method/choose")
    status, page = send(client, f"{at}/again/send", f"{at}/again", way="email")
    world.drain()
    (code,) = still_jo(world)
    assert (status, "j…@people.example" in page, f"The code in this one is {code}." in page) == (
        200,
        True,
        True,
    )
    status, page = send(client, f"{at}/again/code", f"{at}/again", code="000000")
    assert (status, page.count("That code does not work.")) == (200, 2)
    assert send(client, f"{at}/again/code", f"{at}/again", code=code) == (
        303,
        f"{at}/payment-method/choose",
    )
    assert client.get(f"{at}/payment-method/choose").status_code == 200


def test_nothing_typed_is_lost_when_the_sign_in_has_grown_old_meanwhile(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{at}/payment-method/bank").text)
    assert token is not None
    sign_in(client, world.council_id, "person", world.people["jo"], shown=FRESH)
    before = methods_of(world, "jo")
    typed = details("00733445", account_name="Jo & Wei")
    answer = client.post(f"{at}/payment-method/bank", data={"csrf_token": token[1], **typed}, headers=OURS)
    assert answer.status_code == 401
    page = client.post(f"{at}/again/send", data={**hidden(answer.text), "way": "email"}, headers=OURS).text
    wrong = client.post(f"{at}/again/code", data={**hidden(page), "code": "1"}, headers=OURS).text
    assert methods_of(world, "jo") == before
    (code,) = still_jo(world)
    kept = client.post(f"{at}/again/code", data={**hidden(wrong), "code": code}, headers=OURS)
    assert (kept.status_code, "Nothing you typed is lost." in kept.text) == (200, True)
    assert {name: value for name, value in hidden(kept.text).items() if name in typed} == typed
    done = client.post(f"{at}/payment-method/bank", data=hidden(kept.text), headers=OURS)
    assert (done.status_code, done.headers["Location"]) == (303, f"{at}/payment-method/confirm")


def test_who_asks_for_too_many_codes_is_told_to_wait(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    for said in (0, 1):
        page = send(client, f"{at}/again/send", f"{at}/again", way="email")[1]
        assert page.count("We sent a code not long ago.") == said
    assert len(still_jo(world)) == 1


def test_what_waits_can_only_go_to_a_page_of_ones_own(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    send(client, f"{at}/again/send", f"{at}/again", way="email")
    (code,) = still_jo(world)
    elsewhere = {"kept-address": "https://bad.example/", "kept-field-a": "b", "code": code}
    assert send(client, f"{at}/again/code", f"{at}/again", **elsewhere) == (303, f"{at}/payment-method")


def test_a_code_of_somebody_else_is_none(world: World) -> None:
    reached(world, "wei", phone="07700 900982")
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    send(world.client(), f"/{world.slug}/sign-in", contact="07700 900982")
    (code,) = texted(world, "wei")
    status, page = send(client, f"{at}/again/code", f"{at}/again", code=code)
    assert (status, "That code does not work." in page) == (200, True)
    assert client.get(f"{at}/payment-method").status_code == 303


def hidden(page: str) -> dict[str, str]:
    """The fields out of sight of the first form on a page."""
    form = page.split("<form")[1].split("</form")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: value.replace("&amp;", "&") for name, value in found}


def methods_of(world: World, who: str) -> list[str]:
    """Every way of being paid that somebody has, or had."""
    with world.db.council(world.council_id) as session:
        found = people.methods_of(session, council_id=world.council_id, person_id=world.people[who])
        return [f"{row.state} {row.masked}" for row in found]
