"""Can it be used with a keyboard alone, with text twice as big, on a slow line, and by a reader of eleven?"""

from __future__ import annotations

import re

from playwright.sync_api import Response

from tests.browser.conftest import Visitor
from tests.policy.test_explanation import reading_age

MOST_BYTES = 100_000


def _tab_to(visitor: Visitor, name: str, *, most: int = 60) -> int:
    """Press Tab until the thing with these words has the focus. Answers how often."""
    for pressed in range(1, most + 1):
        visitor.page.keyboard.press("Tab")
        words = visitor.page.evaluate("document.activeElement.innerText || document.activeElement.value")
        if words and words.strip().startswith(name):
            return pressed
    raise AssertionError(f"{name} cannot be reached with the keyboard")


def test_a_person_says_yes_with_the_keyboard_alone(visitor: Visitor) -> None:
    world = visitor.world
    offer = f"/{world.slug}/me/offers/{world.offers['board-jo']}"
    visitor.page.goto(visitor.url + world.link("person", "jo", goes_to=offer))
    assert _tab_to(visitor, "Skip to main content") == 1
    _tab_to(visitor, "Sign me in")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**{offer}")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main-content"
    _tab_to(visitor, "Yes, I will take part")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/answered")
    assert visitor.sees("You said yes. Thank you.")


def test_an_error_summary_takes_the_focus_and_leads_to_its_field(visitor: Visitor) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/bank")
    visitor.press("Save")
    focused = "document.activeElement.classList.contains('govuk-error-summary')"
    visitor.page.wait_for_function(focused)
    visitor.follow("Enter a sort code")
    assert visitor.page.evaluate("document.activeElement.id") == "sort_code"


def test_nothing_is_lost_sideways_with_text_twice_as_big(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    visitor.sign_in("person", "jo")
    claim = world.claims_of("jo")[0].id
    leaves = ("", f"/offers/{world.offers['board-jo']}", f"/claims/{claim}", "/payment-method/bank")
    for path in (*leaves, "/statement", "/letter", "/my-data/erase"):
        visitor.open(f"/me{path}")
        visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= visitor.width, path
    visitor.look("text-twice-as-big")


def test_every_page_after_the_first_is_light(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    weights: list[int] = []

    def weigh(answer: Response) -> None:
        sizes = answer.request.sizes()
        weights.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    visitor.sign_in("person", "jo")
    visitor.page.on("response", weigh)
    for path in ("", f"/offers/{world.offers['board-jo']}", f"/costs/{world.sessions['brew']}/kind"):
        weights.clear()
        visitor.open(f"/me{path}")
        visitor.page.wait_for_load_state("networkidle")
        assert 0 < sum(weights) < MOST_BYTES, path


def test_the_pages_of_a_person_can_be_read_at_eleven(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    claim = world.claims_of("jo")[0].id
    visitor.sign_in("person", "jo")
    paths = (
        "",
        "/how-we-work-out-your-money",
        "/privacy",
        "/cookies",
        "/sign-in",
        "/me",
        f"/me/offers/{world.offers['board-jo']}",
        f"/me/claims/{claim}",
        "/me/payment-method/choose",
        "/me/payment-method/bank",
        f"/me/costs/{world.sessions['brew']}/kind",
        "/me/statement",
        "/me/letter",
        "/me/my-data",
        "/me/my-data/erase",
    )
    ages = {}
    for path in paths:
        visitor.open(path)
        visitor.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        ages[path] = round(reading_age(_sentences(visitor)), 1)
    worst = sorted(ages.items(), key=lambda item: -item[1])
    assert worst[0][1] <= 11, worst


def _sentences(visitor: Visitor) -> str:
    """The words of a page's main part, each block a sentence; names of councils and addresses left out."""
    blocks = "main h1, main h2, main h3, main p, main li:not(:has(p)), main dd, main label, main .govuk-hint"
    words = ". ".join(text.strip() for text in visitor.page.locator(blocks).all_inner_texts() if text.strip())
    return re.sub(r"Exampleshire County Council|\(rule [^)]*\)|\S+@\S+", "", words)
