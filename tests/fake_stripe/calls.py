"""What does each call of the pretend Stripe do? Path and method → the work. Only the calls that we use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.fake_stripe import shapes
from tests.fake_stripe.shapes import Failure, Shape
from tests.fake_stripe.world import (
    EVENTS_LIVE,
    LINKS_LIVE,
    METHODS,
    PAYMENTS,
    VERIFICATIONS,
    Draft,
    Platform,
    World,
)

ACCOUNTS = "/v2/core/accounts"
# A bank account with this number is not taken.
REFUSED = "00000009"


@dataclass(frozen=True)
class Asked:
    """One request: whose, on whose behalf (`Stripe-Context`), and with what. `base`: where we are reached."""

    world: World
    platform: Platform
    context: str
    given: Shape
    draft: Draft
    base: str
    key: str = ""

    def own(self, id_: str) -> Shape:
        """An object of the asker, or 404."""
        return self.world.find(self.platform, id_)

    def recipient(self) -> str:
        """The recipient that this is done for."""
        self.own(self.context)
        return self.context


def _bad(message: str, code: str = "invalid_fields", kind: str = "invalid_request_error") -> Failure:
    return Failure(400, kind, code, message)


def make_account(asked: Asked) -> Shape:
    """A recipient."""
    if "recipient" not in asked.given.get("configuration", {}):
        raise _bad("Only recipients are known here.")
    made = shapes.account(asked.given, at=asked.draft.at)
    asked.world.record(asked.draft, asked.platform, "object", made)
    url = f"{ACCOUNTS}/{made['id']}"
    asked.world.tell(asked.draft, asked.platform, "v2.core.account.created", made, url=url)
    return made


def make_link(asked: Asked) -> Shape:
    """A link to the hosted form: once, for 300 seconds."""
    account, case = asked.own(asked.given["account"])["id"], asked.given["use_case"]
    options = case[case["type"]]
    token = shapes.new_id("lnk")
    line = {"kind": "link", "token": token, "account": account, "used": False, "platform": asked.platform.id}
    urls = {"refresh_url": options["refresh_url"], "return_url": options.get("return_url")}
    asked.draft.lines.append(line | urls | {"at": asked.draft.at})
    return {
        "object": "v2.core.account_link",
        "account": account,
        "created": shapes.moment(asked.draft.at),
        "expires_at": shapes.moment(asked.draft.at + LINKS_LIVE),
        "livemode": False,
        "url": f"{asked.base}/onboard/{token}",
        "use_case": case,
    }


def add_method(asked: Asked, *, recipient: str, sort_code: str, number: str, intent: str | None) -> Shape:
    """A bank account for a recipient."""
    fits = re.fullmatch(r"\d{6}", sort_code) and re.fullmatch(r"\d{8}", number)
    if not fits or number == REFUSED:
        raise _bad("The sort code or the account number is not valid.", "invalid_bank_account")
    made = shapes.payout_method(sort_code=sort_code, account_number=number, intent=intent, at=asked.draft.at)
    asked.world.record(
        asked.draft, asked.platform, "method", made, recipient=recipient, number=f"{sort_code}/{number}"
    )
    url = f"{METHODS}/{made['id']}"
    asked.world.tell(asked.draft, asked.platform, "v2.money_management.payout_method.created", made, url=url)
    return made


def make_setup_intent(asked: Asked) -> Shape:
    """Set up a recipient's bank account."""
    bank = asked.given.get("payout_method_data", {}).get("bank_account")
    if not bank or bank.get("country") != "GB" or bank.get("currency") != "gbp":
        raise _bad("Give a bank account in GB, in gbp.")
    id_ = shapes.new_id("osi")
    method = add_method(
        asked,
        recipient=asked.recipient(),
        sort_code=bank.get("routing_number", ""),
        number=bank["account_number"],
        intent=id_,
    )
    made = shapes.setup_intent(method, id_=id_, at=asked.draft.at)
    asked.world.record(asked.draft, asked.platform, "object", made)
    return made


def make_gb_account(asked: Asked) -> Shape:
    """The same by the vault."""
    sort_code, number = asked.given.get("sort_code", ""), asked.given.get("account_number", "")
    method = add_method(asked, recipient=asked.recipient(), sort_code=sort_code, number=number, intent=None)
    return {
        "id": method["id"],
        "object": "v2.core.vault.gb_bank_account",
        "archived": False,
        "bank_account_type": "checking",
        "bank_name": "Test Bank",
        "created": method["created"],
        "last4": number[-4:],
        "livemode": False,
        "restricted": False,
        "sort_code": sort_code,
        "supported_currencies": ["gbp"],
    }


def list_methods(asked: Asked) -> Shape:
    """The bank accounts of the recipient in `Stripe-Context`."""
    return _page(asked, asked.world.methods_of(asked.recipient()), METHODS)


def make_verification(asked: Asked, result: str = "") -> Shape:
    """Ask the bank about the recipient's name."""
    recipient = asked.own(asked.given.get("recipient", ""))
    method = asked.own(asked.given["payout_method"])["id"]
    if asked.world.recipient_of.get(method) != recipient["id"]:
        raise _bad(
            "That payout method is not the recipient's.", "invalid_payout_method", "invalid_payout_method"
        )
    name = _name_of(recipient)
    made = shapes.verification(
        recipient=recipient["id"],
        method=method,
        result=result or asked.world.match_of(method, name),
        name=name,
        at=asked.draft.at,
    )
    asked.world.record(asked.draft, asked.platform, "object", made)
    kind = "v2.money_management.recipient_verification.created"
    asked.world.tell(asked.draft, asked.platform, kind, made, url=f"{VERIFICATIONS}/{made['id']}")
    return made


def _name_of(recipient: Shape) -> str:
    person = (recipient.get("identity") or {}).get("individual") or {}
    spelt = " ".join(part for part in (person.get("given_name"), person.get("surname")) if part)
    return spelt or recipient.get("display_name") or ""


def make_chosen_verification(asked: Asked) -> Shape:
    """The test helper: a check with the result that is asked for."""
    return make_verification(asked, asked.given["match_result"])


def acknowledge(asked: Asked, id_: str) -> Shape:
    """Somebody has seen that the name does not match, and goes on."""
    made = asked.own(id_)
    if made["status"] != "awaiting_acknowledgement":
        raise _bad("It does not wait to be acknowledged.", "cannot_proceed", "cannot_proceed")
    made["status"] = "acknowledged"
    made["status_transitions"]["acknowledged_at"] = shapes.moment(asked.draft.at)
    asked.world.record(asked.draft, asked.platform, "object", made)
    kind = "v2.money_management.recipient_verification.updated"
    asked.world.tell(asked.draft, asked.platform, kind, made, url=f"{VERIFICATIONS}/{id_}")
    return made


def make_payment(asked: Asked) -> Shape:
    """Move money. The one call that must never be made twice for one thing owed."""
    _check_payment(asked)
    made = shapes.outbound_payment(asked.given, at=asked.draft.at)
    asked.world.record(asked.draft, asked.platform, "payment", made, key=asked.key)
    kind = "v2.money_management.outbound_payment.created"
    asked.world.tell(asked.draft, asked.platform, kind, made, url=f"{PAYMENTS}/{made['id']}")
    return made


def _check_payment(asked: Asked) -> None:
    given, pence = asked.given, asked.given["amount"]["value"]
    if type(pence) is not int or pence <= 0 or given["amount"]["currency"] != "gbp":
        raise _bad("The amount must be whole pence above nothing, in gbp.")
    if given["from"]["financial_account"] != asked.platform.financial_account:
        raise Failure(404, "invalid_request_error", "not_found", "No such financial account.")
    if not 3 <= len(given.get("statement_descriptor", "STRIPE")) <= 22:
        raise _bad("The statement descriptor must have 3 to 22 characters.")
    recipient, method = asked.own(given["to"]["recipient"]), given["to"].get("payout_method", "")
    fps = recipient["configuration"]["recipient"]["capabilities"]["bank_accounts"].get("fps", {})
    if fps.get("status") != "active":
        raise _bad("The recipient may not be paid so.", "capability_not_enabled", "capability_not_enabled")
    if asked.world.recipient_of.get(method) != recipient["id"] or asked.own(method)["archived"]:
        raise _bad("That payout method is not usable.", "invalid_payout_method", "invalid_payout_method")
    checked = asked.own(given.get("recipient_verification") or "missing")
    if checked["payout_method"] != method or checked["status"] not in ("verified", "acknowledged"):
        kind = "verification_attempt_failed"
        raise _bad("The recipient's name was not verified for this payment.", kind, kind)
    if asked.platform.available < pence:
        raise _bad("There is not enough money.", "insufficient_funds", "insufficient_funds")


def list_payments(asked: Asked) -> Shape:
    """Outbound payments by recipient, window and status; there is no filter by metadata."""
    rows, given = asked.world.payments_of(asked.platform), asked.given
    if given.get("recipient"):
        rows = [row for row in rows if row["to"]["recipient"] == given["recipient"]]
    compare: dict[str, Any] = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
    }
    for word, holds in compare.items():
        edge = given.get(f"created[{word}]")
        if edge:
            rows = [row for row in rows if holds(row["created"], _same_form(edge))]
    wanted = [value for name, value in given.items() if name.startswith("status")]
    if wanted:
        rows = [row for row in rows if row["status"] in wanted]
    return _page(asked, rows, PAYMENTS)


def _same_form(edge: str) -> str:
    return edge if "." in edge else edge.replace("Z", ".000Z")


def _page(asked: Asked, rows: list[Shape], path: str) -> Shape:
    limit, after = int(asked.given.get("limit", 20)), int(asked.given.get("page", 0))
    given = {k: v for k, v in asked.given.items() if k != "page"} | {"page": str(after + limit)}
    more = "&".join(f"{name}={value}" for name, value in given.items())
    following = f"{path}?{more}" if len(rows) > after + limit else None
    return {"data": rows[after : after + limit], "next_page_url": following, "previous_page_url": None}


def get_financial_account(asked: Asked, id_: str) -> Shape:
    """What a council has with Stripe."""
    platform = asked.platform
    if id_ != platform.financial_account:
        raise Failure(404, "invalid_request_error", "not_found", f"No such financial account: {id_}.")
    return shapes.financial_account(id_, available=platform.available, pending=platform.pending)


def get_event(asked: Asked, id_: str) -> Shape:
    """An event of the last thirty days."""
    told = asked.world.events.get(id_)
    born = told.event["created"] if told else ""
    if (
        told is None
        or told.platform != asked.platform.id
        or born < shapes.moment(asked.draft.at - EVENTS_LIVE)
    ):
        raise Failure(404, "invalid_request_error", "not_found", f"No such event: {id_}.")
    return told.event


def get_object(asked: Asked, id_: str) -> Shape:
    """Any object by its id."""
    return asked.own(id_)


ROUTES: list[tuple[str, str, Any]] = [
    ("POST", ACCOUNTS, make_account),
    ("GET", f"{ACCOUNTS}/(?P<id_>[^/]+)", get_object),
    ("POST", "/v2/core/account_links", make_link),
    ("POST", "/v2/core/vault/gb_bank_accounts", make_gb_account),
    ("POST", "/v2/money_management/outbound_setup_intents", make_setup_intent),
    ("GET", "/v2/money_management/outbound_setup_intents/(?P<id_>[^/]+)", get_object),
    ("GET", METHODS, list_methods),
    ("GET", f"{METHODS}/(?P<id_>[^/]+)", get_object),
    ("POST", VERIFICATIONS, make_verification),
    ("GET", f"{VERIFICATIONS}/(?P<id_>[^/]+)", get_object),
    ("POST", f"{VERIFICATIONS}/(?P<id_>[^/]+)/acknowledge", acknowledge),
    ("POST", "/v2/test_helpers/money_management/recipient_verifications", make_chosen_verification),
    ("POST", PAYMENTS, make_payment),
    ("GET", PAYMENTS, list_payments),
    ("GET", f"{PAYMENTS}/(?P<id_>[^/]+)", get_object),
    ("GET", "/v2/money_management/financial_accounts/(?P<id_>[^/]+)", get_financial_account),
    ("GET", "/v2/core/events/(?P<id_>[^/]+)", get_event),
]


def work(asked: Asked, *, method: str, path: str) -> Shape:
    """Do what the path says. Raises `Failure`."""
    for verb, pattern, do in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and verb == method:
            try:
                made: Shape = do(asked, **found.groupdict())
            except (KeyError, TypeError) as error:
                raise _bad(f"Something is missing or of the wrong kind: {error}.") from error
            return made
    raise Failure(404, "invalid_request_error", "not_found", f"Unrecognized request URL ({method}: {path}).")
