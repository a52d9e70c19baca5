"""Does a picture of a receipt reach whoever decides, safely, and never stand in a person's way?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from service import resealing
from service.receipts import queries
from service.receipts.model import KEPT_AFTER_PAYMENT, MOST_BYTES
from service.receipts.scanning import Clamd
from service.receipts.storage import Folder
from service.receipts.tables import Receipt
from service.tasks import hands as in_use
from service.tasks import housekeeping
from service.vault import Vault
from tests.receipts import made
from tests.web.filling import Filler, bus, filler
from tests.web.test_costs import begun, costs_of
from tests.web.world import World


def kept(world: World) -> list[Receipt]:
    with world.db.council(world.council_id) as session:
        return [
            row
            for who in world.people.values()
            for row in queries.of_person(session, council_id=world.council_id, person_id=who)
        ]


def files(world: World) -> list[Path]:
    root = Path(world.hands.settings.receipts_dir) / world.council_id
    return sorted(root.glob("*")) if root.exists() else []


def told(world: World, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Who did it, and what it was about, for every event of a name."""
    query = text("SELECT actor_id, refs FROM events WHERE name = :name ORDER BY id")
    with world.db.council(world.council_id) as session:
        return [(row.actor_id, row.refs) for row in session.execute(query, {"name": name})]


def sent_with_a_picture(world: World, *, pence: str = "80.00", picture: bytes | None = None) -> Filler:
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence=pence, picture=picture or made.jpeg())
    one.send()
    world.drain()
    return one


@pytest.mark.parametrize(
    ("picture", "kind", "ending"),
    [
        (made.jpeg, "image/jpeg", "jpg"),
        (made.heic, "image/jpeg", "jpg"),
        (made.pdf, "application/pdf", "pdf"),
    ],
)
def test_a_picture_goes_with_the_claim_and_whoever_decides_sees_it(
    world: World, picture: Any, kind: str, ending: str
) -> None:
    sent_with_a_picture(world, picture=picture())
    (claim,) = costs_of(world, "jo")
    assert claim.expenses == [{"category": "bus", "amount_pence": 8000, "receipt": True}]
    (row,) = kept(world)
    assert (row.claim_id, row.cost_number, row.kind, row.state) == (claim.id, 0, kind, "kept")
    staff = world.client("staff", "ada")
    page = staff.get(f"/{world.slug}/staff/claims/{claim.id}").text
    address = f"/{world.slug}/staff/receipts/{row.id}"
    assert (f'src="{address}?small=1"' in page) == (kind == "image/jpeg")
    assert f'href="{address}"' in page
    assert "Not checked for viruses" in page
    answer = staff.get(address)
    assert answer.mimetype == kind
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Disposition"].endswith(f'.{ending}"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    if kind == "image/jpeg":
        small = staff.get(f"{address}?small=1")
        assert (small.mimetype, small.data != answer.data) == (kind, True)
    assert made.PHONE.encode() not in answer.data
    assert b"Exif" not in answer.data
    refs = {"claim_id": claim.id, "person_id": world.people["jo"]}
    looks = 2 if kind == "image/jpeg" else 1
    assert told(world, "receipt.read") == [(world.staff["ada"], refs)] * looks


def test_what_lies_in_the_folder_says_nothing(world: World) -> None:
    sent_with_a_picture(world)
    (row,) = kept(world)
    (file,) = files(world)
    assert file.stem == row.id
    assert file.stat().st_mode & 0o777 == 0o600
    assert not file.read_bytes().startswith(b"\xff\xd8")
    assert row.key_sealed is not None
    key = Vault(world.hands.settings.encryption_keys).open(row.key_sealed)["key"]
    assert Fernet(key).decrypt(file.read_bytes()).startswith(b"\xff\xd8")
    with world.db.crossing() as outside:
        assert "receipts.key_sealed" in [one.name for one in resealing.columns(outside)]


def test_nobody_else_sees_it(world: World) -> None:
    one = sent_with_a_picture(world)
    (row,) = kept(world)
    mine, theirs = f"/{world.slug}/me/receipts/{row.id}", f"/{world.slug}/staff/receipts/{row.id}"
    assert one.client.get(mine).status_code == 200
    before = told(world, "receipt.read")
    assert world.client("person", "wei").get(mine).status_code == 404
    assert world.client().get(mine).status_code == 303
    assert {who: world.client("staff", who).get(theirs).status_code for who in world.staff} == {
        "sam": 200, "ada": 200, "fay": 403, "kim": 403, "oli": 403, "pat": 403,
    }  # fmt: skip
    assert [who for who, _ in told(world, "receipt.read")[len(before) :]] == [
        world.staff["sam"], world.staff["ada"],
    ]  # fmt: skip


def test_a_picture_that_was_not_sent_is_the_persons_alone(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world, picture=made.jpeg())
    (row,) = kept(world)
    assert row.claim_id is None
    staff = world.client("staff", "ada").get(f"/{world.slug}/staff/receipts/{row.id}")
    assert staff.status_code == 404
    assert one.says("1 picture")


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        (b"GIF89a", "We cannot read this kind of file."),
        (b"", "This file is empty."),
        (b"\xff\xd8\xffnothing", "We could not read this picture."),
        (b"\xff\xd8\xff" + b"x" * MOST_BYTES, "This file is larger than 15 megabytes."),
    ],
)
def test_a_file_that_is_not_fit_says_what_to_do_and_loses_nothing(
    world: World, came: bytes, sentence: str
) -> None:
    one = filler(world, "jo")
    bus(one, world, picture=came)
    assert one.path.endswith("/receipt")
    assert one.says(sentence)
    assert "<title>Error: Your receipt or ticket" in one.page
    assert (kept(world), files(world)) == ([], [])
    assert begun(world, "jo")[0].costs[0]["answers"] == {"kind": "bus", "amount_pence": 410}
    one.send(receipt="no")
    assert one.says("Check your answers")


def test_a_folder_that_is_full_or_gone_leaves_a_way_on(world: World, tmp_path: Path) -> None:
    (tmp_path / "in_the_way").touch()
    folder = Folder(str(tmp_path / "in_the_way"))
    world.app.extensions["receipts"] = replace(world.hands.receipts, store=folder)
    one = filler(world, "jo")
    bus(one, world, picture=made.jpeg())
    assert one.says("We cannot keep a picture just now.")
    assert one.says("Or go on without it, and add it later")
    assert kept(world) == []
    one.send(receipt="yes")
    assert one.says("I have one, to send later")


def test_far_too_much_is_refused_in_words(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world, picture=b"\xff\xd8\xff" + b"x" * (2 * MOST_BYTES + 2 * 1024 * 1024))
    assert one.says("That file is too large")
    assert one.says("Nothing else you typed is lost.")
    assert begun(world, "jo")[0].costs[0]["answers"] == {"kind": "bus", "amount_pence": 410}


def test_neither_a_picture_nor_an_answer_is_asked_for_again(world: World) -> None:
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="4.10")
    assert one.says("Please send a receipt or ticket for anything over £10.00.")
    one.send()
    assert one.says("Choose a picture of your receipt, or tell us that you cannot send one")


def test_a_wrong_picture_is_taken_away_before_it_is_sent(world: World) -> None:
    one = filler(world, "jo")
    bus(one, world, picture=made.jpeg())
    one.open(f"/costs/{world.sessions['brew']}/receipt")
    assert one.says("Send another picture or PDF")
    one.send(to="/receipt/remove", receipt=kept(world)[0].id)
    (row,) = kept(world)
    assert (row.state, row.key_sealed) == ("removed", None)
    assert one.says("I do not have one")
    one.send(receipt="no")
    assert one.says("Check your answers")


def test_no_receipt_is_a_way_on_and_a_later_one_is_worked_out_anew(world: World) -> None:
    """Refused by the rule for want of a receipt; sent afterwards, it is paid."""
    world.tick("jo")
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="12.00")
    one.send(receipt="no")
    assert one.says("It can be paid if you send a receipt or ticket.")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert claim.state == "refused"
    one.open(f"/claims/{claim.id}")
    one.open(one.link("add one"))
    one.send()
    assert one.says("Choose a picture of your receipt.")
    one.file(made.png())
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert (claim.state, claim.version, claim.total_pence) == ("paid", 2, 1200)
    one.open(f"/claims/{claim.id}")
    assert one.says("You added a receipt")
    assert "Add a receipt" not in one.page
    one.open(f"/claims/{claim.id}/receipt")
    assert one.says("This claim needs no receipt any more.")


def test_the_same_picture_again_is_noticed_and_can_be_sent(world: World) -> None:
    one = sent_with_a_picture(world, pence="4.10")
    bus(one, world, pence="5.20", picture=made.jpeg(comment=b"another day"))
    assert one.says("You sent this picture already on")
    one.send()
    world.drain()
    first, second = sorted(costs_of(world, "jo"), key=lambda claim: claim.id)
    assert (first.state, second.state) == ("paid", "waiting")
    page = world.client("staff", "ada").get(f"/{world.slug}/staff/claims/{second.id}").text
    assert f"The same picture of a receipt is also in {first.id}." in page


@contextmanager
def clamd(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A daemon that speaks INSTREAM and answers every file alike; what it was sent is listed."""
    heard: list[bytes] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                whole = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    whole += stream.read(size)
                heard.append(whole)
                stream.write(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        path.unlink()


@pytest.fixture
def scanned(world: World, tmp_path: Path) -> Path:
    """The world with a scanner set up, whose socket is not there yet."""
    path = tmp_path / "c.sock"
    keeping = replace(world.hands.receipts, scanner=Clamd(f"unix://{path}"))
    world.app.extensions["receipts"] = keeping
    in_use.use(replace(world.hands, receipts=keeping))
    return path


def test_a_clean_file_is_recorded_as_checked(world: World, scanned: Path) -> None:
    came = made.jpeg()
    with clamd(scanned, b"stream: OK\0") as heard:
        sent_with_a_picture(world, picture=came)
    assert heard == [came]
    assert [(row.state, row.scan) for row in kept(world)] == [("kept", "clean")]


def test_a_harmful_file_is_refused_and_kept_nowhere(world: World, scanned: Path) -> None:
    one = filler(world, "jo")
    with clamd(scanned, b"stream: Eicar-Test-Signature FOUND\0"):
        bus(one, world, picture=made.jpeg())
    assert one.says("Our check for harmful files stopped this one.")
    assert (kept(world), files(world)) == ([], [])


@pytest.mark.parametrize(
    ("answer", "state"),
    [(b"stream: OK\0", "kept"), (b"stream: Eicar-Test-Signature FOUND\0", "refused")],
)
def test_while_nobody_can_check_a_receipt_waits_and_is_not_lost(
    world: World, scanned: Path, answer: bytes, state: str
) -> None:
    one = sent_with_a_picture(world)
    (row,) = kept(world)
    (claim,) = costs_of(world, "jo")
    assert (row.state, row.scan, row.claim_id) == ("being_checked", "waiting", claim.id)
    staff = world.client("staff", "ada")
    page = staff.get(f"/{world.slug}/staff/claims/{claim.id}").text
    assert "it is being checked for harmful files" in page
    assert staff.get(f"/{world.slug}/staff/receipts/{row.id}").status_code == 503
    housekeeping.check_receipts()
    assert kept(world)[0].state == "being_checked"
    with clamd(scanned, answer):
        housekeeping.check_receipts()
    world.drain()
    assert kept(world)[0].state == state
    one.open(f"/claims/{claim.id}")
    assert one.says("so we do not have it") == (state == "refused")
    expected = 200 if state == "kept" else 409
    assert staff.get(f"/{world.slug}/staff/receipts/{row.id}").status_code == expected


def test_a_picture_goes_long_after_payment_and_its_mark_stays(world: World) -> None:
    one = sent_with_a_picture(world, pence="4.10")
    bus(one, world, pence="5.20", picture=made.png())
    ahead = timedelta()
    in_use.use(replace(world.hands, clock=lambda: world.now + ahead))
    for days, states in (
        (89, ["kept", "kept"]),
        (91, ["kept", "removed"]),
        (KEPT_AFTER_PAYMENT.days - 1, ["kept", "removed"]),
        (KEPT_AFTER_PAYMENT.days + 1, ["removed", "removed"]),
    ):
        ahead = timedelta(days=days)
        housekeeping.forget_receipts()
        assert [row.state for row in kept(world)] == states, days
        assert len(files(world)) == states.count("kept")
    assert all(row.mark and row.key_sealed is None for row in kept(world))
    answer = one.client.get(f"/{world.slug}/me/receipts/{kept(world)[0].id}")
    assert answer.status_code == 409


def test_where_no_folder_is_set_up_the_question_is_a_plain_one(world: World) -> None:
    world.app.extensions["receipts"] = replace(world.hands.receipts, store=None)
    one = filler(world, "jo")
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence="4.10")
    assert one.says("Do you have a receipt or a ticket?")
    assert 'type="file"' not in one.page
    one.send(receipt="yes")
    assert one.says("Check your answers")
