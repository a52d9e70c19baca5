"""What do Stripe's v2 objects look like? Read from the SDK's own classes at 16.1 (API 2026-10-28.endive)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

Shape = dict[str, Any]


class Failure(Exception):
    """An error as Stripe words it: HTTP status, type, code, message."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Shape = {"error": {"type": kind, "code": code, "message": message}}


def new_id(prefix: str) -> str:
    """An id of this kind, as a sandbox has them."""
    return f"{prefix}_test_{secrets.token_hex(12)}"


def moment(at: float) -> str:
    """A moment as v2 writes it: milliseconds and a Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pounds(pence: int) -> Shape:
    """An amount."""
    return {"value": pence, "currency": "gbp"}


def account(given: Shape, *, at: float) -> Shape:
    """A recipient. It is active as soon as it exists; the details of its bank come later."""
    wanted = given.get("configuration", {}).get("recipient", {}).get("capabilities", {})
    banks = {name: {"status": "active", "status_details": []} for name in wanted.get("bank_accounts", {})}
    return {
        "id": new_id("acct"),
        "object": "v2.core.account",
        "applied_configurations": ["recipient"],
        "closed": False,
        "configuration": {"recipient": {"applied": True, "capabilities": {"bank_accounts": banks}}},
        "contact_email": given.get("contact_email"),
        "created": moment(at),
        "dashboard": given.get("dashboard", "none"),
        "display_name": given.get("display_name"),
        "identity": given.get("identity"),
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "requirements": None,
    }


def payout_method(*, sort_code: str, account_number: str, intent: str | None, at: float) -> Shape:
    """A bank account that may be paid to."""
    return {
        "id": new_id("gbba"),
        "object": "v2.money_management.payout_method",
        "archived": False,
        "bank_account": {
            "bank_account_type": "checking",
            "bank_name": "Test Bank",
            "country": "GB",
            "last4": account_number[-4:],
            "routing_number": sort_code,
            "supported_currencies": ["gbp"],
        },
        "created": moment(at),
        "latest_outbound_setup_intent": intent,
        "livemode": False,
        "restricted": False,
        "type": "bank_account",
        "usage_status": {"payments": "eligible", "transfers": "eligible"},
    }


def setup_intent(method: Shape | None, *, id_: str, at: float) -> Shape:
    """The setting up of a bank account."""
    return {
        "id": id_,
        "object": "v2.money_management.outbound_setup_intent",
        "created": moment(at),
        "livemode": False,
        "payout_method": method,
        "status": "succeeded" if method else "requires_payout_method",
        "usage_intent": "payment",
    }


def verification(*, recipient: str, method: str, result: str, name: str, at: float) -> Shape:
    """What the bank says of a name."""
    details: Shape = {
        "message": {
            "match": "The name matches.",
            "close_match": "The name is close to the one on the account.",
            "no_match": "The name does not match.",
            "unavailable": "The bank could not check the name.",
        }[result],
        "provided_name": name,
        "provided_business_type": "personal",
        "matched_business_type": "personal" if result in ("match", "close_match") else None,
        "matched_name": {"match": name, "close_match": f"{name} close_match"}.get(result),
    }
    return {
        "id": new_id("rcpver"),
        "object": "v2.money_management.recipient_verification",
        "consumed_by": None,
        "created": moment(at),
        "expires_at": None,
        "livemode": False,
        "match_result": result,
        "match_result_details": details,
        "payout_method": method,
        "recipient": recipient,
        "status": "verified" if result == "match" else "awaiting_acknowledgement",
        "status_transitions": {"acknowledged_at": None, "consumed_at": None},
        "verification_type": "confirmation_of_payee",
    }


def outbound_payment(given: Shape, *, at: float) -> Shape:
    """Money on its way."""
    return {
        "id": new_id("obp"),
        "object": "v2.money_management.outbound_payment",
        "amount": given["amount"],
        "cancelable": False,
        "created": moment(at),
        "description": given.get("description"),
        "expected_arrival_date": moment(at),
        "from": {
            "debited": given["amount"],
            "financial_account": given["from"]["financial_account"],
        },
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "payout_intent": None,
        "recipient_notification": given.get("recipient_notification") or {"setting": "configured"},
        "recipient_verification": given.get("recipient_verification"),
        "statement_descriptor": given.get("statement_descriptor") or "STRIPE",
        "status": "processing",
        "status_details": None,
        "status_transitions": {
            "canceled_at": None,
            "failed_at": None,
            "posted_at": None,
            "returned_at": None,
        },
        "to": {
            "credited": given["amount"],
            "payout_method": given["to"].get("payout_method"),
            "payout_method_options": given["to"].get("payout_method_options"),
            "recipient": given["to"]["recipient"],
        },
        "tracking_details": {"status": "pending", "type": "bank_account", "bank_account": None},
    }


def financial_account(id_: str, *, available: int, pending: int) -> Shape:
    """A council's money with Stripe."""
    return {
        "id": id_,
        "object": "v2.money_management.financial_account",
        "balance": {
            "available": {"gbp": pounds(available)},
            "inbound_pending": {"gbp": pounds(0)},
            "outbound_pending": {"gbp": pounds(pending)},
        },
        "country": "GB",
        "created": "2026-01-01T00:00:00.000Z",
        "display_name": None,
        "livemode": False,
        "metadata": {},
        "status": "open",
        "storage": {"holds_currencies": ["gbp"], "deposit_insurance_eligibility": None},
        "type": "storage",
    }


def thin_event(kind: str, made: Shape, *, url: str, at: float, context: str | None = None) -> Shape:
    """A v2 event: it names what changed, and says nothing about how it stands."""
    return {
        "id": new_id("evt"),
        "object": "v2.core.event",
        "type": kind,
        "context": context,
        "created": moment(at),
        "livemode": False,
        "reason": None,
        "related_object": {"id": made["id"], "type": made["object"], "url": url},
    }


def snapshot_event(event: Shape, made: Shape, *, at: float) -> Shape:
    """The same news in the shape of v1: with all of the object, as it stood."""
    return {
        "id": event["id"].replace("evt_test_", "evt_1"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(at),
        "data": {"object": made},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event["type"],
    }
