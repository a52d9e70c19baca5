"""If any figure in a policy file slips by one, does a worked example turn red?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.policy.engine import check_policy
from service.policy.sources import Sources

POLICIES = Path(__file__).parents[2] / "policies"
FILES = sorted(path for path in POLICIES.glob("*/*.yaml") if path.parent.name != "reference")
FIGURE = re.compile(
    r"£(\d+)\.(\d\d)|\b(\d+)(p|h|%| months?| working days| days| weeks| miles| cc| items| times| years|min)\b"
)


def slips(text: str) -> Iterator[tuple[str, str]]:
    """Every figure of the rules one step up and one step down: what changed, and the whole text."""
    rules = text[: text.index("\nexamples:")]
    for found in FIGURE.finditer(rules):
        line = text[text.rfind("\n", 0, found.start()) + 1 : text.find("\n", found.start())].strip()
        if (
            line.startswith(("#", "sentence:", "name:"))
            or "hold_new_details" in rules[found.start() - 200 : found.start()]
        ):
            continue
        for step in (1, -1):
            number = (int(found[1]) * 100 + int(found[2]) if found[1] else int(found[3])) + step
            if number >= 0:
                figure = f"£{number // 100}.{number % 100:02d}" if found[1] else f"{number}{found[4]}"
                what = f"line {text.count(chr(10), 0, found.start()) + 1}: {found[0]} → {figure}"
                yield what, text[: found.start()] + figure + text[found.end() :]


def test_there_are_figures_to_change() -> None:
    texts = [Sources.from_path(path) for path in FILES]
    assert sum(len(list(slips(one.files[one.main]))) for one in texts) > 150


@pytest.mark.long
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_figure_that_slips_is_noticed(path: Path) -> None:
    sources = Sources.from_path(path)
    tried = list(slips(sources.files[sources.main]))
    assert [what for what, text in tried if not check_policy(sources.with_main(text))] == []
