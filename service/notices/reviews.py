"""Which words that were made here may the public see? Those that somebody fluent, or a group, has read.

Welsh and Easy Read are drafts until then: off for people, and shown in the demonstration with a mark. A
review is of one file, by its hash: words that change afterwards are a draft again. Each council has its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import one_fault
from service.events import Actor
from service.notices.tables import WordReview
from service.notices.telling import FOLDER
from service.policy import form_words

# Words that somebody may choose → the files that must all have been read.
FILES: Mapping[str, tuple[str, ...]] = {
    "cy": ("cy", "text_cy", "pages_cy", "reasons_cy"),
    "easy": ("easy", "pages_easy", "reasons_easy"),
}
ALL_FILES = tuple(name for names in FILES.values() for name in names)


@dataclass(frozen=True)
class FileState:
    """How one file stands in a council. `reviewed_on`: None for a draft. `before`: another text was read."""

    file: str
    hash: str
    reviewed_by: str = ""
    reviewed_on: date | None = None
    before: bool = False


@cache
def hash_of(file: str) -> str:
    """What the text of a file is now."""
    return hashlib.sha256(text_of(file).encode()).hexdigest()


def text_of(file: str) -> str:
    """Everything in a file that somebody has to read. `reasons_…` are our words around a policy's own."""
    if not file.startswith("reasons_"):
        return (FOLDER / f"{file}.yaml").read_text()
    form = file.removeprefix("reasons_")
    welsh = (form_words.UNITS_CY, form_words.MONTHS_CY, form_words.WORDS_CY) if form == "cy" else ()
    number = 1 if form == "cy" else 2
    frame = {key: forms[form] for key, forms in form_words.FRAME.items()}
    workings = [row[number] or row[0] for row in form_words.WORKINGS]
    rows = [frame, form_words.FELL_BACK[form], workings, *welsh]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def record(
    session: Session,
    *,
    council_id: str,
    file: str,
    seen: str,
    reviewed_by: str,
    reviewed_on: date,
    actor: Actor,
    now: datetime,
) -> WordReview:
    """Somebody has read a file as it is now. `seen`: the beginning of the hash that they were shown.

    Raises `Invalid` for another text, an unknown file, a day to come, or nobody's name.
    """
    if file not in ALL_FILES:
        raise one_fault("/file", f"There is no such file of words. Choose one of {', '.join(ALL_FILES)}.")
    if len(seen) < 8 or not hash_of(file).startswith(seen):
        raise one_fault("/hash", "This is not the text that is in use. Look at it anew, and review that one.")
    if not reviewed_by.strip():
        raise one_fault("/reviewed_by", "Say who has read it, or which group.")
    if reviewed_on > now.date():
        raise one_fault("/reviewed_on", "Give the day on which it was read. This one is to come.")
    row = WordReview(
        council_id=council_id,
        id=ids.new("wrv"),
        file=file,
        hash=hash_of(file),
        reviewed_by=reviewed_by.strip(),
        reviewed_on=reviewed_on,
        recorded_by=str(actor),
        made_at=now,
    )
    session.add(row)
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="words.reviewed",
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"file": file, "hash": row.hash},
    )
    return row


def states(session: Session, *, council_id: str) -> list[FileState]:
    """How every file stands."""
    query = select(WordReview).where(WordReview.council_id == council_id).order_by(WordReview.id)
    rows = list(session.scalars(query))
    return [_state(file, [row for row in rows if row.file == file]) for file in ALL_FILES]


def _state(file: str, rows: list[WordReview]) -> FileState:
    now = hash_of(file)
    good = [row for row in rows if row.hash == now]
    if not good:
        return FileState(file, now, before=bool(rows))
    return FileState(file, now, good[-1].reviewed_by, good[-1].reviewed_on)


def reviewed(session: Session, *, council_id: str) -> frozenset[str]:
    """The words beside English that people here may see: every file of theirs was read as it is now."""
    good = {state.file for state in states(session, council_id=council_id) if state.reviewed_on}
    return frozenset(words for words, files in FILES.items() if good.issuperset(files))
