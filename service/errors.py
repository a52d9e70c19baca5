"""What can go wrong, drawn once.

Two families: `Refused` is final (asking again gives the same answer), `Unavailable` may be asked again.
Concrete errors live here only when several rooms share them; a room's own errors live with its verbs.
`api/errors.py` says which HTTP answer each one gets, and the web pages show the same texts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong in what was sent: a JSON pointer (`/expenses/0/miles`) and a sentence."""

    pointer: str
    detail: str


class ReciprocalError(Exception):
    """The root. `detail` is a sentence for the person who reads it, and says what to do."""

    title = "Something went wrong"

    # Whether what was written before the refusal stays: only where the refusal says what is written now.
    keeps = False

    def __init__(self, detail: str, *, errors: tuple[Fault, ...] = (), clause: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.clause = clause


class Refused(ReciprocalError):
    """Final: the same request will be refused again."""

    title = "This cannot be done"


class Unavailable(ReciprocalError):
    """Passing: the same request may succeed later."""

    title = "Not available just now"


class Invalid(Refused):
    """What was sent does not fit. `errors` says where."""

    title = "Some answers need another look"


class NotFound(Refused):
    """There is no such thing, or it belongs to another council."""

    title = "We cannot find that"


class Forbidden(Refused):
    """Known, but this key or role may not do it."""

    title = "You cannot do this"


class NotSignedIn(Refused):
    """No key or session, or one that has ended."""

    title = "You need to sign in"


class Conflict(Refused):
    """It clashes with how things stand now."""

    title = "This clashes with something already there"


class Moved(Refused):
    """Somebody changed it while you were looking."""

    title = "This changed while you were looking"


class VersionNeeded(Refused):
    """The call must say which version it saw."""

    title = "Say which version you saw"


class StillRunning(Conflict):
    """The same request is being worked on right now."""

    title = "The same request is still being worked on"


class KeyReused(Refused):
    """An idempotency key came back with another body."""

    title = "That idempotency key was used for something else"


# Said wherever the database does not answer.
OUT_OF_REACH = "We cannot reach our records just now. Nothing was changed. Try again soon."


def one_fault(pointer: str, detail: str) -> Invalid:
    """An `Invalid` with a single fault, whose sentence is also the summary."""
    return Invalid(detail, errors=(Fault(pointer, detail),))
