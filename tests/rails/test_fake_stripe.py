"""Does the pretend Stripe behave as the documents say, seen through the real SDK?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.fake_stripe import FakeStripe, Faults, payments, read

SECRET = "sk_test_here"
MONEY = "fa_test_here"


def sdk(url: str, secret: str = SECRET, timeout: float = 5.0) -> stripe.StripeClient:
    """The real SDK, pointed at the pretend Stripe."""
    return stripe.StripeClient(
        secret,
        base_addresses={"api": url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout),
    )


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    """A pretend Stripe where nothing happens by itself."""
    with FakeStripe(posts_after=None) as running:
        running.open_platform(secret=SECRET, financial_account=MONEY, pence=10_000)
        yield running


def somebody(client: stripe.StripeClient, name: str = "Ada Fenn", number: str = "00012345") -> dict[str, Any]:
    """A recipient with a bank account: what a payment to them says."""
    account = client.v2.core.accounts.create(
        {
            "contact_email": "ada@example.org",
            "display_name": name,
            "identity": {"country": "GB", "entity_type": "individual"},
            "configuration": {"recipient": {"capabilities": {"bank_accounts": {"fps": {"requested": True}}}}},
        }
    )
    intent = client.v2.money_management.outbound_setup_intents.create(
        {
            "payout_method_data": {
                "type": "bank_account",
                "bank_account": {
                    "country": "GB",
                    "currency": "gbp",
                    "account_number": number,
                    "routing_number": "108800",
                },
            }
        },
        {"stripe_context": account.id},
    )
    assert intent.payout_method is not None
    return {"recipient": account.id, "payout_method": intent.payout_method.id}


def order(client: stripe.StripeClient, to: dict[str, Any], pence: int = 2500) -> dict[str, Any]:
    """What is sent to pay them."""
    checked = client.v2.money_management.recipient_verifications.create(to)
    return {
        "from": {"financial_account": MONEY, "currency": "gbp"},
        "to": to,
        "amount": {"value": pence, "currency": "gbp"},
        "recipient_verification": checked.id,
        "metadata": {"payment_id": "pay_1"},
    }


def pay(client: stripe.StripeClient, given: dict[str, Any], key: str = "att_1") -> Any:
    """One call under a key."""
    return client.v2.money_management.outbound_payments.create(given, {"idempotency_key": key})


def moved(fake: FakeStripe) -> list[tuple[int, str]]:
    """The book: what was moved for the payment."""
    return [(one.pence, one.status) for one in fake.money().get("pay_1", [])]


def test_a_success_is_never_repeated_and_a_key_means_one_thing(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    given = order(client, somebody(client))
    first = pay(client, given)
    assert pay(client, given).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        pay(client, given | {"amount": {"value": 2600, "currency": "gbp"}})
    assert moved(fake) == [(2500, "processing")]
    account = client.v2.money_management.financial_accounts.retrieve(MONEY)
    assert account.balance.available["gbp"]["value"] == 7500
    assert account.balance.outbound_pending["gbp"]["value"] == 2500


def test_a_failure_is_worked_again_under_the_same_key(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    given = order(client, somebody(client), pence=20_000)
    with pytest.raises(stripe.InsufficientFundsError):
        pay(client, given)
    fake.world.credit(financial_account=MONEY, pence=20_000)
    assert pay(client, given).status == "processing"
    assert moved(fake) == [(20_000, "processing")]


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("answer_lost", True),
        ("error_500_after", True),
        ("truncated", True),
        ("bad_json", True),
        ("error_500", False),
        ("busy_429", False),
        ("busy_429_retry", False),
        ("refused_connection", False),
    ],
)
def test_a_fault_is_seen_as_an_error_and_the_same_key_heals_it(
    fake: FakeStripe, fault: str, done: bool
) -> None:
    client = sdk(fake.url)
    given = order(client, somebody(client))
    fake.dice.once(fault, path="outbound_payments")
    with pytest.raises(stripe.StripeError):
        pay(client, given)
    assert moved(fake) == ([(2500, "processing")] if done else [])
    assert pay(client, given).to_dict()["metadata"] == {"payment_id": "pay_1"}
    assert moved(fake) == [(2500, "processing")]


def test_a_stored_error_stays_for_two_more_tries(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    given = order(client, somebody(client))
    fake.dice.once("stored_500", path="outbound_payments")
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            pay(client, given)
    assert moved(fake) == []
    pay(client, given)
    assert moved(fake) == [(2500, "processing")]


def test_a_time_out_may_commit_late_and_its_key_is_in_use_meanwhile(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    given = order(client, somebody(client))
    fake.dice.faults = Faults(hang_seconds=0.0, late_seconds=0.0)
    fake.late_may_commit.clear()
    fake.dice.once("late_commit", path="outbound_payments")
    with pytest.raises(stripe.APIConnectionError):
        pay(client, given)
    with pytest.raises(stripe.IdempotencyError) as busy:
        pay(client, given)
    assert (busy.value.http_status, moved(fake)) == (409, [])
    fake.late_may_commit.set()
    _until(lambda: moved(fake) == [(2500, "processing")])
    pay(client, given)
    assert moved(fake) == [(2500, "processing")]


def test_a_listing_goes_by_recipient_and_window_page_by_page(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    to, other = somebody(client), somebody(client)
    for number in range(5):
        pay(client, order(client, to, pence=100 + number), key=f"att_{number}")
    pay(client, order(client, other), key="att_other")
    listing = client.v2.money_management.outbound_payments.list
    rows = list(
        listing(
            {"recipient": to["recipient"], "limit": 2, "created": {"gte": "2020-01-01T00:00:00Z"}}
        ).auto_paging_iter()
    )
    assert [row.amount.value for row in rows] == [104, 103, 102, 101, 100]
    assert listing({"recipient": to["recipient"], "created": {"gt": "2090-01-01T00:00:00Z"}}).data == []


@pytest.mark.parametrize(
    ("name", "result", "shown"),
    [
        ("Ada Fenn", "match", "Ada Fenn"),
        ("Ada Close Match", "close_match", "Ada Close Match close_match"),
        ("Ada No Match", "no_match", None),
        ("Ada Unavailable", "unavailable", None),
    ],
)
def test_a_name_is_checked_and_a_doubt_must_be_acknowledged(
    fake: FakeStripe, name: str, result: str, shown: str | None
) -> None:
    client = sdk(fake.url)
    to = somebody(client, name)
    given = order(client, to)
    checks = client.v2.money_management.recipient_verifications
    checked = checks.retrieve(given["recipient_verification"])
    assert (checked.match_result, checked.match_result_details.matched_name) == (result, shown)
    if result != "match":
        with pytest.raises(stripe.VerificationAttemptFailedError):
            pay(client, given)
        checks.acknowledge(checked.id)
    pay(client, given)
    assert checks.retrieve(checked.id).status == "consumed"
    with pytest.raises(stripe.VerificationAttemptFailedError):
        pay(client, given, key="att_2")


def test_a_link_to_the_hosted_form_works_once(fake: FakeStripe) -> None:
    client = sdk(fake.url)
    to = somebody(client)
    link = client.v2.core.account_links.create(
        {
            "account": to["recipient"],
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": "http://127.0.0.1/again",
                    "return_url": "http://127.0.0.1/back",
                },
            },
        }
    )
    requests = pytest.importorskip("requests")
    assert requests.get(link.url, timeout=5, allow_redirects=False).status_code == 200
    again = requests.get(link.url, timeout=5, allow_redirects=False)
    assert (again.status_code, again.headers["Location"]) == (303, "http://127.0.0.1/again")
    form = {"sort_code": "108800", "account_number": "00000002"}
    back = requests.post(link.url, data=form, timeout=5, allow_redirects=False)
    assert back.headers["Location"] == "http://127.0.0.1/back"
    found = client.v2.money_management.payout_methods.list(None, {"stripe_context": to["recipient"]})
    assert [one.bank_account.last4 for one in found.data if one.bank_account] == ["0002", "2345"]


def test_the_book_and_the_keys_survive_a_kill(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    words = [sys.executable, "-m", "tests.fake_stripe", "--book", str(book)]
    words += ["--account", f"{SECRET},{MONEY},10000", "--posts-after", "-1"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

    def begin() -> tuple[subprocess.Popen[bytes], stripe.StripeClient]:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, env=environ)
        assert process.stdout is not None
        return process, sdk(json.loads(process.stdout.readline())["url"])

    process, client = begin()
    given = order(client, somebody(client))
    first = pay(client, given)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with book.open("ab") as torn:
        torn.write(b'{"kind": "paym')
    process, client = begin()
    try:
        assert pay(client, given).id == first.id
        account = client.v2.money_management.financial_accounts.retrieve(MONEY)
        assert account.balance.available["gbp"]["value"] == 7500
    finally:
        process.terminate()
        process.wait()
    assert [(m.pence, m.key, m.status) for m in payments(read(book))["pay_1"]] == [
        (2500, "att_1", "processing")
    ]


class _Hears(BaseHTTPRequestHandler):
    """Somebody who is told what happened, and checks the signature."""

    heard: list[tuple[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            stripe.WebhookSignature.verify_header(body, self.headers["Stripe-Signature"], "whsec_1", 300)
        except stripe.SignatureVerificationError as refused:
            self.heard.append(("refused", str(refused)[:9]))
            self.send_response(400)
        else:
            self.heard.append((json.loads(body)["object"], json.loads(body)["type"].rpartition(".")[2]))
            self.send_response(200)
        self.end_headers()

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


def test_webhooks_are_signed_and_go_wrong_as_they_are_told_to(fake: FakeStripe) -> None:
    handler = type("Hears", (_Hears,), {"heard": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    client = sdk(fake.url)
    given = order(client, somebody(client))
    where = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        fake.tell(url=where, secret="whsec_1")
        fake.tell(url=where, secret="whsec_1", shape="snapshot")
        id_ = pay(client, given).id
        assert fake.post.settle(seconds=10)
        fake.post.destinations.pop()
        fake.dice.faults = Faults(twice=1, forged_signature=1, forged_old=1)
        fake.world.move(id_, "posted")
        assert fake.post.settle(seconds=10)
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(handler.heard) == [  # type: ignore[attr-defined]
        ("event", "created"),
        ("refused", "No signat"),
        ("refused", "Timestamp"),
        ("v2.core.event", "created"),
        ("v2.core.event", "posted"),
        ("v2.core.event", "posted"),
    ]
    assert dict(fake.post.answers) == {
        ("true", 200): 4,
        ("forged_signature", 400): 1,
        ("forged_old", 400): 1,
    }


def test_two_businesses_know_nothing_of_each_other(fake: FakeStripe) -> None:
    fake.open_platform(secret="sk_test_there", financial_account="fa_test_there", pence=10_000)
    here, there = sdk(fake.url), sdk(fake.url, "sk_test_there")
    given = order(here, somebody(here))
    with pytest.raises(stripe.InvalidRequestError):
        pay(there, given)
    with pytest.raises(stripe.AuthenticationError):
        pay(sdk(fake.url, "sk_test_nobody"), given)
    assert moved(fake) == []


def _until(holds: Any) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
