"""Do stored assessments still come out to the letter? Twenty, with the texts that judged them.

These files were written once, from the first release. They are never made again: a change that turns one red
changes what people were promised, and is wrong.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from service.policy.engine import compile_policy
from service.policy.sources import Sources

FOLDER = Path(__file__).with_name("frozen")
STORED = sorted(path.name for path in FOLDER.glob("[0-9]*.json"))
PINNED = "35092c63be70cce4b410d5862db2357b4117a61ac590bc2ff1d7dcbf23f94fd0"


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def print_of(folder: Path) -> str:
    """One hash over every file's name and bytes."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def test_nobody_has_touched_the_stored_assessments() -> None:
    assert len(STORED) == 20
    assert print_of(FOLDER) == PINNED


@pytest.mark.parametrize("name", STORED)
def test_a_stored_assessment_comes_out_to_the_letter(name: str) -> None:
    stored = read(name)
    policy = compile_policy(Sources.from_json(read(stored["policy"])))
    assert policy.assess(stored["facts"]) == stored["answer"]


def test_a_changed_penny_is_noticed() -> None:
    stored = read(STORED[-1])
    changed = {**stored["facts"], "minutes": stored["facts"]["minutes"] + 60}
    policy = compile_policy(Sources.from_json(read(stored["policy"])))
    assert policy.assess(changed) != stored["answer"]
