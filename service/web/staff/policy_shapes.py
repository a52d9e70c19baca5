"""What do the pages about the life of a policy show? One frozen shape a page, filled by `policy_reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.web.policies import Clause
from service.web.statuses import Status


@dataclass(frozen=True)
class VersionRow:
    """One draft or version in the list. `when`: the day it counts from, or when it was written."""

    id: str
    title: str
    status: Status
    when: str
    who: str


@dataclass(frozen=True)
class Stage:
    """One step of a draft's life: what it is, whether it is done, and what there is to say about it."""

    what: str
    status: Status
    words: str = ""
    href: str = ""


@dataclass(frozen=True)
class FaultRow:
    """One mistake. `href` leads to its line, where that is in the text itself."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a text."""

    number: int
    text: str
    wrong: bool


@dataclass(frozen=True)
class ExampleRow:
    """A worked example: what is expected by hand, what came out, and what does not fit."""

    name: str
    expected: str
    came_out: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """One time that a text was tried on past claims. Without `answer` it is still under way."""

    id: str
    policy_id: str
    since: date
    until: date
    asked_at: datetime
    headline: str
    answer: Mapping[str, Any] | None


@dataclass(frozen=True)
class SignRow:
    """Somebody who was asked to read a draft, or who answered."""

    who: str
    part: str
    status: Status
    words: str
    at: datetime | None


@dataclass(frozen=True)
class PolicyPage:
    """One draft or version with everything that is known of it.

    `missing`: what is missing as it stands; `to_publish`: what would be, if this reader published it.
    """

    id: str
    title: str
    version: str
    status: Status
    published: bool
    over: bool
    own: bool
    author: str
    stages: tuple[Stage, ...]
    faults: tuple[FaultRow, ...]
    lines: tuple[Line, ...]
    unconfirmed: tuple[tuple[str, str], ...]
    examples: tuple[ExampleRow, ...]
    changes: tuple[str, ...]
    example_changes: tuple[str, ...]
    trials: tuple[Trial, ...]
    signs: tuple[SignRow, ...]
    missing: tuple[str, ...]
    to_publish: tuple[str, ...]
    clauses: tuple[Clause, ...]
    may_write: bool
    may_sign: bool

    @property
    def may_try(self) -> bool:
        """Whether it can be tried on past claims: once the text itself has no mistakes."""
        return self.may_write and not self.published and not self.faults

    @property
    def tried(self) -> bool:
        """Whether somebody has seen what it would have paid."""
        return any(trial.answer is not None for trial in self.trials)


@dataclass(frozen=True)
class PublishPage:
    """What will happen when a draft is published. `who_else`: those who may, where this one may not alone."""

    id: str
    title: str
    hash: str
    first: date
    says: tuple[str, ...]
    missing: tuple[str, ...]
    who_else: str
    may: bool
