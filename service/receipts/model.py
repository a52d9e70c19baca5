"""What may a receipt be, which states can it be in, and how long is it kept? Rules only, no storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.errors import Invalid, one_fault

JPEG, PNG, HEIC, PDF = "image/jpeg", "image/png", "image/heic", "application/pdf"

# A phone's picture has 3 to 8 megabytes. The whole request may be somewhat longer, so that what is too long
# is answered in words.
MOST_BYTES = 15 * 1024 * 1024
MOST_IN_ONE_REQUEST = 2 * MOST_BYTES + 1024 * 1024

# 50 megapixels and some more: what phones take. A small file that says it is larger is a trap, or a poster.
MOST_PIXELS = 64_000_000
# Enough to read the small print of a ticket, and quick to open on a phone.
LONGEST_SIDE = 2000
# On a page: some 50 kilobytes.
SMALL_SIDE = 800

MOST_PAGES = 10
MOST_OBJECTS = 20_000
MOST_A_COST = 5

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("new", "keep"): ("kept", "receipt.added"),
    ("new", "wait"): ("being_checked", "receipt.added"),
    ("being_checked", "keep"): ("kept", "receipt.checked"),
    ("being_checked", "refuse"): ("refused", "receipt.refused"),
    ("kept", "remove"): ("removed", "receipt.removed"),
    ("being_checked", "remove"): ("removed", "receipt.removed"),
    ("refused", "remove"): ("removed", "receipt.removed"),
}

# What a check for harmful files found → what follows for a receipt that waited for it.
CLEAN, HARMFUL, NOT_SCANNED, WAITING = "clean", "harmful", "not_scanned", "waiting"
AFTER_SCAN = {CLEAN: "keep", NOT_SCANNED: "keep", HARMFUL: "refuse"}

# By then the accounts of the year of payment, and of the year after it, have been audited. The ledger, the
# claim and its reasons stay longer; a picture may show far more of a life than the sum does
# (uk-rules 5.5: shorter lives for pictures of receipts than for the ledger; the length is our inference).
KEPT_AFTER_PAYMENT = timedelta(days=730)
# A claim that was refused or taken back: long enough to ask for another look.
KEPT_AFTER_NO = timedelta(days=180)
# A picture of a claim that was never sent goes with what was typed for it.
KEPT_UNSENT = timedelta(days=90)

WHAT_WE_TAKE = "Send a JPEG, PNG or HEIC picture, or a PDF"

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True)
class Cleaned:
    """A receipt made anew: what was in the picture, and nothing else of the file that came.

    `kind` is JPEG or PDF. `digest` is the same for the same picture, whatever its file said beside it.
    """

    kind: str
    data: bytes
    pages: int
    digest: str


def kind_of(data: bytes) -> str:
    """What a file is by its content; its name says nothing. Raises `Invalid` for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return HEIC
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return PDF
    raise not_taken(f"We cannot read this kind of file. {WHAT_WE_TAKE}")


def require_size(data: bytes) -> None:
    """Raise `Invalid` for nothing, and for too much."""
    if not data:
        raise not_taken("This file is empty. Choose it again, or take a new picture")
    if len(data) > MOST_BYTES:
        raise not_taken("This file is larger than 15 megabytes. Take a new picture, or send a smaller file")


def not_taken(sentence: str) -> Invalid:
    """What is wrong with a file, and what to do."""
    return one_fault("/file", sentence)
