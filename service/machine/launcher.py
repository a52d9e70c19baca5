"""How does `./run` bring the whole service up, keep it up, and take it down?"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.errors import ReciprocalError, Unavailable
from service.machine import checks, ground, keys, leftovers, servers
from service.machine.asked import ROOT, Asked
from service.machine.ground import Ground
from service.machine.parts import COUNTS_SETTING, MIGRATE, OWNER_SETTING, SUPERVISED, WEB
from service.machine.servers import Servers
from service.machine.supervision import Program, Supervisor, tail

HOST = "127.0.0.1"
RUN_FILE = ROOT / "var" / "run.json"
DEMO_FILE = "demo.json"
# What a command at a terminal needs to reach this installation while it runs: `. FILE`, then `reciprocal …`.
ENVIRONMENT_FILE = "environment"
FOR_COMMANDS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "BASE_URL",
    "DEMO",
    "RECEIPTS_DIR",
)
PATIENCE_SECONDS = 60
WORK_SECONDS = 20


class DidNotStart(Unavailable):
    """A step of the start failed. The detail holds its last words."""

    title = "Reciprocal did not start"


class StopAsked(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. No error, so that nothing catches it by accident."""


def launch(asked: Asked, *, environ: Mapping[str, str]) -> int:
    """Run until stopped. Answers an exit status; what went wrong is printed as a sentence."""
    os.umask(0o077)
    _listen_for_stop()
    try:
        _run(asked, environ=environ)
    except StopAsked:
        return 0
    except ReciprocalError as trouble:
        print(f"{trouble.title}. {trouble.detail}", file=sys.stderr)
    except OSError as trouble:
        print(checks.in_words(trouble), file=sys.stderr)
    return 1


def _run(asked: Asked, *, environ: Mapping[str, str]) -> None:
    checks.ready_folder(asked.data)
    url = f"http://{HOST}:{asked.port}"
    with leftovers.hold(asked.data, url=url):
        place = ground.prepare(asked.data)
        try:
            swept = leftovers.sweep(place)
            if swept:
                say(f"ended {swept} processes that an earlier start had left behind")
            checks.free_port(HOST, asked.port)
            for old in place.counts.iterdir():
                old.unlink()
            RUN_FILE.unlink(missing_ok=True)
            Start(asked, place=place, url=url, environ=environ).run()
        finally:
            shutil.rmtree(place.runtime, ignore_errors=True)


class Start:
    """One start, from servers to a page that answers, and its end."""

    def __init__(self, asked: Asked, *, place: Ground, url: str, environ: Mapping[str, str]) -> None:
        self._asked = asked
        self._place = place
        self._url = url
        self._servers = servers.choose(place, given=environ)
        self._settings = settings(asked, place=place, url=url, chosen=self._servers, given=environ)
        programs = [*self._servers.programs(), *parts(asked, place=place)]
        self._supervisor = Supervisor(ground=place, programs=programs, environment=self._settings)

    def run(self) -> None:
        """Bring it up, then watch until `StopAsked`. Whatever happens, nothing is left running."""
        try:
            self._bring_up()
            self._watch()
        finally:
            _stop_listening()
            self._take_down()

    def _bring_up(self) -> None:
        began = time.monotonic()
        self._supervisor.start()
        self._servers.wait()
        say("database and queue are up")
        self._step("migrate", list(MIGRATE.command), what="The tables could not be made")
        if self._asked.demo and not (self._place.data / DEMO_FILE).exists():
            say("making the demo region; only a first start does")
            seed = [sys.executable, "-m", "service.dev", "--data", str(self._place.data)]
            self._step("demo", seed, what="The demo region could not be made")
        self._supervisor.start_parts()
        self._wait_for_web()
        self._wait_for_work()
        told = self._write_run_file()
        self._write_environment()
        print(welcome(self._url, told=told, place=self._place, seconds=time.monotonic() - began), flush=True)

    def _step(self, name: str, command: list[str], *, what: str) -> None:
        """Run one step of the start, signed in as the tables' owner, to its end."""
        log = self._place.logs / f"{name}.log"
        environment = self._settings | {OWNER_SETTING: self._servers.owner_url}
        with log.open("wb") as out:
            done = subprocess.run(
                command,
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
            )
        if done.returncode != 0:
            raise DidNotStart(f"{what}. The last words of {log}:\n{tail(log)}")

    def _wait_for_web(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not answers(f"{self._url}/healthz"):
            if time.monotonic() > ends or self._supervisor.states()[WEB.name] == "FATAL":
                log = self._place.logs / "web.log"
                raise DidNotStart(f"The pages do not answer. The last words of {log}:\n{tail(log)}")
            time.sleep(0.1)

    def _wait_for_work(self) -> None:
        """Clock, queue and worker have done their first round, so that the first tick is paid at once.

        A start whose workers are late is a start all the same: the pages answer, and nothing is lost.
        """
        ends = time.monotonic() + WORK_SECONDS
        while not answers(f"{self._url}/readyz", saying=("work", "ok")):
            if time.monotonic() > ends:
                say("the pages answer; the workers are still starting, see their log")
                return
            time.sleep(0.1)

    def _write_run_file(self) -> dict[str, Any]:
        told: dict[str, Any] = {"url": self._url, "api_keys": {}, "demo": {}, "pages": {}}
        if self._asked.demo:
            told |= json.loads((self._place.data / DEMO_FILE).read_text())
        RUN_FILE.parent.mkdir(exist_ok=True)
        keys.write_privately(RUN_FILE, json.dumps(told, indent=2) + "\n")
        return told

    def _write_environment(self) -> None:
        lines = [f"export {name}={shlex.quote(self._settings[name])}\n" for name in FOR_COMMANDS]
        keys.write_privately(self._place.data / ENVIRONMENT_FILE, "".join(lines))

    def _watch(self) -> None:
        """What the supervisor gives up on comes back, and so does the supervisor itself."""
        while True:
            time.sleep(1)
            if not self._supervisor.is_alive():
                say("the supervisor ended; starting everything again")
                leftovers.sweep(self._place)
            self._supervisor.revive()

    def _take_down(self) -> None:
        say("stopping")
        (self._place.data / ENVIRONMENT_FILE).unlink(missing_ok=True)
        self._supervisor.stop()
        leftovers.sweep(self._place)
        say(f"stopped; the data stays in {self._place.data}")


def settings(
    asked: Asked, *, place: Ground, url: str, chosen: Servers, given: Mapping[str, str]
) -> dict[str, str]:
    """The environment of every process: what was given, and what we supply where nothing was.

    The owner's sign-in is not in it: only the steps that change tables get that.
    """
    ours = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), given.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        COUNTS_SETTING: str(place.counts),
        leftovers.MARK: str(place.runtime),
        "DATABASE_URL": chosen.database_url,
        "REDIS_URL": chosen.redis_url,
        "BASE_URL": given.get("BASE_URL") or url,
        "DEMO": "1" if asked.demo else "0",
        "RECEIPTS_DIR": given.get("RECEIPTS_DIR") or str(place.data / "receipts"),
        **keys.keep_or_make(place.data, given=given),
    }
    return {name: value for name, value in given.items() if name != OWNER_SETTING} | ours


def parts(asked: Asked, *, place: Ground) -> list[Program]:
    """The parts of the service as the supervisor runs them."""
    bind = f"{HOST}:{asked.port}"
    return [
        Program(
            name=part.name,
            command=part.words(bind=bind, data=str(place.data)),
            rank=10 + rank,
            stop_seconds=part.stop_seconds,
        )
        for rank, part in enumerate(SUPERVISED)
    ]


def answers(url: str, *, saying: tuple[str, str] | None = None) -> bool:
    """Whether a GET there answers 200; with `saying`, in JSON that has this name and value."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310 - an address of our own
            fine = answer.status == 200
            return fine and (saying is None or json.load(answer).get(saying[0]) == saying[1])
    except (OSError, ValueError):
        return False


def welcome(url: str, *, told: Mapping[str, Any], place: Ground, seconds: float) -> str:
    """What to open and where to look, for the person at the terminal."""
    pages = told["pages"]
    width = max((len(name) for name in pages), default=0)
    lines = [f"Reciprocal answers at {url} (after {seconds:.0f} s)", *([""] if pages else [])]
    lines += [f"  {name:<{width}}  {url}{path}" for name, path in pages.items()]
    if pages:
        lines += ["", f"Keys for the API are in {RUN_FILE}"]
    else:
        lines += ["No council yet. To add one, in another terminal:", ""]
        lines += [f"  . {shlex.quote(str(place.data / ENVIRONMENT_FILE))}"]
        lines += ["  .venv/bin/reciprocal council add --help", ""]
    lines.append(f"Logs are in {place.logs}")
    return "\n".join([*lines, "", "Press Ctrl-C to stop."])


def say(words: str) -> None:
    """A line for the person at the terminal."""
    print(f"  {words}", flush=True)


def _listen_for_stop() -> None:
    def ask(_number: int, _frame: object) -> None:
        raise StopAsked

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # Somebody who wrote `nohup` wants it to stay; anybody else has closed the terminal.
        signal.signal(signal.SIGHUP, ask)


def _stop_listening() -> None:
    """Stopping is under way: a second Ctrl-C must not cut it short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
