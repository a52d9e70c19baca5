"""Can it be used with a keyboard alone, with text twice as big, on a slow line, and by a reader of eleven?"""

from __future__ import annotations

from playwright.sync_api import Response

from tests.browser.conftest import Visitor
from tests.browser.reading import age_of
from tests.browser.test_helping import helper_signs_in
from tests.web.filling import bus
from tests.web.test_helpers import named
from tests.web.test_look_again import refused
from tests.web.test_look_again_in_part import costs_in_part

MOST_BYTES = 100_000
# Years: what the words of a page may ask of a reader.
OLDEST = 11.0


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


def reads(visitor: Visitor, *paths: str) -> None:
    """Every one of these pages can be read at eleven. The worst come first."""
    ages = {}
    for path in paths:
        visitor.open(path)
        ages[path] = age_of(visitor.page)
    worst = sorted(((age, path) for path, age in ages.items() if age > OLDEST), reverse=True)
    assert worst == []


def test_the_pages_that_everybody_sees_can_be_read_at_eleven(visitor: Visitor) -> None:
    public = ("", "/how-we-work-out-your-money", "/privacy", "/cookies", "/accessibility")
    reads(visitor, *public, "/sign-in", "/sign-in/sent", "/sign-in/lost", "/sign-in/lost/sent")


def test_the_pages_of_a_person_can_be_read_at_eleven(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("wei")
    one, no = refused(world)
    bus(one, world)
    named(world)
    part = costs_in_part(world)
    claim = next(claim.id for claim in world.claims_of("jo") if claim.with_fee)
    cost, offer = f"/me/costs/{world.sessions['brew']}", f"/me/offers/{world.offers['board-jo']}"
    payment = world.payments_of("jo")[-1]
    visitor.sign_in("person", "jo")
    reads(
        visitor,
        "/me/again",
        "/me",
        offer,
        *(f"{offer}/{leaf}" for leaf in ("less", "question", "before/category", "before/wish", "asked")),
        f"/me/offers/{world.offers['brew-jo']}",
        f"/me/claims/{claim}",
        *(f"{cost}/{leaf}" for leaf in ("kind", "receipt", "check")),
        f"/me/claims/{no.id}",
        f"/me/claims/{no.id}/receipt",
        f"/me/claims/{no.id}/look-again",
        f"/me/claims/{part.id}",
        f"/me/claims/{part.id}/look-again",
        f"/me/claims/{part.id}/correct",
        f"/me/claims/{part.id}/easy",
        f"{offer}/easy",
        "/me/payments",
        f"/me/payments/{payment.id}",
        *(f"/me/payment-method{leaf}" for leaf in ("", "/choose", "/bank")),
        *(f"/me/messages{leaf}" for leaf in ("", "/way", "/words")),
        *(f"/me/line{leaf}" for leaf in ("/", "/new", "/week")),
        *(f"/me/helpers{leaf}" for leaf in ("", "/did", "/new/who")),
        "/me/statement",
        "/me/statement/days",
        "/me/letter",
        "/me/my-data",
        "/me/my-data/erase",
        "/me/sign-out",
    )


def test_the_pages_of_a_helper_can_be_read_at_eleven(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    (claim,) = world.claims_of("jo")
    helper_signs_in(visitor, named(world))
    leaves = (
        "",
        f"/offers/{world.offers['board-jo']}",
        f"/claims/{claim.id}",
        "/helpers/change",
        "/sign-out",
    )
    reads(visitor, *(f"/me{leaf}" for leaf in leaves))


def test_the_main_pages_of_staff_can_be_read_at_eleven(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("wei")
    _, no = refused(world)
    asked = world.asks("jo", "board-jo", "Is there a lift?")
    visitor.sign_in("staff", "sam")
    session, person = world.sessions["brew"], world.people["jo"]
    leaves = (
        "sessions",
        "sessions/new",
        *(f"sessions/{session}{leaf}" for leaf in ("", "/ask", "/register")),
        "approvals",
        f"claims/{no.id}",
        "questions",
        f"questions/{asked}",
        "payments",
        "people",
        "people/new",
        *(f"people/{person}{leaf}" for leaf in ("", "/paid")),
        "policy",
        "messages",
    )
    reads(visitor, *(f"/staff/{leaf}" for leaf in leaves))
    visitor.sign_in("staff", "kim")
    leaves = ("overpaid", "files", "ledger", "ledger/statement", "exports", "reconciliations", "webhooks")
    reads(visitor, *(f"/staff/{leaf}" for leaf in leaves))
    visitor.sign_in("staff", "oli")
    reads(visitor, "/staff/machine")
