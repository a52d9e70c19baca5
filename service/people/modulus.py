"""Can this account number belong to this sort code? UK modulus checking, all exceptions.

After Vocalink's specification 7.70 (25 March 2024). Its two tables change every few weeks and may not be
handed on, so each council's own copies are read from the paths in the settings. Without them, and for a sort
code that they do not list, the answer is `not_checked`: a state of its own, never "valid".

Digits are named as there: `uvwxyz` is the sort code, `abcdefgh` the account number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.errors import Refused

VALID, INVALID, NOT_CHECKED = "valid", "invalid", "not_checked"

_A, _B, _C, _G, _H = 6, 7, 8, 12, 13  # Where these digits stand among the fourteen.
_ON_2 = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
_ON_2_WITH_9 = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)
_SORT_CODE_8, _SORT_CODE_9 = "090126", "309634"
_EITHER = {(2, 9), (10, 11), (12, 13)}
_KNOWN = frozenset(range(15))
_METHODS = ("MOD10", "MOD11", "DBLAL")


class BadTable(Refused):
    """A table is there, and cannot be read."""

    title = "The modulus table cannot be read"


@dataclass(frozen=True)
class Weights:
    """One line of the table: a range of sort codes, how to check them, which exception counts (0: none)."""

    first: str
    last: str
    method: str
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True)
class Modulus:
    """The tables, and what is asked of them. `version` tells one pair of tables from another; empty: none."""

    rows: tuple[Weights, ...] = field(default=(), repr=False)
    substitutes: dict[str, str] = field(default_factory=dict, repr=False)
    version: str = ""

    def check(self, *, sort_code: str, account_number: str) -> str:
        """`valid`, `invalid` or `not_checked`, for six and eight digits."""
        rows = [row for row in self.rows if row.first <= sort_code <= row.last]
        if not rows or not all(row.exception in _KNOWN for row in rows):
            return NOT_CHECKED
        return VALID if self._all_pass(rows, sort_code, account_number) else INVALID

    def _all_pass(self, rows: list[Weights], sort_code: str, number: str) -> bool:
        exceptions = tuple(row.exception for row in rows)
        if exceptions in _EITHER:
            return any(self._passes(row, sort_code, number) for row in rows)
        if 3 in exceptions[1:] and number[2] in "69":
            rows = rows[:1]
        return all(self._passes(row, sort_code, number) for row in rows)

    def _passes(self, row: Weights, sort_code: str, number: str) -> bool:
        digits = _digits(self._sort_code(row, sort_code) + number)
        if row.exception == 6 and 4 <= digits[_A] <= 8 and digits[_G] == digits[_H]:
            return True  # A foreign currency account: it cannot be checked, and counts as valid.
        remainder = _remainder(row, _weights(row, digits), digits)
        if row.exception == 4:
            return remainder == digits[_G] * 10 + digits[_H]
        if row.exception == 5:
            return _check_digit_fits(row, remainder, digits)
        if row.exception == 14 and remainder and digits[_H] in (0, 1, 9):
            again = [*digits[:_A], 0, *digits[_A:_H]]
            return _remainder(row, row.weights, again) == 0
        return remainder == 0

    def _sort_code(self, row: Weights, sort_code: str) -> str:
        if row.exception == 5:
            return self.substitutes.get(sort_code, sort_code)
        return {8: _SORT_CODE_8, 9: _SORT_CODE_9}.get(row.exception, sort_code)


NO_TABLE = Modulus()


def _digits(text: str) -> list[int]:
    return [int(digit) for digit in text]


def _weights(row: Weights, digits: Sequence[int]) -> tuple[int, ...]:
    nine = digits[_G] == 9
    if row.exception == 2 and digits[_A] != 0:
        return _ON_2_WITH_9 if nine else _ON_2
    by_pair = row.exception == 10 and digits[_A] in (0, 9) and digits[_B] == 9
    if nine and (row.exception == 7 or by_pair):
        return (0,) * _C + row.weights[_C:]
    return row.weights


def _remainder(row: Weights, weights: Sequence[int], digits: Sequence[int]) -> int:
    products = [weight * digit for weight, digit in zip(weights, digits, strict=True)]
    if row.method == "DBLAL":
        products = [sum(_digits(str(product))) for product in products]
    total = sum(products) + (27 if row.exception == 1 else 0)
    return total % (11 if row.method == "MOD11" else 10)


def _check_digit_fits(row: Weights, remainder: int, digits: Sequence[int]) -> bool:
    if row.method == "MOD11":
        return remainder != 1 and (11 - remainder) % 11 == digits[_G]
    return (10 - remainder) % 10 == digits[_H]


def read_tables(*, table: str, substitutions: str = "") -> Modulus:
    """The tables at these paths, as their publisher lays them out.

    No path, or no file there: `NO_TABLE`. Raises `BadTable` for a file that is something else.
    """
    if not table or not Path(table).is_file():
        return NO_TABLE
    weights = Path(table).read_bytes()
    others = Path(substitutions).read_bytes() if substitutions and Path(substitutions).is_file() else b""
    try:
        rows = tuple(_row(line) for line in weights.decode("ascii").splitlines() if line.strip())
        substitutes = dict(_pair(line) for line in others.decode("ascii").splitlines() if line.strip())
    except ValueError as error:
        raise BadTable(
            f"{table} or {substitutions or 'the table of substitutions'} is not laid out as the modulus "
            "tables are. Fetch them again, or leave MODULUS_TABLE empty."
        ) from error
    return Modulus(rows, substitutes, hashlib.sha256(weights + b"\0" + others).hexdigest()[:12])


def _row(line: str) -> Weights:
    first, last, method, *numbers = line.split()
    if method not in _METHODS or len(numbers) not in (14, 15):
        raise ValueError(line)
    _pair(f"{first} {last}")
    return Weights(first, last, method, tuple(int(n) for n in numbers[:14]), int("".join(numbers[14:]) or 0))


def _pair(line: str) -> tuple[str, str]:
    first, second = line.split()
    if not all(len(code) == 6 and code.isascii() and code.isdigit() for code in (first, second)):
        raise ValueError(line)
    return first, second
