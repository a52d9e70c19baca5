"""Is there money where a rail pays from? Asked with no transaction open."""

from __future__ import annotations

from service.payouts.funds import Purse
from service.rails.protocol import Funded
from service.tasks.hands import Hands


def purse_of(hands: Hands, *, council_id: str, rail: str) -> Purse | None:
    """What a rail says that it holds; None where it has no limit or cannot say. Raises `NoAnswer`."""
    asked_at, called = hands.clock(), hands.rails.get(rail)
    pence = called.funds(council_id=council_id) if isinstance(called, Funded) else None
    return None if pence is None else Purse(pence, asked_at)
