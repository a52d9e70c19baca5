"""Do two who touch the same thing at once take turns, each seeing what the other did?"""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.events import SYSTEM
from service.payouts import moving, queries
from service.sessions import actions as sessions
from service.sessions import queries as session_queries
from tests.stage import Council, Stage


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def test_a_payment_is_read_again_once_it_is_ours_to_change(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    key = {"council_id": council.id, "payout_id": payment["id"]}
    db = council.stage.hands.db
    with db.council(council.id) as mine:
        seen_before = queries.get(mine, **key)
        assert seen_before.state == "ready"
        with db.council(council.id) as theirs:
            moving.move(theirs, **key, verb="hold", actor=SYSTEM, now=council.stage.clock())
        assert moving.locked(mine, **key).state == "held"


def test_a_claim_is_read_again_once_it_is_ours_to_change(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain()
    key = {"council_id": council.id, "claim_id": council.claim(session=session_id)["id"]}
    db = council.stage.hands.db
    with db.council(council.id) as mine:
        seen_before = claim_queries.get(mine, **key)
        assert seen_before.overpaid_pence == 0
        with db.council(council.id) as theirs:
            claims.mark_overpaid(theirs, **key, now=council.stage.clock())
        assert claims.locked(mine, **key).overpaid_pence == 1550


def test_an_offer_is_read_again_once_it_is_ours_to_change(council: Council) -> None:
    offer_id = council.offer(council.session(), council.person())
    key = {"council_id": council.id, "offer_id": offer_id}
    by_hand = {"actor": SYSTEM, "now": council.stage.clock()}

    def decline(session: Session) -> None:
        sessions.decline(session, **key, **by_hand)

    db = council.stage.hands.db
    with db.council(council.id) as mine:
        seen_before = session_queries.offer(mine, **key)
        assert seen_before.state == "made"
        with db.council(council.id) as theirs:
            decline(theirs)
        assert sessions.decline(mine, **key, **by_hand).state == "declined"
    with council.stage.admin() as line:
        said = line.execute("SELECT count(*) FROM events WHERE name = 'offer.declined'").fetchone()
    assert said == (1,)
