"""What was paid too much: what the person reads and answers, and what staff decide."""

from __future__ import annotations

from service.events import Actor
from service.sessions import actions as sessions
from service.sessions.actions import Tick
from tests.browser.conftest import Visitor
from tests.web.world import World


def ticked(world: World, minutes: int | None, *, attended: bool = True) -> None:
    """The register says something else of Jo now."""
    with world.db.council(world.council_id) as within:
        sessions.tick_register(
            within,
            council_id=world.council_id,
            session_id=world.sessions["brew"],
            ticks=[Tick(world.people["jo"], attended, minutes)],
            actor=Actor("staff", world.staff["fay"]),
            now=world.now,
        )
    world.drain()


def test_what_was_paid_too_much_is_asked_about_and_answered(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    ticked(world, 30)
    visitor.sign_in("person", "jo")
    assert visitor.sees("You do not have to do anything.")
    visitor.look("overpaid-my-page")
    visitor.follow("Read more about")
    visitor.look("overpaid-noted")

    visitor.sign_in("staff", "kim")
    visitor.open("/staff/overpaid")
    visitor.look("overpaid-staff")
    visitor.follow("Jo Marsh")
    visitor.look("overpaid-staff-one")
    visitor.press("Let £7.75 go")
    assert visitor.sees("Say why it is let go")
    visitor.look("overpaid-staff-error")
    visitor.press("Ask whether it may come off later fees")
    world.drain()

    visitor.open("/me")
    visitor.follow("Answer the question")
    visitor.press("Send my answer")
    assert visitor.sees("Say yes or no")
    visitor.look("overpaid-error")
    visitor.page.get_by_label("Yes", exact=True).check()
    visitor.page.get_by_label("How much at most from each fee?").fill("99")
    visitor.press("Send my answer")
    assert visitor.sees("Say how much, from 1p up to all of it")
    visitor.look("overpaid-too-much")
    visitor.page.get_by_label("How much at most from each fee?").fill("5.00")
    visitor.press("Send my answer")
    assert visitor.sees("We take up to £5.00 from each fee")
    visitor.look("overpaid-agreed")
    visitor.press("Stop taking it from my fees")
    assert visitor.sees("You said no. That is fine.")
    visitor.look("overpaid-declined")


def test_more_on_the_register_shows_both_sums_with_reasons(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    ticked(world, 90)
    first = world.claims_of("jo")[-1].id
    visitor.sign_in("person", "jo", goes_to=f"/{world.slug}/me/claims/{first}")
    assert visitor.sees("It comes to £23.25. You had been paid £15.50.")
    visitor.look("corrected-claim")
    visitor.follow("See the £7.75 more, and why")
    assert visitor.sees("In all this comes to £23.25 now. £15.50 was paid before. The difference is £7.75.")
    visitor.look("corrected-difference")
    visitor.sign_in("staff", "sam", goes_to=f"/{world.slug}/staff/claims/{first}")
    visitor.look("corrected-staff")


def test_a_cost_is_met_before_the_day(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "sam", goes_to=f"/{world.slug}/staff/sessions/{world.sessions['board']}")
    visitor.press("A cost before the day")
    visitor.press("Write it down")
    assert visitor.sees("Choose whether money is handed over, or the council books it")
    visitor.look("before-error")
    visitor.page.get_by_label("We give them money first").check()
    visitor.page.get_by_label("Who is it for?").select_option(label="Jo Marsh")
    visitor.page.get_by_label("What is it for?").select_option(label="Bus or tram")
    visitor.page.get_by_label("How much?").fill("4.00")
    visitor.page.get_by_label("Why before the day?").fill("They cannot lay it out.")
    visitor.press("Write it down")
    assert visitor.sees("Somebody else has to agree it, and then it is paid.")
    visitor.look("before-saved")
    world.drain()
    (claim,) = world.claims_of("jo")
    assert (claim.kind, claim.state, claim.total_pence) == ("advance", "waiting", 400)
    visitor.open(f"/staff/claims/{claim.id}")
    visitor.look("before-claim")
