"""Can what was sent be read, and stored, at all? Asked of every call, before a room hears of it.

PostgreSQL stores no NUL and no half of a surrogate pair, JSON has no NaN, and nothing of ours lies deep.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest

from service.errors import Fault, Invalid, NotFound

DEEPEST = 12
_UNFIT = re.compile("[\x00\ud800-\udfff]")
SIGNS = "Leave out the signs that are not letters."


def require_fit(request: Request) -> None:
    """Raise `NotFound` for an address, `Invalid` for a query or body, that could never be stored."""
    if any(_UNFIT.search(str(value)) for value in (request.view_args or {}).values()):
        raise NotFound("There is no such thing. Check the id.")
    faults = [
        Fault(f"/query/{escaped(name)}", SIGNS)
        for name, value in request.args.items(multi=True)
        if _UNFIT.search(name + value)
    ]
    faults += unfit_in(_body(request))
    if faults:
        raise Invalid("Some fields need another look.", errors=tuple(faults))


def _body(request: Request) -> Any:
    if not request.is_json or not request.get_data():
        return None
    try:
        return request.get_json()
    except (RecursionError, ValueError) as error:
        raise BadRequest from error


def unfit_in(value: Any) -> Iterator[Fault]:
    """Every place in a JSON value that does not fit, however large the value is."""
    waiting: list[tuple[str, int, Any]] = [("", 0, value)]
    while waiting:
        pointer, depth, found = waiting.pop()
        if depth > DEEPEST:
            yield Fault(pointer, "This is nested too deeply.")
        elif isinstance(found, str):
            if _UNFIT.search(found):
                yield Fault(pointer, SIGNS)
        elif isinstance(found, float):
            if not math.isfinite(found):
                yield Fault(pointer, "Give a number.")
        elif isinstance(found, dict):
            if any(_UNFIT.search(key) for key in found):
                yield Fault(pointer, SIGNS)
            else:
                waiting += [(f"{pointer}/{escaped(key)}", depth + 1, inner) for key, inner in found.items()]
        elif isinstance(found, list):
            waiting += [(f"{pointer}/{number}", depth + 1, inner) for number, inner in enumerate(found)]


def escaped(key: str) -> str:
    """A name as a JSON pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")
