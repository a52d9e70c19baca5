"""Does `./test` run what was asked, and count what was left out?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.machine import testing
from service.machine.asked import ROOT

TREE = {
    "conftest.py": (ROOT / "tests" / "conftest.py").read_text().split("@pytest.fixture")[0],
    "test_x.py": "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no browser')\n",
}
ABSENT = "import pytest\n@pytest.mark.may_be_absent\ndef test_c(): pytest.skip('no table')\n"


@pytest.mark.parametrize(
    ("words", "marks", "rest"),
    [
        ([], None, []),
        (["fast"], "not browser and not long", []),
        (["fast", "tests/machine", "-x"], "not browser and not long", ["tests/machine", "-x"]),
        (["--whole"], None, ["--whole"]),
    ],
)
def test_hands_words_to_pytest(words: list[str], marks: str | None, rest: list[str]) -> None:
    command = testing.pytest(testing.read(words), browser=True)
    assert (command[command.index("-m", 3) + 1] if "-m" in command[3:] else None) == marks
    assert command[len(command) - len(rest) :] == rest
    assert command[3:5] == ["-n", "2"]


def test_leaves_browser_tests_out_where_there_is_no_browser() -> None:
    command = testing.pytest(testing.read([]), browser=False)
    assert command[-2:] == ["-m", "not browser"]


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--whole"], 1), (["--whole", "-n", "2"], 1)])
def test_a_skipped_test_fails_where_everything_was_wanted(
    tmp_path: Path, words: list[str], status: int
) -> None:
    done = run_in(tmp_path, words, **TREE)
    assert "1 passed, 1 skipped" in done.stdout
    assert ("LEFT OUT: 1 skipped" in done.stdout) == (status == 1)
    assert done.returncode == status


@pytest.mark.parametrize("words", [["--whole"], ["--whole", "-n", "2"]])
def test_what_lies_beside_the_project_may_be_absent(tmp_path: Path, words: list[str]) -> None:
    done = run_in(tmp_path, words, **{"conftest.py": TREE["conftest.py"], "test_y.py": ABSENT})
    assert "1 skipped: what they read may be absent, and is." in done.stdout
    assert "LEFT OUT" not in done.stdout
    assert done.returncode == 0
    done = run_in(tmp_path, words, **TREE)
    assert "LEFT OUT: 1 skipped" in done.stdout
    assert done.returncode == 1


def run_in(folder: Path, words: list[str], **files: str) -> subprocess.CompletedProcess[str]:
    """What pytest says of these tests, with the project's own settings."""
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *words, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("words", "status"), [([], 0), (["fast", "--whole"], 0), (["--whole"], 1)])
def test_a_part_left_out_fails_where_everything_was_wanted(
    words: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "CHECKS", {})
    monkeypatch.setattr(testing, "AUDIT", ("true",))
    monkeypatch.setattr(testing, "pytest", lambda *_, **__: ["true"])
    monkeypatch.setattr(testing, "_browser_missing", lambda _: ["tests in a browser"])
    assert testing.main(words, environ=os.environ) == status
    assert ("LEFT OUT: tests in a browser" in capsys.readouterr().out) == ("fast" not in words)


def test_a_failed_check_fails_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "CHECKS", {"style": ("false",), "types": ("true",)})
    monkeypatch.setattr(testing, "AUDIT", ("true",))
    monkeypatch.setattr(testing, "pytest", lambda *_, **__: ["true"])
    assert testing.main(["fast"], environ=os.environ) == 1
    assert "Failed before the tests: style." in capsys.readouterr().out


def test_ci_asks_for_everything() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().splitlines()[-1] == "exec ./test --whole"
