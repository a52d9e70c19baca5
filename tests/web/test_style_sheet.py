"""Does each class of the style sheet mean one thing?"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

SHEET = Path("service/web/static/reciprocal.css")


def told_twice(css: str) -> list[str]:
    """Selectors that more than one rule of the sheet's own level is about."""
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    plain = re.sub(r"@[^{;]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", plain)
    selectors = (one.strip() for rule in re.findall(r"([^{}]+)\{", plain) for one in rule.split(","))
    return sorted(one for one, times in Counter(selectors).items() if times > 1)


def test_no_selector_is_told_twice() -> None:
    assert told_twice(".a { color: red; } .b, .a { color: blue; } @media print { .b { color: red; } }") == [
        ".a"
    ]
    assert told_twice(SHEET.read_text()) == []
