"""Whose page is this? The council's own name, colours and contacts; plain ones where none is known yet.

The colours travel in the address of a small stylesheet, so that no page needs a style of its own written into
it (the content security policy forbids that) and each council's sheet is cached for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort

from service.councils.colours import Colours, require_readable
from service.errors import Invalid
from service.web.assets import FOR_EVER

theme = Blueprint("theme", __name__)


@dataclass(frozen=True)
class Brand:
    """What a page needs to know of a council. `slug` is empty on pages that belong to no council."""

    slug: str
    name: str
    colours: Colours
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    region: bool = False


PLAIN = Brand(slug="", name="Reciprocal", colours=Colours(background="#1b3a57", foreground="#ffffff"))


def stylesheet(colours: Colours) -> str:
    """The address of the stylesheet for a pair of colours."""
    return f"/theme/{colours.background[1:]}-{colours.foreground[1:]}.css"


@theme.get("/theme/<background>-<text>.css")
def send(background: str, text: str) -> Response:
    """The stylesheet itself: two values that the other sheets use. Illegible pairs do not exist."""
    try:
        pair = require_readable(background=f"#{background}", foreground=f"#{text}")
    except Invalid:
        abort(404)
    sheet = f":root{{--council-background:{pair.background};--council-text:{pair.foreground}}}\n"
    return Response(sheet, mimetype="text/css", headers={"Cache-Control": FOR_EVER})
