"""How is money sent by Stripe Global Payouts? The only file that speaks to Stripe.

v2 of its API works a failed request again under the same key, and never repeats a success: so one payment
keeps one key and one body, which stand in `stripe_calls` before the first call that pays. An answer is final
only where Stripe says so in so many words; everything else is `lost`, and is asked after or sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import stripe
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service import log
from service.days import utc_now
from service.db import Database
from service.rails.protocol import Answer, Asked, BookLine, NameCheck, NoAnswer, Order
from service.rails.stripe_access import Access, access_of
from service.rails.stripe_shapes import (
    NotTaken,
    Place,
    Seen,
    StripeCall,
    answer_of,
    line_of,
    name_check_of,
    payment_body,
    said_of,
)
from service.settings import Settings
from service.vault import Vault

stripe.enable_telemetry = False
# At its finest the library logs what it sends, bank details among it.
logging.getLogger("stripe").setLevel(logging.WARNING)

TIMEOUT_SECONDS = 10.0
# Clocks differ; a payment may carry a moment a little before our call.
SKEW = timedelta(hours=1)

# Who may be helped by other details, and in which words. Anything else that Stripe refuses is told plainly.
REFUSALS: tuple[tuple[type[stripe.StripeError], str], ...] = (
    (stripe.InvalidPayoutMethodError, "Stripe cannot use these bank details."),
    (stripe.VerificationAttemptFailedError, "The bank could not confirm the name on the account."),
    (stripe.VerificationExpiredError, "The bank's answer about the name is too old."),
    (stripe.VerificationNotInitiatedError, "The name on the account was not checked."),
    (stripe.CapabilityNotEnabledError, "Stripe needs to know more before it can pay this person."),
    (stripe.BlockedByStripeError, "Stripe does not let this payment go."),
    (stripe.InvalidRequestError, "Stripe did not take it as it was sent."),
)
# These end by themselves or by the council's hand; the payment waits, and goes again under its key.
PASSING = ("insufficient_funds", "balance_insufficient", "rate_limit", "idempotency_error", "quota_exceeded")


class Stripe:
    """Stripe as a rail, for every council that has an account there."""

    name = "stripe"

    def __init__(
        self,
        db: Database,
        *,
        settings: Settings,
        vault: Vault,
        clock: Callable[[], datetime] = utc_now,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._db, self._settings, self._vault = db, settings, vault
        self._clock, self._timeout = clock, timeout
        self._clients: dict[str, stripe.StripeClient] = {}

    # -- payments -----------------------------------------------------------------------------------------

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        """Send each once for its key. `lost` also where the council has no money there, or no account."""
        return [self._pay_one(order) for order in orders]

    def _pay_one(self, order: Order) -> Answer:
        access, place, begun = self._aim(order)
        unsent = Answer("lost" if begun else "not_sent")
        if access is None or place is None or place.financial_account != access.financial_account:
            log.get().warning("stripe.not_sent", payout_id=order.payment_id, why="no account to pay from")
            return unsent
        client = self._client(access)
        try:
            check = self._check_again(client, order, place)
            if check.result not in ("match", place.accepted):
                return replace(unsent, doubt=check)
            self._begin(order, place)
            _ask_leave(order)
            made = client.v2.money_management.outbound_payments.create(
                payment_body(order, place, check=check.id), {"idempotency_key": order.key}
            )
            return answer_of(made)
        except _NoLeave:
            log.get().warning("stripe.not_sent", payout_id=order.payment_id, why="no leave any more")
            return unsent
        except stripe.StripeError as error:
            reason = _refusal(error)
            _note(error, order.payment_id, final=reason is not None)
            if reason is None:
                return Answer("lost")
            return self._unless_made(access, order.key, order.payment_id, place, reason)
        except (AttributeError, KeyError, TypeError, ValueError):
            log.get().warning("stripe.unreadable", payout_id=order.payment_id)
            return Answer("lost")

    def _aim(self, order: Order) -> tuple[Access | None, Place | None, bool]:
        """With whose money; where to, as an earlier call under this key said it; whether there was one."""
        with self._db.council(order.council_id) as session:
            access = self._access(session, order.council_id)
            call = session.get(StripeCall, (order.council_id, order.key))
        given = Place.read(order.place)
        if call is None:
            return access, given, False
        kept = Place.read(call.place)
        # A yes to what the bank says may have come since; it stands in no payment's body.
        return access, replace(kept, accepted=given.accepted) if kept and given else kept, True

    def _begin(self, order: Order, place: Place) -> None:
        """Fix where this key pays to right before it first pays: a later send says the same.

        Without this row no payment was ever asked for under the key.
        """
        row = {"council_id": order.council_id, "key": order.key, "payment_id": order.payment_id}
        more = {"place": str(place), "called_at": self._clock()}
        with self._db.council(order.council_id) as session:
            session.execute(insert(StripeCall).values(**row, **more).on_conflict_do_nothing())

    def _check_again(self, client: stripe.StripeClient, order: Order, place: Place) -> NameCheck:
        """A fresh check of the name, as each payment needs; acknowledged where its answer was accepted."""
        checks = client.v2.money_management.recipient_verifications
        _ask_leave(order)
        made = checks.create(
            {"recipient": place.recipient, "payout_method": place.payout_method},
            {"idempotency_key": f"{order.key}-name"},
        )
        found = name_check_of(made)
        if found.result in ("match", place.accepted) and made.status == "awaiting_acknowledgement":
            _ask_leave(order)
            checks.acknowledge(found.id, None, {"idempotency_key": f"{order.key}-seen"})
        return found

    def _unless_made(self, access: Access, key: str, payment_id: str, place: Place, reason: str) -> Answer:
        """No, and for good; unless an earlier call under this key did pay."""
        try:
            found = self._listed(access, key, payment_id, place, since=None)
        except stripe.StripeError:
            return Answer("lost")
        return found or Answer("refused", reason=reason)

    def find(self, asked: Asked) -> Answer:
        """What became of it: by its own id, else in the list of what this recipient was paid since."""
        with self._db.council(asked.council_id) as session:
            access = self._access(session, asked.council_id)
            call = session.get(StripeCall, (asked.council_id, asked.key))
        if call is None and not asked.rail_reference:
            return Answer("not_sent")
        place = Place.read(call.place) if call else None
        if call is None or place is None:
            return Answer("absent")
        if access is None or access.financial_account != place.financial_account:
            raise NoAnswer("The council's account at Stripe is not the one that this was sent from.")
        with self._asking():
            if asked.rail_reference:
                payments = self._client(access).v2.money_management.outbound_payments
                return answer_of(payments.retrieve(asked.rail_reference))
            found = self._listed(access, asked.key, asked.payment_id, place, since=call.called_at - SKEW)
        return found or Answer("absent")

    def _listed(
        self, access: Access, key: str, payment_id: str, place: Place, *, since: datetime | None
    ) -> Answer | None:
        wanted: Any = {"recipient": place.recipient, "limit": 100}
        if since is not None:
            wanted["created"] = {"gte": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        listing = self._client(access).v2.money_management.outbound_payments.list(wanted)
        found = [
            answer_of(row)
            for row in listing.auto_paging_iter()
            if said_of(row, "payment_id") == payment_id and said_of(row, "key") in ("", key)
        ]
        standing = [one for one in found if one.outcome != "refused"]
        return next(iter([*standing, *found]), None)

    def look(self, *, council_id: str, reference: str) -> Seen | None:
        """A payment by Stripe's own id, as it stands now; None when it is not there. Raises `NoAnswer`."""
        access = self.access(council_id=council_id)
        if access is None:
            return None
        payments = self._client(access).v2.money_management.outbound_payments
        with self._asking():
            try:
                row = payments.retrieve(reference)
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    return None
                raise
            return Seen(said_of(row, "payment_id"), said_of(row, "key"), answer_of(row))

    def funds(self, council_id: str) -> int | None:
        """What the council can pay out now, in pence: nothing without an account. Raises `NoAnswer`."""
        access = self.access(council_id=council_id)
        if access is None:
            return 0
        try:
            with self._asking():
                accounts = self._client(access).v2.money_management.financial_accounts
                available = accounts.retrieve(access.financial_account).balance.available.to_dict()
                return int(available.get("gbp", {"value": 0})["value"])
        except NotTaken as refusal:
            raise NoAnswer("Stripe does not know the account that the council pays from.") from refusal

    def lines(self, *, council_id: str, since: datetime) -> list[BookLine]:
        """Stripe's own record of this council's payments since a moment, to compare with."""
        access = self.access(council_id=council_id)
        if access is None:
            return []
        wanted: Any = {"limit": 100, "created": {"gte": since.strftime("%Y-%m-%dT%H:%M:%SZ")}}
        with self._asking():
            rows = self._client(access).v2.money_management.outbound_payments.list(wanted)
            return [line_of(row) for row in rows.auto_paging_iter()]

    # -- people -------------------------------------------------------------------------------------------

    def access(self, *, council_id: str) -> Access | None:
        """How this council speaks to Stripe."""
        with self._db.council(council_id) as session:
            return self._access(session, council_id)

    def _access(self, session: Session, council_id: str) -> Access | None:
        return access_of(session, council_id=council_id, settings=self._settings, vault=self._vault)

    def make_recipient(self, *, access: Access, key: str, name: str, email: str, reference: str) -> str:
        """Let Stripe know a person whom a council pays. Answers the account's id."""
        given, _, surname = name.rpartition(" ")
        wanted: Any = {
            "contact_email": email,
            "display_name": name,
            "dashboard": "none",
            "identity": {
                "country": "GB",
                "entity_type": "individual",
                "individual": {"given_name": given or surname, "surname": surname},
            },
            "configuration": {
                "recipient": {"capabilities": {"bank_accounts": {"fps": {"requested": True}}}},
            },
            "metadata": {"reference": reference},
        }
        if not email:
            del wanted["contact_email"]
        with self._asking():
            accounts = self._client(access).v2.core.accounts
            return str(accounts.create(wanted, {"idempotency_key": key}).id)

    def add_bank_account(
        self, *, access: Access, key: str, recipient: str, sort_code: str, account_number: str
    ) -> str:
        """Give Stripe a recipient's bank details. Answers the payout method's id."""
        bank = {
            "country": "GB",
            "currency": "gbp",
            "account_number": account_number,
            "routing_number": sort_code,
        }
        wanted: Any = {
            "usage_intent": "payment",
            "payout_method_data": {"type": "bank_account", "bank_account": bank},
        }
        options: Any = {"idempotency_key": key, "stripe_context": recipient}
        intents = self._client(access).v2.money_management.outbound_setup_intents
        try:
            with self._asking():
                return str(_needed(intents.create(wanted, options).payout_method).id)
        except NotTaken as refusal:
            raise NotTaken("Stripe cannot use these bank details.") from refusal

    def bank_account_of(self, *, access: Access, recipient: str) -> str | None:
        """The bank account that a person gave to Stripe itself; None while there is none."""
        with self._asking():
            methods = self._client(access).v2.money_management.payout_methods
            for one in methods.list({"limit": 10}, {"stripe_context": recipient}).data:
                if one.type == "bank_account" and not one.archived and not one.restricted:
                    return str(one.id)
        return None

    def check_name(self, *, access: Access, key: str, recipient: str, payout_method: str) -> NameCheck:
        """Ask the bank whether the name fits the account."""
        with self._asking():
            found = self._client(access).v2.money_management.recipient_verifications.create(
                {"recipient": recipient, "payout_method": payout_method}, {"idempotency_key": key}
            )
            return name_check_of(found)

    def acknowledge(self, *, access: Access, key: str, check_id: str) -> None:
        """Tell Stripe that a person has seen what the bank says, and goes on."""
        with self._asking():
            checks = self._client(access).v2.money_management.recipient_verifications
            checks.acknowledge(check_id, None, {"idempotency_key": key})

    def form_link(self, *, access: Access, recipient: str, again: str, back: str) -> str:
        """A link to Stripe's own form: once, for five minutes. So each click makes a new one."""
        urls = {"refresh_url": again, "return_url": back}
        wanted: Any = {
            "account": recipient,
            "use_case": {"type": "account_onboarding", "account_onboarding": urls},
        }
        with self._asking():
            return str(self._client(access).v2.core.account_links.create(wanted).url)

    # -- the wire -----------------------------------------------------------------------------------------

    def _client(self, access: Access) -> stripe.StripeClient:
        known = self._clients.get(access.secret_key)
        if known is None:
            known = stripe.StripeClient(
                access.secret_key,
                base_addresses={"api": self._settings.stripe_api_base.rstrip("/")},
                max_network_retries=0,
                http_client=stripe.RequestsClient(timeout=self._timeout),
            )
            self._clients[access.secret_key] = known
        return known

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Raises `NotTaken` where Stripe says no for good, `NoAnswer` for everything else."""
        try:
            yield
        except stripe.StripeError as error:
            reason = _refusal(error)
            _note(error, "", final=reason is not None)
            if reason is None:
                raise NoAnswer("Stripe did not answer. We ask again soon.") from error
            raise NotTaken(reason) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise NoAnswer("Stripe's answer could not be read. We ask again soon.") from error


def verified(body: bytes, *, signature: str, secrets: Sequence[str]) -> bool:
    """Whether Stripe signed this body, lately, with one of these secrets."""
    for secret in secrets:
        try:
            if stripe.WebhookSignature.verify_header(
                body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
            ):
                return True
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
    return False


class _NoLeave(Exception):
    """A hold came while we spoke to Stripe, or somebody else has this payment: nothing more is sent."""


def _ask_leave(order: Order) -> None:
    if not order.still():
        raise _NoLeave


def _needed(found: Any) -> Any:
    if found is None:
        raise ValueError("Stripe left out what we asked for.")
    return found


def _refusal(error: stripe.StripeError) -> str | None:
    """Why Stripe will never take it, in plain words; None where it did not say so for good."""
    status = error.http_status or 0
    if not 400 <= status < 500 or status in (401, 403, 408, 409, 425, 429) or error.error is None:
        return None
    if {error.code, error.error.code, error.error.to_dict().get("type")} & set(PASSING):
        return None
    return next((words for kind, words in REFUSALS if isinstance(error, kind)), None)


def _note(error: stripe.StripeError, payout_id: str, *, final: bool) -> None:
    log.get().warning(
        "stripe.said_no" if final else "stripe.no_answer",
        payout_id=payout_id,
        error=type(error).__name__,
        status=error.http_status,
    )
