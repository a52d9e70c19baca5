"""How does a test place a hold, throw the switch, and see what was sent?"""

from __future__ import annotations

from typing import Any

from service import cli
from tests.stage import Council, told

BECAUSE = {
    "payment": "by_hand",
    "person": "hold_person",
    "rail": "hold_rail",
    "council": "hold_council",
    "everything": "hold_everything",
}


def place(council: Council, scope: str, subject: str = "", reason: str = "We look into it") -> str:
    body = {"scope": scope, "subject": subject, "reason": reason}
    hold_id: str = told(council.finance.post("holds", body), 201)["id"]
    return hold_id


def let_go(council: Council, hold_id: str) -> None:
    assert told(council.lead.post(f"holds/{hold_id}/release", {"by": "Bo"}))["ended_for"] == "Bo"


def switch(*words: str) -> None:
    assert cli.main(["payments", *words]) == 0


def ready(council: Council, **more: Any) -> dict[str, Any]:
    """A payment that is ready and that nobody has sent yet."""
    session_id = council.ticked(**more)
    council.stage.drain(leaving=("payouts.send",))
    (payment,) = council.claim(session=session_id)["payments"]
    found: dict[str, Any] = told(council.lead.get(f"payments/{payment['id']}"))
    assert found["status"] == "ready"
    return found


def now(council: Council, payment: dict[str, Any]) -> tuple[str, str | None]:
    found = told(council.lead.get(f"payments/{payment['id']}"))
    return found["status"], found["held_because"]


def sent(council: Council) -> set[str]:
    """What the bank has in its book."""
    return set(council.stage.hands.sandbox.book(council_id=council.id))


def ready_or_held(council: Council) -> dict[str, Any]:
    session_id = council.ticked()
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    found: dict[str, Any] = told(council.lead.get(f"payments/{payment['id']}"))
    return found
