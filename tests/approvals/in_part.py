"""A claim of which a part was agreed: a bus that is paid beside a train, without its ticket, that is not."""

from __future__ import annotations

from typing import Any

from service.approvals import actions as approvals
from service.approvals import disagreeing
from service.approvals.model import Decider
from service.days import london_day
from service.events import Actor
from tests.stage import Council, told

COSTS: tuple[dict[str, Any], ...] = (
    {"category": "bus", "amount_pence": 410, "receipt": True},
    {"category": "train", "amount_pence": 2000, "receipt": False},
)


def looked_at_again(council: Council, person_id: str) -> None:
    """The person does not agree with the part that was not agreed, and has an answer."""
    on = london_day(council.stage.clock()).isoformat()
    facts = {"activity": "advisory_network", "role": "member", "on": on, "online": False}
    body = {"person": person_id, "facts": facts, "expenses": COSTS, "fee": False}
    key = {
        "council_id": council.id,
        "claim_id": told(council.lead.post("claims", body), 201)["id"],
        "now": council.stage.clock(),
    }
    council.stage.drain()
    with council.stage.hands.db.council(council.id) as session:
        approvals.look_again(session, actor=Actor("person", person_id), words="", **key)
        disagreeing.answer(session, decider=Decider("staff", "stf_2"), words="It stays.", **key)
    council.stage.drain()
