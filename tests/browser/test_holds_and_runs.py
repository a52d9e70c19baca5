"""What finance does when money must wait: hold it, start a run, have it released by somebody else."""

from __future__ import annotations

from datetime import UTC, datetime

from service.events import SYSTEM
from service.policy import actions as policies
from tests.browser.conftest import Visitor
from tests.payouts import leaving


def _runs(visitor: Visitor) -> None:
    """From now on payments go together, and a second person releases each run."""
    world = visitor.world
    sources = leaving.sources(version="9.0", runs=leaving.EVERY_DAY, second="{run_above: £1.00}")
    with world.db.council(world.council_id) as session:
        policies.adopt(
            session, council_id=world.council_id, sources=sources, actor=SYSTEM, now=datetime.now(UTC)
        )
    world.drain()


def test_finance_holds_everything_and_releases_it(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "kim")
    visitor.follow("Holds")
    assert visitor.sees("Nothing is on hold.")
    visitor.look("staff-holds-none")
    visitor.press("Hold payments")
    visitor.press("Hold now")
    assert visitor.sees("Choose what to hold")
    visitor.look("staff-hold-new-error")
    visitor.page.get_by_label("All payments of this council").check()
    visitor.page.get_by_label("Why?").fill("The bank has asked us to wait until Thursday.")
    visitor.look("staff-hold-new")
    visitor.press("Hold now")
    visitor.look("staff-holds")
    world.tick("jo")
    visitor.open("/staff/payments")
    assert visitor.sees("The bank has asked us to wait until Thursday.")
    assert visitor.sees("All payments of this council are on hold.")
    visitor.look("staff-payments-on-hold")
    visitor.follow("Release")
    visitor.look("staff-hold-release")
    visitor.press("Release it")
    assert visitor.sees("Holds that have ended")
    world.drain()
    visitor.open("/staff/payments")
    assert visitor.sees("Paid")
    visitor.sign_in("person", "jo")
    visitor.look("my-page-paid-after-a-hold")


def test_a_run_is_started_by_one_and_released_by_another(visitor: Visitor) -> None:
    _runs(visitor)
    visitor.world.tick("jo")
    visitor.sign_in("person", "jo")
    assert visitor.sees("It goes with the payments of")
    visitor.look("my-page-next-run")
    visitor.sign_in("staff", "kim")
    visitor.follow("Payment runs")
    visitor.look("staff-runs-waiting")
    visitor.press("Start a run now: Pretend bank")
    visitor.look("staff-run-new")
    visitor.press("Start it")
    visitor.world.drain()
    visitor.page.reload()
    assert visitor.sees("Waits for a second person")
    assert visitor.sees("You opened this, so somebody else has to release it.")
    visitor.look("staff-run-waiting")
    there = "/staff/payments/runs"
    visitor.sign_in("staff", "sam")
    visitor.open(there)
    visitor.page.locator("main .rcp-card a").first.click()
    visitor.press("Release this run")
    visitor.world.drain()
    visitor.page.reload()
    assert visitor.sees("1 paid.")
    visitor.look("staff-run-paid")


def test_the_page_says_when_there_is_no_money(visitor: Visitor) -> None:
    world = visitor.world
    world.hands.sandbox.set_funds(council_id=world.council_id, pence=0)
    world.tick("jo")
    visitor.sign_in("staff", "kim")
    assert visitor.sees("Waiting for money")
    visitor.look("staff-payments-no-money")
