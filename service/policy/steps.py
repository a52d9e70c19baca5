"""What may a rule do, once its kind is understood? A small, typed, total language of expressions and steps.

Every kind of rule becomes these few nodes; the printer and the reference walker know nothing else. There are
no loops, no calls and no division but the one rounding node, so every program ends and its cost is bounded by
its length. Sums are whole pence, times minutes, distances tenths of a mile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Scope = Literal["claim", "line"]
PAYABLE, NOT_PAYABLE, NEEDS_PERSON = 0, 1, 2
OUTCOMES = ("payable", "not_payable", "needs_person")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class Word:
    """A text, a yes or no, or a day, to compare with."""

    value: str | bool | date


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact, None when it was not given."""

    scope: Scope
    name: str


@dataclass(frozen=True, slots=True)
class OrZero:
    """A counted fact, 0 when it was not given."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Slot:
    """A figure worked out by an earlier step."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Plus, minus or times."""

    sign: Literal["+", "-", "*"]
    left: Number_
    right: Number_


@dataclass(frozen=True, slots=True)
class Pick:
    """The smaller or larger of two."""

    which: Literal["min", "max"]
    left: Number_
    right: Number_


@dataclass(frozen=True, slots=True)
class Rounded:
    """`top / bottom`, to a step, in a direction: the only division there is."""

    top: Number_
    bottom: int
    step: int
    direction: str


@dataclass(frozen=True, slots=True)
class Later:
    """The day so many days or months after another."""

    day: Fact
    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Share:
    """`top / bottom`, both worked out, to a step, in a direction; 0 where `bottom` is 0."""

    top: Number_
    bottom: Number_
    step: int
    direction: str


@dataclass(frozen=True, slots=True)
class YearEnd:
    """As `Later`, but no later than the day (month, day) that follows the end of the day's year."""

    day: Fact
    count: int
    unit: str
    ends: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class QuarterEnd:
    """The last day of March, June, September or December that is not before another day."""

    day: Fact


Number_ = Number | Fact | OrZero | Slot | Arithmetic | Pick | Rounded | Share
Expression = Number_ | Word | Later | YearEnd | QuarterEnd


@dataclass(frozen=True, slots=True)
class Given:
    """Whether a fact was given."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values that are both there."""

    sign: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a value is among some words."""

    item: Expression
    words: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Divides:
    """Whether `bottom` goes into `top` without a remainder."""

    top: Number_
    bottom: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold, asked in order; true when there are none."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    test: Test


Test = Given | Compare | OneOf | Divides | Every | Not


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure inside a sentence: `money`, `time`, `miles`, `count`, `day` or `percent`."""

    figure: Expression
    how: str


Part = str | Shown


@dataclass(frozen=True, slots=True)
class Set:
    """Works out a figure and keeps it."""

    slot: str
    figure: Number_


@dataclass(frozen=True, slots=True)
class Say:
    """A reason, with its clause, the rule's key, its words and its figures."""

    clause: str
    rule: str
    words: tuple[Part, ...]
    figures: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Suggest:
    """A change of one fact that would help; the words say it plainly."""

    fact: Fact
    value: Expression
    words: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """The line is not payable, or needs a person. Not payable outweighs needing a person."""

    outcome: int


@dataclass(frozen=True, slots=True)
class StopIfMarked:
    """Ends here when an earlier step marked the line."""


@dataclass(frozen=True, slots=True)
class When:
    """Steps for a case, and for all others."""

    test: Test
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Warn:
    """Words that go with the answer."""

    code: str
    clause: str
    words: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Pay:
    """The line's sum. The last step of a line."""

    figure: Number_


Step = Set | Say | Suggest | Mark | StopIfMarked | When | Warn | Pay
Program = tuple[Step, ...]
