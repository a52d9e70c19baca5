"""A browser test gets a running service, a small world in it, and the system's Chromium.

Pictures of every page that a test looks at are kept under `var/screenshots`.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, sync_playwright
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
    thread = threading.Thread(target=server.serve_forever, daemon=True)
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

    def sign_in(self, kind: str, who: str, *, goes_to: str = "") -> None:
        """Follow a link from a message, and press its button."""
        self.page.goto(self.url + self.world.link(kind, who, goes_to=goes_to))
        self.page.get_by_role("button", name="Sign me in").click()

    def open(self, path: str) -> None:
        """Go to an address of this world's council."""
        self.page.goto(f"{self.url}/{self.world.slug}{path}")

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

    def look(self, name: str) -> None:
        """At each width that we promise: take a picture; fail on what axe finds, on sideways scrolling, on a
        page without one heading.
        """
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in sorted(WIDTHS, key=lambda one: one == self.width):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
            found = Axe().run(self.page).response["violations"]
            assert not found, (width, [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found])
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width
        assert self.page.locator("h1").count() == 1


@pytest.fixture
def visitor(browser: Browser, world: World, url: str) -> Iterator[Visitor]:
    """Somebody at a phone. Whatever they look at is looked at as wide as a desk, too."""
    yield from _visit(browser, world, url, width=WIDTHS[0], script=True)


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def anywhere(request: pytest.FixtureRequest, browser: Browser, world: World, url: str) -> Iterator[Visitor]:
    """Somebody at a phone, and at a desk: for what is done otherwise there."""
    yield from _visit(browser, world, url, width=request.param, script=True)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def anybody(request: pytest.FixtureRequest, browser: Browser, world: World, url: str) -> Iterator[Visitor]:
    """Somebody at a phone, with JavaScript and without."""
    yield from _visit(browser, world, url, width=WIDTHS[0], script=request.param)


def _visit(browser: Browser, world: World, url: str, *, width: int, script: bool) -> Iterator[Visitor]:
    """A window of its own. Anything that a page's script breaks fails the test."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, java_script_enabled=script)
    context.set_default_timeout(10_000)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield Visitor(page, world, url, width)
    context.close()
    assert not broken
