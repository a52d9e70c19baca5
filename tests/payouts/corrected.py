"""A council with the small policy, somebody who was paid there, and what was put right since."""

from __future__ import annotations

from typing import Any

from tests.claims.top_ups import now_is
from tests.stage import Council, told


def paid_for(council: Council, *, minutes: int = 60, account: str | None = "00012345") -> tuple[str, str]:
    """Somebody came to a meeting of an hour and was paid £15.00 for it. Session and person."""
    session_id, person_id = council.session("meeting", minutes=60), council.person(account=account)
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id, minutes=minutes))
    council.stage.drain()
    return session_id, person_id


def put_right(council: Council, session_id: str, person_id: str, **tick: Any) -> None:
    """The register says something else now, and what follows is done."""
    told(council.tick(session_id, person_id, **tick))
    council.stage.drain()


def first(council: Council, session_id: str) -> dict[str, Any]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    (found,) = [row for row in rows if row["kind"] == "attendance"]
    return now_is(council, found)


def differences(council: Council, session_id: str) -> list[dict[str, Any]]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    found = [now_is(council, row) for row in rows if row["kind"] == "difference"]
    return sorted(found, key=lambda row: str(row["id"]))


def overpayments(council: Council) -> list[dict[str, Any]]:
    return list(told(council.lead.get("overpayments"))["data"])


def paid_in_all(council: Council, person_id: str) -> int:
    return sum(
        p["amount_pence"]
        for p in council.payments(limit=100)
        if p["person"] == person_id and p["status"] == "paid"
    )


def bus(pence: int) -> dict[str, Any]:
    return {"category": "bus", "amount_pence": pence}
