"""Can somebody in finance close a month, and only a colleague open it again, by page alone?"""

from __future__ import annotations

from service.councils import actions as councils
from service.days import london_day, utc_now
from service.reports.tables import BookCheck
from tests.browser.conftest import Visitor


def test_a_month_is_closed_by_one_and_opened_by_another(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    today = london_day(utc_now())
    month, named = f"{today:%Y-%m}", f"{today:%B %Y}"
    with world.db.council(world.council_id) as session:
        mia = councils.add_staff(
            session,
            council_id=world.council_id,
            email="mia@example.org",
            name="Mia Ledger",
            roles=("finance",),
            now=world.now,
        )
        world.staff["mia"] = mia.id
    visitor.sign_in("staff", "kim")
    visitor.open("/staff/ledger")
    assert visitor.sees("Fees for people's time")
    visitor.press(f"Close {named}")
    assert visitor.sees(f"Close {named}?")
    visitor.press(f"Close {named}")
    assert visitor.sees(f"{named}: closed")
    assert visitor.sees("Closed by Kim Doyle.")
    visitor.look("staff-ledger-closed")
    visitor.press(f"Open {named} again")
    visitor.page.get_by_label("Why must it be opened again?").fill("A bill came late.")
    visitor.press(f"Open {named} again")
    assert (
        visitor.page.get_by_role("alert")
        .inner_text()
        .startswith("There is a problem\nYou closed this month.")
    )
    visitor.look("staff-ledger-same-person")
    visitor.sign_in("staff", "mia")
    visitor.open(f"/staff/ledger/months/{month}/reopen")
    visitor.page.get_by_label("Why must it be opened again?").fill("A bill came late.")
    visitor.press(f"Open {named} again")
    assert visitor.sees(f"{named}: open again")
    assert visitor.sees("Closed by Kim Doyle, opened again by Mia Ledger.")


def test_a_breach_is_shown_to_finance_and_operations(visitor: Visitor) -> None:
    world = visitor.world
    sentence = "clm_01m8c8wy615jfebp2shdc4ncgc is paid, and the ledger has 0 pence paid for it."
    with world.db.council(world.council_id) as session:
        session.add(
            BookCheck(
                council_id=world.council_id,
                checked_at=world.now,
                whole_at=world.now,
                clean_at=None,
                found=[sentence],
            )
        )
    for who, place in (("kim", "ledger"), ("oli", "machine")):
        visitor.sign_in("staff", who)
        visitor.open(f"/staff/{place}")
        assert visitor.sees("1 thing does not agree.")
        assert visitor.sees(sentence.replace("0 pence", "£0.00"))
        visitor.look(f"staff-{place}-breach")
