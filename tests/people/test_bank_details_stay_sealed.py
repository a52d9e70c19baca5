"""Does a bank detail, a name or a secret ever stand where it should not: rows, answers, messages, logs?"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from service import log
from service.councils import actions as councils
from service.councils.model import ROLES
from service.people.model import BankDetails
from service.people.modulus import NO_TABLE
from service.rails import sandbox
from service.tasks import hands, housekeeping
from service.vault import Vault
from tests.neighbours import furnished, pages_of
from tests.stage import Council, Door, Stage, bank_account, told
from tests.web.cookies import sign_in

ACCOUNT, ROLL = "48120769", "RX-77012/Q"
NAME, EMAIL = "Wilhelmina Unusual", "wilhelmina.unusual@example.org"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the least of it."""
    written = io.StringIO()
    logging.getLogger().handlers.clear()
    log.configure(level="DEBUG", to=written)
    yield written
    logging.getLogger().handlers.clear()
    log.configure()


def whole_journey(stage: Stage, *accounts: str) -> tuple[Council, list[str]]:
    """Everything that may happen to bank details, with every answer that was given meanwhile."""
    council = stage.council()
    answers: list[str] = []
    session_id = council.session()
    for account in (ACCOUNT, *accounts):
        person_id = told(council.lead.post("people", {"name": NAME, "email": EMAIL}), 201)["id"]
        details = bank_account(account) | {"roll_number": ROLL, "account_name": NAME}
        path = f"people/{person_id}/payment_method"
        bodies = (
            details,
            details,
            details | {"account_number": "11" + account[2:]},
            details | {"sort_code": "x"},
            {"kind": "none"},
        )
        answers += [council.lead.put(path, body).get_data(as_text=True) for body in bodies]
        council.invited(session_id, person_id)
        told(council.tick(session_id, person_id))
        answers.append(council.lead.get(f"people/{person_id}").get_data(as_text=True))
    stage.drain()
    for _ in range(3):
        stage.sweep()
    hands.use(stage.hands)
    housekeeping.seal_events()
    housekeeping.check_books()
    answers += [council.lead.get(path).get_data(as_text=True) for path in ("claims", "payments", "people")]
    return council, answers


def test_an_account_number_stands_nowhere(stage: Stage, logs: io.StringIO) -> None:
    council, answers = whole_journey(stage)
    picture = stage.picture()
    everywhere = {
        "rows": json.dumps(picture),
        "answers": "".join(answers),
        "logs": logs.getvalue(),
    }
    assert "rail.called" in everywhere["logs"]
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert picture["notices"]
    assert picture["kept_answers"]
    for secret in (ACCOUNT, "11" + ACCOUNT[2:], ROLL, sandbox.SORT_CODE):
        assert [place for place, text in everywhere.items() if secret in text] == [], secret
    assert "account ending 0769" in everywhere["rows"]
    for sealed in _column(stage, "payment_methods", "details_sealed"):
        details = BankDetails(**Vault(stage.settings.encryption_keys).open(sealed))
        assert details.account_number.endswith("120769")


def _column(stage: Stage, table: str, column: str) -> list[str]:
    with stage.admin() as line:
        query = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
        return [value for (value,) in line.execute(query).fetchall()]


def test_a_name_or_address_stands_in_no_event_and_no_log(stage: Stage, logs: io.StringIO) -> None:
    whole_journey(stage, sandbox.NO_ACCOUNT, sandbox.LOST_ANSWER, sandbox.RETURNED)
    picture = stage.picture()
    for said in (NAME, "Wilhelmina", EMAIL):
        assert said not in logs.getvalue()
        for table in ("events", "event_seals", "deliveries", "payouts", "attempts", "ledger_entries"):
            assert said not in json.dumps(picture[table]), table
    # Payments leave together: one call may carry several.
    called = [json.loads(line) for line in logs.getvalue().splitlines() if '"rail.called"' in line]
    assert sum(one["payments"] for one in called) >= 4


def test_the_key_of_a_caller_and_the_token_of_a_link_are_kept_as_hashes(
    stage: Stage, logs: io.StringIO
) -> None:
    council, _ = whole_journey(stage)
    now = stage.clock()
    with stage.hands.db.council(council.id) as session:
        given: dict[str, Any] = {"kind": "person", "subject_id": "per_1", "goes_to": "/", "now": now}
        token = councils.make_link(session, council_id=council.id, **given)
    everywhere = json.dumps(stage.picture()) + logs.getvalue()
    for secret in (token, *(door.key for door in council.doors.values())):
        assert secret not in everywhere


def test_settings_and_doors_do_not_print_their_secrets(stage: Stage) -> None:
    council = stage.council()
    shown = repr(stage.settings) + repr(stage.hands) + repr(Door(stage.app, council.lead.key))
    assert stage.settings.secret_key not in shown
    assert stage.settings.database_url not in shown
    assert stage.settings.encryption_keys[0] not in shown
    assert council.lead.key not in shown


OURS = {"Referer": "http://localhost/"}


def test_an_account_number_stands_on_no_page_and_in_no_error_and_no_log(
    stage: Stage, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page there is, as the person and as staff; refusals; and what fails for a reason of its own."""
    monkeypatch.setitem(stage.app.config, "WTF_CSRF_METHODS", set())
    one = furnished(stage, rail="sandbox")
    given = bank_account(ACCOUNT) | {"roll_number": ROLL, "account_name": NAME}
    at = "/exampleshire/me/payment-method"
    me = stage.app.test_client()
    sign_in(me, one.council.id, "person", one.ids["person_id"])
    answers = [me.post(f"{at}/bank", data=given, headers=OURS).text]
    stage.drain()
    with stage.hands.db.council(one.council.id) as session:
        member = councils.add_staff(
            session,
            council_id=one.council.id,
            email="everything@example.org",
            name="Bo",
            roles=tuple(ROLES),
            now=stage.clock(),
        )
    staff = stage.app.test_client()
    sign_in(staff, one.council.id, "staff", member.id)
    looked = 0
    for door, client in (("me", me), ("staff", staff)):
        for method, path in pages_of(one, door):
            if method == "GET" and not path.endswith("sign-out"):
                # A paper to download has the words of its page, which is looked at too.
                answer = client.get(path)
                answers.append(answer.get_data().decode(errors="replace"))
                looked += answer.status_code == 200
    assert looked > 30
    # Errors: another's page, one that is not there, a call that is refused, and one that breaks.
    answers += [client.post(f"{at}/nowhere", data=given, headers=OURS).text for client in (me, staff)]
    answers.append(staff.post(f"{at}/confirm", data=given, headers=OURS).text)
    door, path = one.council.lead, f"people/{one.ids['person_id']}/payment_method"
    answers.append(door.put(path, given | {"kind": "gold"}).text)
    answers.append(door.send("PUT", path, data=json.dumps(given)[:-3].encode()).text)
    monkeypatch.setitem(stage.app.extensions, "modulus", None)
    broken = given | {"sort_code": "600001"}
    answers += [door.put(path, broken).text, me.post(f"{at}/bank", data=broken, headers=OURS).text]
    monkeypatch.setitem(stage.app.extensions, "modulus", NO_TABLE)
    everywhere = {"answers": "".join(answers), "logs": logs.getvalue(), "rows": json.dumps(stage.picture())}
    assert "account ending 0769" in everywhere["answers"]
    assert "AttributeError" in everywhere["logs"]
    for secret in (ACCOUNT, ROLL):
        assert [place for place, text in everywhere.items() if secret in text] == [], secret


def test_a_form_that_was_not_taken_keeps_what_was_typed_for_the_same_person_alone(stage: Stage) -> None:
    """Signed out meanwhile: the same browser gets its own form back, and no copy is kept anywhere."""
    stage.council()
    given = bank_account(ACCOUNT)
    headers = {"Origin": "http://localhost", **OURS}
    client = stage.app.test_client()
    answer = client.post("/exampleshire/me/payment-method/bank", data=given, headers=headers)
    assert answer.status_code in (400, 401)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count(ACCOUNT) == 1
    elsewhere = {"Origin": "http://elsewhere.example", **OURS}
    other = client.post("/exampleshire/me/payment-method/bank", data=given, headers=elsewhere)
    assert ACCOUNT not in other.text
    assert ACCOUNT not in json.dumps(stage.picture())
