"""How does a PDF become one that shows its pages and does nothing? Its pages are put into a new document.

Only what draws a page comes along. Scripts, actions, embedded files, forms, notes and everything that the
file said about itself stay behind, also inside the pictures on its pages.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from service.errors import Invalid
from service.receipts.model import MOST_BYTES, MOST_OBJECTS, MOST_PAGES, PDF, Cleaned, not_taken

if TYPE_CHECKING:
    import pikepdf

# What a page needs to be drawn.
DRAWS = ("/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group")

# What says, does or carries something, wherever it stands.
SAYS_OR_DOES = (
    "/A", "/AA", "/AF", "/Annots", "/EF", "/EmbeddedFiles", "/JS", "/JavaScript", "/LastModified",
    "/Launch", "/Metadata", "/OPI", "/OpenAction", "/Parent", "/PieceInfo", "/RichMedia", "/StructParent",
    "/StructParents", "/Thumb", "/URI",
)  # fmt: skip

# Parts of a JPEG without which it cannot be drawn: frames, tables and scans, by their second byte. 0xE0 and
# 0xEE may say how its colours are to be read, and anything else as well.
_JPEG_DRAWS = {*range(0xC0, 0xE0)} - {0xC8, 0xD8}
_JPEG_COLOURS = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
_SCAN, _END = 0xDA, 0xD9
# The next marker: what looks like one within a scan is 0xFF00 or a restart, and bytes may fill up before it.
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_JP2_SPEAKS = (b"uuid", b"xml ", b"uinf")


def clean(data: bytes) -> Cleaned:
    """The pages of a PDF in a new one. Raises `Invalid` for one that is broken, locked or too long."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as came:
            return _bound_anew(came)
    except Invalid:
        raise
    except pikepdf.PasswordError as error:
        raise not_taken("This PDF is locked with a password. Send a picture of it instead") from error
    except Exception as error:
        raise not_taken("We could not read this PDF. Send a picture of it instead") from error


def _bound_anew(came: pikepdf.Pdf) -> Cleaned:
    import pikepdf

    pages = len(came.pages)
    if not 1 <= pages <= MOST_PAGES:
        raise not_taken(f"This PDF has {pages} pages. Send the pages with the receipt, {MOST_PAGES} at most")
    if len(came.objects) > MOST_OBJECTS:
        raise not_taken("This PDF is too large inside. Send a picture of it instead")
    # What was typed into a form is drawn on its page, since the form itself stays behind.
    came.generate_appearance_streams()
    came.flatten_annotations()
    for page in came.pages:
        for key in set(page.obj.keys()) - {*DRAWS, "/Type", "/Parent"}:
            del page.obj[key]
    bound = pikepdf.new()
    bound.pages.extend(came.pages)
    for part in bound.objects:
        _hush(part)
    written = io.BytesIO()
    bound.save(written, deterministic_id=True)
    if len(written.getvalue()) > MOST_BYTES:
        raise not_taken("This PDF is too large. Send a picture of it instead")
    return Cleaned(PDF, written.getvalue(), pages, hashlib.sha256(written.getvalue()).hexdigest())


def _hush(part: Any) -> None:
    """Take everything away from one part, and from what it holds within, that does not draw."""
    import pikepdf

    if isinstance(part, pikepdf.Array):
        _hush_within(part)
        return
    if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        return
    of_the_tree = part.get("/Type") in ("/Page", "/Pages")
    for key in SAYS_OR_DOES:
        if key in part and not (key == "/Parent" and of_the_tree) and not _draws(part[key]):
            del part[key]
    if isinstance(part, pikepdf.Stream) and part.get("/Type") in ("/Metadata", "/EmbeddedFile"):
        part.write(b"")
    elif isinstance(part, pikepdf.Stream) and part.get("/Subtype") == "/Image":
        _hush_picture(part)
    _hush_within(part[key] for key in list(part.keys()))


def _hush_within(held: Iterable[Any]) -> None:
    """What stands by itself in the document has its own turn."""
    import pikepdf

    for one in held:
        if isinstance(one, pikepdf.Object) and not one.is_indirect:
            _hush(one)


def _draws(value: Any) -> bool:
    """Whether something is a font, a picture or a drawing that only bears such a name on its page."""
    import pikepdf

    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return False
    return value.get("/Subtype") in ("/Image", "/Form") or value.get("/Type") in ("/Font", "/Pattern")


def _hush_picture(part: Any) -> None:
    """The picture on a page, without what its camera wrote into it."""
    import pikepdf

    filters = part.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if names[-1] not in ("/DCTDecode", "/JPXDecode"):
        return
    held = part.read_raw_bytes()
    if names[:-1] == ["/FlateDecode"]:
        unpacking = zlib.decompressobj()
        held = unpacking.decompress(held, MOST_BYTES)
    elif names[:-1]:
        raise not_taken("We could not read a picture in this PDF. Send a picture of it instead")
    quiet = quiet_jpeg(held) if names[-1] == "/DCTDecode" else quiet_jp2(held)
    part.write(quiet, filter=pikepdf.Name(names[-1]))


def quiet_jpeg(data: bytes) -> bytes:
    """A JPEG with what draws it and nothing else; its points stay as they are. Raises `ValueError`.

    It ends where its picture ends: phones put a second one behind it, with a place of its own.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("This is no JPEG.")
    kept, found = [data[:2]], _MARKER.search(data, 2)
    while found is not None and found[1][0] != _END:
        kind, at = found[1][0], found.end()
        ends = at + max(2, int.from_bytes(data[at : at + 2], "big"))
        found = _MARKER.search(data, ends)
        if kind in _JPEG_DRAWS or (kind in _JPEG_COLOURS and data.startswith(_JPEG_COLOURS[kind], at + 2)):
            drawn_to = ends if kind != _SCAN else found.start() if found else len(data)
            kept.append(bytes((0xFF, kind)) + data[at:drawn_to])
    return b"".join([*kept, bytes((0xFF, _END))])


def quiet_jp2(data: bytes) -> bytes:
    """A JPEG 2000 without the boxes that speak about it."""
    if data[4:8] != b"jP  ":
        return data
    kept, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        ends = at + size if size >= 8 else len(data)
        if data[at + 4 : at + 8] not in _JP2_SPEAKS:
            kept.append(data[at:ends])
        at = ends
    return b"".join(kept)
