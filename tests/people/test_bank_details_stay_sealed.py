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
from service.people.model import BankDetails
from service.rails import sandbox
from service.tasks import hands, housekeeping
from service.vault import Vault
from tests.stage import Council, Door, Stage, bank_account, told

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
    assert logs.getvalue().count("rail.called") >= 4


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
