"""May these payments be sent now, and is there money for them? Asked with no transaction open."""

from __future__ import annotations

from collections.abc import Sequence

from service.errors import Unavailable
from service.payouts import gates
from service.payouts.funds import Purse
from service.rails.protocol import Funded
from service.tasks.hands import Hands

# When the gate cannot be read fast enough so often, the call is left to another time.
READINGS = 20


class GateUnread(Unavailable):
    """Nobody could say in time whether a hold stands, so nothing was sent."""

    title = "The holds could not be read in time"


def shut(hands: Hands, *, council_id: str, payout_ids: Sequence[str]) -> dict[str, str]:
    """Payment id → the scope of the hold that covers it: what is not named may be sent at once.

    The transaction began no longer than `LEASE` ago: who slept since then, or waited for the database, reads
    again. Raises `GateUnread`.
    """
    for _ in range(READINGS):
        began = hands.pace()
        with hands.db.council(council_id) as session:
            found = gates.closed_many(session, council_id=council_id, payout_ids=payout_ids)
        if hands.pace() - began <= gates.LEASE:
            return found
    raise GateUnread("We could not read in time whether a hold stands. We try again by ourselves.")


def purse_of(hands: Hands, *, council_id: str, rail: str) -> Purse | None:
    """What a rail says that it holds; None where it has no limit or cannot say. Raises `NoAnswer`."""
    asked_at, called = hands.clock(), hands.rails.get(rail)
    pence = called.funds(council_id=council_id) if isinstance(called, Funded) else None
    return None if pence is None else Purse(pence, asked_at)
