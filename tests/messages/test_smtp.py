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
from typing import Any

import pytest

from service import deliveries
from service.events import Actor
from service.messages.protocol import Message, NotSent, NotTaken
from service.messages.smtp import Smtp
from service.people import stopping
from service.sessions import asking
from tests.messages.test_notify import lead, states
from tests.people.changes import STAFF, about
from tests.stage import Council, Stage, told


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given, as plain SMTP asks of it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.kept: list[EmailMessage] = []
        # Address → what is answered to it.
        self.refuses: dict[str, str] = {}

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
            refusal = self.server.refuses.get(re.sub(rb".*<|>.*", b"", line.strip()).decode(), "")
            if word == b"RCPT" and refusal:
                self._say(refusal)
                continue
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


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("550 5.1.1 no such user", NotTaken),
        ("553 no mailbox here", NotTaken),
        ("450 4.2.1 busy", NotSent),
        # These are about us, and may be put right.
        ("530 5.7.0 sign in first", NotSent),
        ("550 5.7.1 relaying denied", NotSent),
    ],
)
def test_an_address_that_there_is_not_is_told_from_a_server_that_does_not_want_us(
    mailbox: Mailbox, answer: str, error: type[Exception]
) -> None:
    mailbox.refuses["gone@example.com"] = answer
    with pytest.raises(error):
        Smtp(mailbox.url, mail_from="a@b.example").send(Message("k", "gone@example.com", "s", "b"))
    assert mailbox.kept == []


def mailed(stage: Stage, mailbox: Mailbox) -> Council:
    stage.hands = replace(stage.hands, way=Smtp(mailbox.url, mail_from="a@b.example"))
    return stage.council()


def test_what_no_mail_server_takes_is_given_up_and_the_lead_is_told(stage: Stage, mailbox: Mailbox) -> None:
    council = mailed(stage, mailbox)
    lead(council)
    mailbox.refuses["gone@example.com"] = "550 5.1.1 no such user"
    council.offer(council.session(), council.person(account=None, email="gone@example.com"))
    stage.drain()
    stage.clock.forward(timedelta(minutes=10))
    stage.drain()
    assert [(m["To"], m["Subject"]) for m in mailbox.kept] == [
        ("lou@exampleshire.example", "One of our messages did not arrive")
    ]
    assert states(council)[0] == ("email", "failed")


def test_the_contact_before_hears_though_the_one_of_today_is_not_taken_yet(
    stage: Stage, mailbox: Mailbox
) -> None:
    council = mailed(stage, mailbox)
    person_id = council.person(account=None, email="before@example.com")
    mailbox.refuses["today@example.com"] = "450 4.2.1 busy"
    with stage.hands.db.council(council.id) as session:
        moved = {"email": "today@example.com", "phone": ""}
        stopping.change_contact(session, **moved, actor=STAFF, **about(council, person_id))
    stage.drain()
    assert [letter["To"] for letter in mailbox.kept] == ["before@example.com"]
    mailbox.refuses.clear()
    stage.clock.forward(timedelta(minutes=10))
    stage.drain()
    assert [letter["To"] for letter in mailbox.kept] == ["before@example.com", "today@example.com"]


def test_one_of_two_leads_is_told_though_the_other_ones_mail_is_not_taken(
    stage: Stage, mailbox: Mailbox
) -> None:
    council = mailed(stage, mailbox)
    lead(council)
    lead(council, "lee")
    person_id = council.person(account=None)
    offer_id = council.offer(council.session(ends=stage.clock() + timedelta(days=2)), person_id)
    stage.drain()
    for refused in ("lou", "lee"):
        mailbox.kept.clear()
        mailbox.refuses = {f"{refused}@exampleshire.example": "450 4.2.1 busy"}
        with stage.hands.db.council(council.id) as session:
            me = Actor("person", person_id)
            asked: dict[str, Any] = {"offer_id": offer_id, "words": f"Will {refused} be there?", "actor": me}
            asking.ask_question(session, council_id=council.id, now=stage.clock(), **asked)
        stage.drain()
        others = {"lou", "lee"} - {refused}
        assert [letter["To"] for letter in mailbox.kept] == [
            f"{name}@exampleshire.example" for name in others
        ]
        mailbox.refuses.clear()
        stage.clock.forward(timedelta(minutes=10))
        stage.drain()
        assert len(mailbox.kept) == 2


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
