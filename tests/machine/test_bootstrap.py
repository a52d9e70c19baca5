"""Does a machine with only Python get what it needs, once, and hear plainly what is missing?"""

from __future__ import annotations

import errno
import importlib.metadata
import json
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.machine import bootstrap, checks
from service.machine.asked import ROOT, read
from service.machine.ground import CannotStand

LINE = re.compile(r"^([a-z0-9._-]+(?:\[[a-z0-9,_-]+\])?==[^ ;]+)", re.MULTILINE)
EXTRA = re.compile(r"^([A-Za-z0-9._-]+)\[([a-z0-9_-]+)\]")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of the test's own, with an environment that looks installed."""
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", venv / "installed.json")
    monkeypatch.setattr(bootstrap, "RUNTIME_LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(bootstrap, "DEV_LOCK", tmp_path / "requirements-dev.lock")
    return tmp_path


def test_an_installed_environment_is_used_again(folder: Path) -> None:
    assert not bootstrap._is_installed(bootstrap.RUNTIME_LOCK)
    bootstrap._write_stamp(bootstrap.RUNTIME_LOCK)
    assert bootstrap._is_installed(bootstrap.RUNTIME_LOCK)
    assert not bootstrap._is_installed(bootstrap.DEV_LOCK)


def test_what_the_tests_need_is_enough_to_run(folder: Path) -> None:
    bootstrap._write_stamp(bootstrap.DEV_LOCK)
    assert bootstrap._is_installed(bootstrap.RUNTIME_LOCK)


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", ".venv/pyvenv.cfg"])
def test_a_change_installs_again(folder: Path, changed: str) -> None:
    bootstrap._write_stamp(bootstrap.RUNTIME_LOCK)
    (folder / changed).write_text("version = 3.12.0\n")
    assert not bootstrap._is_installed(bootstrap.RUNTIME_LOCK)


def test_a_folder_that_moved_installs_again(folder: Path) -> None:
    bootstrap._write_stamp(bootstrap.RUNTIME_LOCK)
    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"folder": "/elsewhere"}))
    assert not bootstrap._is_installed(bootstrap.RUNTIME_LOCK)


def test_the_longer_list_of_packages_holds_the_shorter_one() -> None:
    shorter = set(LINE.findall((ROOT / "requirements.lock").read_text()))
    longer = set(LINE.findall((ROOT / "requirements-dev.lock").read_text()))
    assert len(shorter) > 50
    assert shorter - longer == set()


def test_what_a_package_needs_in_part_is_locked_with_that_part() -> None:
    """Else pip without uv looks for `coverage[toml]` beside the locked `coverage`, and finds a newer one."""
    locked = {line.split("==")[0] for line in LINE.findall((ROOT / "requirements-dev.lock").read_text())}
    plain = {name.split("[")[0] for name in locked}
    asked = {
        (found[1].lower(), found[2])
        for one in importlib.metadata.distributions()
        for need in one.requires or ()
        if "extra ==" not in need and (found := EXTRA.match(need))
    }
    assert ("coverage", "toml") in asked
    missing = {f"{name}[{part}]" for name, part in asked if name in plain} - locked
    assert missing == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_its_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: failed to write: No space left on device (os error 28)", "is full or nearly so"),
        ("Temporary failure in name resolution", "needs the network"),
        ("dns error: failed to lookup address information", "needs the network"),
        ("Command '[... -m ensurepip ...]' returned non-zero exit status 1.", "venv module is not whole"),
        ("error: hash mismatch for alembic", "The installer's last words:\nerror: hash mismatch for alembic"),
    ],
)
def test_says_what_stood_in_the_way(said: str, told: str) -> None:
    assert told in bootstrap._reason(said)


def test_reads_its_options() -> None:
    asked = read(["--port", "8123", "--data", "some/where", "--no-demo"])
    assert (asked.port, asked.data, asked.demo) == (8123, Path.cwd() / "some" / "where", False)
    assert (read([]).port, read([]).data, read([]).demo) == (8000, ROOT / "var" / "data", True)


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_refuses_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read([f"--port={port}"])
    assert "is not a port" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "test"])
def test_the_commands_can_be_read_by_old_pythons(command: str) -> None:
    """Nothing newer than 3.5 may stand in them, or the kind message would never be reached."""
    text = (ROOT / command).read_text()
    compile(text, command, "exec", dont_inherit=True)
    assert not re.search(r"\bf\"|\bf'|:=|\bmatch \w|-> ", text)


def test_an_old_python_is_turned_away_kindly(tmp_path: Path) -> None:
    text = (ROOT / "run").read_text().replace("(3, 11)", "(9, 0)")
    (tmp_path / "run").write_text(text)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run")],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Reciprocal needs Python 3.11 or newer, and this is Python 3.")
    assert "apt install python3.11" in done.stderr


def test_names_the_port_and_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LETS_GO_SECONDS", 0.1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(checks.PortIsBusy) as refused:
            checks.free_port("127.0.0.1", port)
    assert f"Port {port} is in use by another program. Choose another: ./run --port " in refused.value.detail


def test_waits_for_a_port_that_its_holder_is_letting_go() -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    asked = threading.Event()

    def let_go() -> None:
        asked.wait()
        taken.close()

    ending = threading.Thread(target=let_go)
    ending.start()
    with pytest.raises(OSError, match="in use"), socket.socket() as other:
        other.bind(("127.0.0.1", port))
    asked.set()
    checks.free_port("127.0.0.1", port)
    ending.join()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStand, match="cannot be made: Not a directory"):
        checks.ready_folder(tmp_path / "file" / "data")


def test_a_disk_nearly_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ROOM_BYTES", 10**18)
    with pytest.raises(CannotStand, match="is full or nearly so"):
        checks.ready_folder(tmp_path / "data")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EROFS, "may not write here"),
        (errno.EIO, "The machine refused"),
    ],
)
def test_puts_system_errors_in_words(number: int, told: str) -> None:
    assert told in checks.in_words(OSError(number, "…", "/some/file"))
