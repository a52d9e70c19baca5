"""What is different between two versions of a policy? Every change, and the sentence that tells it.

The changes are complete: `rebuild` makes the new version's document out of the old one's. Layout, comments
and the ways of writing one literal are no change.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from service.policy.diff_words import Teller
from service.policy.document import Document, document
from service.policy.sources import Sources

Path = tuple[str | int, ...]

# Sections in which the order of the rules means something: it is the order in which they are asked.
ORDERED = frozenset(
    {
        "eligibility",
        "warnings",
        "paid_time",
        "cancellation",
        "deadlines",
        "approval",
        "terms",
        "facts",
        "only_if",
        "when",
        "limits",
        "counters",
        "routes",
    }
)


class _Nothing:
    """Stands where a version says nothing."""


NOTHING = _Nothing()


@dataclass(frozen=True)
class Change:
    """One difference: `added` (behind the key `after`), `removed`, `changed`, or the `order` of rules."""

    kind: str
    path: Path
    was: Any = NOTHING
    becomes: Any = NOTHING
    after: str | None = None


@dataclass(frozen=True)
class Told:
    """A change with the sentence that tells it, and the clause and first day that it concerns.

    `plain`: the same for those who are paid by the policy; empty where nothing changes for them.
    """

    change: Change
    sentence: str
    clause: str
    plain: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `was` and `becomes` are left out where there is nothing."""
        found: dict[str, Any] = {
            "kind": self.change.kind,
            "path": list(self.change.path),
            "clause": self.clause,
            "sentence": self.sentence,
        }
        for key in ("was", "becomes"):
            value = getattr(self.change, key)
            if not isinstance(value, _Nothing):
                found[key] = value
        return found


def diff(*, old: Sources, new: Sources) -> list[Told]:
    """Every change from one version to another, in the new version's order. Raises `PolicyFaults`."""
    before, after = document(old), document(new)
    teller = Teller(before, after)
    return [
        Told(change, teller.sentence(change), teller.clause(change.path), teller.plain(change))
        for change in changes(before, after)
    ]


def changes(before: Document, after: Document) -> list[Change]:
    """The complete set of changes between two documents; empty when they say the same."""
    return list(_compare((), before, after))


def rebuild(before: Document, made: Iterable[Change]) -> Document:
    """The new version's document, from the old one's and the changes alone."""
    found: Document = copy.deepcopy(before)
    for change in made:
        if change.kind == "order":
            _reorder(_at(found, change.path), change.becomes)
            continue
        parent, key = _at(found, change.path[:-1]), change.path[-1]
        if change.kind == "removed":
            del parent[key]
        elif change.kind == "added":
            _insert(parent, str(key), copy.deepcopy(change.becomes), change.after)
        else:
            parent[key] = copy.deepcopy(change.becomes)
    return found


def _compare(path: Path, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_mappings(path, before, after)
    elif _same_rows(before, after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _compare((*path, index), old, new)
    elif before != after:
        yield Change("changed", path, before, after)


def _compare_mappings(path: Path, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key, value in before.items():
        if key not in after:
            yield Change("removed", (*path, key), was=value)
    previous: str | None = None
    for key, value in after.items():
        if key in before:
            yield from _compare((*path, key), before[key], value)
        else:
            yield Change("added", (*path, key), becomes=value, after=previous)
        previous = key
    kept = [key for key in after if key in before]
    if _is_ordered(path) and kept != [key for key in before if key in after]:
        order = list(after)
        yield Change("order", path, [key for key in before if key in after], order)


def _is_ordered(path: Path) -> bool:
    return bool(path) and path[-1] in ORDERED


def _same_rows(before: Any, after: Any) -> bool:
    """Two tables of the same cases: they are compared row by row."""
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and all(isinstance(row, dict) for row in (*before, *after))
        and all(_case(old) == _case(new) for old, new in zip(before, after, strict=True))
    )


def _case(row: dict[str, Any]) -> dict[str, Any]:
    """What makes a row this row, and not another: its name, else everything but what it pays."""
    if "name" in row:
        return {"name": row["name"]}
    return {key: value for key, value in row.items() if key not in ("pay", "share", "rate", "amount")}


def _at(found: Any, path: Path) -> Any:
    for key in path:
        found = found[key]
    return found


def _insert(parent: dict[str, Any], key: str, value: Any, after: str | None) -> None:
    items = list(parent.items())
    names = [name for name, _ in items]
    place = names.index(after) + 1 if after is not None else 0
    items.insert(place, (key, value))
    parent.clear()
    parent.update(items)


def _reorder(parent: dict[str, Any], order: list[str]) -> None:
    items = {key: parent[key] for key in order}
    parent.clear()
    parent.update(items)
