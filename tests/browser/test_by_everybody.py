"""Can it be used with a keyboard alone, with text twice as big, on a slow line, and by a reader of eleven?"""

from __future__ import annotations

import re

from playwright.sync_api import Response

from tests.browser.conftest import Visitor
from tests.reading_age import reading_age
from tests.web.filling import bus
from tests.web.test_look_again import refused

MOST_BYTES = 100_000


def _tab_to(visitor: Visitor, name: str, *, most: int = 60) -> int:
    """Press Tab until the thing with these words has the focus. Answers how often."""
    for pressed in range(1, most + 1):
        visitor.page.keyboard.press("Tab")
        words = visitor.page.evaluate("document.activeElement.innerText || document.activeElement.value")
        if words and words.strip().startswith(name):
            return pressed
    raise AssertionError(f"{name} cannot be reached with the keyboard")


def test_a_person_says_yes_with_the_keyboard_alone(anywhere: Visitor) -> None:
    world = anywhere.world
    offer = f"/{world.slug}/me/offers/{world.offers['board-jo']}"
    anywhere.page.goto(anywhere.url + world.link("person", "jo", goes_to=offer))
    assert _tab_to(anywhere, "Skip to main content") == 1
    _tab_to(anywhere, "Sign me in")
    anywhere.page.keyboard.press("Enter")
    anywhere.page.wait_for_url(f"**{offer}")
    anywhere.page.keyboard.press("Tab")
    anywhere.page.keyboard.press("Enter")
    assert anywhere.page.evaluate("document.activeElement.id") == "main-content"
    _tab_to(anywhere, "Yes, I will take part")
    anywhere.page.keyboard.press("Enter")
    anywhere.page.wait_for_url("**/answered")
    assert anywhere.sees("You said yes. Thank you.")


def test_an_error_summary_takes_the_focus_and_leads_to_its_field(visitor: Visitor) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/bank")
    visitor.press("Save")
    focused = "document.activeElement.classList.contains('govuk-error-summary')"
    visitor.page.wait_for_function(focused)
    visitor.follow("Enter a sort code")
    assert visitor.page.evaluate("document.activeElement.id") == "sort_code"


def test_nothing_is_lost_sideways_with_text_twice_as_big(anywhere: Visitor) -> None:
    world = anywhere.world
    world.tick("jo")
    anywhere.sign_in("person", "jo")
    claim = world.claims_of("jo")[0].id
    leaves = ("", f"/offers/{world.offers['board-jo']}", f"/claims/{claim}", "/payment-method/bank")
    for path in (*leaves, "/statement", "/letter", "/my-data/erase"):
        anywhere.open(f"/me{path}")
        anywhere.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert anywhere.page.evaluate("document.documentElement.scrollWidth") <= anywhere.width, path
    anywhere.look("text-twice-as-big")


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
    world.tick("wei")
    one, no = refused(world)
    bus(one, world)
    claim = next(claim.id for claim in world.claims_of("jo") if claim.with_fee)
    cost = f"/me/costs/{world.sessions['brew']}"
    visitor.sign_in("person", "jo")
    paths = (
        "",
        "/how-we-work-out-your-money",
        "/privacy",
        "/cookies",
        "/sign-in",
        "/sign-in/lost",
        "/me/again",
        "/me",
        f"/me/offers/{world.offers['board-jo']}",
        f"/me/offers/{world.offers['board-jo']}/question",
        f"/me/offers/{world.offers['board-jo']}/before/wish",
        f"/me/offers/{world.offers['brew-jo']}",
        f"/me/claims/{claim}",
        "/me/payment-method/choose",
        "/me/payment-method/bank",
        f"{cost}/kind",
        f"{cost}/receipt",
        f"{cost}/check",
        f"/me/claims/{no.id}",
        f"/me/claims/{no.id}/receipt",
        f"/me/claims/{no.id}/look-again",
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
