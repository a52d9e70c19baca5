"""What did somebody type, and what is wrong with it? One small thing for every form.

Rooms judge what is typed; a page keeps it, shows it again, and puts each sentence beside its field.
There are no form classes: with one question a page, a form is a handful of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.errors import ReciprocalError


@dataclass
class Answers:
    """Typed values by field name, and at most one sentence of what to mend for each field.

    `links` are sentences with a place of their own on the page, or none. `parts`: of a field with several
    boxes, those that are wrong; all of them where it is not here.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """What was typed, without the spaces around it; an empty text if nothing was."""
        return self.typed.get(name, "").strip()

    @property
    def wrong(self) -> bool:
        """Whether anything needs mending."""
        return bool(self.faults or self.general or self.links)

    @property
    def problems(self) -> list[dict[str, str]]:
        """The error summary's list: each sentence, with a link to its field where it has one."""
        linked = [{"text": text, "href": f"#{name}"} for name, text in self.faults.items()]
        placed = [{"text": text, "href": href} if href else {"text": text} for text, href in self.links]
        return linked + placed + [{"text": text} for text in self.general]

    def fault(self, name: str, sentence: str) -> None:
        """Say what to mend at a field. The first sentence for a field stays."""
        self.faults.setdefault(name, sentence)

    def need(self, name: str, sentence: str) -> str:
        """The typed value; if it is empty, `sentence` says so beside the field."""
        if not self[name]:
            self.fault(name, sentence)
        return self[name]

    def one_of(self, name: str, allowed: Mapping[str, object] | set[str], sentence: str) -> str:
        """The chosen value; anything that was not offered counts as not chosen."""
        if self[name] not in allowed:
            self.fault(name, sentence)
            return ""
        return self[name]

    def whole(self, name: str, sentence: str, *, most: int) -> int | None:
        """A whole number from 0 to `most`, or `None` where nothing was typed or it does not fit."""
        if not self[name]:
            return None
        if not (self[name].isascii() and self[name].isdigit() and int(self[name][:9]) <= most):
            self.fault(name, sentence)
            return None
        return int(self[name])

    def learn(self, refusal: ReciprocalError, fields: Mapping[str, str]) -> None:
        """Take a room's sentences. `fields` says which field each JSON pointer belongs to.

        A sentence whose pointer has no field here still stands in the summary, so none is lost.
        """
        for fault in refusal.errors:
            if fault.pointer in fields:
                self.fault(fields[fault.pointer], fault.detail)
            else:
                self.general.append(fault.detail)
        if not refusal.errors:
            self.general.append(refusal.detail)
