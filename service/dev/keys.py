"""Which keys open the demonstration's doors? Test keys, one for each role, the same for as long as they live.

A secret is shown once and never stored, so it is on the disk before the transaction that makes it commits.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from service.councils import keys as issuing
from service.councils import queries as council_queries
from service.db import Database
from service.events import SYSTEM

ROLES = ("lead", "finance", "ops")

Keys = dict[str, dict[str, str]]


def keep_or_issue(
    db: Database, *, council_ids: dict[str, str], draft: Path, known: Keys, now: datetime
) -> Keys:
    """slug → role → secret: those `known` that still open their door, else new ones.

    `draft` is a private file that holds them until the caller has put them in their place.
    """
    keys: Keys = {}
    for slug, council_id in council_ids.items():
        keys[slug] = known.get(slug, {})
        if all(_opens(db, council_id, keys[slug].get(role, ""), now=now) for role in ROLES):
            continue
        with db.council(council_id) as session:
            keys[slug] = {
                role: issuing.issue(
                    session,
                    council_id=council_id,
                    name=f"Demo {role}",
                    roles=(role,),
                    actor=SYSTEM,
                    now=now,
                    test=True,
                ).secret
                for role in ROLES
            }
            write_privately(draft, {"api_keys": keys})
    return keys


def _opens(db: Database, council_id: str, secret: str, *, now: datetime) -> bool:
    with db.crossing() as outside:
        home = council_queries.key_home(outside, secret=secret)
    if home is None or home[0] != council_id:
        return False
    with db.council(council_id) as session:
        return (
            council_queries.caller_by_key(session, council_id=council_id, key_id=home[1], now=now) is not None
        )


def write_privately(path: Path, value: dict[str, Any]) -> None:
    """Put JSON in a file that only we may read, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(json.dumps(value, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def read(path: Path) -> dict[str, Any]:
    """What the file holds; nothing where there is none, or where it was cut short."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
