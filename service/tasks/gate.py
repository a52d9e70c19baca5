"""May these payments be sent now? Asked last before a rail is called, with no transaction open."""

from __future__ import annotations

from collections.abc import Sequence

from service.errors import Unavailable
from service.payouts import gates
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
