"""Does a policy live by command line as it does by REST and on its pages?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.councils import actions as councils
from service.days import utc_now
from tests.api.test_policy_life import online_fee, text
from tests.api.test_signing_off import asking, says
from tests.stage import Council, Stage

STAFF = {"ada": ("policy_owner",), "bo": ("lead",), "cy": ("budget_holder",), "di": ("facilitator",)}


@pytest.fixture
def council(environment: dict[str, str], stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Council:
    """A council with staff of some roles, and the settings where a command looks for them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = stage.council()
    with stage.hands.db.council(made.id) as session:
        for name, roles in STAFF.items():
            councils.add_staff(
                session,
                council_id=made.id,
                email=f"{name}@example.org",
                name=name.title(),
                roles=roles,
                now=utc_now(),
            )
    return made


def policy(*words: str, by: str = "") -> int:
    who = ["--by", f"{by}@example.org"] if by else []
    return main(["policy", *words, "--council", "exampleshire", *who])


def test_a_policy_is_drafted_tried_signed_off_and_published(
    council: Council, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    council.ticked()
    council.stage.drain()
    file = tmp_path / "better.yaml"
    file.write_text(asking())
    assert policy("draft", str(file), by="ada") == 0
    draft = {"id": capsys.readouterr().out.strip()}
    assert policy("publish", draft["id"], by="bo") == 1
    assert "Simulate it first" in capsys.readouterr().err
    assert policy("try", draft["id"], by="ada") == 0
    assert "The draft would pay £16.50: £1.00 more." in capsys.readouterr().out
    people = [council.person(name, account=None) for name in ("Jo", "Wei")]
    assert policy("ask", draft["id"], *people, by="ada") == 0
    assert f"{people[0]}: has not answered yet." in capsys.readouterr().out
    for one in people:
        says(council, one, draft, agrees=True)
    assert policy("publish", draft["id"], by="bo") == 1
    assert "A budget holder has not agreed yet." in capsys.readouterr().err
    assert policy("sign", draft["id"], "--words", "Fine.", by="cy") == 0
    assert "Cy: agrees." in capsys.readouterr().out
    assert policy("show", draft["id"]) == 0
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in capsys.readouterr().out
    assert policy("publish", draft["id"], by="bo") == 0
    assert capsys.readouterr().out == "Version 1.1 counts from 1 April 2025.\n"
    assert online_fee(council) == 1650
    assert policy("standings", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["version"], row["state"]) for row in rows] == [("1.1", "published"), ("1.0", "superseded")]
    assert policy("standings") == 0
    assert "1.0  Followed by another version, from 1 April 2025" in capsys.readouterr().out


def test_a_later_day_may_be_given(
    council: Council, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "later.yaml"
    file.write_text(text())
    policy("draft", str(file), by="ada")
    draft = capsys.readouterr().out.strip()
    assert policy("try", draft, "--since", "2026-04-01", "--until", "2026-05-01", by="ada") == 0
    assert policy("publish", draft, "--from", "2125-01-01", by="bo") == 0
    assert "Version 1.1 counts from 1 January 2125." in capsys.readouterr().out
    assert online_fee(council) == 1550


@pytest.mark.parametrize(
    ("words", "by", "said"),
    [
        (("draft", "nowhere.yaml"), "ada", "cannot be read as text"),
        (("draft", "policies/councils/exampleshire.yaml"), "di", "Di may not change the policy."),
        (("draft", "policies/councils/exampleshire.yaml"), "zoe", "Nobody with the address zoe@example.org"),
        (("publish", "pol_nobody"), "bo", "We cannot find that draft."),
        (("sign", "pol_nobody"), "cy", "We cannot find that draft."),
        (("show", "pol_nobody"), "", "We cannot find that draft."),
    ],
)
def test_says_why_not_and_changes_nothing(
    council: Council, words: tuple[str, ...], by: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = council.stage.picture()
    assert policy(*words, by=by) == 1
    assert said in capsys.readouterr().err
    assert council.stage.picture() == before


def test_a_file_with_mistakes_is_kept_and_they_are_listed(
    council: Council, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text().replace("£16.50", "0.45 p", 1))
    assert policy("draft", str(file), by="ada") == 1
    found = capsys.readouterr()
    assert "'0.45 p' is a part of one penny." in found.err
    assert policy("show", found.out.strip()) == 1
