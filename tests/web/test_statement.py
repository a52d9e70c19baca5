"""What does somebody see of their statement, letter, own data, and of two councils at once?"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import events
from service.days import london_day
from service.own_data import actions
from service.tasks.hands import Hands
from tests.web.cookies import sign_in
from tests.web.test_paid import post
from tests.web.world import World, build


@pytest.fixture
def other(app: Flask, hands: Hands, world: World) -> World:
    """A second council on the same installation, which pays a Jo too."""
    return build(app, hands, slug="samplebury", colour="#1d4f5c")


def both(world: World, other: World) -> FlaskClient:
    """A browser in which Jo signed in to two councils."""
    client = world.client("person", "jo")
    return sign_in(client, other.council_id, "person", other.people["jo"])


def test_a_statement_says_what_was_paid_and_when(world: World) -> None:
    world.tick("jo")
    (payment,) = world.payments_of("jo")
    page = world.client("person", "jo").get(f"/{world.slug}/me/statement").text
    assert "Statement of your payments" in page
    assert page.count("Over a Brew: what helps?") == 1
    (row,) = [one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "Over a Brew" in one]
    today = london_day(world.now)
    assert payment.amount_pence == 1550
    assert "£15.50" in row
    assert f"{today.day} {today:%B} {today.year}" in row
    assert 'scope="col"' in page
    assert "This tax year" in page
    email = f"involve<wbr>@{world.slug}<wbr>.example"
    for leaf in ("statement", f"payments/{payment.id}"):
        page = world.client("person", "jo").get(f"/{world.slug}/me/{leaf}").text.split("<footer")[0]
        assert f'<a class="govuk-link" href="mailto:involve@{world.slug}.example">{email}</a>' in page
        assert '<a class="govuk-link" href="tel:01632960001">01632 960 001</a>' in page


def test_a_statement_of_other_days_and_what_is_wrong_with_some(world: World) -> None:
    world.tick("jo")
    client, at = world.client("person", "jo"), f"/{world.slug}/me/statement"
    assert "Nothing in these days." in client.get(f"{at}?period=last_tax_year").text
    wrong = {"since-day": "31", "since-month": "2", "since-year": "2026"}
    page = post(client, f"{at}/days", **wrong, **{"until-day": "1", "until-month": "1", "until-year": "2020"})
    assert "Error: " in page.text
    assert "Enter a real first day, like 6 4 2026" in page.text
    assert page.text.count("govuk-input--error") == 1
    assert 'value="31"' in page.text
    days = {"since-day": "1", "since-month": "2", "since-year": "2026"}
    page = post(client, f"{at}/days", **days, **{"until-day": "1", "until-month": "1", "until-year": "2026"})
    assert "The last day must be the same as the first, or come after it" in page.text
    page = post(client, f"{at}/days", **days, **{"until-day": "1", "until-month": "2", "until-year": "2026"})
    assert page.request.query_string == b"since=2026-02-01&until=2026-02-01"
    assert "1 February 2026" in page.text
    assert client.get(f"{at}?since=x&until=2026-01-01").status_code == 422
    assert client.get(f"{at}?period=next_year").status_code == 422


@pytest.mark.parametrize("paper", ["statement", "letter"])
def test_both_come_as_a_pdf_that_nobody_keeps_on_the_way(world: World, paper: str) -> None:
    world.tick("jo")
    answer = world.client("person", "jo").get(f"/{world.slug}/me/{paper}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.match(rf'attachment; filename="{paper}-\d{{4}}-', answer.headers["Content-Disposition"])


def test_a_letter_says_facts_and_names_no_benefit(world: World) -> None:
    world.tick("jo")
    page = world.client("person", "jo").get(f"/{world.slug}/me/letter").text
    paper = page.split("<h1")[1].split("Keep this as a PDF")[0]
    assert "can stop at any time" in paper
    assert "involve@exampleshire.example" in paper
    assert "Into a bank account".lower() in paper
    for word in ("Universal Credit", "ESA", "PIP", "benefit", "entitled", "tax due", "should", "advice"):
        assert word not in paper, word


def test_a_difference_with_the_ledger_shows_no_figure_and_tells_staff(world: World) -> None:
    world.tick("jo")
    (payment,) = world.payments_of("jo")
    with world.db.council(world.council_id) as session:
        row = session.merge(payment)
        row.amount_pence += 1
    answer = world.client("person", "jo").get(f"/{world.slug}/me/statement")
    assert answer.status_code == 503
    assert "Two of our records do not agree about your payments." in answer.text
    assert "£" not in answer.text.split("<main")[1].split("</main")[0]
    with world.db.council(world.council_id) as session:
        rung = events.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    assert rung[0].name == "books.statement_differs"


def test_two_councils_stand_side_by_side_and_are_added_up_on_the_page_alone(
    world: World, other: World
) -> None:
    world.tick("jo")
    other.tick("jo")
    page = both(world, other).get("/my-money").text
    assert "Exampleshire County Council" in page
    assert "Samplebury County Council" in page
    pence = [one.payments_of("jo")[0].amount_pence for one in (world, other)]
    assert f"£{sum(pence) / 100:.2f}" in page.split("All councils together")[1].split("<section")[0]
    assert "under different names" not in page
    alone = world.client("person", "jo").get("/my-money").text
    assert "All councils together" not in alone
    assert "Sign in at Samplebury County Council" in alone


def test_two_people_on_one_phone_are_told(world: World, other: World) -> None:
    client = sign_in(world.client("person", "jo"), other.council_id, "person", other.people["wei"])
    assert "under different names: Jo Marsh, Wei Chen." in client.get("/my-money").text


def test_no_council_learns_of_another(world: World, other: World) -> None:
    world.tick("jo")
    other.tick("jo")
    client = both(world, other)
    client.get("/my-money")
    for leaf in ("", "/statement", "/letter", "/my-data", "/payments"):
        page = client.get(f"/{world.slug}/me{leaf}").text
        assert "amplebury" not in page.split("<main")[1].split("</main")[0], leaf
    with world.db.council(world.council_id) as session:
        told = events.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    strange = (other.council_id, other.people["jo"], other.slug)
    assert not [e.name for e in told if any(word in str(vars(e)) for word in strange)]


@pytest.mark.parametrize("where", ["", "everywhere"])
def test_signing_out_closes_every_council_in_this_browser(world: World, other: World, where: str) -> None:
    said = "You are signed in to another council here too."
    client, alone, beside = both(world, other), world.client("person", "jo"), both(world, other)
    mine = [f"/{one.slug}/me" for one in (world, other)]
    sign_in(client, other.council_id, "staff", other.staff["sam"])
    pages = [one.get(f"{mine[0]}/sign-out").text for one in (client, alone)]
    assert [said in page for page in pages] == [True, False]
    assert post(client, f"{mine[0]}/sign-out", where=where).status_code == 200
    assert [client.get(path).status_code for path in mine] == [303, 303]
    assert "You are not signed in to any council" in client.get("/my-money").text
    # Who works somewhere signs out of that by itself; another browser is out only where that was asked.
    assert client.get(f"/{other.slug}/staff/sessions").status_code == 200
    assert [beside.get(path).status_code for path in mine] == ([303, 303] if where else [200, 200])


def test_staff_of_two_councils_sign_out_of_both(world: World, other: World) -> None:
    client = sign_in(world.client("staff", "sam"), other.council_id, "staff", other.staff["sam"])
    at = f"/{world.slug}/staff/sign-out"
    assert "You are signed in to another council here too." in client.get(at).text
    assert post(client, at).status_code == 200
    assert [client.get(f"/{one.slug}/staff/sessions").status_code for one in (world, other)] == [303, 303]


def test_somebody_who_is_signed_in_nowhere_sees_where_they_could(world: World) -> None:
    page = world.client().get("/my-money")
    assert page.status_code == 200
    assert "You are not signed in to any council" in page.text
    assert f'href="/{world.slug}/sign-in"' in page.text


def test_the_copy_of_what_is_kept(world: World) -> None:
    world.tick("jo")
    client, at = world.client("person", "jo"), f"/{world.slug}/me/my-data"
    page = client.get(at)
    assert "Every message to you" in page.text
    (token,) = set(re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page.text))
    headers = {"Referer": "http://localhost/"}
    answer = client.post(f"{at}/take", data={"csrf_token": token}, headers=headers)
    assert answer.mimetype == "application/zip"
    page_in_it = zipfile.ZipFile(io.BytesIO(answer.data)).read("what-we-keep-about-you.html").decode()
    assert "Jo Marsh" in page_in_it
    assert "Wei Chen" not in page_in_it
    assert client.get(f"{at}/take").status_code == 405


def test_asks_to_be_erased_after_a_slip_and_takes_it_back(world: World) -> None:
    client, at = world.client("person", "tom"), f"/{world.slug}/me/my-data/erase"
    page = client.get(at)
    assert "What must stay, and why" in page.text
    assert re.search(r"We keep it until 31 March 20\d\d\.", page.text)
    page = post(client, at)
    assert "Tick the box if you want us to erase what we keep about you" in page.text
    page = post(client, at, sure="yes")
    assert "You asked us to erase what we keep" in page.text
    page = client.get(at)
    (token,) = set(re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page.text))
    headers = {"Referer": "http://localhost/"}
    data = {"csrf_token": token}
    page = client.post(f"{at}/take-back", data=data, headers=headers, follow_redirects=True)
    assert "Have it erased" in page.text
    assert client.post(f"{at}/take-back", data=data, headers=headers).status_code == 409


def test_what_is_open_is_named_with_a_way_to_it(world: World) -> None:
    world.tick("wei")
    client = world.client("person", "wei")
    page = client.get(f"/{world.slug}/me/my-data/erase").text
    assert "Money that we owe you and have not paid" in page
    (path,) = re.findall(rf'href="(/{world.slug}/me/claims/[^"]+)"', page)
    assert client.get(path).status_code == 200
    jo = world.client("person", "jo").get(f"/{world.slug}/me/my-data/erase").text
    assert "A session that you said yes to: Over a Brew: what helps?" in jo


def test_staff_see_what_to_settle_and_are_not_asked_to_agree(world: World) -> None:
    world.tick("wei")
    post(world.client("person", "wei"), f"/{world.slug}/me/my-data/erase", sure="yes")
    page = world.client("staff", "sam").get(f"/{world.slug}/staff/people/{world.people['wei']}").text
    assert "Wei Chen asked to be erased" in page
    assert "Money that we owe you and have not paid" in page


def test_somebody_who_was_erased_is_out_at_once(world: World) -> None:
    client, at = world.client("person", "tom"), f"/{world.slug}/me"
    post(client, f"{at}/my-data/erase", sure="yes")
    assert client.get(at).status_code == 200
    link = world.link("person", "tom")
    with world.db.council(world.council_id) as session:
        done = actions.carry_out(
            session,
            council_id=world.council_id,
            person_id=world.people["tom"],
            vault=world.hands.vault,
            now=world.now + timedelta(days=8),
        )
    assert done
    assert client.get(at).status_code == 303
    assert world.client().get(link).status_code == 410
    assert "Tom Price" not in world.client("staff", "sam").get(f"/{world.slug}/staff/people").text
