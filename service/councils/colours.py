"""Can everybody read a council's colours? Contrast by WCAG 2.2, as arithmetic on two colours.

Each colour is written `#rrggbb`. Text needs a contrast of at least 4.5 to 1 against what it stands on
(success criterion 1.4.3), so a council cannot be given a header that some people cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.errors import one_fault

ENOUGH = 4.5
_COLOUR = re.compile(r"^#[0-9a-f]{6}$")


@dataclass(frozen=True)
class Colours:
    """A background and the text on it, known to be legible. Made by `require_readable`."""

    background: str
    foreground: str


def contrast(one: str, other: str) -> float:
    """How far apart two colours are in lightness: from 1.0 (the same) to 21.0 (black and white)."""
    lighter, darker = sorted((_lightness(one), _lightness(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def require_readable(*, background: str, foreground: str) -> Colours:
    """The pair in small letters. Raises `Invalid` if either is no colour or they are too alike to read."""
    pair = Colours(_tidy(background, "/header_colour"), _tidy(foreground, "/header_text_colour"))
    ratio = contrast(pair.background, pair.foreground)
    if ratio < ENOUGH:
        # Cut, never rounded up: 4.49 must not read as 4.5.
        raise one_fault(
            "/header_text_colour",
            f"The text {pair.foreground} on {pair.background} has a contrast of {int(ratio * 10) / 10} to 1, "
            f"and people need at least {ENOUGH} to 1 to read it. "
            "Choose a darker or a lighter colour for one of them.",
        )
    return pair


def _tidy(colour: str, pointer: str) -> str:
    tidy = colour.strip().lower()
    if not _COLOUR.match(tidy):
        raise one_fault(
            pointer, f"Write a colour as # and six digits or letters a to f, like #1d4f91, not {colour!r}"
        )
    return tidy


def _lightness(colour: str) -> float:
    """Relative luminance of a tidy colour, 0 for black to 1 for white (WCAG 2.2, definitions)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
