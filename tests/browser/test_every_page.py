"""Is every page readable by everybody? Each is opened in two widths, kept as a picture, checked with axe."""

from __future__ import annotations

from tests.browser.conftest import Visitor

PUBLIC = {
    "home": "",
    "how-we-work-out-your-money": "/how-we-work-out-your-money",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "cookies": "/cookies",
    "sign-in": "/sign-in",
    "sign-in-sent": "/sign-in/sent",
    "no-such-page": "/there-is-no-such-page",
}


def test_the_public_pages(visitor: Visitor) -> None:
    visitor.page.goto(visitor.url)
    visitor.look("which-council")
    for name, path in PUBLIC.items():
        status = 404 if name == "no-such-page" else 200
        visitor.open(path, status=status)
        visitor.look(name, status=status)


def test_the_pages_of_a_person(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    claim, session = world.claims_of("jo")[0].id, world.sessions["brew"]
    visitor.page.goto(visitor.url + world.link("person", "jo"))
    visitor.look("link")
    visitor.press("Sign me in")
    pages = {
        "my-page": "",
        "offer": f"/offers/{world.offers['board-jo']}",
        "offer-less": f"/offers/{world.offers['board-jo']}/less",
        "claim-paid": f"/claims/{claim}",
        "cost-kind": f"/costs/{session}/kind",
        "paid-now": "/payment-method",
        "paid-choose": "/payment-method/choose",
        "paid-bank": "/payment-method/bank",
        "sign-out": "/sign-out",
    }
    for name, path in pages.items():
        visitor.open(f"/me{path}")
        visitor.look(name)


def test_the_page_of_a_person_who_has_not_said_how_to_be_paid(visitor: Visitor) -> None:
    visitor.world.tick("wei")
    visitor.sign_in("person", "wei")
    assert visitor.sees("Tell us how you would like to be paid")
    visitor.look("my-page-waiting")


def test_the_pages_of_a_lead(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    visitor.sign_in("staff", "sam")
    session, claim = world.sessions["brew"], world.claims_of("jo")[0].id
    pages = {
        "sessions": "/sessions",
        "session-new": "/sessions/new",
        "session": f"/sessions/{session}",
        "session-ask": f"/sessions/{session}/ask",
        "register": f"/sessions/{session}/register",
        "approvals": "/approvals",
        "claim-decided": f"/claims/{claim}",
        "payments": "/payments",
        "people": "/people",
        "person-new": "/people/new",
        "person": f"/people/{world.people['jo']}",
        "person-paid": f"/people/{world.people['jo']}/paid",
        "policy": "/policy",
        "messages": "/messages",
        "staff-sign-out": "/sign-out",
    }
    for name, path in pages.items():
        visitor.open(f"/staff{path}")
        visitor.look(f"staff-{name}")


def test_the_page_for_operations(visitor: Visitor) -> None:
    visitor.sign_in("staff", "oli")
    assert visitor.sees("Queues, and who waits behind each")
    visitor.look("staff-machine")


def test_the_pages_for_finance(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    visitor.sign_in("staff", "kim")
    pages = {
        "ledger": "/ledger",
        "ledger-statement": "/ledger/statement",
        "ledger-statement-one": "/ledger/statement?account=fees&since-day=1&since-month=1&since-year=26",
        "ledger-statement-wrong-day": "/ledger/statement?since-day=31&since-month=2&since-year=2026",
        "ledger-codes": "/ledger/codes",
        "ledger-month-close": "/ledger/months/2026-10/close",
        "ledger-month": "/ledger/months/2026-10/reopen",
    }
    for name, path in pages.items():
        visitor.open(f"/staff{path}")
        visitor.look(f"staff-{name}")
    visitor.press("Open October 2026 again")
    visitor.look("staff-ledger-month-wrong")
    visitor.open("/staff/ledger/codes")
    visitor.press("Set this code")
    visitor.look("staff-ledger-codes-wrong")


def test_a_page_that_a_role_does_not_open(visitor: Visitor) -> None:
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/people", status=403)
    assert visitor.sees("Your role does not open this page.")
    visitor.look("staff-not-allowed", status=403)
