"""Which of a person's pages open to whoever acts for them, and what do they not see there?

Closed unless named here: a page that somebody adds is the person's own until this table says otherwise. Where
money goes, how the person is reached, their own line, their own data and who helps them are never named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, g
from werkzeug.exceptions import HTTPException

from service.errors import Forbidden
from service.people.helping import ANSWER, COSTS, SEE
from service.web import here
from service.web.person.shapes import ClaimPage, Entry, Money, MyPage, OfferPage

# Whoever acts on somebody's money by a document.
FOR_ATTORNEYS = ("web.me.paid.", "web.me.by_stripe.", "web.me.sign_in_again.", "web.me.my_page.sign_out")

# Page → what a helper must be allowed to do. Seeing opens a page to look, and never to send anything.
FOR_HELPERS = {
    "web.me.my_page.mine": SEE,
    "web.me.offers.show": SEE,
    "web.me.easy.offer": SEE,
    "web.me.offers.yes": ANSWER,
    "web.me.offers.no": ANSWER,
    "web.me.offers.answered": ANSWER,
    "web.me.offers.cannot_come": ANSWER,
    "web.me.asks.question": ANSWER,
    "web.me.asks.asked": ANSWER,
    "web.me.claims.show": SEE,
    "web.me.easy.claim": SEE,
    "web.me.claims.answer": COSTS,
    "web.me.costs.begin": COSTS,
    "web.me.costs.ask": COSTS,
    "web.me.costs.check": COSTS,
    "web.me.costs.sum_as_typed": COSTS,
    "web.me.costs.remove": COSTS,
    "web.me.costs.throw_away": COSTS,
    "web.me.costs.sent": COSTS,
    "web.me.receipts.remove": COSTS,
    "web.me.receipts.add": COSTS,
    "web.me.receipts.show": COSTS,
}
# About the helper themselves: leaving, and another person whom they help.
OF_HELPERS = ("web.me.my_page.sign_out", "web.me.helping.leave", "web.me.helping.change")


def is_open(endpoint: str, method: str) -> bool:
    """Whether whoever looks may open a page, or send something to it."""
    who = here.me()
    if who.kind == "person":
        return endpoint not in OF_HELPERS or endpoint == "web.me.my_page.sign_out"
    if who.kind == "attorney":
        return endpoint.startswith(FOR_ATTORNEYS)
    if endpoint in OF_HELPERS:
        return True
    needed = FOR_HELPERS.get(endpoint)
    if needed == SEE and method not in ("GET", "HEAD"):
        return False
    return needed in who.may


def refuse_where_closed(endpoint: str, method: str) -> None:
    """Raises `Forbidden`, with what whoever acts may do."""
    if is_open(endpoint, method):
        return
    who = here.me()
    if who.kind == "attorney":
        raise Forbidden("You may say how this person is paid. The rest of their pages is theirs alone.")
    if who.kind == "helper":
        raise Forbidden(f"This is for {who.name} alone. If it needs doing, they can do it on their own page.")
    raise Forbidden("This page is for somebody who helps another person.")


def opens(address: str, method: str = "GET") -> bool:
    """The same for an address of this site: so that no page shows a link or a button that is closed."""
    if g.get("me") is None or here.me().kind == "person":
        return True
    try:
        endpoint, _ = current_app.url_map.bind("").match(address.partition("?")[0], method=method)
    except HTTPException:
        return False
    return is_open(str(endpoint), method)


# What is left out where a page is open. How money comes can be money: a voucher's number, say.


def my_page(page: MyPage) -> MyPage:
    """A person's page as whoever looks may see it."""
    who = here.me()
    if who.kind == "person":
        return page
    parts = ("late", "to_do", "coming", "just_been", "rest", "earlier")
    shown: dict[str, Any] = {
        part: tuple(_entry(one) for one in getattr(page, part) if opens(one.href)) for part in parts
    }
    return replace(
        page,
        **shown,
        may_claim_for=tuple(one for one in page.may_claim_for if opens(f"{one[0]}/kind")),
        paid_how="",
        proposed=False,
        overpaid=(),
        past_line=(),
        unsent=tuple(one for one in page.unsent if opens(one.href)),
    )


def _entry(entry: Entry) -> Entry:
    alone = f"{here.me().name} has to do this themselves."
    if entry.on_top or (entry.next_href and not opens(entry.next_href)):
        entry = replace(entry, on_top=None, next_step=alone, next_href="")
    return replace(entry, money=_money(entry.money), chosen="")


def _money(money: tuple[Money, ...]) -> tuple[Money, ...]:
    return tuple(replace(one, why="", reference="") for one in money)


def offer_page(page: OfferPage) -> OfferPage:
    """An offer as whoever looks may see it."""
    return page if here.me().kind == "person" else replace(page, paid_how="", way_unknown=False)


def claim_page(page: ClaimPage) -> ClaimPage:
    """A claim as whoever looks may see it."""
    if here.me().kind == "person":
        return page
    return replace(
        page,
        money=_money(page.money),
        may_take_back=False,
        may_change=False,
        may_add_receipt=page.may_add_receipt and opens(f"{here.at()}/me/claims/{page.id}/receipt"),
        may_correct=False,
        add_cost=page.add_cost if page.add_cost and opens(f"{page.add_cost}/kind") else "",
        on_top=None,
        overpaid=(),
        less="",
        receipts=tuple(one for one in page.receipts if opens(f"{here.at()}/me/receipts/{one.id}")),
    )
