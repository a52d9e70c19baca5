"""A browser test gets a running service, a small world in it, and the system's Chromium.

A picture of each page that a test looks at is kept under `var/screenshots`, as a phone shows it.
`./test --pictures tests/browser` keeps them sharper, and as a desk shows them too.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Response, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web.conftest import app, hands, world
from tests.web.world import World

__all__ = ["app", "hands", "world"]

PICTURES = Path(__file__).parents[2] / "var" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (320, 1280)
HEIGHT = 800
# What a page answers that was made as it should be: as asked, or with what is wrong beside each question.
MADE = (200, 400, 409, 422)
AXE = "axe.run({resultTypes: ['violations']}).then(said => said.violations)"
# How wide the page is, and how wide once its text is twice as big.
WIDE = """() => {
    const root = document.documentElement, once = root.scrollWidth;
    root.style.fontSize = '200%';
    const twice = root.scrollWidth;
    root.style.fontSize = '';
    return [once, twice];
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a real browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


class _Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """Where the running service answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Visitor:
    """Somebody at a browser window of one width."""

    page: Page
    world: World
    url: str
    width: int
    pictures: bool = False
    _answer: Response | None = None

    def __post_init__(self) -> None:
        """Remember what each page was answered with."""
        self.page.on("response", self._hear)

    def _hear(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.frame == self.page.main_frame:
            self._answer = answer

    def sign_in(self, kind: str, who: str, *, goes_to: str = "") -> None:
        """Follow a link from a message, and press its button."""
        self.page.goto(self.url + self.world.link(kind, who, goes_to=goes_to))
        self.page.get_by_role("button", name="Sign me in").click()

    def open(self, path: str, *, status: int = 200, at: str | None = None) -> None:
        """Go to an address of this world's council; it answers so, there, or `at` the one it leads to."""
        answer = self.page.goto(f"{self.url}/{self.world.slug}{path}")
        assert answer is not None
        there = urlsplit(answer.url).path.rstrip("/")
        asked = urlsplit(f"/{self.world.slug}{path if at is None else at}").path.rstrip("/")
        assert (answer.status, there) == (status, asked), path

    def press(self, name: str, *, leads_on: bool = True) -> None:
        """Press a button, or follow a link that looks like one; wait for the page it leads to, if any."""
        if not leads_on:
            self.page.get_by_role("button", name=name, exact=True).click()
            return
        here = self.page.evaluate("performance.timeOrigin")
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_function("here => performance.timeOrigin !== here", arg=here)
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """Follow the link whose words begin like this; some end in words for screen readers only."""
        self.page.get_by_role("link", name=re.compile(f"^{re.escape(name)}")).click()

    def tick(self, name: str) -> Locator:
        """Somebody's tick on the register."""
        return self.page.get_by_role("checkbox", name=name)

    def sees(self, words: str) -> bool:
        """Whether the page says this somewhere in its main part."""
        return words in self.page.locator("main").inner_text()

    def look(self, name: str, *, status: int | None = None) -> None:
        """At each width that we promise: fail on what axe finds, on sideways scrolling (at a desk also with
        text twice as big), on a page without one heading, and on a page that was not answered with `status`,
        or as one that was made. Keep a picture.
        """
        assert self._answer is not None
        assert self._answer.status in (MADE if status is None else (status,)), name
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate(AXE_SCRIPT)
        # Pictures first: a whole page is taken in a window as high as it is, and pressed in none like that.
        for width in WIDTHS if self.pictures else WIDTHS[:1]:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._keep(name, width)
        for width in sorted(WIDTHS, key=lambda one: one == self.width):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            found = self.page.evaluate(AXE)
            assert not found, (width, [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found])
            assert self._wide(width) <= width, name
        assert self.page.locator("h1").count() == 1

    def _wide(self, width: int) -> int:
        """How wide the page is; at a desk the wider of as it is and with text twice as big."""
        once, twice = self.page.evaluate(WIDE)
        return int(once if width == WIDTHS[0] else max(once, twice))

    def _keep(self, name: str, width: int) -> None:
        """A picture of the page as it is now."""
        how: dict[str, Any] = {"type": "png"} if self.pictures else {"type": "jpeg", "quality": 60}
        self.page.screenshot(path=PICTURES / f"{name}-{width}.{how['type']}", full_page=True, **how)


@dataclass(frozen=True)
class Window:
    """Where a visitor looks in from: a window of its own, each time."""

    browser: Browser
    world: World
    url: str
    pictures: bool

    def opened(self, *, width: int, script: bool) -> Iterator[Visitor]:
        """Open one. Anything that a page's script breaks fails the test."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT}, java_script_enabled=script
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield Visitor(page, self.world, self.url, width, self.pictures)
        context.close()
        assert not broken


@pytest.fixture
def window(request: pytest.FixtureRequest, browser: Browser, world: World, url: str) -> Window:
    """What a visitor's window is made of."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return Window(browser, world, url, pictures=bool(request.config.getoption("--pictures")))


@pytest.fixture
def visitor(window: Window) -> Iterator[Visitor]:
    """Somebody at a phone. Whatever they look at is looked at as wide as a desk, too."""
    yield from window.opened(width=WIDTHS[0], script=True)


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def anywhere(request: pytest.FixtureRequest, window: Window) -> Iterator[Visitor]:
    """Somebody at a phone, and at a desk: for what is done otherwise there."""
    yield from window.opened(width=request.param, script=True)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def anybody(request: pytest.FixtureRequest, window: Window) -> Iterator[Visitor]:
    """Somebody at a phone, with JavaScript and without."""
    yield from window.opened(width=WIDTHS[0], script=request.param)


@pytest.fixture
def without_script(window: Window) -> Iterator[Visitor]:
    """Somebody at a phone whose browser runs no JavaScript."""
    yield from window.opened(width=WIDTHS[0], script=False)
