"""Do the pages about the books call things by their names, and sums by pounds?"""

from __future__ import annotations

import re

import pytest

from service.days import london_day
from service.reports.tables import BookCheck
from service.web import wording
from tests.web.test_sign_in import send
from tests.web.world import World


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(("who", "place"), [("kim", "ledger"), ("oli", "machine")])
def test_what_does_not_agree_is_named_in_pounds(world: World, who: str, place: str) -> None:
    world.tick("jo")
    (claim,), (payment,) = world.claims_of("jo"), world.payments_of("jo")
    found = [
        f"{claim.id} is paid, and the ledger has 0 pence paid for it.",
        f"{payment.id} is paid for 1550 pence, and the ledger has 1551 pence of it.",
    ]
    with world.db.council(world.council_id) as session:
        key = {"council_id": world.council_id, "checked_at": world.now, "whole_at": world.now}
        session.merge(BookCheck(**key, clean_at=None, found=found))
    page = world.client("staff", who).get(f"/{world.slug}/staff/{place}").text
    assert "The claim of Jo Marsh is paid, and the ledger has £0.00 paid for it." in words_of(page)
    said = "The payment of £15.50 to Jo Marsh is paid for £15.50, and the ledger has £15.51 of it."
    assert said in words_of(page)
    assert claim.id not in words_of(page)
    if who == "kim":
        assert f'href="/{world.slug}/staff/payments/{payment.id}/advice"' in page


def test_each_code_that_is_missing_is_named(world: World) -> None:
    kim = world.client("staff", "kim")
    at = f"/{world.slug}/staff/ledger/codes"
    before = kim.get(at).text.count("Your own")
    _, page = send(kim, at, line="", subjective="", vat_code="x" * 31)
    for name in ("what the line is for", "the subjective code", "the VAT code"):
        assert f"Enter {name} in 1 to 30 letters or figures" in page
    assert kim.get(at).text.count("Your own") == before


def test_no_sum_and_no_month_is_left_as_a_code(world: World) -> None:
    world.tick("jo")
    kim = world.client("staff", "kim")
    for place in ("ledger", "ledger/statement"):
        page = words_of(kim.get(f"/{world.slug}/staff/{place}").text)
        assert "£0.00" in page
        assert "None" not in page
    today = london_day(world.now)
    assert wording.month(f"{today:%Y-%m}") in page
    assert f"{today:%Y-%m}" not in page
