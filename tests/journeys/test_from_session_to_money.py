"""Does one real session turn into money, with nothing but the published API in hand?"""

from __future__ import annotations

from datetime import date, timedelta

from service.days import london_day, utc_now
from tests.stage import Stage, bank_account, told


def yesterday_at_ten() -> tuple[str, str]:
    day = utc_now().replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return day.isoformat(), (day + timedelta(hours=1)).isoformat()


def test_somebody_comes_to_a_session_and_is_paid(stage: Stage) -> None:
    council = stage.council()
    lead = council.lead

    ada = told(lead.post("people", {"name": "Ada Example", "email": "Ada@Example.org"}), 201)
    assert (ada["name"], ada["email"], ada["payment_method"]) == ("Ada Example", "ada@example.org", None)
    method = told(lead.put(f"people/{ada['id']}/payment_method", bank_account("00012345")))
    assert (method["kind"], method["status"]) == ("bank_account", "current")
    assert method["shown"] == "account ending 2345"

    starts, ends = yesterday_at_ten()
    session = told(
        lead.post(
            "sessions",
            {
                "title": "Over a Brew",
                "activity": "over_a_brew",
                "starts_at": starts,
                "ends_at": ends,
                "online": True,
                "cost_code": "ASC-100",
            },
        ),
        201,
    )
    offer = told(
        lead.post(f"sessions/{session['id']}/offers", {"person": ada["id"], "role": "participant"}), 201
    )
    assert offer["status"] == "made"
    assert offer["fee_pence"] == offer["assessment"]["fee_pence"] == 1550
    assert [line["outcome"] for line in offer["assessment"]["lines"]] == ["payable"]
    assert offer["assessment"]["lines"][0]["reasons"][0]["clause"] == "3.2"
    assert told(lead.post(f"offers/{offer['id']}/accept", {}))["status"] == "accepted"

    register = told(council.tick(session["id"], ada["id"]))
    assert register["entries"] == [{"person": ada["id"], "attended": True, "minutes": None, "role": None}]
    stage.drain()

    claim = council.claim(session=session["id"])
    assert (claim["status"], claim["kind"], claim["person"]) == ("paid", "attendance", ada["id"])
    assert (claim["fee_pence"], claim["expenses_pence"], claim["total_pence"]) == (1550, 0, 1550)
    assert claim["assessment"]["outcome"] == "payable"
    assert claim["assessment"]["approval_route"] == "automatic"
    assert claim["assessment"]["policy"]["hash"] == offer["assessment"]["policy"]["hash"]
    assert [(d["kind"], d["role"], d["by"]) for d in claim["decisions"]] == [
        ("agreed", "automatic", "rule:policy")
    ]
    (payment,) = claim["payments"]
    assert (payment["status"], payment["amount_pence"], payment["rail"]) == ("paid", 1550, "sandbox")
    assert payment["paid_on"] == london_day(utc_now()).isoformat()
    assert date.fromisoformat(claim["pay_by"]) >= london_day(utc_now())

    (entry,) = told(lead.get("ledger/entries"))["data"]
    assert (entry["kind"], entry["source"], entry["claim"]) == ("settlement", payment["id"], claim["id"])
    assert [(p["account"], p["debit_pence"], p["credit_pence"]) for p in entry["postings"]] == [
        ("fees", 1550, 0),
        ("bank:sandbox", 0, 1550),
    ]
    assert {p["cost_centre"] for p in entry["postings"]} == {"ASC-100"}
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}
    assert council.messages(ada["id"]) == [
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
