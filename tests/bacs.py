"""A council that pays by Bacs files, on a day that stands still: Thursday 26 November 2026, three o'clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import time_machine

from service.events import SYSTEM
from service.rails import credentials
from service.tasks import hands, housekeeping
from tests.stage import Council, Stage, told

THURSDAY = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
PROCESSED, ARRIVES = date(2026, 11, 27), date(2026, 11, 30)
OURS = {
    "service_user": {"number": "123456", "name": "Exampleshire CC"},
    "originating_account": {
        "sort_code": "200000",
        "account_number": "55779911",
        "account_name": "Exampleshire CC",
    },
}


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything that asks for the time is told that it is this moment, and going on."""
    with time_machine.travel(moment, tick=True):
        yield


def bacs_council(stage: Stage, slug: str = "exampleshire", **more: dict[str, str]) -> Council:
    """A council whose bank accounts are paid by Bacs. `more`: credentials besides the usual, by kind."""
    council = stage.council(slug, rail="bacs", policy="exampleshire")
    for kind, values in (OURS | more).items():
        keep(council, kind, values)
    return council


def keep(council: Council, kind: str, values: dict[str, str]) -> str:
    """Keep a credential of the Bacs rail. Answers its id."""
    with council.stage.hands.db.council(council.id) as session:
        return credentials.add(
            session,
            council_id=council.id,
            rail="bacs",
            kind=kind,
            values=values,
            vault=council.stage.hands.vault,
            actor=SYSTEM,
            now=council.stage.clock(),
        ).id


def due(council: Council, count: int = 1, *, account: str | None = None) -> list[dict[str, Any]]:
    """So many payments that wait for a file, each into an account of its own."""
    session_id = council.session()
    people = [
        council.person(f"Person {n}", account=account or f"{12340000 + n}") for n in range(1, count + 1)
    ]
    told(council.tick(session_id, *people, role="participant"))
    council.stage.drain()
    rows: list[dict[str, Any]] = told(council.finance.get("payments", status="ready", rail="bacs"))["data"]
    return rows


def built(council: Council, **body: Any) -> dict[str, Any]:
    """A new file of what is due."""
    made: dict[str, Any] = told(council.finance.post("files", {"rail": "bacs", **body}), 201)
    return made


def sent(council: Council, **body: Any) -> dict[str, Any]:
    """A new file that a person has sent."""
    made = built(council, **body)
    done: dict[str, Any] = told(council.finance.post(f"files/{made['id']}/submitted", {}))
    return done


def content(council: Council, file_id: str) -> bytes:
    """The bytes of a file."""
    answer = council.finance.get(f"files/{file_id}/content")
    assert answer.status_code == 200
    return answer.get_data()


def settle(council: Council) -> None:
    """The housekeeper looks whose day has come, and what follows is done."""
    hands.use(council.stage.hands)
    housekeeping.settle_files()
    council.stage.drain()


def report(council: Council, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """Read a report in."""
    body = {"kind": kind, "content": text}
    if more.get("dry_run"):
        done = council.finance.send("POST", "imports", body, query={"dry_run": "true"})
    else:
        done = council.finance.post("imports", body)
    read: dict[str, Any] = told(done, 201)
    return read


def did(read: dict[str, Any]) -> list[tuple[int, str]]:
    """Line and what became of it."""
    return [(line["line"], line["did"]) for line in read["lines"]]
