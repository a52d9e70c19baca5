"""How does a picture become one that shows a receipt and says nothing else? Decoded, turned, drawn anew.

What leaves is a new JPEG made of points of colour: no place, time, phone, comment or thumbnail comes along.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from service.errors import Invalid
from service.receipts.model import HEIC, JPEG, LONGEST_SIDE, MOST_PIXELS, PNG, SMALL_SIDE, Cleaned, not_taken

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}


def clean(data: bytes, *, kind: str) -> Cleaned:
    """The same picture as a new JPEG. Raises `Invalid` for one that cannot be read or is too large."""
    try:
        return _drawn(_decoded(data, kind))
    except Invalid:
        raise
    except Exception as error:
        raise not_taken("We could not read this picture. Take a new one, or choose another file") from error


def _decoded(data: bytes, kind: str) -> Picture:
    """The points of the picture, the right way up, no larger than we keep. The size is read first."""
    from PIL import Image, ImageOps

    if kind == HEIC:
        from pillow_heif import register_heif_opener

        register_heif_opener()
    try:
        opened = Image.open(io.BytesIO(data), formats=(FORMATS[kind],))
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise _too_large()
    # A JPEG can be read at a fraction of its size, so that a large one takes little memory.
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    turned = ImageOps.exif_transpose(opened)
    turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return turned


def _drawn(picture: Picture) -> Cleaned:
    """On a sheet of our own, which knows nothing of the file that came."""
    from PIL import Image

    sheet = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        sheet.paste(layered, mask=layered.getchannel("A"))
    else:
        sheet.paste(picture.convert("RGB"))
    written = io.BytesIO()
    sheet.save(written, "JPEG", quality=78, optimize=True)
    points = f"{sheet.width}x{sheet.height}:".encode() + sheet.tobytes()
    return Cleaned(JPEG, written.getvalue(), 1, hashlib.sha256(points).hexdigest())


def small(data: bytes) -> bytes:
    """A receipt of ours small enough for a page on a slow line; the whole of it is one press away."""
    from PIL import Image

    opened = Image.open(io.BytesIO(data), formats=("JPEG",))
    opened.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
    opened.thumbnail((SMALL_SIDE, SMALL_SIDE))
    written = io.BytesIO()
    opened.save(written, "JPEG", quality=55, optimize=True)
    return written.getvalue()


def _too_large() -> Invalid:
    return not_taken("This picture is too large. Take a new one, or make it smaller")
