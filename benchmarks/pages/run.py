#!/usr/bin/env python3
"""How heavy and how slow is each page on a weak line, and how old must its reader be? The worst come first.

    ./run                                                   # in another window
    .venv/bin/python benchmarks/pages/run.py                # the pages of one person and one lead
    .venv/bin/python benchmarks/pages/run.py --url http://127.0.0.1:8123 --pictures var/pictures

It signs in through the demonstration, follows every link of its own council that only looks, and opens each
kind of page once, at 320 pixels on a line of 400 kbit/s. It changes nothing. See README.md beside it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.reading import age_of  # noqa: E402 - the folder of the project comes first

BITS_A_SECOND = 400_000
DELAY_MS = 100
ASKED = {"kilobytes": 100.0, "seconds": 5.0, "age": 11.0}
WIDTHS = (320, 1280)

# What is no page, or does something.
NOT_FOLLOWED = re.compile(r"/(sign-out|content|link|demo|assets)(/|$)|\.pdf|download")


@dataclass(frozen=True)
class Row:
    """One kind of page: its address with ids left out, bytes over the line, seconds, reading age."""

    kind: str
    kilobytes: float
    seconds: float
    age: float

    @property
    def worst(self) -> float:
        """How near to what was asked, or beyond it, its worst figure comes."""
        return max(
            self.kilobytes / ASKED["kilobytes"], self.seconds / ASKED["seconds"], self.age / ASKED["age"]
        )


def kind_of(path: str) -> str:
    """The address with everything that names one thing left out."""
    plain = path.split("?")[0].split("#")[0]
    plain = re.sub(r"/[a-z]{2,4}_[0-9a-z]{20,}", "/…", plain)
    return re.sub(r"/\d{4}-\d\d(-\d\d)?", "/…", plain)


def sign_in(page: Page, url: str, council: str, name: str) -> str:
    """Be one of the demonstration's people. Answers where their pages begin."""
    page.goto(f"{url}/demo")
    page.locator(f"form[action^='/demo/{council}/'] button", has_text=name).first.click()
    page.get_by_role("button", name="Sign me in").click()
    page.wait_for_load_state()
    return page.url


def pages(page: Page, start: str, inside: str, most: int) -> Iterator[Row]:
    """Every kind of page that links lead to, the first one of each."""
    waiting, seen = [start], {kind_of(start)}
    while waiting and most:
        address = waiting.pop(0)
        row = look(page, address)
        if row is None:
            continue
        yield row
        most -= 1
        for link in page.locator("a[href]").evaluate_all("all => all.map(one => one.href)"):
            known = kind_of(link)
            if inside in link and known not in seen and not NOT_FOLLOWED.search(link):
                seen.add(known)
                waiting.append(link)


def look(page: Page, address: str) -> Row | None:
    """Open one page on the weak line. None: it is no page."""
    LINE.bytes = 0
    began = time.monotonic()
    answer = page.goto(address, wait_until="load")
    seconds = time.monotonic() - began
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        return None
    path = re.sub(r"^https?://[^/]+", "", page.url)
    return Row(kind_of(path), LINE.bytes / 1000, seconds, age_of(page))


class Line:
    """Counts what comes over the line, as the browser itself tells of it."""

    def __init__(self) -> None:
        self.bytes = 0

    def count(self, told: dict[str, Any]) -> None:
        """One answer has come whole."""
        self.bytes += int(told["encodedDataLength"])


LINE = Line()


def weak(page: Page) -> None:
    """Make the line as weak as was asked, and count what comes over it."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    rate = BITS_A_SECOND / 8
    limits = {"offline": False, "latency": DELAY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
    line.send("Network.emulateNetworkConditions", limits)
    line.on("Network.loadingFinished", LINE.count)


def keep(page: Page, folder: Path, name: str) -> None:
    """A picture of the page at each width."""
    folder.mkdir(parents=True, exist_ok=True)
    leaf = re.sub(r"\W+", "-", name).strip("-") or "home"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=folder / f"{leaf}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})


def main() -> int:
    """Measure, and print the worst first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:8000", help="where the demonstration answers")
    parser.add_argument("--council", default="exampleshire", help="its short name")
    parser.add_argument("--who", nargs="+", default=["Ada Example", "Leonie Leadwell"], help="whose pages")
    parser.add_argument("--most", type=int, default=80, help="pages of each of them")
    parser.add_argument("--pictures", type=Path, help="keep a picture of each page here")
    given = parser.parse_args()
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    rows: list[Row] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in given.who:
            context = browser.new_context(viewport={"width": WIDTHS[0], "height": 800})
            page = context.new_page()
            weak(page)
            start = sign_in(page, given.url, given.council, name)
            for row in pages(page, start, f"/{given.council}/", given.most):
                rows.append(row)
                if given.pictures:
                    keep(page, given.pictures, row.kind)
            context.close()
        browser.close()
    return show(rows)


def show(rows: list[Row]) -> int:
    """The worst first, and whether each keeps to what was asked. Answers 1 where one does not."""
    print(f"{'kB':>7} {'seconds':>8} {'age':>5}   page")
    for row in sorted(rows, key=lambda one: -one.worst):
        mark = "   beyond" if row.worst > 1 else ""
        print(f"{row.kilobytes:7.1f} {row.seconds:8.2f} {row.age:5.1f}   {row.kind}{mark}")
    beyond = [row for row in rows if row.worst > 1]
    asked = f"{ASKED['kilobytes']:.0f} kB, {ASKED['seconds']:.0f} s, age {ASKED['age']:.0f}"
    print(f"\n{len(rows)} kinds of page, {len(beyond)} beyond {asked}.")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
