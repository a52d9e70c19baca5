"""What does `./test` check, and what did it have to leave out? Runs inside the installed environment.

    ./test                 everything
    ./test fast            without tests marked `browser` or `long` (`tests/conftest.py` marks whole files)
    ./test --whole         everything, and a part or a test left out is a failure
    ./test [fast] WORDS    WORDS go to pytest

The checks run side by side and are told in their order. pytest comes last, so that its closing line ends the
output.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.machine.asked import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHECKS: dict[str, tuple[str, ...]] = {
    "style": ("ruff", "check", "."),
    "layout": ("ruff", "format", "--check", "."),
    "types": ("mypy",),
    "arrows": ("lint-imports", "--no-cache", "--no-logo"),
}
AUDIT = ("pip-audit", "--requirement", "requirements-dev.lock", "--disable-pip", "--format", "json")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    fast: bool
    whole: bool
    words: list[str]


def read(arguments: list[str]) -> Wanted:
    """`fast` comes first and `--whole` anywhere; the rest is pytest's."""
    fast = arguments[:1] == ["fast"]
    words = arguments[1:] if fast else arguments
    return Wanted(fast=fast, whole="--whole" in words, words=[word for word in words if word != "--whole"])


def main(arguments: list[str], *, environ: Mapping[str, str]) -> int:
    """Run everything wanted. Answers 0 only if all of it went well."""
    wanted = read(arguments)
    programs = str(Path(sys.executable).parent)
    environment = {**environ, "PATH": os.pathsep.join([programs, environ.get("PATH", os.defpath)])}
    # Dozens of processes import everything: what one of them compiled, the others take as it is.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = {name: _begin(command, environment, subprocess.STDOUT) for name, command in CHECKS.items()}
    asking = _begin(AUDIT, environment, subprocess.DEVNULL)
    failed = [name for name, check in begun.items() if not _goes_well(name, check)]
    _audit(asking)
    left_out = [] if wanted.fast else _browser_missing(environment)
    for part in left_out:
        print(f"LEFT OUT: {part}", flush=True)
    status = subprocess.run(
        pytest(wanted, browser=not left_out), env=environment, cwd=ROOT, check=False
    ).returncode
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}. See above.", flush=True)
    return status or bool(failed or (wanted.whole and left_out))


def pytest(wanted: Wanted, *, browser: bool) -> list[str]:
    """pytest's command line, for two processes."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    left_out = ["browser", "long"] if wanted.fast else [] if browser else ["browser"]
    if left_out:
        command += ["-m", " and ".join(f"not {mark}" for mark in left_out)]
    command += ["--whole"] if wanted.whole else []
    return [*command, *wanted.words]


def _begin(command: tuple[str, ...], environment: Mapping[str, str], errors: int) -> subprocess.Popen[str]:
    """Let it run; what it says is read later."""
    return subprocess.Popen(
        command, env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
    )


def _goes_well(name: str, check: subprocess.Popen[str]) -> bool:
    print(f"== {name}: {' '.join(CHECKS[name])}", flush=True)
    said, _ = check.communicate()
    print(said, end="", flush=True)
    return check.returncode == 0


def _audit(asking: subprocess.Popen[str]) -> None:
    """Tell of packages with known faults. What is known changes by itself, so it decides nothing here."""
    print(f"== known faults in packages: {' '.join(AUDIT)}", flush=True)
    try:
        said, _ = asking.communicate(timeout=90)
        asked = json.loads(said)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        asking.kill()
        asking.wait()
        asked = []
    known = [one for one in asked if "vulns" in one]
    for one in known:
        for fault in one["vulns"]:
            print(
                f"{one['name']} {one['version']}: {fault['id']}, mended in {fault['fix_versions']}",
                flush=True,
            )
    if not known:
        print("Not asked: the list of known faults cannot be reached. No test depends on it.", flush=True)
    elif not any(one["vulns"] for one in known):
        print(f"None in {len(known)} of {len(asked)} packages.", flush=True)


def _browser_missing(environment: Mapping[str, str]) -> list[str]:
    """Find a browser for the browser tests, or install one where that is allowed."""
    if _browser():
        return []
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [
            "tests in a browser. Chromium is missing and this user may not install it: apt install chromium"
        ]
    print("== installing Chromium for the browser tests", flush=True)
    quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            return [f"tests in a browser. `{' '.join(command)}` failed: {' '.join(last)}"]
    return [] if _browser() else ["tests in a browser. Chromium was installed and cannot be found."]


def _browser() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], environ=os.environ))
