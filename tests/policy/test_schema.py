"""Does the JSON Schema that editors use know what the readers know, and refuse what they refuse?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from service.policy.language.nodes import Listing, Mapping, Node, Text, parse
from service.policy.language.schema import policy_schema

POLICIES = Path(__file__).parents[2] / "policies"
FILES = sorted(path for path in POLICIES.glob("*/*.yaml") if path.parent.name != "reference")
BLOCKS = re.findall(r"```yaml\n(.*?)```", (POLICIES / "README.md").read_text(), re.S)
BOOLEANS = {"true": True, "false": False}


def plain(node: Node) -> Any:
    """What an editor's own YAML reader would make of it, near enough."""
    if isinstance(node, Text):
        return node.value if node.quoted else BOOLEANS.get(node.value, node.value)
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: plain(value) for key, value in node.entries.items()}


def refused(text: str) -> str:
    try:
        jsonschema.validate(plain(parse(text, file="x.yaml")), policy_schema())
    except jsonschema.ValidationError as error:
        return "/".join(map(str, error.absolute_path)) or "top"
    return ""


def test_the_file_for_editors_is_as_the_readers_are() -> None:
    stored = json.loads((POLICIES / "schema.json").read_text())
    assert stored == policy_schema(), "run: reciprocal policy schema > policies/schema.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_policy_fits(path: Path) -> None:
    assert refused(path.read_text()) == ""


@pytest.mark.parametrize("index", [0, 1, 3])
def test_what_the_readme_teaches_fits(index: int) -> None:
    assert refused(BLOCKS[index]) == ""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("kind: hourly", "kind: hourlie", "fees/board_hour"),
        ("rate: hourly_rate", "rat: hourly_rate", "fees/board_hour"),
        ("field: social care", "field: gardening", "activities/board/field"),
        ("approval:", "aproval:", "top"),
    ],
)
def test_a_slip_is_underlined(old: str, new: str, where: str) -> None:
    assert old in BLOCKS[0]
    assert refused(BLOCKS[0].replace(old, new, 1)) == where
