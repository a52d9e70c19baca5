"""Do the commands print what a person or a program needs, and tell by their exit status?"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.policy import commands
from tests.policy import texts

FACTS = {"activity": "meeting", "role": "member", "on": "2026-02-02", "minutes": 90}
EXAMPLE = """\
examples:
  - name: An hour and a half
    facts: {activity: meeting, role: member, on: 2026-02-02, minutes: 90min}
    expect: {total: £22.50}
    worked: 1.5 × £15.00.
"""


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers(required=True))
    given = parser.parse_args(["policy", *map(str, words)])
    return int(given.run(given))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(texts.text(more=EXAMPLE))
    return path


def test_check_names_file_line_clause_and_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.yaml"
    main = texts.text(costs=texts.COSTS.replace("45p", "0.45 p"))
    path.write_text(main)
    assert run("check", path) == 1
    line = texts.line_of(main, "0.45 p")
    assert capsys.readouterr().out == (
        f"{path}:{line} (clause 10): '0.45 p' is a part of one penny.\n"
        "    Write 45p if that is what you mean.\n"
    )


def test_check_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.yaml"
    path.write_text("policy: {}\n")
    assert run("check", "--json", path) == 1
    faults = json.loads(capsys.readouterr().out)
    assert set(faults[0]) == {"file", "line", "clause", "what", "remedy"}


def test_check_finds_every_mistake_in_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = Path(__file__).parents[2] / "policies" / "region" / "middleshire.yaml"
    assert run("check", good) == 0
    assert capsys.readouterr().out == f"{good}: no mistakes.\n"
    assert run("check", good, tmp_path / "missing.yaml") == 1
    assert "cannot be read" in capsys.readouterr().out


def test_test_says_how_many_examples(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("test", file) == 0
    assert capsys.readouterr().out == f"{file}: 1 of 1 as expected.\n1 worked examples\n"


def test_test_fails_with_both_sums(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(texts.text(more=EXAMPLE.replace("£22.50", "£22.51")))
    assert run("test", file) == 1
    assert "expects total £22.51, but the rules give £22.50." in capsys.readouterr().out


def test_assess_reads_json_lines_and_answers_json_lines(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [FACTS, {**FACTS, "role": "guest"}]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(row) + "\n" for row in rows)))
    assert run("assess", file, "--facts", "-") == 0
    answers = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [(one["outcome"], one["total_pence"]) for one in answers] == [
        ("payable", 2250),
        ("not_payable", 0),
    ]


def test_assess_answers_bad_facts_in_their_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = file.with_suffix(".jsonl")
    facts.write_text(f"{json.dumps({**FACTS, 'minutes': -1})}\nnonsense\n{json.dumps(FACTS)}\n")
    assert run("assess", file, "--facts", facts) == 2
    answers = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert answers[0]["errors"][0]["pointer"] == "/minutes"
    assert answers[1]["errors"] == [{"pointer": "", "detail": "These facts are not JSON."}]
    assert answers[2]["total_pence"] == 2250


def test_explain_says_what_is_wrong_with_facts_in_words(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = file.with_suffix(".json")
    facts.write_text(json.dumps({**FACTS, "minutes": -1}))
    assert run("explain", file, "--facts", facts) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Some answers need another look.\n  minutes: ")


@pytest.mark.parametrize("verb", ["assess", "explain"])
def test_facts_that_cannot_be_read_are_said_so(
    verb: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = file.with_suffix(".bin")
    binary.write_bytes(b"\x9e\xff")
    for name, why in (
        (file.parent, "Is a directory"),
        (file.parent / "none.json", "No such file or directory"),
        (binary, "it is not plain UTF-8 text"),
    ):
        assert run(verb, file, "--facts", name) == 2
        assert capsys.readouterr().err == f"{name}: the facts cannot be read: {why}.\n"


@pytest.mark.parametrize("words", [("assess", "--facts", "-"), ("explain", "--facts", "-"), ("diff",)])
def test_a_policy_with_mistakes_is_told_as_check_tells_it(
    words: tuple[str, ...], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("policy: {}\npolicy: {}\n")
    more = (file,) if words == ("diff",) else ()
    assert run(words[0], file, *more, *words[1:]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "small.yaml:2: 'policy' is here twice (first on line 1).\n    Keep one of the two." in told.err


def test_nobody_is_paid_by_a_table(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = Path(__file__).parents[2] / "policies" / "reference" / "mileage.yaml"
    assert run("assess", table, "--facts", file) == 1
    assert "This is a reference table. Nobody is paid by it." in capsys.readouterr().err


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert run("check", tmp_path / "pipe.yaml") == 1
    assert "This is not a plain file." in capsys.readouterr().out


def test_the_mark_of_a_windows_editor_is_no_mistake(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("\ufeff" + file.read_text())
    assert run("test", file) == 0
    assert capsys.readouterr().out == f"{file}: 1 of 1 as expected.\n1 worked examples\n"


def test_a_policy_is_checked_without_loading_the_rest_of_the_service(file: Path) -> None:
    script = (
        "import sys; from service.entry import main; "
        f"status = main(['policy', 'test', {str(file)!r}]); "
        "sys.exit(3 if {'sqlalchemy', 'flask', 'alembic'} & set(sys.modules) else status)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_explain_reads_one_object_over_several_lines(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = file.with_suffix(".json")
    facts.write_text(json.dumps(FACTS, indent=2))
    assert run("explain", file, "--facts", facts) == 0
    out = capsys.readouterr().out
    assert out.startswith("This comes to £22.50 for your time.\n\nMeeting (member): £22.50.")
