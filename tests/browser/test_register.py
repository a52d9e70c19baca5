"""What a facilitator does with a phone at the end of a session, with a signal and without."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Browser, expect

from service.events import Actor
from service.people import actions as people
from service.people import queries as known
from service.sessions import actions as sessions
from service.sessions import moving, queries
from service.sessions.actions import NewOffer, Tick
from tests.browser.conftest import Visitor
from tests.web.world import World


def _twenty(world: World) -> None:
    """With Jo and Wei, twenty people have said yes."""
    with world.db.council(world.council_id) as session:
        key = {"council_id": world.council_id, "now": world.now}
        for number in range(18):
            person = people.add(session, name=f"Person {number + 1:02}", actor=world.lead, **key)
            place = NewOffer(person.id, "participant")
            offer = sessions.offer(
                session, session_id=world.sessions["brew"], given=place, actor=world.lead, **key
            )
            sessions.accept(session, offer_id=offer.id, actor=Actor("person", person.id), **key)


def _came(world: World) -> int:
    with world.db.council(world.council_id) as session:
        rows = queries.register(session, council_id=world.council_id, session_id=world.sessions["brew"])
    return sum(row.attended for row in rows)


def _register(visitor: Visitor) -> str:
    return f"/staff/sessions/{visitor.world.sessions['brew']}/register"


def test_a_facilitator_ticks_twenty_people_by_leaving_three_out(anybody: Visitor) -> None:
    _twenty(anybody.world)
    anybody.sign_in("staff", "fay")
    anybody.open(_register(anybody))
    anybody.page.get_by_role("button", name="Everybody came").click()
    # Without JavaScript the page comes again first.
    expect(anybody.tick("Person 18")).to_be_checked()
    for name in ("Person 03", "Person 11", "Person 18"):
        anybody.tick(name).uncheck()
    anybody.press("Save the register")
    assert anybody.sees("17 people came.")
    assert _came(anybody.world) == 17


def test_a_facilitator_loses_the_signal_and_nothing_is_lost(visitor: Visitor, browser: Browser) -> None:
    """No signal while ticking, a tab that is closed, the signal back: all arrives, once, by itself."""
    world, page = visitor.world, visitor.page
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    visitor.look("staff-register")
    page.get_by_text("Another time for Jo Marsh").click()
    page.get_by_label("Minutes for Jo Marsh").fill("30")
    page.get_by_label("Minutes for Jo Marsh").blur()
    page.get_by_text("Participant: £7.75").or_(page.get_by_text(": £7.75")).first.wait_for()
    page.context.set_offline(True)
    visitor.tick("Jo Marsh").check()
    visitor.press("Save the register", leads_on=False)
    page.get_by_text("Saved on this phone, not yet sent.").wait_for()
    visitor.look("staff-register-no-signal")
    visitor.tick("Wei Chen").check()
    assert _came(world) == 0
    # The phone is put away, and the page is opened again somewhere with a signal: the one before is closed by
    # then, so that only one of them sends what is kept and shows what came of it.
    page.goto("about:blank")
    page.context.set_offline(False)
    visitor.open(_register(visitor))
    page.get_by_text("2 people came.").wait_for()
    assert _came(world) == 2
    page.reload()
    assert not visitor.sees("not yet sent")
    world.drain()
    assert [claim.total_pence for claim in world.claims_of("jo")] == [775]


def test_what_is_ticked_while_a_save_takes_long_is_saved_after_it(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    with world.db.council(world.council_id) as session:
        moving.locked(session, world.council_id, world.sessions["brew"])
        visitor.tick("Jo Marsh").check()
        visitor.press("Save the register", leads_on=False)
        visitor.page.get_by_text("Saving…").wait_for()
        visitor.tick("Wei Chen").check()
    visitor.page.get_by_text("2 people came.").wait_for()
    assert _came(world) == 2
    assert not visitor.sees("kept on this phone")


def test_what_a_phone_kept_undoes_nothing_of_what_others_saved_since(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    visitor.tick("Jo Marsh").check()
    page.goto("about:blank")
    _saved_elsewhere(world, "wei")
    visitor.open(_register(visitor))
    assert visitor.sees("These ticks are kept on this phone and are not saved yet.")
    visitor.press("Save the register")
    assert visitor.sees("2 people came.")
    # A line that somebody else has changed since is shown as they saved it, and is not written over.
    visitor.tick("Wei Chen").uncheck()
    page.goto("about:blank")
    _saved_elsewhere(world, "wei", minutes=30)
    visitor.open(_register(visitor))
    assert visitor.tick("Wei Chen").is_checked()
    assert not visitor.sees("kept on this phone")
    # What nobody pressed save for is of its day.
    visitor.tick("Jo Marsh").uncheck()
    page.goto("about:blank")
    page.clock.set_fixed_time(world.now + timedelta(days=1))
    visitor.open(_register(visitor))
    assert visitor.tick("Jo Marsh").is_checked()
    assert not visitor.sees("kept on this phone")
    assert _came(world) == 2


def _saved_elsewhere(world: World, who: str, *, minutes: int | None = None) -> None:
    """The lead ticks somebody at their desk."""
    with world.db.council(world.council_id) as session:
        sessions.tick_register(
            session,
            council_id=world.council_id,
            session_id=world.sessions["brew"],
            ticks=[Tick(world.people[who], True, minutes)],
            actor=world.lead,
            now=world.now,
        )


def test_somebody_who_drops_in_while_there_is_no_signal_is_added_once(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    page.get_by_text("Add somebody who dropped in").click()
    page.get_by_label("Their name").fill("Nia New")
    visitor.press("Find them")
    page.get_by_label("Somebody new: Nia New").check()
    page.get_by_label("In which role?").select_option("Taking part")
    page.context.set_offline(True)
    # Save is pressed, one more is ticked, save is pressed again; then the phone is put away.
    for name in ("Jo Marsh", "Wei Chen"):
        visitor.tick(name).check()
        visitor.press("Save the register", leads_on=False)
        page.get_by_text("Saved on this phone, not yet sent.").wait_for()
    page.goto("about:blank")
    page.context.set_offline(False)
    visitor.open(_register(visitor))
    page.get_by_text("3 people came.").wait_for()
    assert page.get_by_label("Their name").input_value() == ""
    with world.db.council(world.council_id) as session:
        assert len(known.find(session, council_id=world.council_id, words="Nia New")) == 1
    assert _came(world) == 3


def test_ticks_that_nobody_saved_are_there_again_after_the_page_was_closed(visitor: Visitor) -> None:
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    visitor.tick("Jo Marsh").check()
    visitor.page.reload()
    assert visitor.sees("These ticks are kept on this phone and are not saved yet.")
    assert visitor.tick("Jo Marsh").is_checked()
    assert _came(visitor.world) == 0
    visitor.press("Save the register")
    assert visitor.sees("1 person came.")


def test_the_signal_comes_back_while_the_page_is_open(visitor: Visitor) -> None:
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    visitor.page.context.set_offline(True)
    visitor.press("Everybody came", leads_on=False)
    visitor.press("Save the register", leads_on=False)
    visitor.page.get_by_text("Saved on this phone, not yet sent.").wait_for()
    visitor.page.context.set_offline(False)
    visitor.page.get_by_text("2 people came.").wait_for()
    assert _came(visitor.world) == 2


def test_a_facilitator_gives_another_time_and_adds_somebody_who_dropped_in(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    visitor.tick("Jo Marsh").check()
    page.get_by_text("Another time for Jo Marsh").click()
    page.get_by_label("Minutes for Jo Marsh").fill("half an hour")
    visitor.press("Save the register", leads_on=False)
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert visitor.sees("Enter how many minutes they were there, like 45")
    assert page.get_by_label("Minutes for Jo Marsh").input_value() == "half an hour"
    visitor.look("staff-register-error")
    page.get_by_label("Minutes for Jo Marsh").fill("30")
    page.get_by_text("Add somebody who dropped in").click()
    page.get_by_label("Their name").fill("Tom")
    visitor.press("Find them")
    page.get_by_label("Tom Price").check()
    visitor.look("staff-register-drop-in")
    page.get_by_label("In which role?").select_option("Taking part")
    page.get_by_label("Yes", exact=True).check()
    visitor.press("Save the register")
    assert visitor.sees("2 people came.")
    world.drain()
    assert [claim.total_pence for claim in world.claims_of("jo")] == [775]
    assert [claim.total_pence for claim in world.claims_of("tom")] == [1550]


def test_two_facilitators_who_differ_see_it(visitor: Visitor, browser: Browser) -> None:
    world = visitor.world
    visitor.sign_in("staff", "fay")
    visitor.open(_register(visitor))
    context = browser.new_context()
    other = Visitor(context.new_page(), world, visitor.url, 1280)
    other.sign_in("staff", "sam")
    other.open(_register(visitor))
    other.tick("Wei Chen").check()
    other.page.get_by_text("Another time for Wei Chen").click()
    other.page.get_by_label("Minutes for Wei Chen").fill("20")
    other.press("Save the register")
    context.close()
    visitor.tick("Jo Marsh").check()
    visitor.tick("Wei Chen").check()
    visitor.press("Save the register")
    assert visitor.sees("2 people came.")
    assert visitor.sees("Sam Field changed Wei Chen while you had this page open, to: came, for 20 minutes.")
    visitor.look("staff-register-two-at-once")
