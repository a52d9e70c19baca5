"""Does a message leave by mail, whole and once, and is it tried again when the mail server is away?"""

from __future__ import annotations

import email
import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default

import pytest

from service import deliveries
from service.messages.protocol import Message, NotSent
from service.messages.smtp import Smtp
from tests.stage import Stage, told


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given, as plain SMTP asks of it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.kept: list[EmailMessage] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Talk(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self.server.kept.append(self._letter())
            self._say("221 bye" if word == b"QUIT" else "250 fine")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def _letter(self) -> EmailMessage:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return email.message_from_bytes(b"".join(lines), policy=default)  # type: ignore[return-value]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_message_arrives_with_its_words_and_our_key(mailbox: Mailbox) -> None:
    way = Smtp(mailbox.url, mail_from="payments@council.example")
    way.send(Message("ntc_1", "ada@example.com", "Your fee: £15.50", "Dŵr\n.\nHello"))
    (letter,) = mailbox.kept
    assert (letter["To"], letter["Subject"]) == ("ada@example.com", "Your fee: £15.50")
    assert letter["Message-ID"] == "<ntc_1@council.example>"
    assert letter.get_content().splitlines() == ["Dŵr", ".", "Hello"]


def test_a_mail_server_that_is_away_is_no_loss() -> None:
    with pytest.raises(NotSent):
        Smtp("smtp://127.0.0.1:9", mail_from="a@b.example").send(Message("k", "a@example.com", "s", "b"))


def test_an_offer_is_sent_once_with_a_link_that_signs_in(stage: Stage, mailbox: Mailbox) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person(account=None, email="ada@example.com")
    offer_id = council.offer(session_id, person_id)
    way = Smtp(mailbox.url, mail_from="payments@council.example")
    stage.hands = replace(stage.hands, way=way)
    stage.drain()
    stage.drain()
    (letter,) = mailbox.kept
    link = re.search(r"http\S+/link/\S+", letter.get_content())
    assert link is not None
    page = stage.app.test_client().get("/link/" + link[0].rpartition("/")[2])
    assert page.status_code == 200
    assert told(council.lead.get(f"offers/{offer_id}"))["status"] == "made"


def test_a_message_that_could_not_leave_is_tried_again(stage: Stage, mailbox: Mailbox) -> None:
    council = stage.council()
    council.offer(council.session(), council.person(account=None, email="ada@example.com"))
    stage.hands = replace(stage.hands, way=Smtp("smtp://127.0.0.1:9", mail_from="a@b.example"))
    stage.drain()
    with stage.hands.db.council(council.id) as session:
        assert deliveries.failed(session, council_id=council.id) == []
    stage.clock.forward(timedelta(minutes=1))
    stage.hands = replace(stage.hands, way=Smtp(mailbox.url, mail_from="a@b.example"))
    stage.drain()
    assert [letter["To"] for letter in mailbox.kept] == ["ada@example.com"]
