"""How does a test change how somebody is paid, as the person or somebody else does on their page?"""

from __future__ import annotations

import re
from typing import Any

from service.events import Actor
from service.people import actions, confirming
from service.people.actions import MethodGiven
from tests.letterbox import Letterbox
from tests.stage import Council, bank_account, told

OTHER = "00733445"
STAFF, SECOND = Actor("staff", "stf_1"), Actor("staff", "stf_2")


def about(council: Council, person_id: str) -> dict[str, Any]:
    return {"council_id": council.id, "person_id": person_id, "now": council.stage.clock()}


def gives(
    council: Council, person_id: str, account: str, *, actor: Actor | None = None, hold: int = 0
) -> str:
    """Somebody gives other details, as the person does on their page. Answers the state."""
    with council.stage.hands.db.council(council.id) as session:
        method = actions.set_method(
            session,
            given=MethodGiven(**bank_account(account)),
            allowed=["bank_account"],
            hold_hours=hold,
            vault=council.stage.hands.vault,
            actor=actor or Actor("person", person_id),
            **about(council, person_id),
        )
        state: str = method.state
    council.stage.drain()
    return state


def types(council: Council, person_id: str, code: str, *, actor: Actor | None = None, hold: int = 0) -> None:
    with council.stage.hands.db.council(council.id) as session:
        confirming.confirm(
            session,
            typed=code,
            secret_key=council.stage.settings.secret_key,
            hold_hours=hold,
            actor=actor or Actor("person", person_id),
            **about(council, person_id),
        )
    council.stage.drain()


def newest_code(post: Letterbox) -> str:
    return re.findall(r"type this code: (\d{6})\n", "".join(m.body for m in post.messages))[-1]


def shown(council: Council, person_id: str) -> str:
    found: str = told(council.lead.get(f"people/{person_id}"))["payment_method"]["shown"]
    return found
