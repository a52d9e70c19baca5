"""What does the outside world of messages look like from here? One protocol, one file a way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from service.errors import Unavailable


class NotSent(Unavailable):
    """The message did not leave. It will be tried again."""

    title = "The message did not leave"


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

    def send(self, message: Message) -> None:
        """Send it. Raises `NotSent`."""
