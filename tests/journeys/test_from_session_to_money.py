"""Does one real session turn into money, with nothing but the published API in hand?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from service.days import london_day, utc_now
from tests.stage import Council, Stage, bank_account, told


def yesterday_at_ten() -> tuple[str, str]:
    day = utc_now().replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return day.isoformat(), (day + timedelta(hours=1)).isoformat()


def somebody_who_is_known(council: Council) -> str:
    """Ada, and how she is paid. Answers her id."""
    ada = told(council.lead.post("people", {"name": "Ada Example", "email": "Ada@Example.org"}), 201)
    assert (ada["name"], ada["email"], ada["payment_method"]) == ("Ada Example", "ada@example.org", None)
    method = told(council.lead.put(f"people/{ada['id']}/payment_method", bank_account("00012345")))
    assert (method["kind"], method["status"]) == ("bank_account", "current")
    assert method["shown"] == "account ending 2345"
    return str(ada["id"])


def a_session_and_her_yes(council: Council, person_id: str) -> tuple[str, dict[str, Any]]:
    """A session yesterday, and an offer that she accepts. Answers the session's id and the offer."""
    starts, ends = yesterday_at_ten()
    given = {"title": "Over a Brew", "activity": "over_a_brew", "online": True, "cost_code": "ASC-100"}
    session = told(council.lead.post("sessions", given | {"starts_at": starts, "ends_at": ends}), 201)
    asked = {"person": person_id, "role": "participant"}
    offer = told(council.lead.post(f"sessions/{session['id']}/offers", asked), 201)
    assert offer["status"] == "made"
    assert offer["fee_pence"] == offer["assessment"]["fee_pence"] == 1550
    assert [line["outcome"] for line in offer["assessment"]["lines"]] == ["payable"]
    assert offer["assessment"]["lines"][0]["reasons"][0]["clause"] == "3.2"
    assert told(council.lead.post(f"offers/{offer['id']}/accept", {}))["status"] == "accepted"
    return session["id"], offer


def the_claim_is_paid(claim: dict[str, Any], offer: dict[str, Any]) -> dict[str, Any]:
    """The claim says who, what and why. Answers its one payment."""
    assert (claim["status"], claim["kind"], claim["person"]) == ("paid", "attendance", offer["person"])
    assert (claim["fee_pence"], claim["expenses_pence"], claim["total_pence"]) == (1550, 0, 1550)
    assert claim["assessment"]["outcome"] == "payable"
    assert claim["assessment"]["approval_route"] == "automatic"
    assert claim["assessment"]["policy"]["hash"] == offer["assessment"]["policy"]["hash"]
    decided = [(d["kind"], d["role"], d["by"]) for d in claim["decisions"]]
    assert decided == [("agreed", "automatic", "rule:policy")]
    (payment,) = claim["payments"]
    assert (payment["status"], payment["amount_pence"], payment["rail"]) == ("paid", 1550, "sandbox")
    assert payment["paid_on"] == london_day(utc_now()).isoformat()
    assert date.fromisoformat(claim["pay_by"]) >= london_day(utc_now())
    return dict(payment)


def the_books_say_so(council: Council, claim: dict[str, Any], payment: dict[str, Any]) -> None:
    entries = told(council.lead.get("ledger/entries"))["data"]
    sides = {
        e["kind"]: [(p["account"], p["debit_pence"], p["credit_pence"]) for p in e["postings"]]
        for e in entries
    }
    assert sides == {
        "commitment": [("commitments", 1550, 0), ("commitments_contra", 0, 1550)],
        "commitment_release": [("commitments", 0, 1550), ("commitments_contra", 1550, 0)],
        "accrual": [("fees", 1550, 0), ("creditors", 0, 1550)],
        "settlement": [("creditors", 1550, 0), ("bank:sandbox", 0, 1550)],
    }
    settled = entries[-1]
    assert (settled["kind"], settled["source"], settled["claim"]) == (
        "settlement",
        payment["id"],
        claim["id"],
    )
    assert {p["cost_centre"] for entry in entries for p in entry["postings"]} == {"ASC-100"}
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_somebody_comes_to_a_session_and_is_paid(stage: Stage) -> None:
    council = stage.council()
    person_id = somebody_who_is_known(council)
    session_id, offer = a_session_and_her_yes(council, person_id)
    register = told(council.tick(session_id, person_id))
    assert register["entries"] == [{"person": person_id, "attended": True, "minutes": None, "role": None}]
    stage.drain()
    claim = council.claim(session=session_id)
    payment = the_claim_is_paid(claim, offer)
    the_books_say_so(council, claim, payment)
    assert council.messages(person_id) == [
        "How we pay you has been written down",
        "Would you like to join us? Over a Brew",
        "Thank you for saying yes: Over a Brew",
        "Agreed: £15.50 for Over a Brew",
        "We have paid you £15.50",
    ]
    assert council.history(claim["id"]) == [
        "claim.submitted",
        "claim.approved",
        "payout.ready",
        "payout.sending",
        "payout.sent",
        "payout.paid",
        "claim.paid",
    ]
