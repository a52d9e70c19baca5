"""Is what Stripe tells us believed only when Stripe tells it, kept as received, and never relied on?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.events import SYSTEM
from service.rails import credentials
from tests.fake_stripe.webhooks import signature
from tests.rails.paid_by_stripe import WEBHOOK, Paying, keep, own_account
from tests.stage import Council, refused, told


@pytest.fixture
def council(at: Paying) -> Council:
    """A council to which a payment has been sent that has arrived meanwhile, and we do not know it."""
    council = at.stage.council()
    person_id = at.person(council)
    at.stage.drain()
    at.came(council, person_id)
    at.stage.drain()
    at.fake.pass_time()
    assert at.payment(council)["status"] == "sent"
    return council


def _posted(at: Paying) -> dict[str, Any]:
    (event,) = at.events("outbound_payment.posted")
    return event


def _kept(at: Paying) -> list[tuple[str, str, str]]:
    """What stands in the inbox: id, what it is about, the body."""
    query = (
        "SELECT external_id, about, body_sealed FROM rail_notices WHERE rail = 'stripe' ORDER BY external_id"
    )
    with at.stage.admin() as line:
        rows = line.execute(query).fetchall()
    return [(id_, about, at.stage.hands.vault.open(body)["body"]) for id_, about, body in rows]


@pytest.mark.parametrize("shape", ["thin", "snapshot"])
def test_news_is_kept_as_received_and_the_current_state_is_what_counts(
    at: Paying, council: Council, shape: str
) -> None:
    body = at.as_sent(_posted(at), shape=shape)
    assert told(at.tells(body)) == {"received": True}
    # Nothing is acted on yet.
    assert at.payment(council)["status"] == "sent"
    event = json.loads(body)
    payment = next(iter(at.fake.money().values()))[0]
    assert _kept(at) == [(event["id"], payment.id, body.decode())]
    at.stage.drain()
    assert at.payment(council)["status"] == "paid"


def test_the_same_news_twice_is_once(at: Paying, council: Council) -> None:
    body = at.as_sent(_posted(at))
    for _ in range(20):
        told(at.tells(body))
    assert len(_kept(at)) == 1
    at.stage.drain()
    assert [row["status"] for row in council.payments()] == ["paid"]
    assert council.history(council.claim()["id"]).count("payout.paid") == 1


def test_order_is_not_trusted(at: Paying, council: Council) -> None:
    (made,) = at.events("outbound_payment.created")
    told(at.tells(at.as_sent(_posted(at))))
    at.stage.drain()
    told(at.tells(at.as_sent(made)))
    at.stage.drain()
    assert at.payment(council)["status"] == "paid"
    # News of its arrival that comes after it went back says only that something happened.
    payment = next(iter(at.fake.money().values()))[0]
    at.fake.world.move(payment.id, "returned", "recalled")
    told(at.tells(at.as_sent(_posted(at) | {"id": "evt_test_late"})))
    at.stage.drain()
    row = at.payment(council)
    assert (row["status"], row["failure"]) == ("returned", "The payment was called back.")


def test_news_that_never_comes_is_not_missed(at: Paying, council: Council) -> None:
    at.stage.sweep()
    assert at.payment(council)["status"] == "paid"


def test_a_forgery_changes_nothing(at: Paying, council: Council) -> None:
    body = at.as_sent(_posted(at))
    now = at.fake.world.clock()
    good = signature(body, WEBHOOK, now)
    forgeries = [
        (body, signature(body, "whsec_" + "0" * 32, now)),
        (body, signature(body, WEBHOOK, now - 4000)),
        (body, signature(body, "", now)),
        (body + b" ", good),
        (body, good.replace("v1=", "v0=")),
        (body, ""),
        (body, "t=,v1="),
        (body, "nonsense"),
        (b"\xff\xfe", good),
        (b"", good),
    ]
    before = at.stage.picture()
    for forged, header in forgeries:
        problem = refused(at.hears(forged, header), 400)
        assert problem["type"].endswith(":not-signed")
    assert at.stage.picture() == before
    told(at.hears(body, good))


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"nonsense", b'{"object": "event", "id": "evt_1", "type": "x"}']
)
def test_what_is_signed_and_is_no_event_is_refused(at: Paying, council: Council, body: bytes) -> None:
    before = at.stage.picture()
    refused(at.tells(body), 400)
    assert at.stage.picture() == before


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("v2.money_management.outbound_payment.posted", "obp_test_somebody_elses"),
        ("v2.core.account[configuration.recipient].updated", "acct_test_nobody"),
        ("v2.something.new.happened", "new_1"),
        ("v2.money_management.financial_account.created", ""),
    ],
)
def test_news_of_something_unknown_is_kept_and_harmless(
    at: Paying, council: Council, kind: str, about: str
) -> None:
    event = _posted(at) | {"id": "evt_test_1", "type": kind}
    event["related_object"] = {"id": about, "type": "x", "url": "/v2/x"} if about else None
    body = at.as_sent(event)
    told(at.tells(body))
    at.stage.drain()
    assert _kept(at) == [("evt_test_1", about, body.decode())]
    assert at.payment(council)["status"] == "sent"
    with at.stage.admin() as line:
        assert line.execute("SELECT count(*) FROM deliveries WHERE state <> 'done'").fetchone() == (0,)


def test_news_from_the_other_mode_is_kept_and_not_acted_on(at: Paying, council: Council) -> None:
    told(at.tells(at.as_sent(_posted(at) | {"livemode": True})))
    at.stage.drain()
    assert len(_kept(at)) == 1
    assert at.payment(council)["status"] == "sent"


def test_a_secret_is_changed_without_a_gap(at: Paying) -> None:
    council = at.stage.council("demoford")
    own_account(council, at.fake, "own")
    new = keep(council, "webhook_secret", {"secret": "whsec_new"})
    body = json.dumps(
        {"id": "evt_1", "object": "v2.core.event", "type": "v2.x.y", "created": "", "livemode": False}
    ).encode()
    for address in ("/webhooks/stripe", "/webhooks/stripe/demoford"):
        for secret in ("whsec_own", "whsec_new"):
            told(at.tells(body, secret, address))
        refused(at.tells(body, WEBHOOK, address), 400)
    old = _end(council, "webhook_secret", hint="_own")
    refused(at.tells(body, "whsec_own"), 400)
    told(at.tells(body, "whsec_new"))
    assert new != old


def test_a_council_s_address_is_for_that_council_alone(at: Paying, council: Council) -> None:
    other = at.stage.council("demoford")
    own_account(other, at.fake, "other")
    body = at.as_sent(_posted(at))
    refused(at.tells(body, "whsec_other", "/webhooks/stripe/exampleshire"), 400)
    refused(at.tells(body, WEBHOOK, "/webhooks/stripe/demoford"), 400)
    told(at.tells(body, "whsec_other", "/webhooks/stripe/demoford"))
    refused(at.tells(body, WEBHOOK, "/webhooks/stripe/nowhere"), 404)
    at.stage.drain()
    # The other council asked its own account, where there is no such payment.
    assert at.payment(council)["status"] == "sent"
    told(at.tells(body, WEBHOOK, "/webhooks/stripe/exampleshire"))
    at.stage.drain()
    assert at.payment(council)["status"] == "paid"


def _end(council: Council, kind: str, *, hint: str) -> str:
    """The credential with this hint is used no longer. Answers its id."""
    with council.stage.hands.db.council(council.id) as session:
        standing = credentials.listed(session, council_id=council.id, rail="stripe")
        (old,) = (one.id for one in standing if (one.kind, one.hint) == (kind, hint))
        credentials.end(
            session, council_id=council.id, credential_id=old, actor=SYSTEM, now=council.stage.clock()
        )
    return old
