"""May somebody take less of a fee after their yes, with the yes and all that hangs on it as it was?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.days import utc_now
from service.errors import Forbidden, Invalid
from service.events import Actor
from service.sessions import actions, asking, queries
from service.sessions.allowing import LessNow
from service.sessions.asking import CostAsk
from service.sessions.moving import OfferIsOver
from tests.allowances.counting import assert_totals_are_what_is_held, at, counting, offered, stands
from tests.stage import Council, Stage, told

DAYS = ("2026-05-12", "2026-05-13")
WEEK = """
counters: {week_fees: {name: Fees in a week, counts: fee, each: week}}
limits:
  sixty: {clause: "L", sentence: Sixty a week., counter: week_fees, at_most: £60.00, beyond: the part within}
"""


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def soon(council: Council) -> tuple[str, str, str]:
    """A session next week, a person who said yes to it, and their offer of £15.50."""
    starts = utc_now().replace(microsecond=0) + timedelta(days=7)
    session_id, person_id = council.session(ends=starts + timedelta(hours=1)), council.person()
    return session_id, person_id, council.invited(session_id, person_id)


def takes(council: Council, offer_id: str, pence: int, *, actor: Actor | None = None) -> None:
    given: dict[str, Any] = {"council_id": council.id, "offer_id": offer_id, "now": council.stage.clock()}
    with council.stage.hands.db.council(council.id) as session:
        whose = queries.offer(session, council_id=council.id, offer_id=offer_id).person_id
        own = actor or Actor("person", whose)
        actions.take_less(session, accept_pence=pence, actor=own, **given)


def set_aside(council: Council) -> int:
    """What the books say is promised, in pence; it is what the offers say."""
    assert council.breaches() == []
    query = "SELECT coalesce(sum(amount_pence), 0) FROM ledger_postings WHERE account = 'commitments'"
    with council.stage.admin() as line:
        ((pence,),) = line.execute(query).fetchall()
    return int(pence)


def test_the_yes_and_the_cost_that_was_asked_for_stand(council: Council) -> None:
    session_id, person_id, offer_id = soon(council)
    about: dict[str, Any] = {"council_id": council.id, "now": council.stage.clock()}
    with council.stage.hands.db.council(council.id) as session:
        train = CostAsk("train", 2450, "book", "The 9:10, please.")
        me = Actor("person", person_id)
        ask = asking.ask_for_cost(session, offer_id=offer_id, given=train, actor=me, **about)
    council.stage.drain()
    before = council.messages(person_id)
    takes(council, offer_id, 1000)
    takes(council, offer_id, 1000)
    council.stage.drain()
    found = told(council.lead.get(f"offers/{offer_id}"))
    assert (found["status"], found["accept_pence"], found["fee_pence"]) == ("accepted", 1000, 1550)
    assert council.messages(person_id)[len(before) :] == ["You take £10.00: Over a Brew"]
    with council.stage.hands.db.council(council.id) as session:
        assert queries.ask(session, council_id=council.id, ask_id=ask.id).state == "waiting"
    assert set_aside(council) == 1000
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert council.balance() == {"fees": 1000, "bank:sandbox": -1000}


def test_no_fee_and_then_all_of_it_again(council: Council) -> None:
    session_id, person_id, offer_id = soon(council)
    takes(council, offer_id, 0)
    assert set_aside(council) == 0
    takes(council, offer_id, 1550)
    assert set_aside(council) == 1550
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


@pytest.mark.parametrize("pence", [1551, -1])
def test_a_sum_that_cannot_be_changes_nothing(council: Council, pence: int) -> None:
    _, _, offer_id = soon(council)
    before = council.stage.picture()
    with pytest.raises(Invalid) as refusal:
        takes(council, offer_id, pence)
    assert [fault.pointer for fault in refusal.value.errors] == ["/accept_pence"]
    assert council.stage.picture() == before


def test_without_a_yes_or_once_ticked_or_by_a_helper_nothing_changes(council: Council) -> None:
    session_id, person_id, offer_id = soon(council)
    made = council.offer(council.session(), person_id)
    before = council.stage.picture()
    with pytest.raises(OfferIsOver):
        takes(council, made, 1000)
    with pytest.raises(Forbidden):
        takes(council, offer_id, 1000, actor=Actor("helper", "hlp_1"))
    assert council.stage.picture() == before
    told(council.tick(session_id, person_id))
    before = council.stage.picture()
    with pytest.raises(OfferIsOver):
        takes(council, offer_id, 1000)
    assert council.stage.picture() == before


def test_what_is_kept_of_an_allowance_follows_and_what_was_let_go_may_be_gone(stage: Stage) -> None:
    council = counting(stage, WEEK)
    ada = council.person()
    first, second = (offered(council, at(council, day, hours=2), ada)["id"] for day in DAYS)
    told(council.lead.post(f"offers/{first}/accept", {}))
    assert stands(council, ada, DAYS[0]) == {"week_fees": (4000, 0)}
    takes(council, first, 1500)
    assert stands(council, ada, DAYS[0]) == {"week_fees": (1500, 0)}
    assert told(council.lead.get(f"offers/{first}"))["fee_pence"] == 4000
    told(council.lead.post(f"offers/{second}/accept", {}))
    assert stands(council, ada, DAYS[0]) == {"week_fees": (5500, 0)}
    before = stage.picture()
    with pytest.raises(LessNow):
        takes(council, first, 4000)
    assert stage.picture() == before
    assert_totals_are_what_is_held(council)
