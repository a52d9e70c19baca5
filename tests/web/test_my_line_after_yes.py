"""What becomes of a choice when the fee changes after the yes, or when the register was ticked by mistake?"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from service.days import LONDON
from service.own_data import queries as own_data
from service.sessions import actions as sessions
from service.tasks import NEXT, relay
from tests.web.lines import Jo, boxes
from tests.web.test_paid import post


def test_who_takes_less_after_their_yes_keeps_it_and_the_day_that_they_chose(monday: Any, jo: Jo) -> None:
    jo.sets("40")
    first, second = jo.offered(date(2026, 12, 2)), jo.offered(date(2026, 12, 3), title="Second")
    jo.presses_yes(first)
    assert "Yes, and pay me on Monday 7 December 2026" in jo.presses_yes(second)
    post(jo.client, f"{jo.at}/line/offers/{second}", choice="first")
    jo.world.drain()
    page = post(jo.client, f"{jo.at}/line/fees/{second}", choice="less", amount="30").text
    assert "You chose Monday 7 December 2026." in page
    jo.world.drain()
    row = jo.offer(second)
    assert (row.state, row.accept_pence) == ("accepted", 3000)
    (choice,) = [one for one in jo.choices() if one.offer_id == second]
    assert (choice.answer, choice.day) == ("later", date(2026, 12, 7))
    with jo.world.db.council(jo.world.council_id) as session:
        told = session.connection().exec_driver_sql("SELECT subject FROM notices").scalars().all()
    assert "You take £30.00: Second" in told
    assert not [subject for subject in told if "cannot come" in subject and "Second" in subject]
    monday.move_to(datetime(2026, 12, 3, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Second")
    (payment,) = jo.world.payments_of("jo")
    assert (payment.amount_pence, payment.state, payment.own_day) == (3000, "held", date(2026, 12, 7))


def test_a_fee_that_a_slip_took_back_is_still_to_come(monday: Any, jo: Jo) -> None:
    """Ticked by mistake before the day, and un-ticked: the yes stands, and so does all that it promises."""
    jo.sets("30")
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    post(jo.client, f"{jo.at}/line/offers/{offer_id}", choice="now")
    slip(jo, "Board", attended=True)
    (claim,) = jo.world.claims_of("jo")
    assert claim.state == "approved"
    insists(jo, claim.id, date(2026, 12, 20))
    slip(jo, "Board", attended=False)
    (claim,) = jo.world.claims_of("jo")
    assert claim.state == "withdrawn"
    assert "It counts on Wednesday 2 December 2026" in " ".join(jo.read("/line").split())
    mine = jo.read()
    assert "You do not need to do anything before the day." in mine
    with jo.world.db.council(jo.world.council_id) as session:
        given = {"council_id": jo.world.council_id, "person_id": jo.world.people["jo"]}
        open_now = own_data.still_open(session, **given, now=datetime.now(LONDON))
    assert "A session that you said yes to: Board" in [one.what for one in open_now]
    chosen = date(2026, 12, 8)
    insists(jo, offer_id, chosen)
    assert [(row.answer, row.day, row.claim_id) for row in jo.choices()] == [("later", chosen, None)]
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    assert jo.world.payments_of("jo")[0].own_day == chosen


def test_a_fee_whose_day_is_over_counts_as_if_it_came_today(monday: Any, jo: Jo) -> None:
    """A week later nobody has said that they came, and it is no longer to come."""
    jo.sets("40")
    jo.presses_yes(jo.offered(date(2026, 12, 2)))
    monday.move_to(datetime(2026, 12, 9, 12, tzinfo=LONDON))
    jo.client = jo.world.client("person", "jo")
    page = " ".join(jo.read("/line").split())
    assert "It counts on Wednesday 9 December 2026." in page
    assert '£36.00</span> is paid or promised. <span class="rcp-figure">£4.00</span> is left.' in page
    monday.move_to(datetime(2026, 12, 10, 12, tzinfo=LONDON))
    jo.client = jo.world.client("person", "jo")
    page = " ".join(jo.read("/line").split())
    assert "Board" not in page
    assert '£0.00</span> is paid or promised. <span class="rcp-figure">£40.00</span> is left.' in page


def insists(jo: Jo, fee_id: str, day: date) -> None:
    """Choose a day on which the fee would pass the line as well, and say so again."""
    path = f"{jo.at}/line/fees/{fee_id}"
    page = post(jo.client, path, choice="later", **boxes(day)).text
    (sure,) = re.findall(r'name="sure" value="([^"]+)"', page)
    post(jo.client, path, choice="later", sure=sure, **boxes(day))


def slip(jo: Jo, title: str, *, attended: bool) -> None:
    """Somebody writes on the register, and all that follows is done, but no money leaves."""
    world = jo.world
    with world.db.council(world.council_id) as session:
        sessions.tick_register(
            session,
            council_id=world.council_id,
            session_id=world.sessions[title],
            ticks=[sessions.Tick(world.people["jo"], attended)],
            actor=world.lead,
            now=datetime.now(LONDON),
        )
    staying = {name: tasks for name, tasks in NEXT.items() if name != "payout.ready"}
    relay.drain(world.hands, following=staying)
