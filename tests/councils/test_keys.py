"""Can an operator give a council's systems keys, see what each may do, and end one that was stolen?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.cli import main
from service.councils.model import SCOPES_OF_ROLE
from service.days import date_in_words, utc_now
from tests.regions import region
from tests.stage import Council, Door, Stage, refused, told

ADD = ["key", "add", "exampleshire", "--name", "Finance system", "--role", "finance"]
FINANCE = ", ".join(sorted(SCOPES_OF_ROLE["finance"]))


@pytest.fixture(autouse=True)
def _at_work(in_the_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a demonstration."""
    monkeypatch.setenv("DEMO", "0")


def added(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    """The secret and the id of a new key."""
    assert main([*ADD, *more]) == 0
    secret, line = capsys.readouterr().out.splitlines()
    return secret.rpartition(" ")[2], line.partition(" ")[0]


def events(council: Council) -> list[tuple[str, dict[str, object]]]:
    """What is on record of the keys that an operator made."""
    query = "SELECT name, refs FROM events WHERE name LIKE 'key.%%' AND refs -> 'test' = %s ORDER BY id"
    with council.stage.admin() as line:
        return line.execute(query, ("false",)).fetchall()


def test_a_live_key_opens_the_door_and_is_shown_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    council = stage.council()
    secret, key_id = added(capsys)
    assert re.fullmatch(r"rcp_live_[\w-]{43}", secret)
    assert told(Door(stage.app, secret).get("payments"))["data"] == []
    refused(Door(stage.app, secret).get("people"), 403)
    assert secret not in str(stage.picture())
    assert main(["key", "show", "exampleshire"]) == 0
    until = date_in_words(utc_now() + timedelta(days=365))
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"{key_id}  Finance system  {secret[:14]}…  until {until}  finance: {FINANCE}"
    assert events(council) == [("key.added", {"roles": ["finance"], "test": False})]


def test_a_stolen_key_is_ended_and_its_successor_works(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    council = stage.council()
    stolen, key_id = added(capsys)
    successor, _ = added(capsys)
    for _ in range(2):
        assert main(["key", "end", "exampleshire", key_id]) == 0
        assert capsys.readouterr().out == f"{key_id} (Finance system) lets nobody in any more.\n"
    refused(Door(stage.app, stolen).get("payments"), 401)
    told(Door(stage.app, successor).get("payments"))
    assert main(["key", "show", "exampleshire"]) == 0
    assert f"{stolen[:14]}…  ended {date_in_words(utc_now())}  finance" in capsys.readouterr().out
    assert [name for name, _ in events(council)] == ["key.added", "key.added", "key.ended"]


def test_a_key_that_ran_out_is_shown_as_such(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.council().key("approver", lives=timedelta(0))
    assert main(["key", "show", "exampleshire"]) == 0
    assert f"ran out {date_in_words(utc_now())}  approver" in capsys.readouterr().out


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_and_whoever_asks_get_a_test_key(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], demo: bool
) -> None:
    stage.council()
    monkeypatch.setenv("DEMO", "1" if demo else "0")
    secret, _ = added(capsys, *([] if demo else ["--test"]))
    assert secret.startswith("rcp_test_")
    told(Door(stage.app, secret).get("payments"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["key", "add", "nowhere", *ADD[3:]], "There is no council called nowhere here."),
        (["key", "show", "nowhere"], "There is no council called nowhere here."),
        ([*ADD[:3], "--name", " ", "--role", "finance"], "Say what the key is for, like Finance system."),
        (["key", "add", "middleshire", *ADD[3:]], "A region has a policy, and no people or payments"),
        (["key", "end", "exampleshire", "key_nothing"], "We cannot find that key."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    stage.council()
    region(stage)
    before = stage.picture()
    assert main(words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before


def test_one_council_ends_no_key_of_another(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.council()
    stage.council("samplebury")
    secret, key_id = added(capsys)
    assert main(["key", "end", "samplebury", key_id]) == 1
    assert "We cannot find that key." in capsys.readouterr().err
    told(Door(stage.app, secret).get("payments"))
