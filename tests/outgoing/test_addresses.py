"""Can a webhook be turned against our own machines: by a number, a name, a second look-up, a redirect?"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.errors import Invalid
from service.outgoing.calling import is_public, look_at, post
from service.tasks import outgoing
from tests.outgoing.receiver import Receiver, receiver
from tests.outgoing.test_webhooks import one_is_paid
from tests.stage import Council, Stage, refused, told

INSIDE = (
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a00:1::]/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "http://127.0.0.1/",
    "http://8.8.8.8/",
    "https://user@8.8.8.8/",
    "https://8.8.8.8/#part",
    "ftp://8.8.8.8/",
    "https:///nowhere",
    "https://8.8.8.8:99999/",
    "https://8.8.8.8/a b",
    "https://8.8.8.8/a\r\nX: y",
    "nothing",
)


@pytest.mark.parametrize("url", INSIDE)
def test_refuses(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        look_at(url, loopback=False)
    assert [fault.pointer for fault in refusal.value.errors] == ["/url"]


@pytest.mark.parametrize("url", [u for u in INSIDE if not u.startswith(("https://127", "http://127"))])
def test_a_test_key_opens_this_machine_and_nothing_else(url: str) -> None:
    own = ("localhost", "[::1]", "2130706433", "0x7f000001")
    if any(f"//{name}/" in url for name in own):
        assert ipaddress.ip_address(look_at(url, loopback=True).address).is_loopback
    else:
        with pytest.raises(Invalid):
            look_at(url, loopback=True)


def test_lets_the_open_internet_through() -> None:
    target = look_at("https://8.8.8.8/hooks?a=b", loopback=False)
    assert (target.secure, target.address, target.port, target.path) == (True, "8.8.8.8", 443, "/hooks?a=b")
    assert is_public(ipaddress.ip_address("2606:4700:4700::1111"))


def test_refuses_a_name_that_has_one_address_inside() -> None:
    both = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    with pytest.raises(Invalid):
        look_at("https://two.example.org/", loopback=False, lookup=lambda *_, **__: both)


def test_is_refused_at_registration(stage: Stage) -> None:
    council = stage.council()
    before = stage.picture()
    refused(council.finance.post("webhook_endpoints", {"url": "https://10.0.0.1/"}), 422, "/url")
    refused(council.finance.post("webhook_endpoints", {"url": "http://8.8.8.8/"}), 422, "/url")
    assert stage.picture() == before


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def listening(council: Council, other: Receiver) -> dict[str, Any]:
    made: dict[str, Any] = told(council.finance.post("webhook_endpoints", {"url": other.url}), 201)
    return made


def test_is_refused_at_each_delivery_when_the_name_moved_inside(stage: Stage, other: Receiver) -> None:
    """The endpoint is made a live one after it was registered: the same look as at registration is due."""
    council = stage.council()
    endpoint = listening(council, other)
    with stage.admin() as line:
        line.execute("UPDATE webhook_endpoints SET test = false")
    one_is_paid(council)
    assert outgoing.deliver_due(stage.hands, council_id=council.id) == 1
    assert other.got == []
    found = told(council.finance.get(f"webhook_endpoints/{endpoint['id']}"))
    assert found["status"] == "failing"
    assert found["last_error"] == "Use https. Plain http is only for a test on the same machine."


def test_goes_to_the_address_that_was_looked_at_whatever_the_name_says_later(other: Receiver) -> None:
    """The first answer of the name server is checked and used; there is no second question."""
    asked: list[str] = []

    def first_here_then_there(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.9.9.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    url = f"http://moves.example.org:{other.port}/hooks"
    target = look_at(url, loopback=True, lookup=first_here_then_there)
    reply = post(target, body=b"{}", headers={"Content-Type": "application/json"}, context=CONTEXT)
    assert reply.status == 204
    assert asked == ["moves.example.org"]
    assert other.got[0].headers["host"] == f"moves.example.org:{other.port}"


CONTEXT = ssl.create_default_context()


def test_follows_no_redirect(stage: Stage, other: Receiver) -> None:
    council = stage.council()
    with receiver() as elsewhere:
        other.answers, other.sends_to = [307] * 9, elsewhere.url
        listening(council, other)
        one_is_paid(council)
        outgoing.deliver_due(stage.hands, council_id=council.id)
        assert len(other.got) == 1
        assert elsewhere.got == []


def test_somebody_who_answers_a_letter_at_a_time_does_not_hold_us() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = server.accept()
        with line:
            line.recv(65536)
            try:
                for _ in range(200):
                    line.send(b"H")
                    time.sleep(0.05)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    target = look_at(f"http://127.0.0.1:{server.getsockname()[1]}/", loopback=True)
    reply = post(target, body=b"{}", headers={}, context=CONTEXT, whole_seconds=0.5)
    assert reply.status is None
    assert time.monotonic() - began < 4
    server.close()
    thread.join()


def test_a_line_that_nobody_answers_is_a_failure_in_words() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    server.close()
    target = look_at(f"http://127.0.0.1:{port}/", loopback=True)
    reply = post(target, body=b"{}", headers={}, context=CONTEXT)
    assert (reply.status, reply.error) == (None, "The line broke, or nobody answered.")


def test_a_certificate_that_nobody_vouches_for_is_refused(other: Receiver) -> None:
    target = look_at(f"https://127.0.0.1:{other.port}/", loopback=True)
    reply = post(target, body=b"{}", headers={}, context=CONTEXT)
    assert (reply.status, reply.taken) == (None, False)
    assert other.got == []
