"""A council whose policy says how payments leave."""

from __future__ import annotations

import re
from pathlib import Path

from service.policy.sources import Sources
from tests.stage import Council, Stage

EVERY_DAY = '{on: [monday, tuesday, wednesday, thursday, friday], at: "14:00"}'
PLAIN = Sources.from_path(Path("policies/councils/exampleshire.yaml"))


def sources(*, runs: str = "at once", second: str = "", version: str = "") -> Sources:
    """Exampleshire's policy with these words under `payment:`, perhaps as another version."""
    said = f"payment:\n  runs: {runs}\n" + (f"  second_release: {second}\n" if second else "")
    main = PLAIN.files[PLAIN.main].replace("payment:\n", said, 1)
    if version:
        main = re.sub(r'version: "[^"]*"', f'version: "{version}"', main, count=1)
        main = main.replace("effective_from: 2025-04-01", "effective_from: 2025-04-02")
    return Sources(PLAIN.main, {**PLAIN.files, PLAIN.main: main})


def council(
    stage: Stage,
    slug: str = "exampleshire",
    *,
    rail: str = "sandbox",
    runs: str = EVERY_DAY,
    second: str = "",
) -> Council:
    """A council of which payments go together, or above a limit by a second person's hand."""
    return stage.council(slug, rail=rail, sources=sources(runs=runs, second=second))
