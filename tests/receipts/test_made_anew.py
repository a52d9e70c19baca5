"""Is what we keep a picture of the receipt and nothing else? Looked at in the bytes that come out."""

from __future__ import annotations

import io
import struct
import zlib

import pikepdf
import pytest
from PIL import Image

from service.errors import Invalid
from service.receipts import papers, pictures
from service.receipts.model import HEIC, JPEG, MOST_BYTES, MOST_PAGES, PDF, PNG, kind_of, require_size
from tests.receipts import made

FILES = {JPEG: made.jpeg, PNG: made.png, HEIC: made.heic}
WRITTEN_BESIDE = (b"Exif", b"Jo's home", b"xmpmeta", b"ICC_PROFILE")


def refused(error: pytest.ExceptionInfo[Invalid]) -> str:
    (fault,) = error.value.errors
    assert fault.pointer == "/file"
    return fault.detail


@pytest.mark.parametrize("kind", FILES)
def test_the_place_and_the_phone_do_not_come_along(kind: str) -> None:
    came = FILES[kind]()
    assert kind_of(came) == kind
    assert made.PHONE.encode() in came
    if kind == JPEG:
        assert [said for said in WRITTEN_BESIDE if said not in came] == []
    kept = pictures.clean(came, kind=kind)
    assert (kept.kind, kept.pages) == (JPEG, 1)
    for said in (made.PHONE.encode(), *WRITTEN_BESIDE):
        assert said not in kept.data, said
    opened = Image.open(io.BytesIO(kept.data))
    assert dict(opened.getexif()) == {}
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_taken_sideways_is_turned_before_its_words_go() -> None:
    kept = pictures.clean(made.jpeg(exif=made.exif(orientation=6)), kind=JPEG)
    opened = Image.open(io.BytesIO(kept.data)).convert("RGB")
    assert opened.size == (40, 60)
    top, bottom = opened.getpixel((20, 8)), opened.getpixel((20, 52))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 150 > top[2]
    assert bottom[2] > 150 > bottom[0]


def test_what_one_can_see_through_becomes_white() -> None:
    kept = pictures.clean(made.png(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), kind=PNG)
    assert Image.open(io.BytesIO(kept.data)).getpixel((10, 10)) == (255, 255, 255)


def test_a_large_picture_becomes_small_enough_to_open_on_a_phone() -> None:
    kept = pictures.clean(made.jpeg(made.ticket(4000, 3000)), kind=JPEG)
    assert Image.open(io.BytesIO(kept.data)).size == (2000, 1500)
    assert len(kept.data) < 300_000


def test_the_same_picture_is_known_again_whatever_was_written_beside_it() -> None:
    one = pictures.clean(made.jpeg(), kind=JPEG)
    other = pictures.clean(made.jpeg(exif=made.exif(orientation=1), comment=b"later"), kind=JPEG)
    third = pictures.clean(made.jpeg(made.ticket(62, 40)), kind=JPEG)
    assert one.digest == other.digest != third.digest


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 3.6 thousand million points."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_picture_that_would_fill_the_memory_is_refused_unread() -> None:
    assert len(bomb()) < 200
    with pytest.raises(Invalid) as error:
        pictures.clean(bomb(), kind=PNG)
    assert refused(error) == "This picture is too large. Take a new one, or make it smaller"


@pytest.mark.parametrize("kind", FILES)
def test_half_a_picture_says_what_to_do(kind: str) -> None:
    came = FILES[kind]()
    with pytest.raises(Invalid) as error:
        pictures.clean(came[: len(came) // 2], kind=kind)
    assert refused(error) == "We could not read this picture. Take a new one, or choose another file"


@pytest.mark.parametrize(
    "came", [b"MZ\x90\0", b"<svg xmlns='x'/>", b"GIF89a", b"\0\0\0\x18ftypmp42", b"PK\3\4", b"<html>"]
)
def test_other_kinds_of_file_are_refused_by_their_content(came: bytes) -> None:
    with pytest.raises(Invalid) as error:
        kind_of(came)
    sentence = "We cannot read this kind of file. Send a JPEG, PNG or HEIC picture, or a PDF"
    assert refused(error) == sentence


def test_a_file_that_says_it_is_a_picture_and_is_none_is_refused() -> None:
    with pytest.raises(Invalid):
        pictures.clean(b"\xff\xd8\xff<script>", kind=JPEG)


@pytest.mark.parametrize(("came", "word"), [(b"", "empty"), (b"x" * (MOST_BYTES + 1), "15 megabytes")])
def test_nothing_and_too_much_are_refused(came: bytes, word: str) -> None:
    with pytest.raises(Invalid) as error:
        require_size(came)
    assert word in refused(error)


def unpacked(data: bytes) -> bytes:
    """A PDF with everything in it readable, so that words can be looked for."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    return out.getvalue()


SECRETS = (
    b"secret-script", b"secret-file", b"secret-author", b"secret-xmp", b"secret-piece", b"secret-link",
    made.PHONE.encode(), b"Exif",
)  # fmt: skip
DOES = (b"/JavaScript", b"/OpenAction", b"/AA", b"/EmbeddedFile", b"/Annots", b"/URI", b"/Metadata", b"/Info")


def test_a_pdf_keeps_its_page_and_nothing_that_speaks_or_acts() -> None:
    came = made.pdf()
    assert kind_of(came) == PDF
    before = unpacked(came)
    for said in (*SECRETS, *DOES[:5]):
        assert said in before, said
    kept = papers.clean(came)
    assert (kept.kind, kept.pages) == (PDF, 1)
    after = unpacked(kept.data)
    for said in (*SECRETS, *DOES):
        assert said not in after, said
    with pikepdf.open(io.BytesIO(kept.data)) as opened:
        page = opened.pages[0]
        assert page.Contents.read_bytes() == b"q 100 0 0 100 20 20 cm /A Do Q"
        picture = pikepdf.PdfImage(page.Resources.XObject.A).as_pil_image()
        assert picture.size == (60, 40)
        assert picture.tobytes() == Image.open(io.BytesIO(made.jpeg())).tobytes()


def _with_more_places(photo: bytes) -> dict[str, bytes]:
    """Photographs that say where they were taken where one does not look at first."""
    words = b"Exif\0\0GPS 52 28 48"
    said = b"\xff\xe1" + (len(words) + 2).to_bytes(2, "big") + words
    return {
        "a second picture behind the first": photo + photo[:2] + said + photo[2:],
        "behind bytes that fill up": photo[:2] + b"\xff\xff" + said + photo[2:],
        "between two scans": photo.replace(b"\xff\xda", said + b"\xff\xda"),
        "as what usually says its colours": photo[:2] + said.replace(b"\xff\xe1", b"\xff\xe0") + photo[2:],
        "with no end": photo[:-2] + said,
    }


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_in_a_pdf_says_nowhere_where_it_was_taken(progressive: bool) -> None:
    noisy = Image.effect_noise((60, 40), 90).convert("RGB")
    for restarts in ({}, {"restart_marker_rows": 1}):
        plain = made.jpeg(noisy, progressive=progressive, **restarts)
        for where, came in {"as it is": plain, **_with_more_places(plain)}.items():
            kept = papers.quiet_jpeg(came)
            for said in (made.PHONE.encode(), b"GPS 52", *WRITTEN_BESIDE):
                assert said not in kept, (where, said)
            assert kept.count(b"\xff\xd8") == kept.count(b"\xff\xd9") == 1
            drawn = Image.open(io.BytesIO(kept)).tobytes()
            assert drawn == Image.open(io.BytesIO(plain)).tobytes(), where
        with pytest.raises(ValueError, match="no JPEG"):
            papers.quiet_jpeg(plain[2:])


def test_a_pdf_that_is_too_long_or_locked_says_what_to_do() -> None:
    with pytest.raises(Invalid) as error:
        papers.clean(made.pdf(pages=MOST_PAGES + 1))
    assert refused(error) == "This PDF has 11 pages. Send the pages with the receipt, 10 at most"
    assert papers.clean(made.pdf(pages=MOST_PAGES)).pages == MOST_PAGES
    locked = made.pdf(encryption=pikepdf.Encryption(user="word", owner="word"))
    with pytest.raises(Invalid) as error:
        papers.clean(locked)
    assert refused(error) == "This PDF is locked with a password. Send a picture of it instead"


@pytest.mark.parametrize("came", [b"%PDF-1.7\nnothing", made.pdf()[:300]])
def test_a_broken_pdf_says_what_to_do(came: bytes) -> None:
    with pytest.raises(Invalid) as error:
        papers.clean(came)
    assert refused(error) == "We could not read this PDF. Send a picture of it instead"
