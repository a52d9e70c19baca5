"""Can an operator say who works for a council, and by which rail it pays, without a line of code?"""

from __future__ import annotations

from datetime import date

import pytest

from service.cli import main
from service.own_data import retention
from tests.stage import Stage, told

pytestmark = pytest.mark.usefixtures("in_the_environment")

ADD = ["staff", "add", "exampleshire", "kim@example.org", "--name", "Kim Example"]


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["staff", "show", "exampleshire"]) == 0
    return capsys.readouterr().out


def test_somebody_comes_changes_roles_and_leaves(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.council()
    assert main([*ADD, "--role", "finance", "--role", "ops"]) == 0
    assert shown(capsys) == "kim@example.org  Kim Example  finance, ops\n"
    assert main(["staff", "roles", "exampleshire", "kim@example.org", "--role", "approver"]) == 0
    assert shown(capsys) == "kim@example.org  Kim Example  approver\n"
    assert main(["staff", "leave", "exampleshire", "Kim@example.org"]) == 0
    assert shown(capsys) == ""
    assert main(["staff", "roles", "exampleshire", "kim@example.org", "--role", "lead"]) == 0
    assert shown(capsys) == "kim@example.org  Kim Example  lead\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*ADD, "--role", "lead"], "kim@example.org is here already."),
        (["staff", "add", "nowhere", "a@example.org", "--name", "A", "--role", "lead"], "no council called"),
        (["staff", "leave", "exampleshire", "nobody@example.org"], "Nobody here has the address nobody@"),
        (["staff", "unlink", "exampleshire", "nobody@example.org"], "Nobody here has the address nobody@"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    stage.council()
    assert main([*ADD, "--role", "finance"]) == 0
    before = stage.picture()
    assert main(words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before


def test_somebody_with_a_new_work_account_comes_in_by_their_address_again(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.council()
    assert main([*ADD, "--role", "finance"]) == 0
    with stage.admin() as line:
        line.execute("UPDATE staff SET provider_subject = 'https://login.example abc'")
        for _ in range(2):
            assert main(["staff", "unlink", "exampleshire", "Kim@example.org"]) == 0
        assert line.execute("SELECT provider_subject FROM staff").fetchall() == [(None,)]
        told_of = line.execute("SELECT refs FROM events WHERE name = 'staff.unlinked'").fetchall()
    assert told_of == [({"roles": ["finance"], "by": "operator"},)]
    assert "comes in by their address once more" in capsys.readouterr().out


def test_new_payments_go_by_the_rail_that_the_council_pays_by(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    assert main(["council", "pay-by", "exampleshire", "bacs"]) == 0
    assert main(["council", "pay-by", "exampleshire", "bacs"]) == 0
    assert "exampleshire pays into bank accounts by bacs" in capsys.readouterr().out
    council.ticked()
    stage.drain()
    assert [payment["rail"] for payment in council.payments()] == ["finance_system", "bacs"]
    assert told(council.lead.get("payments", rail="bacs"))["data"][0]["status"] == "ready"


def test_how_long_a_council_keeps_its_records(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    council = stage.council()
    words = ["council", "keep", "exampleshire", "payments"]
    assert main([*words, "12", "--from", "2026-04-01"]) == 0
    assert "keeps payments for 12 years, from 2026-04-01 on." in capsys.readouterr().out
    before = stage.picture()
    assert main([*words, "12", "--from", "2026-04-01"]) == 0
    assert main([*words, "0"]) == 1
    assert "from 1 to 20" in capsys.readouterr().err
    assert stage.picture() == before
    with stage.hands.db.council(council.id) as session:
        day = date(2026, 11, 26)
        found = retention.kept(session, council_id=council.id, last_paid_on=day, today=day)
    assert {one.record_class: one.until.year for one in found}["payments"] == 2039
