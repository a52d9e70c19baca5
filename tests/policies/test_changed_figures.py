"""If any figure or boundary in a policy file slips by one, does a worked example turn red?"""

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

WORDS = ("#", "sentence:", "name:", "change:", "plain:", "cy:", "easy:")
CLOSED = {"over": "at least", "at least": "over", "at most": "under", "under": "at most"}
BOUNDARY = re.compile(r"\b(over|at least|at most|under) (?=£|\d)")
COUNT = re.compile(r"\b(?:\w+_at_most|at_most_\w+): (\d+)(?=[,}\n])")


def line_at(text: str, place: int) -> tuple[int, str]:
    """The number of a line, and the line itself."""
    end = text.find("\n", place)
    return text.count("\n", 0, place) + 1, text[text.rfind("\n", 0, place) + 1 : end].strip()


def turns(text: str) -> Iterator[tuple[str, str]]:
    """Every boundary of the rules closed where it was open, and every bare count one up and one down."""
    rules = text[: text.index("\nexamples:")]
    for low, high in (("at_most", "over"), ("under", "at_least")):
        for found in re.finditer(rf"\b{low}: ([^,}}\n]+)", rules):
            same = re.compile(rf"\b{high}: {re.escape(found[1])}(?=[,}}\n])")
            other = same.search(rules, found.end(), found.end() + 250)
            if other:
                lower = {"at_most": "under", "under": "at_most"}[low]
                higher = {"over": "at_least", "at_least": "over"}[high]
                turned = f"{text[: found.start()]}{lower}: {found[1]}{text[found.end() : other.start()]}"
                turned += f"{higher}: {found[1]}{text[other.end() :]}"
                yield f"line {line_at(text, found.start())[0]}: {found[0]}", turned
    for found in BOUNDARY.finditer(rules):
        number, line = line_at(text, found.start())
        if not line.startswith(WORDS):
            turned = text[: found.start()] + CLOSED[found[1]] + text[found.end(1) :]
            yield f"line {number}: '{found[1]}' in {line[:60]}", turned
    for found in COUNT.finditer(rules):
        for step in (1, -1):
            count = str(int(found[1]) + step)
            yield (
                f"line {line_at(text, found.start())[0]}: {found[0]} → {count}",
                text[: found.start(1)] + count + text[found.end(1) :],
            )


def slips(text: str) -> Iterator[tuple[str, str]]:
    """Every figure of the rules one step up and one step down: what changed, and the whole text."""
    rules = text[: text.index("\nexamples:")]
    for found in FIGURE.finditer(rules):
        if (
            line_at(text, found.start())[1].startswith(WORDS)
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
    assert sum(len(list(turns(one.files[one.main]))) for one in texts) >= 17


@pytest.mark.long
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_figure_that_slips_is_noticed(path: Path) -> None:
    sources = Sources.from_path(path)
    text_ = sources.files[sources.main]
    tried = [*slips(text_), *turns(text_)]
    assert [what for what, text in tried if not check_policy(sources.with_main(text))] == []
