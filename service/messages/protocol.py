"""What does the outside world of messages look like from here? One protocol, one file a way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from service.errors import Refused, Unavailable


class NotSent(Unavailable):
    """The message did not leave. It will be tried again."""

    title = "The message did not leave"


class Unsure(Unavailable):
    """Nobody knows whether the message left. Ask before it is sent again."""

    title = "We do not know yet whether the message left"


class NotTaken(Refused):
    """The message will never be taken as it is: an address that there is not, say."""

    title = "The message was not taken"


# How a message reaches somebody.
By = Literal["email", "text", "letter"]


@dataclass(frozen=True)
class Message:
    """One message that is ready to leave. `key` is ours and stays the same however often it is tried.

    `to`: an address for mail, a phone number, or the lines of an address for a letter. A text has its
    body only.
    """

    key: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    by: By = "email"


class Way(Protocol):
    """A way that messages leave by."""

    name: str

    def send(self, message: Message) -> str:
        """Send it; answers how the outside world calls it, or nothing.

        Raises `NotSent` (it did not leave), `Unsure` (it may have) and `NotTaken` (it never will).
        """

    def find(self, key: str) -> str | None:
        """How the outside world calls the message with this key of ours; None where it knows of none.

        Raises `Unsure` where it does not say.
        """
