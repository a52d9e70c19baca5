"""Is every file looked at by the check for harmful files, also when that check was away for a while?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.receipts.scanning import Clamd
from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.receipts import made
from tests.web.filling import bus, filler
from tests.web.test_costs import costs_of
from tests.web.test_costs_receipts import files, kept, sent_with_a_picture
from tests.web.world import World


@contextmanager
def clamd(path: Path, answer: bytes, *, of_pdfs: bytes = b"") -> Iterator[list[bytes]]:
    """A daemon that speaks INSTREAM and answers every file alike, or PDFs otherwise. It lists them."""
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
                stream.write(of_pdfs if of_pdfs and whole.startswith(b"%PDF") else answer)

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


def test_one_receipt_that_cannot_be_checked_keeps_no_other_waiting(world: World, scanned: Path) -> None:
    """One file is gone, one is broken, of one the scanner cannot say: the last is checked all the same."""
    for pence, picture in (
        ("1.10", made.jpeg()),
        ("2.10", made.heic()),
        ("3.10", made.pdf()),
        ("4.10", made.png()),
    ):
        bus_alone(world, pence, picture)
    gone, broken, *_ = files(world)
    gone.unlink()
    broken.write_bytes(b"nothing that we sealed")
    with clamd(scanned, b"stream: OK\0", of_pdfs=b"stream: Can't allocate memory ERROR\0") as heard:
        housekeeping.check_receipts()
    assert [row.state for row in sorted(kept(world), key=lambda row: row.id)] == [
        "being_checked", "being_checked", "being_checked", "kept",
    ]  # fmt: skip
    assert len(heard) == 2


def bus_alone(world: World, pence: str, picture: bytes) -> None:
    one = filler(world, "jo")
    bus(one, world, pence=pence, picture=picture)
    one.send()
