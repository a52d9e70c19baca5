"""Can an operator say where a council's staff sign in, without a line of code?"""

from __future__ import annotations

import io

import pytest

from service.cli import main
from tests.stage import Stage

SET = [
    *("council", "oidc", "set", "exampleshire"),
    *("--issuer", "https://login.example/tenant/v2.0", "--client-id", "abc"),
    *("--role", "Reciprocal.Lead=lead", "--role", "Reciprocal.Lead=approver", "--role", "Money=finance"),
]


@pytest.fixture(autouse=True)
def _secret_on_standard_input(in_the_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a-secret\n"))


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert main(["council", "oidc", "show", "exampleshire"]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_provider_is_set_shown_and_ended(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.council()
    assert shown(capsys) == ["Staff sign in by an emailed link."]
    assert main(SET) == 0
    assert "/exampleshire/staff/sign-in/back" in capsys.readouterr().out
    assert main(["council", "oidc", "links", "exampleshire", "off"]) == 0
    first, *roles = shown(capsys)
    assert first.startswith("https://login.example/tenant/v2.0  client abc  since ")
    assert first.endswith("emailed links off")
    assert roles == ["roles: Money  finance", "roles: Reciprocal.Lead  lead, approver"]
    assert "a-secret" not in str(stage.picture())
    assert main(["council", "oidc", "end", "exampleshire"]) == 0
    assert shown(capsys) == ["Staff sign in by an emailed link."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*SET[:5], "http://login.example", *SET[6:]], "beginning with https://"),
        ([*SET[:-1], "Money=treasurer"], "each one of lead"),
        (["council", "oidc", "links", "exampleshire", "off"], "no provider of its own"),
        (["council", "oidc", "end", "exampleshire"], "no provider of its own"),
        (["council", "oidc", "end", "nowhere"], "no council called nowhere"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    stage.council()
    before = stage.picture()
    assert main(words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before
