"""Does one page tell the whole way of a claim, from the offer to the money, and who has it now?"""

from __future__ import annotations

import re

from tests.web.world import STAFF, World


def steps(page: str) -> list[str]:
    """What has happened, oldest first."""
    return re.findall(r"<p><strong>([^<]+)</strong></p>", page)[::-1]


def test_from_the_offer_to_the_money_on_one_page(world: World) -> None:
    world.tick("jo")
    (claim,) = world.claims_of("jo")
    page = world.client("person", "jo").get(f"/{world.slug}/me/claims/{claim.id}").text
    assert steps(page) == [
        "We asked you to come: £15.50",
        "You said yes: £15.50",
        "We wrote down that you came",
        "The register says that you came, so we worked out your money",
        "It was agreed by the council&#39;s own rules",
        "We sent the money: £15.50",
        "You were paid: £15.50",
    ]
    assert "We promised it by" in page
    (offer,) = re.findall(r'href="([^"]+)">See what we offered before the day', page)
    assert offer == f"/{world.slug}/me/offers/{world.offers['brew-jo']}"
    assert not [name for name, _ in STAFF.values() if name in page]


def test_who_has_it_now_is_said_on_both_pages(world: World) -> None:
    world.tick("jo", "wei")
    (claim,) = world.claims_of("wei")
    client, at = world.client("person", "wei"), f"/{world.slug}/me"
    assert "Who has it now: you." in client.get(at).text
    assert "It is with you now." in client.get(f"{at}/claims/{claim.id}").text
    (paid,) = world.claims_of("jo")
    client = world.client("person", "jo")
    assert "Who has it now" not in client.get(at).text
    assert "It is with" not in client.get(f"{at}/claims/{paid.id}").text
