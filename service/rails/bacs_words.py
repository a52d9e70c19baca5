"""Which letters may a Bacs file hold, and how does a name outside them look inside?

A to Z, 0 to 9, full stop, ampersand, slash, hyphen and space. Letters with accents lose them first; whatever
is left over becomes a space.
"""

from __future__ import annotations

import re
import unicodedata

_OUTSIDE = re.compile(r"[^A-Z0-9.&/\- ]")

# Letters that do not come apart into a plain letter and a mark.
_PLAIN = str.maketrans(
    {
        "ß": "SS",
        "æ": "AE",
        "Æ": "AE",
        "œ": "OE",
        "Œ": "OE",
        "ø": "O",
        "Ø": "O",
        "ł": "L",
        "Ł": "L",
        "đ": "D",
        "Đ": "D",
        "ð": "D",
        "Ð": "D",
        "þ": "TH",
        "Þ": "TH",
        "ı": "I",
        "–": "-",
        "—": "-",
        "‐": "-",
    }
)


def written(text: str) -> str:
    """The text in the letters of Bacs: `Zoë O’Brien` → `ZOE O BRIEN`."""
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _OUTSIDE.sub(" ", bare.upper())


def field(text: str, width: int) -> str:
    """The text in a field of this width: cut at its end, filled up with spaces."""
    return written(text)[:width].ljust(width)
