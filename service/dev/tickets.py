"""What does a receipt in the demonstration look like? Drawn here, and about nobody."""

from __future__ import annotations

import io

from service.money import pounds


def ticket(what: str, pence: int) -> bytes:
    """A picture of a slip of paper with these words and this sum on it."""
    from PIL import Image, ImageDraw, ImageFont

    slip = Image.new("RGB", (600, 800), (246, 244, 236))
    pen = ImageDraw.Draw(slip)
    lines = [("MADE-UP TOWN", 44), (what, 52), ("Paid with thanks", 32), (pounds(pence), 84)]
    for number, (words, size) in enumerate(lines):
        pen.text((60, 90 + 150 * number), words, fill=(40, 40, 40), font=ImageFont.load_default(size))
    pen.rectangle((20, 20, 580, 780), outline=(120, 120, 120), width=3)
    out = io.BytesIO()
    slip.save(out, "PNG")
    return out.getvalue()
