"""Does a policy tell what it knows before anything is spent: catalogue, covers and terms?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from service.policy.engine import Policy, compile_policy
from service.policy.sources import Sources
from tests.policy import texts

POLICIES = Path(__file__).parents[2] / "policies"
OFFER = {"activity": "over_a_brew", "role": "participant", "on": "2026-05-12", "minutes": 60, "online": True}


@pytest.fixture(scope="module")
def council() -> Policy:
    return compile_policy(Sources.from_path(POLICIES / "councils" / "exampleshire.yaml"))


def test_the_catalogue_names_everything_plainly() -> None:
    found = texts.policy().catalogue(on=date(2026, 2, 2))
    assert found["activities"] == [
        {
            "key": "meeting",
            "name": "Meeting",
            "field": "social care",
            "roles": ["member", "chair", "guest"],
            "paid_roles": ["member", "chair"],
            "asks": ["minutes"],
        }
    ]
    assert found["roles"][0] == {"key": "member", "name": "Member"}
    assert found["expense_categories"] == [
        {"key": "bus", "name": "Bus", "asks": ["amount_pence", "receipt"]},
        {"key": "car", "name": "Car", "asks": ["miles"]},
        {"key": "hotel", "name": "Hotel", "asks": ["amount_pence", "nights", "receipt", "agreed_before"]},
    ]
    assert found["payment_methods"] == [{"kind": "bank_account", "name": "Bank transfer"}]
    assert {"key": "minutes", "name": "Time taking part", "unit": "minutes"} in found["facts"]


def test_covers_say_limit_receipt_and_agreement() -> None:
    found = texts.policy().covers({"activity": "meeting", "role": "member", "on": "2026-02-02"})
    assert [one["category"] for one in found] == ["bus", "car", "hotel"]
    assert found[2] == {
        "category": "hotel",
        "name": "Hotel",
        "text": "We pay up to £90.00 a night.",
        "clause": "11",
        "receipt": True,
        "receipt_text": "Please send a receipt.",
        "agreed_first": True,
        "agreed_text": "Please agree this first.",
        "asks": ["amount_pence", "nights", "receipt", "agreed_before"],
    }


def test_covers_leave_out_what_the_offer_rules_out(council: Policy) -> None:
    online = {one["category"] for one in council.covers(OFFER)}
    in_the_room = {one["category"] for one in council.covers({**OFFER, "online": False})}
    assert online - in_the_room == {"internet"}


def test_an_offer_and_its_claim_agree(council: Policy) -> None:
    offer = council.assess(OFFER)
    claim = council.assess({**OFFER, "claimed_on": "2026-05-12", "expenses": []})
    assert (offer["fee_pence"], offer["lines"]) == (claim["fee_pence"], claim["lines"])


def test_terms_carry_the_process_values(council: Policy) -> None:
    terms = council.terms(on=date(2026, 5, 12))
    assert terms["hold_new_details_hours"] == 0
    assert terms["offer_needs"]["who"] == ["automatic"]
    assert [(row["notice_under_hours"], row["percent"]) for row in terms["cancellation"]] == [
        (24, 100),
        (72, 50),
        (None, 0),
    ]
    assert [row["up_to_pence"] for row in terms["approval"]] == [7500, 25000, None]
    assert terms["payment_promise"]["text"] == "We promise to pay within 10 working days."


def test_a_policy_is_compiled_once_for_the_same_texts() -> None:
    path = POLICIES / "councils" / "exampleshire.yaml"
    assert compile_policy(Sources.from_path(path)) is compile_policy(Sources.from_path(path))
