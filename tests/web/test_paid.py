"""How does somebody change how they are paid, and what happens when a payment does not arrive?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.rails import sandbox
from service.rails.protocol import RAILS, Answer, Asked, Order
from service.settings import Settings
from service.tasks.hands import Hands
from tests.stage import Stage, bank_account, refused, told
from tests.web.cookies import sign_in
from tests.web.world import World, build

INVENTED = "600000 699999 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1\r\n"


def post(client: FlaskClient, path: str, **typed: str) -> Any:
    """Send the form of a page, as a browser does."""
    page = client.get(path)
    (token,) = set(re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page.text)) or {""}
    headers = {"Referer": "http://localhost/"}
    return client.post(path, data={**typed, "csrf_token": token}, headers=headers, follow_redirects=True)


def details(number: str, **other: str) -> dict[str, str]:
    given = {name: value for name, value in bank_account(number).items() if name != "kind"}
    return given | {"account_name": "Jo Marsh"} | other


def test_a_change_goes_by_way_of_a_code_that_the_demo_shows(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/payment-method"
    page = post(client, f"{at}/bank", **details("00733445"))
    assert "Enter the code from our message" in page.text
    assert "j…@people.example" in page.text
    assert "We pay into your bank account, account ending 2345." in client.get(at + "/").text
    world.drain()
    (code,) = re.findall(r"The code in this one is (\d{6})", page.text)
    outbox = world.client("staff", "sam").get(f"/{world.slug}/staff/messages").text
    assert f"type this code: {code}" in outbox
    page = post(client, f"{at}/confirm", code="123")
    assert "That is not the code we sent." in page.text
    assert "Error: " in page.text
    page = post(client, f"{at}/confirm", code=code)
    assert "We pay into your bank account, account ending 3445." in page.text
    assert "This way of being paid counts: bank account ending 3445" in page.text


def test_staff_see_no_code_where_there_is_no_demonstration(world: World, settings: Settings) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/payment-method"
    post(client, f"{at}/bank", **details("00733445"))
    world.drain()
    real = create_app(replace(settings, demo=False))
    elsewhere = replace(world, app=real)
    shown = elsewhere.client("staff", "sam").get(f"/{world.slug}/staff/messages").text
    assert "type this code: (their own code)" in shown
    assert "The code in this one" not in elsewhere.client("person", "jo").get(f"{at}/confirm").text
    real.extensions["db"].close()


def test_a_change_can_be_forgotten(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/payment-method"
    page = post(client, f"{at}/bank", **details("00733445"))
    token = re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page.text)[0]
    headers = {"Referer": "http://localhost/"}
    client.post(f"{at}/answer", data={"answer": "no", "csrf_token": token}, headers=headers)
    assert "Your change waits for a code" not in client.get(at + "/").text
    assert client.get(f"{at}/confirm").status_code == 303


def test_what_does_not_go_together_is_said_at_both_fields_and_nothing_typed_is_lost(
    settings: Settings, hands: Hands, tmp_path: Path
) -> None:
    (tmp_path / "weights.txt").write_text(INVENTED)
    app = create_app(replace(settings, modulus_table=str(tmp_path / "weights.txt")))
    world = build(app, hands)
    client, at = world.client("person", "wei"), f"/{world.slug}/me/payment-method"
    page = post(client, f"{at}/bank", **details("00000050", sort_code="60-00-01"))
    said = "Check the sort code and account number: they do not go together"
    assert page.text.count(said) == 4  # Twice in the summary, and at each field.
    assert 'value="60-00-01"' in page.text
    assert 'value="00000050"' in page.text
    assert "We do not know yet how you would like to be paid." in client.get(at + "/").text
    page = post(client, f"{at}/bank", **details("00000051", sort_code="60-00-01"))
    assert "account ending 0051" in page.text
    lead = world.client("staff", "sam").get(f"/{world.slug}/staff/people/{world.people['wei']}").text
    assert "Sort code and account number go together" in lead
    jo = world.client("staff", "sam").get(f"/{world.slug}/staff/people/{world.people['jo']}").text
    assert "Not checked:" in jo
    app.extensions["db"].close()


def test_a_call_is_told_the_same_and_the_pretend_bank_is_let_through(
    stage: Stage, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "weights.txt").write_text(INVENTED.replace("600000 699999", "000000 999999"))
    app = create_app(replace(settings, modulus_table=str(tmp_path / "weights.txt")))
    council = stage.council()
    door = replace(council.lead, app=app)
    person_id = council.person(account=None)
    path = f"people/{person_id}/payment_method"
    before = stage.picture()
    refused(
        door.put(path, bank_account("00000050") | {"sort_code": "600001"}),
        422,
        "/sort_code",
        "/account_number",
    )
    assert stage.picture() == before
    told(door.put(path, bank_account("00000050")))
    with stage.admin() as line:
        rows = line.execute("SELECT checked, length(checked_with) FROM payment_methods").fetchall()
    assert rows == [("not_checked", 12)]
    told(door.put(path, bank_account("00000051") | {"sort_code": "600001"}), 202)
    with stage.admin() as line:
        query = "SELECT checked, length(checked_with) FROM payment_methods WHERE state = 'proposed'"
        assert line.execute(query).fetchall() == [("valid", 12)]
    app.extensions["db"].close()


# A payment that failed


class Refusing:
    """A rail that refuses what goes to one account, and pays the rest."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.accounts: list[str] = []

    def pay(self, orders: Any) -> list[Answer]:
        return [self._one(order) for order in orders]

    def _one(self, order: Order) -> Answer:
        self.accounts.append(order.account_number)
        if order.account_number == sandbox.NO_ACCOUNT:
            return Answer("refused", reason="The account is closed.")
        return Answer("paid", rail_reference="X")

    def find(self, asked: Asked) -> Answer:
        return Answer("absent")


@pytest.mark.parametrize("rail", ["sandbox", "stripe"])
def test_a_failed_payment_is_made_again_whatever_the_rail_and_both_tries_stay_to_be_seen(
    stage: Stage, rail: str
) -> None:
    refusing = Refusing(rail)
    stage.hands.rails[rail] = refusing
    council = stage.council()
    with stage.admin() as line:
        line.execute("UPDATE councils SET bank_rail = %s", (rail,))
    session_id = council.ticked(account=sandbox.NO_ACCOUNT)
    stage.drain()
    claim = council.claim(session=session_id)
    if not RAILS[rail].refusal_stands:
        # The rail may still work what it refused: only its own list, asked later, says that nothing was paid.
        assert [p["status"] for p in council.payments()] == ["unknown"]
        stage.sweep()
    assert [p["status"] for p in council.payments()] == ["failed"]
    council.confirmed(claim["person"], "00012345")
    stage.drain()
    first, second = sorted(council.payments(), key=lambda p: str(p["id"]))
    assert (first["status"], second["status"]) == ("failed", "paid")
    assert first["claim"] == second["claim"] == claim["id"]
    assert refusing.accounts == [sandbox.NO_ACCOUNT, "00012345"]
    assert (first["rail"], second["rail"]) == (rail, rail)
    client = stage.app.test_client()
    sign_in(client, council.id, "person", claim["person"])
    page = client.get(f"/exampleshire/me/claims/{claim['id']}").text
    assert page.index("You were paid: £15.50") < page.index("The payment did not go through: £15.50")
    assert "The account is closed." in page


def test_the_message_leads_to_the_form_that_says_why_and_the_same_details_can_be_tried_again(
    app: Flask, world: World
) -> None:
    client, at = world.client("person", "wei"), f"/{world.slug}/me/payment-method"
    post(client, f"{at}/bank", **details(sandbox.NO_ACCOUNT))
    world.tick("wei")
    page = client.get(f"{at}/bank").text
    assert "A payment did not arrive" in page
    assert "Over a Brew: what helps?" in page
    assert "Why: The bank says there is no such account." in page
    assert "They are right, try again" in page
    claim = world.claims_of("wei")[0].id
    staff = world.client("staff", "sam").get(f"/{world.slug}/staff/claims/{claim}").text
    assert staff.count("The bank says there is no such account.") == 1
    token = re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page)[0]
    client.post(f"{at}/again", data={"csrf_token": token}, headers={"Referer": "http://localhost/"})
    page = client.get(f"{at}/").text
    assert "We are trying again now." in page
    assert "They are right, try again" not in page
    world.drain()
    assert "They are right, try again" in client.get(f"{at}/").text
    staff = world.client("staff", "sam").get(f"/{world.slug}/staff/claims/{claim}").text
    assert staff.count("The bank says there is no such account.") == 2
    mine = client.get(f"/{world.slug}/me/claims/{claim}").text
    assert mine.count("The payment did not go through: £15.50") == 2


# Side by side


def test_the_ways_stand_side_by_side_and_are_those_that_the_policy_allows(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me/payment-method"
    page = client.get(f"{at}/choose").text
    kinds = re.findall(r'name="kind" type="radio" value="(\w+)"', page)
    assert kinds == ["bank_account", "voucher", "none", "charity"]
    for said in ("How soon", "What you need", "For benefits"):
        assert page.count(f"<dt>{said}</dt>") == len(kinds)
    assert "No way costs you anything. We promise to pay within 10 working days." in page
    assert "It counts just like a payment into a bank. You tell them about it yourself." in page
    assert "We last looked on 22 November 2026." in page
    page = post(client, f"{at}/choose", charity="The Tea Trust").text
    assert page.count("Choose how you would like to be paid") == 2
    assert 'value="The Tea Trust"' in page
