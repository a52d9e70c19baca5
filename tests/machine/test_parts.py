"""Do `./run` and docker-compose.yml run the same service? Both are read; neither is believed."""

from __future__ import annotations

import configparser
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.machine import ground, launcher
from service.machine.asked import ROOT, Asked
from service.machine.parts import COUNTS_SETTING, MIGRATE, OWNER_SETTING
from service.machine.servers import Servers
from service.machine.supervision import configuration
from service.settings import QUEUES, Settings

OWN_IMAGE = "reciprocal"
SETTINGS = {field.name.upper() for field in fields(Settings)}
GIVEN = SETTINGS | {COUNTS_SETTING}
PLACES = {"127.0.0.1:8123": "BIND", "0.0.0.0:8000": "BIND"}

Compose = dict[str, Any]


@pytest.fixture
def compose() -> Compose:
    return read_compose((ROOT / "docker-compose.yml").read_text())


@pytest.fixture
def supervised(tmp_path: Path) -> dict[str, list[str]]:
    """What the supervisor is told to run: each name with its command, the tether taken off."""
    place = ground.Ground(data=tmp_path, runtime=tmp_path)
    asked = Asked(port=8123, data=tmp_path, demo=False)
    told = configparser.ConfigParser(interpolation=None)
    told.read_string(configuration(ground=place, programs=launcher.parts(asked, place=place)))
    found = {}
    for section in told.sections():
        if section.startswith("program:"):
            words = shlex.split(told[section]["command"])
            found[section.removeprefix("program:")] = same_places(
                words[words.index("--") + 1 :], str(tmp_path)
            )
    return found


def read_compose(text: str) -> Compose:
    loaded: Compose = YAML(typ="safe").load(text)
    return loaded


def parts_of(compose: Compose) -> dict[str, list[str]]:
    """Each service that runs our image, with its command."""
    ours = {name: told for name, told in compose["services"].items() if told["image"] == OWN_IMAGE}
    return {name: same_places(told["command"], "/data") for name, told in ours.items()}


def same_places(command: list[str], data: str) -> list[str]:
    return [PLACES.get(word, word.replace(data + "/", "DATA/")) for word in command]


def queues_of(command: list[str]) -> set[str]:
    """The queues that a worker's command line serves: the ones it names, else every one declared."""
    for word, following in zip(command, [*command[1:], ""], strict=True):
        if word in {"-Q", "--queues"}:
            return set(following.split(","))
        if word.startswith("--queues="):
            return set(word.removeprefix("--queues=").split(","))
    return set(QUEUES)


def differences(compose: Compose, supervised: dict[str, list[str]]) -> list[str]:
    """Every service, command, queue and setting that one has and the other lacks."""
    wanted = {**supervised, MIGRATE.name: list(MIGRATE.command)}
    found = parts_of(compose)
    told = [f"{name}: only in one of the two" for name in sorted(wanted.keys() ^ found.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        if queues_of(wanted[name]) != queues_of(found[name]):
            told.append(f"{name}: other queues")
        elif wanted[name] != found[name]:
            told.append(f"{name}: another command")
        due = GIVEN if name == MIGRATE.name else GIVEN - {OWNER_SETTING}
        given = set(compose["services"][name]["environment"])
        told += [f"{name}: {setting} only in one of the two" for setting in sorted(due ^ given)]
    return told


def test_are_the_same(compose: Compose, supervised: dict[str, list[str]]) -> None:
    assert differences(compose, supervised) == []


def test_what_run_sets_is_a_setting(tmp_path: Path) -> None:
    place = ground.Ground(data=tmp_path, runtime=tmp_path)
    servers = Servers(postgres=None, valkey=None, database_url="d", owner_url="o", redis_url="r")
    asked = Asked(port=8123, data=tmp_path, demo=True)
    given = {OWNER_SETTING: "secret"}
    made = launcher.settings(asked, place=place, url="http://127.0.0.1:8123", chosen=servers, given=given)
    assert made.keys() - GIVEN == {"PATH", "PYTHONUNBUFFERED", "RECIPROCAL_RUN"}
    assert OWNER_SETTING not in made


@pytest.mark.parametrize(
    ("was", "becomes", "found"),
    [
        ("\n  relay:\n", "\n  relays:\n", "relay: only in one of the two"),
        ("LOG_LEVEL: ", "LOUDNESS: ", "web: LOG_LEVEL only in one of the two"),
        ("--concurrency\n", "--queues\n", "worker: other queues"),
        ("- --preload\n", "- --reload\n", "web: another command"),
        ("DATABASE_OWNER_URL: ", "OWNER_URL: ", "migrate: DATABASE_OWNER_URL only in one of the two"),
    ],
)
def test_a_planted_difference_is_found(
    was: str, becomes: str, found: str, supervised: dict[str, list[str]]
) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert was in text
    assert found in differences(read_compose(text.replace(was, becomes)), supervised)


def test_compose_starts_the_same_servers(compose: Compose) -> None:
    servers = {name for name, told in compose["services"].items() if told["image"] != OWN_IMAGE}
    assert servers == {"postgres", "valkey", "mail"}


def test_the_example_names_every_setting_with_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0]: n for n, line in enumerate(lines) if line and not line.startswith("#")}
    passwords = {"ADMIN_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD"}
    assert named.keys() - passwords == SETTINGS
    assert [
        name for name, n in named.items() if name not in passwords and not lines[n - 1].startswith("# ")
    ] == []
