"""How does a machine with only Python get everything else? Standard library only: nothing is installed yet.

Makes `.venv` in the project folder from a hash-locked file, once for each content of that file.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from service.machine.asked import ROOT, read

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
ROOM_BYTES = 700_000_000
LAST_BYTES = 20_000_000

_NO_SPACE = re.compile(r"No space left|ENOSPC|Disk quota exceeded", re.IGNORECASE)
_NO_NETWORK = re.compile(
    r"name resolution|resolve host|dns error|failed to lookup|Connection refused|unreachable|timed? ?out"
    r"|Max retries|NewConnectionError|error sending request|Could not connect|ProxyError|tunnel"
    r"|No matching distribution|Could not find a version|Failed to fetch",
    re.IGNORECASE,
)


class CannotInstall(Exception):
    """The packages could not be installed. Says why and what to do."""


def run(arguments: list[str]) -> None:
    """Install what the service needs and become it; never returns."""
    read(arguments)
    _ready(RUNTIME_LOCK)
    os.execv(PYTHON, [str(PYTHON), "-m", "service.machine", *arguments])


def test(arguments: list[str]) -> None:
    """Install what the tests need and become them; never returns."""
    _ready(DEV_LOCK)
    os.execv(PYTHON, [str(PYTHON), "-m", "service.machine.testing", *arguments])


def _ready(lock: Path) -> None:
    os.chdir(ROOT)
    try:
        install(lock)
    except CannotInstall as trouble:
        sys.exit(f"Reciprocal cannot be installed. {trouble}")
    except KeyboardInterrupt:
        sys.exit("Stopped while installing. Start again to go on.")
    except OSError as trouble:
        if _NO_SPACE.search(str(trouble)):
            sys.exit(f"Reciprocal cannot be installed. {_full()}")
        sys.exit(f"Reciprocal cannot be installed. {trouble}")


def install(lock: Path) -> None:
    """Bring `.venv` up to `lock`, or leave it be if it is there already. Raises `CannotInstall`."""
    if _is_installed(lock):
        return
    if not os.access(ROOT, os.W_OK):
        raise CannotInstall(
            f"This user may not write in {ROOT}, where the packages go. "
            "Copy the project to a folder of yours."
        )
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "install.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_installed(lock):
            return
        began = time.monotonic()
        print("  installing packages into .venv (first start, or new packages); about a minute", flush=True)
        if shutil.disk_usage(ROOT).free < ROOM_BYTES:
            raise CannotInstall(_full())
        _make_environment()
        _fetch(lock)
        _write_stamp(lock)
        print(f"  packages installed in {time.monotonic() - began:.0f} s", flush=True)


def _is_installed(lock: Path) -> bool:
    return PYTHON.exists() and _stamp().get(lock.name) == _print_of(lock)


def _stamp() -> dict[str, str]:
    """What was installed, for which folder. After a move or a change of Python: nothing."""
    try:
        found: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if found.get("folder") == str(ROOT) and found.get("python") == _version_inside() else {}


def _version_inside() -> str:
    """The version of the environment's Python, as `venv` wrote it down; empty if its Python is gone."""
    try:
        lines = (VENV / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return ""
    pairs = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return pairs.get("version") or pairs.get("version_info") or "" if PYTHON.exists() else ""


def _print_of(lock: Path) -> str:
    content = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content).hexdigest()


def _write_stamp(lock: Path) -> None:
    stamp = _stamp() | {"folder": str(ROOT), "python": _version_inside(), lock.name: _print_of(lock)}
    if lock == DEV_LOCK:
        # The longer list holds the shorter one, line for line; a test sees to it.
        stamp[RUNTIME_LOCK.name] = _print_of(RUNTIME_LOCK)
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=2))
    draft.replace(STAMP)


def _make_environment() -> None:
    """A virtual environment that works, made anew if the one there does not."""
    usable = _version_inside() and not (STAMP.exists() and not _stamp())
    if usable and _try([str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) is None:
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    uv = shutil.which("uv")
    if missing and not uv:
        raise CannotInstall(
            f"This Python ({sys.executable}) came without {' and '.join(missing)}. "
            f"On Debian or Ubuntu: apt install {python}-venv"
        )
    command = [str(uv), "venv", "--python", sys.executable] if missing else [sys.executable, "-m", "venv"]
    said = _try([*command, str(VENV)])
    if said is not None:
        reason = _reason(said)
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotInstall(reason)


def _fetch(lock: Path) -> None:
    """Install the locked packages with uv where it can be had, else with pip; then the project itself."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    locked = ["--require-hashes", "--requirement", str(lock)]
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    said: str | None = "uv was not tried"
    uv = _uv(pip)
    if uv:
        to_here = [uv, "pip", "install", "--quiet", "--no-cache", "--python", str(PYTHON)]
        said = _try([*to_here, *locked]) or _try([*to_here, *itself])
    if said is not None:
        # uv does not read pip's settings, such as a mirror; pip may reach what uv could not.
        said = _try([*pip, "--retries", "2", *locked]) or _try([*pip, *itself])
    if said is not None:
        raise CannotInstall(_reason(said))


def _uv(pip: list[str]) -> str | None:
    """uv: the machine's own, else the locked one, installed first because it saves more than it costs."""
    found = shutil.which("uv")
    if found:
        return found
    inside = VENV / "bin" / "uv"
    block = re.search(r"^uv==.*(?:\n +--hash.*)+", RUNTIME_LOCK.read_text(), re.MULTILINE)
    if not inside.exists() and block:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
            only_uv.write(block.group() + "\n")
            only_uv.flush()
            said = _try([*pip, "--retries", "2", "--require-hashes", "--requirement", only_uv.name])
        if said is not None and (_NO_NETWORK.search(said) or _NO_SPACE.search(said)):
            raise CannotInstall(_reason(said))
    return str(inside) if inside.exists() else None


def _try(command: list[str]) -> str | None:
    """Run a command. None if it went well, else what it said."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip() or "it said nothing"


def _full() -> str:
    return (
        f"The disk that holds {ROOT} is full or nearly so: {ROOM_BYTES // 1_000_000} MB must be free. "
        "Make room and start again."
    )


def _reason(said: str) -> str:
    """A sentence for what an installer said, with its last words."""
    lines = [line for line in said.splitlines() if not line.startswith("WARNING")]
    last = "\n".join(lines[-3:])
    # Not every installer says so when the disk is full.
    if _NO_SPACE.search(said) or shutil.disk_usage(ROOT).free < LAST_BYTES:
        return _full()
    if "ensurepip" in said:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return f"Python's venv module is not whole. On Debian or Ubuntu: apt install python{version}-venv"
    if _NO_NETWORK.search(said):
        return (
            "The packages could not be fetched. A first start needs the network, later ones do not. "
            f"Check it and your proxy or mirror, and start again. The installer's last words:\n{last}"
        )
    return f"The installer's last words:\n{last}"
