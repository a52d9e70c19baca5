"""Does another system hear of every payment and claim, signed, until it has it, and of nobody's name?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.councils import actions as councils
from service.messages.protocol import Message
from service.outgoing import actions, model
from service.tasks import outgoing
from tests.outgoing.receiver import Got, Receiver, receiver
from tests.stage import Council, Stage, refused, told

PAID = ["payment.paid", "payment.failed"]


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def listening(council: Council, other: Receiver, *types: str) -> dict[str, Any]:
    body = {"url": other.url, "events": list(types)}
    made: dict[str, Any] = told(council.finance.post("webhook_endpoints", body), 201)
    return made


def delivered(council: Council) -> int:
    return outgoing.deliver_due(council.stage.hands, council_id=council.id)


def one_is_paid(council: Council, account: str = "00012345") -> dict[str, Any]:
    session_id = council.ticked(account=account)
    council.stage.drain()
    return council.claim(session=session_id)


def fits(got: Got, secret: str) -> bool:
    """Whether a message bears the mark of a secret, worked out as the standard says, not as our code does."""
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{mark}" in got.headers["webhook-signature"].split(" ")


def status(council: Council, endpoint: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told(council.finance.get(f"webhook_endpoints/{endpoint['id']}"))
    return found


def deliveries(council: Council, endpoint: dict[str, Any]) -> list[tuple[str, str, int]]:
    found = told(council.finance.get(f"webhook_endpoints/{endpoint['id']}/deliveries"))["data"]
    return [(row["type"], row["status"], row["attempts"]) for row in found]


def test_the_published_example_of_a_signature() -> None:
    headers = model.signed(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        keys=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_tells_of_a_payment_signed_and_without_a_name(council: Council, other: Receiver) -> None:
    endpoint = listening(council, other, *PAID)
    assert endpoint["secret"].startswith("whsec_")
    claim = one_is_paid(council)
    assert delivered(council) == 1
    (got,) = other.got
    (payment,) = claim["payments"]
    assert got.said["type"] == "payment.paid"
    assert got.said["data"] == {
        "id": payment["id"],
        "status": "paid",
        "claim": claim["id"],
        "amount_pence": claim["total_pence"],
        "currency": "GBP",
        "rail": "sandbox",
    }
    assert fits(got, endpoint["secret"])
    assert not fits(got, model.new_secret())
    for word in (b"Ada", b"Example", b"108800", b"per_", b"Brew"):
        assert word not in got.body
    assert deliveries(council, endpoint) == [("payment.paid", "delivered", 1)]
    assert delivered(council) == 0


def test_tells_of_every_type_where_none_was_named_in_order(council: Council, other: Receiver) -> None:
    listening(council, other)
    one_is_paid(council)
    delivered(council)
    assert other.types() == [
        "claim.submitted",
        "claim.approved",
        "payment.ready",
        "payment.sending",
        "payment.sent",
        "payment.paid",
        "claim.paid",
    ]


def test_the_secret_is_shown_once_and_kept_nowhere_in_the_open(council: Council, other: Receiver) -> None:
    body = {"url": other.url}
    first = told(council.finance.post("webhook_endpoints", body, once="k"), 201)
    again = told(council.finance.post("webhook_endpoints", body, once="k"), 201)
    assert (again["id"], again["secret"]) == (first["id"], None)
    assert "secret" not in status(council, first)
    everything = str(council.stage.picture())
    assert first["secret"] not in everything
    assert first["secret"].removeprefix("whsec_") not in everything


def test_tries_again_later_and_later_under_the_same_id(council: Council, other: Receiver) -> None:
    endpoint = listening(council, other, *PAID)
    other.answers = [500, 503]
    one_is_paid(council)
    assert delivered(council) == 1
    assert delivered(council) == 0, "it waits"
    assert status(council, endpoint)["status"] == "failing"
    assert status(council, endpoint)["last_error"] == "It answered 500."
    council.stage.clock.forward(timedelta(seconds=10))
    assert delivered(council) == 1
    council.stage.clock.forward(timedelta(seconds=10))
    assert delivered(council) == 0, "it waits longer now"
    council.stage.clock.forward(timedelta(seconds=60))
    assert delivered(council) == 1
    assert len(set(other.ids())) == 1
    assert len({got.headers["webhook-signature"] for got in other.got}) == 3, "each try has its own moment"
    assert all(fits(got, endpoint["secret"]) for got in other.got)
    assert deliveries(council, endpoint) == [("payment.paid", "delivered", 3)]
    assert status(council, endpoint)["status"] == "working"


def test_one_message_that_is_never_taken_does_not_stop_the_others(council: Council, other: Receiver) -> None:
    listening(council, other, *PAID)
    other.answers = [422]
    one_is_paid(council)
    delivered(council)
    one_is_paid(council)
    council.stage.clock.forward(timedelta(seconds=6))
    other.answers = [422, 204] if len(other.got) == 1 else []
    for _ in range(3):
        delivered(council)
        council.stage.clock.forward(timedelta(minutes=1))
    assert len(set(other.ids())) == 2


class Way:
    """Keeps what would leave for members of staff."""

    name = "test"

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        """Keep it."""
        self.sent.append(message)


def with_staff(council: Council) -> Way:
    """Kim of finance and Lee, a lead, work here, and are told things by mail."""
    way, stage = Way(), council.stage
    stage.hands = replace(stage.hands, way=way)
    with stage.hands.db.council(council.id) as session:
        for name, role in (("Kim", "finance"), ("Lee", "lead")):
            councils.add_staff(
                session,
                council_id=council.id,
                email=f"{name.lower()}@example.org",
                name=name,
                roles=(role,),
                now=stage.clock(),
            )
    return way


def five_days_without_an_answer(council: Council, other: Receiver) -> dict[str, Any]:
    endpoint = listening(council, other, *PAID)
    other.answers = [500] * 1000
    one_is_paid(council)
    # The last wait before the fifth day is over may be a day long.
    for _ in range(80):
        delivered(council)
        council.stage.clock.forward(timedelta(hours=2))
    council.stage.drain()
    return endpoint


def test_is_switched_off_after_five_days_and_staff_are_told(council: Council, other: Receiver) -> None:
    way = with_staff(council)
    endpoint = five_days_without_an_answer(council, other)
    assert status(council, endpoint)["status"] == "disabled"
    assert [m.subject for m in way.sent if m.to == "kim@example.org"] == [
        "Another system does not take our messages",
        "We have stopped sending messages to one of your systems",
    ]
    assert not [m for m in way.sent if m.to == "lee@example.org"]
    assert 7 <= len(other.got) <= 20, "days of tries, and not a storm of them"
    tried = len(other.got)
    one_is_paid(council)
    council.stage.clock.forward(timedelta(days=1))
    assert delivered(council) == 0
    assert len(other.got) == tried


def test_is_switched_on_again_and_catches_up(council: Council, other: Receiver) -> None:
    endpoint = five_days_without_an_answer(council, other)
    one_is_paid(council)
    tried = len(other.got)
    path = f"webhook_endpoints/{endpoint['id']}"
    since = (council.stage.clock() - timedelta(days=30)).isoformat()
    refused(council.finance.post(f"{path}/replay", {"since": since}), 409)
    told(council.finance.post(f"{path}/enable", {}))
    other.answers = []
    assert told(council.finance.post(f"{path}/replay", {"since": since}))["messages"] == 2
    council.stage.clock.forward(timedelta(minutes=1))
    delivered(council)
    assert len(other.got) == tried + 2
    assert [row[1] for row in deliveries(council, endpoint)] == ["delivered", "delivered"]


def test_is_replayed_under_the_same_ids(council: Council, other: Receiver) -> None:
    endpoint = listening(council, other, *PAID)
    before = council.stage.clock()
    one_is_paid(council)
    delivered(council)
    path = f"webhook_endpoints/{endpoint['id']}/replay"
    again = told(council.finance.post(path, {"since": before.isoformat()}))
    assert again == {"id": endpoint["id"], "messages": 1}
    delivered(council)
    assert len(other.got) == 2
    assert len(set(other.ids())) == 1
    assert other.got[0].body == other.got[1].body
    tomorrow = (council.stage.clock() + timedelta(days=1)).isoformat()
    refused(council.finance.post(path, {"since": tomorrow}), 422, "/since")


def test_a_rotated_secret_overlaps_with_the_old_one(council: Council, other: Receiver) -> None:
    endpoint = listening(council, other, *PAID)
    new = told(council.finance.post(f"webhook_endpoints/{endpoint['id']}/rotate_secret", {}))["secret"]
    one_is_paid(council)
    delivered(council)
    assert fits(other.got[0], endpoint["secret"])
    assert fits(other.got[0], new)
    assert len(other.got[0].headers["webhook-signature"].split(" ")) == 2
    council.stage.clock.forward(timedelta(hours=25))
    one_is_paid(council)
    delivered(council)
    assert not fits(other.got[1], endpoint["secret"])
    assert fits(other.got[1], new)


def test_nothing_goes_where_it_was_taken_away(council: Council, other: Receiver) -> None:
    endpoint = listening(council, other, *PAID)
    one_is_paid(council)
    path = f"webhook_endpoints/{endpoint['id']}"
    assert council.finance.send("DELETE", path).status_code == 204
    one_is_paid(council)
    assert delivered(council) == 0
    assert other.got == []
    refused(council.finance.get(path), 404)
    refused(council.finance.send("DELETE", path), 404)
    assert told(council.finance.get("webhook_endpoints"))["data"] == []


def test_a_message_is_sent_again_when_whoever_sent_it_died(council: Council, other: Receiver) -> None:
    listening(council, other, *PAID)
    one_is_paid(council)
    given = council.stage.hands
    with given.db.council(council.id) as session:
        taken = actions.take(session, council_id=council.id, vault=given.vault, now=given.clock())
    assert taken is not None
    assert delivered(council) == 0, "somebody has it"
    council.stage.clock.forward(timedelta(minutes=5))
    assert delivered(council) == 1


def test_asks_for_a_known_type(council: Council, other: Receiver) -> None:
    before = council.stage.picture()
    body = {"url": other.url, "events": ["payment.paid", "payment.burnt"]}
    refused(council.finance.post("webhook_endpoints", body), 422, "/events/1")
    assert council.stage.picture() == before


def test_a_lead_and_an_approver_may_not(council: Council, other: Receiver) -> None:
    for door in (council.lead, council.approver):
        refused(door.post("webhook_endpoints", {"url": other.url}), 403)
    told(council.ops.get("webhook_endpoints"))
