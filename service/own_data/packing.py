"""How is everything that we keep about somebody handed to them? A zip: one file for people, one for machines.

Pictures of receipts lie beside them. Made at once, in memory, and kept nowhere. Bank details are masked, and
staff are not named.
"""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.councils import queries as councils
from service.days import day_in_words
from service.events import Actor
from service.money import pounds
from service.own_data import queries
from service.own_data.model import HELD
from service.receipts import actions as receipts
from service.receipts import queries as receipts_known
from service.receipts.keeping import Keeping

READABLE, MACHINE = "what-we-keep-about-you.html", "what-we-keep-about-you.json"
ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf"}
PLAIN = {"id": "number", "at": "when", "council_id": "council", "kind": "kind"}

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1.1rem/1.5 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }}
dt {{ font-weight: bold; }} dd {{ margin: 0 0 .5rem; overflow-wrap: anywhere; }}
article {{ border-top: 1px solid #505a5f; padding: .5rem 0; }}
</style></head>
<body><main><h1>{title}</h1>
<p>{council} made this on {day}. It is everything that we keep about you, part by part.
Bank details show their last four numbers only. Pictures of receipts are beside this page.
People who work here stand here by number, not by name.</p>
<nav aria-label="Parts"><ul>{parts}</ul></nav>
{sections}</main></body></html>
"""


def packed(
    session: Session, *, council_id: str, person_id: str, keeping: Keeping, actor: Actor, now: datetime
) -> bytes:
    """The zip, as bytes. That it was asked for is noted, and each receipt that was looked at.

    Raises `Unavailable` while the store of the receipts does not answer.
    """
    council = councils.get(session, council_id=council_id)
    events.record(
        session,
        council_id=council_id,
        name="own_data.taken",
        subject_id=person_id,
        person_id=person_id,
        actor=actor,
        at=now,
    )
    found = queries.everything(session, council_id=council_id, person_id=person_id)
    whole = {
        "council": council.name,
        "made_at": now.isoformat(),
        "parts": [{"table": h.table, "what": h.name, "rows": found[h.table]} for h in HELD],
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(READABLE, readable(council.name, found, now=now))
        archive.writestr(MACHINE, json.dumps(whole, indent=2, ensure_ascii=False))
        for row in receipts_known.of_person(session, council_id=council_id, person_id=person_id):
            if row.state == "kept" and keeping.store is not None:
                seen = receipts.look(
                    session, council_id=council_id, receipt_id=row.id, keeping=keeping, actor=actor, now=now
                )
                archive.writestr(f"receipts/{row.id}.{ENDINGS[seen.kind]}", seen.data)
    return kept.getvalue()


def readable(council: str, found: Mapping[str, Sequence[Mapping[str, Any]]], *, now: datetime) -> str:
    """The page for people: each part under its plain name, each row as a list."""
    shown = [held for held in HELD if found[held.table]]
    parts = "".join(f'<li><a href="#{h.table}">{html.escape(h.name)}</a></li>' for h in shown)
    sections = "".join(_section(h.table, h.name, found[h.table]) for h in shown)
    return PAGE.format(
        title="What we keep about you",
        council=html.escape(council),
        day=day_in_words(now),
        parts=parts,
        sections=sections,
    )


def _section(table: str, name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    articles = "".join(_article(row) for row in rows)
    return f'<section id="{table}"><h2>{html.escape(name)}</h2>{articles}</section>'


def _article(row: Mapping[str, Any]) -> str:
    pairs = "".join(
        f"<dt>{html.escape(_plain(key))}</dt><dd>{html.escape(_value(key, value))}</dd>"
        for key, value in row.items()
        if value not in (None, "", [], {})
    )
    return f"<article><dl>{pairs}</dl></article>"


def _plain(key: str) -> str:
    """`made_at` → `Made at`; `amount_pence` → `Amount`; `claim_id` → `Claim number`."""
    known = PLAIN.get(key) or key.removesuffix("_pence").replace("_id", "_number").replace("_", " ")
    return known[:1].upper() + known[1:]


def _value(key: str, value: Any) -> str:
    if key.endswith("_pence") and isinstance(value, int):
        return pounds(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
