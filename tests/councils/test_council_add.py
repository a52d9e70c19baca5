"""Does one command make a working council, and a second try say what is wrong?"""

from __future__ import annotations

import re

import pytest

from service.cli import main
from tests.stage import Door, Stage, told

pytestmark = pytest.mark.usefixtures("in_the_environment")

ADD = ["council", "add", "newshire", "--name", "Newshire", "--lead", "lead@example.org", "--policy"]
POLICY = "policies/councils/exampleshire.yaml"


def test_one_command_makes_a_council_that_works(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ADD, POLICY]) == 0
    said = capsys.readouterr().out
    key = re.search(r"rcp_test_[\w-]{43}", said)
    assert key
    lead = Door(stage.app, key[0])
    known = told(lead.get("policies/in_force"))
    assert known["slug"] == "exampleshire"
    person = told(lead.post("people", {"name": "Ada Example"}), 201)
    assert told(lead.get("people"))["data"] == [person]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*ADD, "policies/councils/nowhere.yaml"], "cannot be read"),
        (["council", "add", "metrics", *ADD[3:], POLICY], "not a word that is an address already"),
        ([*ADD, POLICY, "--nation", "mercia"], "Choose one of england-and-wales"),
    ],
)
def test_says_what_is_wrong_and_makes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = stage.picture()
    assert main(words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before


def test_a_second_council_at_one_address_is_refused(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ADD, POLICY]) == 0
    before = stage.picture()
    assert main([*ADD, POLICY]) == 1
    assert "There is a council at newshire already" in capsys.readouterr().err
    assert stage.picture() == before
