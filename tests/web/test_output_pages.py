"""Can finance build files, close mismatches and mind webhooks on pages, and a person read what was paid?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from service.exports.mapping import presets
from service.money import pounds
from service.outgoing import queries
from service.tasks import reconciling
from service.tasks.hands import use
from tests.web.test_sign_in import OURS
from tests.web.world import World

JOURNAL = {"kind": "journal", "mapping": "preset:ledger-journal"}


@pytest.fixture
def kim(world: World) -> FlaskClient:
    """Finance, with forms that need no token."""
    world.app.config["WTF_CSRF_METHODS"] = set()
    world.tick("jo")
    return world.client("staff", "kim")


def at(world: World, leaf: str) -> str:
    return f"/{world.slug}/staff{leaf}"


def test_looks_builds_and_takes_the_file(world: World, kim: FlaskClient) -> None:
    (payment,) = world.payments_of("jo")
    looked = kim.post(at(world, "/exports"), data={**JOURNAL, "do": "look"}, headers=OURS)
    assert looked.status_code == 200
    assert "Nothing is built yet" in looked.text
    assert "bank:sandbox" in looked.text
    assert "No files yet." in looked.text
    built = kim.post(at(world, "/exports"), data={**JOURNAL, "do": "build"}, headers=OURS)
    assert built.status_code == 303
    page = kim.get(at(world, "/exports")).text
    assert "JN000001.csv" in page
    assert pounds(payment.amount_pence) in page
    [address] = re.findall(r'href="([^"]+/content)"', page)
    found = kim.get(address)
    assert found.headers["Content-Disposition"] == 'attachment; filename="JN000001.csv"'
    assert payment.id.removeprefix("pay_").upper() in found.text
    again = kim.post(at(world, "/exports"), data={**JOURNAL, "do": "build"}, headers=OURS)
    assert again.status_code == 422
    assert "Everything from that time is in an export of this kind already." in again.text


def test_says_what_to_mend_in_the_form(world: World, kim: FlaskClient) -> None:
    answer = kim.post(at(world, "/exports"), data={"do": "build", "until-day": "40"}, headers=OURS)
    assert answer.status_code == 422
    for sentence in ("Choose what to export", "Choose how it should look", "Enter a real day"):
        assert sentence in answer.text
    payroll = {"kind": "payroll", "mapping": "preset:accounts-payable", "do": "build"}
    answer = kim.post(at(world, "/exports"), data=payroll, headers=OURS)
    assert "Say which payroll they go with" in answer.text
    wrong = {"kind": "journal", "mapping": "preset:unit4-gl07", "do": "build"}
    answer = kim.post(at(world, "/exports"), data=wrong, headers=OURS)
    assert "Choose a mapping that is for journal" in answer.text


def test_a_mapping_is_checked_and_kept(world: World, kim: FlaskClient) -> None:
    start = kim.get(at(world, "/exports/mappings?from=preset:ledger-journal")).text
    assert "General ledger journal CSV" in start
    ours = presets()["ledger-journal"].replace("name: General ledger journal CSV", "name: Ours")
    checked = kim.post(at(world, "/exports/mappings"), data={"text": ours, "do": "check"}, headers=OURS)
    assert "It is not kept yet." in checked.text
    assert "own:Ours" not in kim.get(at(world, "/exports")).text
    wrong = ours.replace("field: period", "field: moon")
    answer = kim.post(at(world, "/exports/mappings"), data={"text": wrong, "do": "keep"}, headers=OURS)
    assert answer.status_code == 422
    assert "In column 4, field: There is no field moon here. All fields are listed below." in answer.text
    both = "name: Ours\nkinds: [gold]\ncolumns: [{field: moon}]"
    answer = kim.post(at(world, "/exports/mappings"), data={"text": both, "do": "keep"}, headers=OURS)
    first, second = "In kinds: Say what it is for", "In column 1, field: There is no field moon here."
    assert answer.text.count(first) == answer.text.count(second) == 2  # At the top, and beside the text.
    assert "Choose one of account" not in answer.text
    kept = kim.post(at(world, "/exports/mappings"), data={"text": ours, "do": "keep"}, headers=OURS)
    assert kept.status_code == 303
    assert "own:Ours" in kim.get(at(world, "/exports")).text


def test_a_supplier_reference_is_set(world: World, kim: FlaskClient) -> None:
    jo, wei = world.people["jo"], world.people["wei"]
    path = at(world, "/exports/suppliers")
    given = kim.post(path, data={"person": jo, f"reference-{jo}": "700123"}, headers=OURS)
    assert given.status_code == 303
    assert "700123" in kim.get(path).text
    taken = kim.post(path, data={"person": wei, f"reference-{wei}": "700123"}, headers=OURS)
    assert taken.status_code == 422
    assert "Somebody else is 700123 already." in taken.text


def test_a_mismatch_is_shown_with_what_to_do_and_closed_with_a_note(world: World, kim: FlaskClient) -> None:
    use(world.hands)
    with world.db.council(world.council_id) as session:
        (payment,) = world.payments_of("jo")
        from sqlalchemy import text

        session.execute(
            text("UPDATE sandbox_payments SET stands = 'refused', made_at = now() - interval '1 day'")
        )
        session.execute(
            text("UPDATE payouts SET changed_at = changed_at - interval '1 day' WHERE id = :id"),
            {"id": payment.id},
        )
    reconciling.compare_rails(world.hands, council_id=world.council_id)
    page = kim.get(at(world, "/reconciliations")).text
    assert "We say it was paid. Their record does not." in page
    assert "What to do:" in page
    [address] = re.findall(r'action="([^"]+/close)"', page)
    finding = address.split("/")[-2]
    empty = kim.post(address, data={f"note-{finding}": ""}, headers=OURS)
    assert empty.status_code == 422
    assert "Say what you found out, and what was done" in empty.text
    note = {f"note-{finding}": "The bank had a bad day."}
    assert kim.post(address, data=note, headers=OURS).status_code == 303
    after = kim.get(at(world, "/reconciliations")).text
    assert "Everything agrees." in after
    assert "The bank had a bad day." in after


def test_a_webhook_is_added_looked_at_and_taken_away(world: World, kim: FlaskClient) -> None:
    path = at(world, "/webhooks")
    for url, sentence in (
        ("", "Enter the address"),
        ("https://10.0.0.1/", "inside a private network"),
        ("http://8.8.8.8/", "Use https."),
    ):
        refused = kim.post(path, data={"url": url}, headers=OURS)
        assert refused.status_code == 422
        assert sentence in refused.text
    given = {"url": "http://127.0.0.1:9/hooks", "events": ["payment.paid"]}
    added = kim.post(path, data=given, headers=OURS)
    assert added.status_code == 200
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", added.text)
    page = kim.get(path).text
    assert secret not in page
    [address] = re.findall(rf'href="(/{world.slug}/staff/webhooks/whe_[^"]+)"', page)
    world.tick("wei")
    with world.db.council(world.council_id) as session:
        assert queries.waiting(session, council_id=world.council_id) == {}
    shown = kim.get(address).text
    assert "payment.paid" in shown
    rotated = kim.post(f"{address}/rotate", headers=OURS).text
    [new] = re.findall(r"whsec_[A-Za-z0-9+/=]+", rotated)
    assert new != secret
    assert kim.post(f"{address}/replay", data={"back": "week"}, headers=OURS).status_code == 303
    assert "payment.paid" in kim.get(address).text
    assert kim.post(f"{address}/remove", headers=OURS).status_code == 303
    assert kim.get(address).status_code == 404


def test_operations_look_after_webhooks_and_nothing_else_of_these(world: World) -> None:
    oli = world.client("staff", "oli")
    assert oli.get(at(world, "/webhooks")).status_code == 200
    assert oli.get(at(world, "/exports")).status_code == 403


def test_a_person_reads_each_payment_and_a_whole_day(world: World) -> None:
    world.tick("jo")
    (payment,) = world.payments_of("jo")
    client, me = world.client("person", "jo"), f"/{world.slug}/me"
    listed = client.get(f"{me}/payments").text
    assert payment.reference in listed
    assert f"{pounds(payment.amount_pence)}</span>, Over a Brew: what helps?" in listed
    assert "See everything of that day" not in listed
    shown = client.get(f"{me}/payments/{payment.id}").text
    for words in (
        pounds(payment.amount_pence),
        "Exampleshire County Council",
        payment.reference,
        "Time",
        "(rule",
    ):
        assert words in shown
    assert client.get(f"{me}/payments/on/{payment.paid_on}").status_code == 200
    yesterday = (datetime.now(UTC) - timedelta(days=40)).date()
    assert client.get(f"{me}/payments/on/{yesterday}").status_code == 404
    assert client.get(f"{me}/payments/on/soon").status_code == 404
    assert world.client("person", "wei").get(f"{me}/payments/{payment.id}").status_code == 404
