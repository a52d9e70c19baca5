"""A browser test gets a running service, a small world in it, and the system's Chromium.

Pictures of every page that a test looks at are kept under `var/screenshots`.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from service.app import create_app
from service.settings import Settings
from service.tasks.hands import Hands, hands_for
from tests.web.world import World, build

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

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application as it runs, on this test's database."""
    made = create_app(settings)
    yield made
    made.extensions["db"].close()


@pytest.fixture
def hands(settings: Settings) -> Iterator[Hands]:
    """What carries out the work that pages leave for later."""
    given = hands_for(settings)
    yield given
    given.db.close()


@pytest.fixture
def world(app: Flask, hands: Hands) -> World:
    """One council with people and sessions."""
    return build(app, hands)


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

    def press(self, name: str) -> None:
        """Press a button, or follow a link that looks like one."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def sees(self, words: str) -> bool:
        """Whether the page says this somewhere in its main part."""
        return words in self.page.locator("main").inner_text()

    def look(self, name: str) -> None:
        """Take a picture; fail on anything that axe finds, on sideways scrolling, on a page without a heading."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.width}.png", full_page=True)
        found = Axe().run(self.page).response["violations"]
        assert not found, [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width
        assert self.page.locator("h1").count() == 1


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser window, at each width that we promise."""
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    yield context
    context.close()


@pytest.fixture
def visitor(window: BrowserContext, world: World, url: str) -> Visitor:
    """Somebody at that window. Anything that a page's script breaks fails the test."""
    page = window.new_page()
    size = page.viewport_size or {"width": 0}
    page.on("pageerror", lambda error: pytest.fail(f"a script broke: {error}"))
    return Visitor(page, world, url, size["width"])


@pytest.fixture
def plain_visitor(browser: Browser, world: World, url: str) -> Iterator[Visitor]:
    """Somebody at a narrow window without JavaScript."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False)
    yield Visitor(context.new_page(), world, url, 320)
    context.close()
