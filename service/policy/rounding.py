"""How is a sum rounded? One place, in whole numbers, by a stated step and direction."""

from __future__ import annotations

DIRECTIONS = ("half up", "half even", "half down", "up", "down")


def round_share(top: int, bottom: int, step: int, direction: str) -> int:
    """`top / bottom` as a multiple of `step`; ties and remainders by `direction`. `top` is not negative.

    Raises `ValueError` for a direction that there is not.
    """
    size = bottom * step
    whole, rest = divmod(top, size)
    if rest:
        twice = 2 * rest
        if direction == "half up":
            whole += twice >= size
        elif direction == "half even":
            whole += twice > size or (twice == size and whole % 2 == 1)
        elif direction == "half down":
            whole += twice > size
        elif direction == "up":
            whole += 1
        elif direction != "down":
            raise ValueError(f"no such direction: {direction}")
    return whole * step


def share(top: int, bottom: int, step: int, direction: str) -> int:
    """As `round_share`, with nothing to share out where `bottom` is 0."""
    return round_share(top, bottom, step, direction) if bottom > 0 else 0
