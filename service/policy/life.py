"""What may become of a draft, and who may publish it? Rules only, no storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

STATES = {
    "draft": "Draft",
    "simulated": "Tried on past claims",
    "published": "Published",
    "superseded": "Followed by another version",
}


@dataclass(frozen=True)
class Author:
    """Whoever writes or publishes. `by` is the person in the caller's own system, where a key has several."""

    kind: str
    id: str
    by: str = ""

    def may_be(self, other: Author) -> bool:
        """Whether both may be one person: a key that names nobody may speak for whoever it named."""
        mine, theirs = self.by.strip().lower(), other.by.strip().lower()
        same_caller = (self.kind, self.id) == (other.kind, other.id)
        return same_caller and (mine == theirs or not mine or not theirs)


@dataclass(frozen=True)
class Start:
    """One published version: from which day it counts. Listed in the order in which they count."""

    id: str
    effective_from: date


def state_of(policy_id: str, *, newest_first: Sequence[Start], simulated: bool, today: date) -> str:
    """Where a draft or a version stands today."""
    for place, one in enumerate(newest_first):
        if one.id == policy_id:
            later = newest_first[:place]
            over = any(
                other.effective_from <= today or other.effective_from == one.effective_from for other in later
            )
            return "superseded" if over else "published"
    return "simulated" if simulated else "draft"
