"""Are a council's keys to its rails kept sealed, several at once, and told by their last letters only?"""

from __future__ import annotations

import io
import re

import pytest

from service.cli import main
from service.days import date_in_words, utc_now
from service.rails import credentials
from tests.stage import Council, Stage

pytestmark = pytest.mark.usefixtures("in_the_environment")

FIRST, SECOND = '{"secret": "whsec_aaaa1111"}', '{"secret": "whsec_bbbb2222"}'


def keep(monkeypatch: pytest.MonkeyPatch, values: str, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(values))
    return main(["rail", "add", *words])


def secrets(council: Council) -> list[str]:
    with council.stage.hands.db.council(council.id) as session:
        standing = credentials.in_use(
            session,
            council_id=council.id,
            rail="stripe",
            kind="webhook_secret",
            vault=council.stage.hands.vault,
        )
        return [one.values["secret"] for one in standing]


def test_two_secrets_stand_at_once_until_the_old_one_is_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    council = stage.council()
    assert keep(monkeypatch, FIRST, "exampleshire", "stripe", "webhook_secret") == 0
    old = re.search(r"cre_\w+", capsys.readouterr().out)
    assert old
    assert keep(monkeypatch, SECOND, "exampleshire", "stripe", "webhook_secret") == 0
    assert secrets(council) == ["whsec_bbbb2222", "whsec_aaaa1111"]
    assert "aaaa1111" not in str(stage.picture())
    assert main(["rail", "end", "exampleshire", "stripe", old[0]]) == 0
    assert main(["rail", "end", "exampleshire", "stripe", old[0]]) == 0
    assert secrets(council) == ["whsec_bbbb2222"]
    capsys.readouterr()
    assert main(["rail", "show", "exampleshire", "stripe"]) == 0
    said = capsys.readouterr().out
    assert f"webhook_secret  ending 2222  since {date_in_words(utc_now())}\n" in said
    assert "1111" not in said


@pytest.mark.parametrize(
    ("values", "words", "said"),
    [
        ("whsec_aaaa1111", ("exampleshire", "stripe", "webhook_secret"), "Give the values as JSON"),
        (FIRST, ("nowhere", "stripe", "webhook_secret"), "There is no council called nowhere"),
        (FIRST, ("exampleshire", "stripe", "pin"), "Choose one of secret_key, financial_account"),
        (FIRST, ("exampleshire", "bacs", "service_user"), "Give number and name, and nothing else."),
        ('{"secret": ""}', ("exampleshire", "stripe", "secret_key"), "Give secret, and nothing else."),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_kept(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    values: str,
    words: tuple[str, ...],
    said: str,
) -> None:
    stage.council()
    before = stage.picture()
    assert keep(monkeypatch, values, *words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before
