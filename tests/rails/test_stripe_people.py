"""Does a person decide what becomes of a doubt about their name, and do they reach Stripe's form and back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service import deliveries
from service.events import SYSTEM, Actor
from service.people import authorities, introducing, stopping
from service.people.authorities import AuthorityGiven
from tests.fake_stripe import doors
from tests.fake_stripe.calls import REFUSED
from tests.letterbox import Letterbox
from tests.people.changes import newest_code
from tests.rails.paid_by_stripe import Paying
from tests.stage import Council, told
from tests.web.cookies import sign_in

FEE = 1550


def _method(council: Council, person_id: str) -> dict[str, Any]:
    found: dict[str, Any] = told(council.lead.get(f"people/{person_id}"))["payment_method"]
    return found


def _recipients(at: Paying) -> list[tuple[Any, ...]]:
    with at.stage.admin() as line:
        query = "SELECT state, check_result, decided_by, decided_at FROM stripe_recipients ORDER BY id"
        return [tuple(row) for row in line.execute(query).fetchall()]


def _page(at: Paying, council: Council, person_id: str) -> Any:
    """The browser of the person, who is signed in."""
    client = at.stage.app.test_client()
    return sign_in(client, council.id, "person", person_id)


def _shown(client: Any) -> str:
    text: str = client.get("/exampleshire/me/payment-method").get_data(as_text=True)
    return text


def _send(client: Any, path: str, **form: str) -> Any:
    page = client.get("/exampleshire/me/payment-method/stripe").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(f"/exampleshire/me/payment-method/{path}", data={"csrf_token": token, **form})


def test_a_name_that_fits_needs_nobody(at: Paying, council: Council) -> None:
    person_id = at.person(council)
    assert _method(council, person_id)["name_check"] is None
    at.stage.drain()
    assert _method(council, person_id)["name_check"] == "match"
    assert _recipients(at) == [("ready", "match", None, None)]


@pytest.mark.parametrize(
    ("name", "result", "says", "bank_has"),
    [
        ("Ada Close Match", "close_match", "is close to the name on the account", True),
        ("Ada No Match", "no_match", "is not the name on the account", False),
        ("Ada Unavailable", "unavailable", "could not tell us", False),
    ],
)
def test_a_doubt_waits_until_the_person_decides(
    at: Paying, council: Council, name: str, result: str, says: str, bank_has: bool
) -> None:
    person_id = at.person(council, name)
    at.came(council, person_id)
    at.stage.settle()
    row = at.payment(council)
    assert (row["status"], row["held_because"]) == ("held", "name_check")
    assert _method(council, person_id)["name_check"] == result
    assert at.moved() == []
    assert "Please look at your bank details" in council.messages(person_id)
    client = _page(at, council, person_id)
    shown = _shown(client)
    assert says in shown
    assert (f"{name} close_match" in shown) is bank_has
    check = next(o["id"] for o in at.fake.world.objects.values() if o["object"].endswith("verification"))
    # What they have not seen they cannot accept.
    assert _send(client, "name-check", check="rcpver_of_yesterday").status_code == 409
    assert _recipients(at) == [("doubtful", result, None, None)]
    assert _send(client, "name-check", check=check).status_code == 303
    state, _, decided_by, decided_at = _recipients(at)[0]
    assert (state, decided_by) == ("ready", f"person:{person_id}")
    assert decided_at is not None
    at.stage.drain()
    assert at.fake.world.objects[check]["status"] == "acknowledged"
    assert at.payment(council)["status"] == "sent"
    assert at.moved() == [(FEE, "processing")]


def test_no_member_of_staff_can_let_a_doubt_go(at: Paying, council: Council) -> None:
    person_id = at.person(council, "Ada No Match")
    at.came(council, person_id)
    at.stage.settle()
    row = at.payment(council)
    answer = council.lead.get(f"payments/{row['id']}")
    released = council.lead.post(f"payments/{row['id']}/release", {}, seen=answer.headers["ETag"])
    assert released.status_code == 409
    assert (at.payment(council)["status"], at.moved()) == ("held", [])


def test_corrected_details_are_checked_anew(at: Paying, council: Council) -> None:
    person_id = at.person(council, "Ada No Match")
    at.came(council, person_id)
    at.stage.settle()
    told(at.chooses(council, person_id, "Ada Fenn", "00733445"), 202)
    council.confirms(person_id)
    at.stage.settle()
    assert _method(council, person_id)["name_check"] == "match"
    assert council.payments(status="sent")[0]["amount_pence"] == FEE
    assert at.moved() == [(FEE, "processing")]


@pytest.mark.parametrize(
    ("name", "result", "says"),
    [
        ("Ada Fenn", "close_match", "is close to the name on the account"),
        ("Ada Fenn", "unavailable", "could not tell us"),
        ("Ada Close Match", "no_match", "is not the name on the account"),
    ],
)
def test_an_answer_that_changes_waits_for_a_new_yes_and_is_then_paid(
    at: Paying, council: Council, name: str, result: str, says: str
) -> None:
    person_id = at.person(council, name)
    at.stage.drain()
    client = _page(at, council, person_id)
    if name != "Ada Fenn":
        _send(client, "name-check", check=_check(at))
        at.stage.drain()
    at.fake.world.next_match(method=next(iter(at.fake.world.recipient_of)), result=result)
    at.came(council, person_id)
    at.stage.drain()
    at.stage.sweep()
    row = at.payment(council)
    assert (row["status"], row["held_because"], row["failure"]) == ("held", "name_check", None)
    assert (at.moved(), _recipients(at)) == ([], [("doubtful", result, None, None)])
    assert council.messages(person_id).count("Please look at your bank details") == 1 + (name != "Ada Fenn")
    assert says in _shown(client)
    # A yes to the old answer is none to the new one.
    assert _send(client, "name-check", check=_check(at, newest=False)).status_code == 409
    assert _send(client, "name-check", check=_check(at)).status_code == 303
    at.fake.world.next_match(method=next(iter(at.fake.world.recipient_of)), result=result)
    at.stage.drain()
    at.fake.pass_time()
    at.stage.sweep()
    assert [(one["id"], one["status"]) for one in council.payments()] == [(row["id"], "paid")]
    assert at.moved() == [(FEE, "posted")]
    with at.stage.hands.db.council(council.id) as session:
        assert deliveries.failed(session, council_id=council.id) == []


def _check(at: Paying, *, newest: bool = True) -> str:
    """What the bank answered about the name: the newest answer, or the first."""
    checks = [o["id"] for o in at.fake.world.objects.values() if o["object"].endswith("verification")]
    found: str = checks[-1 if newest else 0]
    return found


def test_details_that_stripe_does_not_take_are_told_and_corrected(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    told(at.chooses(council, person_id, number=REFUSED))
    at.came(council, person_id)
    at.stage.settle()
    assert _recipients(at) == [("refused", None, None, None)]
    assert (at.payment(council)["status"], at.payment(council)["held_because"]) == ("held", "name_check")
    assert "We cannot use your bank details yet" in council.messages(person_id)
    assert "Stripe cannot use these bank details." in _shown(_page(at, council, person_id))
    told(at.chooses(council, person_id), 202)
    council.confirms(person_id)
    at.stage.settle()
    assert at.moved() == [(FEE, "processing")]


def test_lost_answers_on_the_way_make_nobody_known_twice(at: Paying, council: Council) -> None:
    for path in ("accounts", "outbound_setup_intents", "recipient_verifications"):
        at.fake.dice.once("answer_lost", path=path)
    person_id = at.person(council)
    for _ in range(4):
        at.stage.drain()
        at.stage.clock.forward(timedelta(minutes=2))
    assert _method(council, person_id)["name_check"] == "match"
    kinds = [o["object"].rpartition(".")[2] for o in at.fake.world.objects.values()]
    assert [kinds.count(k) for k in ("account", "payout_method", "recipient_verification")] == [1, 1, 1]


def test_somebody_tells_stripe_themselves(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    given = told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "stripe"}))
    url = given["onboarding_url"]
    at.came(council, person_id)
    at.stage.settle()
    row = at.payment(council)
    assert (row["status"], row["held_because"], row["onboarding_url"]) == ("held", "onboarding", url)
    assert "One more step before we can pay you" in council.messages(person_id)
    client = at.stage.app.test_client()
    ours = url.removeprefix(at.stage.settings.base_url.rstrip("/"))
    first, second = (client.get(ours).headers["Location"] for _ in range(2))
    assert first.startswith(f"{at.fake.url}/onboard/")
    assert first != second
    # Coming back without having filled it in means nothing.
    assert client.get(f"{ours}/back").status_code == 200
    at.stage.drain()
    assert _recipients(at) == [("form", None, None, None)]
    token = second.rpartition("/")[2]
    doors.finish(at.fake, token=token, sort_code="108800", account_number="00012345")
    assert client.get(f"{ours}/back").status_code == 200
    at.stage.drain()
    assert _recipients(at) == [("ready", "match", None, None)]
    assert at.payment(council)["status"] == "sent"
    assert _method(council, person_id)["onboarding_url"] is None
    # The address has done its work: it leads nowhere any more.
    done = client.get(ours)
    assert (done.status_code, "There is nothing to do here" in done.get_data(as_text=True)) == (200, True)


def test_details_that_only_stripe_has_rest_too_where_the_contact_is_new(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    who = {"council_id": council.id, "person_id": person_id, "now": at.stage.clock()}
    with at.stage.hands.db.council(council.id) as session:
        stopping.change_contact(session, **who, email="new@example.org", phone="", actor=SYSTEM)
    url = told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "stripe"}))["onboarding_url"]
    at.came(council, person_id)
    at.stage.settle()
    assert at.payment(council)["held_because"] == "onboarding"
    client = at.stage.app.test_client()
    ours = url.removeprefix(at.stage.settings.base_url.rstrip("/"))
    token = client.get(ours).headers["Location"].rpartition("/")[2]
    doors.finish(at.fake, token=token, sort_code="108800", account_number="00012345")
    assert client.get(f"{ours}/back").status_code == 200
    at.stage.drain()
    assert _recipients(at) == [("ready", "match", None, None)]
    row = at.payment(council)
    assert (row["status"], row["held_because"]) == ("held", "new_details")
    rests = datetime.fromisoformat(row["held_until"]) - at.stage.clock()
    assert timedelta(hours=23) < rests <= timedelta(hours=24)
    at.stage.sweep()
    assert at.moved() == []
    at.stage.sweep(after=timedelta(hours=24))
    assert at.moved() == [(FEE, "processing")]


@pytest.mark.parametrize("by", ["webhook", "clock"])
def test_somebody_who_does_not_come_back_from_the_form_is_not_forgotten(
    at: Paying, council: Council, by: str
) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    url = told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "stripe"}))["onboarding_url"]
    at.stage.drain()
    ours = url.removeprefix(at.stage.settings.base_url.rstrip("/"))
    link = at.stage.app.test_client().get(ours).headers["Location"]
    token = link.rpartition("/")[2]
    doors.finish(at.fake, token=token, sort_code="108800", account_number="00012345")
    if by == "webhook":
        (event,) = at.events("[configuration.recipient].updated")
        told(at.tells(at.as_sent(event)))
        at.stage.drain()
    else:
        at.stage.clock.forward(timedelta(minutes=11))
        at.looks_at_people()
    assert _recipients(at) == [("ready", "match", None, None)]


def test_an_address_that_was_tampered_with_leads_nowhere(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None)
    url = told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "stripe"}))["onboarding_url"]
    token = url.rpartition("/")[2]
    key = at.stage.settings.secret_key
    assert introducing.read(token, secret_key=key) is not None
    assert introducing.read(token, secret_key="another-key") is None
    for bad in (token[:-1], "nonsense", token.replace(".", "-")):
        assert at.stage.app.test_client().get(f"/stripe/{bad}").status_code == 404


def test_the_page_offers_stripe_only_where_the_council_has_an_account(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None)
    client = _page(at, council, person_id)
    choose = "/exampleshire/me/payment-method/choose"
    assert 'value="stripe"' in client.get(choose).get_data(as_text=True)
    at.stage.app.extensions["settings"] = at.stage.settings
    assert 'value="stripe"' not in client.get(choose).get_data(as_text=True)


def test_somebody_types_their_details_for_stripe_on_our_page(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    client = _page(at, council, person_id)
    wrong = _send(client, "stripe", account_name="", sort_code="", account_number="")
    assert (wrong.status_code, "Enter the name on the account" in wrong.get_data(as_text=True)) == (200, True)
    assert _method_or_none(council, person_id) is None
    typed = {"account_name": "Ada Fenn", "sort_code": "10-88-00", "account_number": "00012345"}
    assert _send(client, "stripe", **typed).status_code == 303
    at.stage.drain()
    assert _recipients(at) == [("ready", "match", None, None)]
    assert "by Stripe, account ending 2345" in _shown(client)


def _method_or_none(council: Council, person_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = told(council.lead.get(f"people/{person_id}"))["payment_method"]
    return found


@pytest.mark.parametrize(
    ("number", "event", "passing"), [("00000002", "payout.failed", 1), ("00000003", "payout.returned", 2)]
)
def test_details_are_corrected_without_leaving_stripe(
    at: Paying, council: Council, number: str, event: str, passing: int
) -> None:
    person_id = at.person(council, number=number)
    at.came(council, person_id)
    at.stage.settle()
    for _ in range(passing):
        at.fake.pass_time()
        at.stage.sweep()
    for one in at.events("outbound_payment.returned"):
        told(at.tells(at.as_sent(one)))
    at.stage.drain()
    assert f"payout.{at.payment(council)['status']}" == event
    with at.stage.admin() as line:
        rows = line.execute("SELECT DISTINCT goes_to FROM notices WHERE name = %s", (event,)).fetchall()
    assert rows == [("payment-method/stripe",)]
    client = _page(at, council, person_id)
    assert 'href="/exampleshire/me/payment-method/stripe"' in _shown(client)
    assert 'href="/exampleshire/me/payment-method/bank"' not in _shown(client)
    typed = {"account_name": "Ada Fenn", "sort_code": "10-88-00", "account_number": "00012345"}
    assert _send(client, "stripe", **typed).headers["Location"].endswith("/payment-method/confirm")
    council.confirms(person_id)
    at.stage.settle()
    assert _method(council, person_id)["kind"] == "stripe"
    assert [row["status"] for row in council.payments()] == [event.removeprefix("payout."), "sent"]


def test_an_attorney_gives_stripe_details_with_a_code_of_their_own_and_decides_about_the_name(
    at: Paying, council: Council
) -> None:
    post = Letterbox()
    at.stage.hands = replace(at.stage.hands, way=post)
    person_id = at.person(council)
    at.stage.settle()
    client = sign_in(at.stage.app.test_client(), council.id, "attorney", _attorney(at, council, person_id))
    choose = client.get("/exampleshire/me/payment-method/choose").get_data(as_text=True)
    assert 'value="stripe"' in choose
    assert _send(client, "choose", kind="stripe").headers["Location"].endswith("/payment-method/stripe")
    typed = {"account_name": "Ada No Match", "sort_code": "10-88-00", "account_number": "00733445"}
    assert _send(client, "stripe", **typed).headers["Location"].endswith("/payment-method/confirm")
    # Nothing changes before the code that went to the attorney.
    assert _method(council, person_id)["name_check"] == "match"
    at.stage.drain()
    assert _send(client, "confirm", code=newest_code(post)).status_code == 303
    at.stage.settle()
    assert _method(council, person_id)["name_check"] == "no_match"
    assert _send(client, "name-check", check=_check(at)).status_code == 303
    assert _recipients(at)[-1][:2] == ("ready", "no_match")
    assert _recipients(at)[-1][2].startswith("attorney:")


def _attorney(at: Paying, council: Council, person_id: str) -> str:
    """Somebody who may act for this person: two of the staff have seen the document."""
    now = at.stage.clock()
    about: dict[str, Any] = {"council_id": council.id, "now": now}
    given = AuthorityGiven("deputy", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
    with at.stage.hands.db.council(council.id) as session:
        row = authorities.record(
            session, person_id=person_id, given=given, actor=Actor("staff", "stf_1"), **about
        )
        authorities.check(session, authority_id=row.id, actor=Actor("staff", "stf_2"), **about)
        return row.id
