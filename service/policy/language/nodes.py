"""What does the text of a policy file hold, and on which line?

YAML 1.2 by the plain rules only: every scalar stays text until a rule asks for a number, a date or a sum,
so `on`, `no` and `010` mean what they look like. Anchors, aliases, tags, several documents and repeated
keys are mistakes. Size and depth have limits, so that a hostile file is refused at once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from service.policy.faults import Fault, PolicyFaults

MAX_BYTES = 150_000
MAX_DEPTH = 12
MAX_OPENINGS_A_LINE = 40
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Text:
    """A scalar, as written."""

    value: str
    quoted: bool
    file: str
    line: int


@dataclass(frozen=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    file: str
    line: int


@dataclass(frozen=True)
class Mapping:
    """Keys and values, in the order written. `lines` says where each key stands: (file, line)."""

    entries: dict[str, Node]
    lines: dict[str, tuple[str, int]]
    file: str
    line: int


Node = Text | Listing | Mapping


@functools.lru_cache(maxsize=16)
def parse(text: str, *, file: str) -> Mapping:
    """The file as nodes, never to be changed. Raises `PolicyFaults` with the first unreadable thing.

    Kept for a while, because councils share a base and its tables, and reading YAML is slow.
    """
    _refuse_hostile(text, file)
    try:
        events = _Events(iter(YAML(typ="safe", pure=True).parse(text)), file)
        return events.document()
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _fault(
            file, line, f"This is not valid YAML: {error.problem}.", "Check the spaces and quotes here."
        ) from error
    except (YAMLError, ValueError) as error:
        raise _fault(file, 1, "This is not valid YAML.", "Check the file in a plain text editor.") from error


def _fault(file: str, line: int, what: str, remedy: str) -> PolicyFaults:
    return PolicyFaults([Fault(file, line, "", what, remedy)])


def _refuse_hostile(text: str, file: str) -> None:
    if len(text) > MAX_BYTES:
        raise _fault(
            file,
            1,
            f"The file is longer than {MAX_BYTES:,} characters.",
            "Split it, or remove what is not policy.",
        )
    if odd := _CONTROL.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise _fault(
            file,
            line,
            f"There is an invisible character (U+{ord(odd[0]):04X}).",
            "Delete it and type the line again.",
        )
    for number, row in enumerate(text.split("\n"), 1):
        nested = row.count("[") + row.count("{") + row.count("- - ")
        if nested > MAX_OPENINGS_A_LINE:
            raise _fault(file, number, "Too many brackets on one line.", "Write one case a line.")


class _Events:
    """Turns the parser's events into nodes, refusing what the language leaves out."""

    def __init__(self, events: Iterator[object], file: str) -> None:
        self.events = events
        self.file = file
        self.documents = 0

    def document(self) -> Mapping:
        found: Mapping | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self._fault(event, "A second document starts here.", "Keep one policy in one file.")
            elif isinstance(event, MappingStartEvent):
                found = self._mapping(event, 1)
            elif isinstance(event, (ScalarEvent, SequenceStartEvent, AliasEvent)):
                raise self._fault(
                    event, "A policy file starts with keys, such as 'policy:'.", "Begin with 'policy:'."
                )
        if found is None:
            raise _fault(self.file, 1, "The file is empty.", "Begin with 'policy:'.")
        return found

    def _node(self, event: object, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._fault(
                event, "This is nested too deeply.", "A policy needs no more than a few levels."
            )
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self._fault(
                event, "Anchors and aliases (& and *) are not part of the language.", "Write the value out."
            )
        if getattr(event, "tag", None) and not _is_plain_tag(event):
            raise self._fault(event, "Tags (!) are not part of the language.", "Write the plain value.")
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        if isinstance(event, SequenceStartEvent):
            return self._listing(event, depth)
        if not isinstance(event, ScalarEvent):
            raise self._fault(
                event, "Something is missing here.", "Check the spaces at the start of the line."
            )
        return Text(event.value, event.style is not None, self.file, self._line(event))

    def _mapping(self, start: object, depth: int) -> Mapping:
        if getattr(start, "anchor", None) or getattr(start, "tag", None):
            raise self._fault(
                start, "Anchors and tags (& and !) are not part of the language.", "Write the plain value."
            )
        entries: dict[str, Node] = {}
        lines: dict[str, tuple[str, int]] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            if not isinstance(key, Text) or not key.value or key.value == "<<":
                raise self._fault(event, "A key must be a plain word.", "Write one word, then a colon.")
            if key.value in entries:
                first = lines[key.value][1]
                raise self._fault(
                    event, f"'{key.value}' is here twice (first on line {first}).", "Keep one of the two."
                )
            entries[key.value] = self._node(next(self.events), depth + 1)
            lines[key.value] = (self.file, self._line(event))
        return Mapping(entries, lines, self.file, self._line(start))

    def _listing(self, start: object, depth: int) -> Listing:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return Listing(tuple(items), self.file, self._line(start))

    def _line(self, event: object) -> int:
        mark = getattr(event, "start_mark", None)
        return int(mark.line) + 1 if mark else 1

    def _fault(self, event: object, what: str, remedy: str) -> PolicyFaults:
        return _fault(self.file, self._line(event), what, remedy)


def _is_plain_tag(event: object) -> bool:
    """A quoted scalar carries the tag `!` of its own accord in some parsers."""
    return isinstance(event, ScalarEvent) and event.style is not None and str(event.tag) == "!"
