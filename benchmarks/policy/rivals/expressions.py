"""Pieces of text that both the rivals with an expression language are made of."""

from __future__ import annotations


def either(*choices: tuple[str, object], otherwise: object) -> str:
    """`a ? x : b ? y : z`, in brackets."""
    return "(" + "".join(f"{test} ? {value} : " for test, value in choices) + f"{otherwise})"


def zen_hours(minutes: str, rate: object) -> str:
    """Minutes at a rate an hour, half a penny up, in zen's language."""
    return f"floor(({minutes} * {rate} + 30) / 60)"
