"""Does the supervisor's file say what was meant, whatever the folders are called?"""

from __future__ import annotations

import configparser
import signal
from pathlib import Path

import pytest

from service.machine.ground import CannotStand, Ground
from service.machine.supervision import Program, configuration


def written(folder: Path, **more: object) -> configparser.ConfigParser:
    """What supervisord would read for one program in `folder`, with supervisord's own rules for comments."""
    program = Program(name="one", command=["run", "a b"], rank=3, **more)  # type: ignore[arg-type]
    text = configuration(ground=Ground(data=folder, runtime=folder), programs=[program])
    read = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    read.read_string(text)
    return read


def test_a_part_waits_to_be_told_and_comes_back() -> None:
    told = dict(written(Path("/data"))["program:one"])
    assert told["autostart"] == "false"
    assert told["autorestart"] == "true"
    assert told["killasgroup"] == "true"
    assert told["stopsignal"] == "TERM"
    assert told["command"].endswith(" -- run 'a b'")


def test_a_server_starts_at_once_and_stops_in_its_own_way() -> None:
    told = dict(written(Path("/data"), server=True, stop_signal=signal.SIGINT)["program:one"])
    assert told["autostart"] == "true"
    assert told["stopsignal"] == "INT"
    assert told["command"] == "run 'a b'"


@pytest.mark.parametrize("name", ["with space", "it's", "£"])
def test_folders_may_have_any_ordinary_name(name: str) -> None:
    told = written(Path("/data") / name)["program:one"]["stdout_logfile"]
    assert told == f"/data/{name}/logs/one.log"


@pytest.mark.parametrize("name", ["my #1", "a ;b", "a\nb", "100%"])
def test_a_name_that_would_be_cut_short_is_refused(name: str) -> None:
    with pytest.raises(CannotStand, match="folder's name"):
        written(Path("/data") / name)
