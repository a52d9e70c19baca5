"""What does the outside world of messages look like from here? One protocol, one file a way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from service.errors import Unavailable


class NotSent(Unavailable):
    """The message did not leave. It will be tried again."""

    title = "The message did not leave"


@dataclass(frozen=True)
class Message:
    """One message that is ready to leave. `key` is ours and stays the same however often it is tried."""

    key: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    # Which way it is meant for: `to` is an email address, or a number for a text.
    by: str = "email"


class Way(Protocol):
    """A way that messages leave by."""

    name: str

    def send(self, message: Message) -> None:
        """Send it. Raises `NotSent`."""
