"""Which words beside English may be seen here, and are they a draft? The demonstration shows drafts too."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.notices import reviews, telling
from service.web import here


@dataclass(frozen=True)
class OtherWords:
    """A page in other words: its address, what they are called, and whether nobody has reviewed them."""

    href: str
    name: str
    draft: bool


def seen(session: Session) -> dict[str, bool]:
    """Words that may be seen in this council → whether they are a draft."""
    good = reviews.reviewed(session, council_id=here.council_id())
    return {words: words not in good for words in reviews.FILES if words in good or here.settings().demo}


def require(session: Session, words: str) -> bool:
    """Whether these words are a draft. Raises `NotFound` where nobody may see them yet."""
    found = seen(session)
    if words not in found:
        raise NotFound("We have no page in these words yet. You can read it in English on your own page.")
    return found[words]


def other_words(query: str = "") -> list[OtherWords]:
    """This page in other words, for a link to each. Only for pages that have them, such as an offer.

    `query`: what the address asks for, which the other words are asked for too.
    """
    asked = f"?{query}" if query else ""
    with here.room() as session:
        found = seen(session)
    return [
        OtherWords(
            f"{request.path.rstrip('/')}/{words}{asked}", str(telling.table(f"pages_{words}")["name"]), draft
        )
        for words, draft in sorted(found.items(), reverse=True)
    ]
