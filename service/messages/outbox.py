"""Messages that stay here, for a demonstration and for councils that have no mail server yet.

The staff page "Messages" shows what was written; nothing leaves the building.
"""

from __future__ import annotations

from service.messages.protocol import Message


class Outbox:
    """The local outbox as a way."""

    name = "outbox"

    def send(self, message: Message) -> str:  # noqa: ARG002 - as every way
        """Nothing to do: the message is on the outbox page already."""
        return ""

    def find(self, key: str) -> None:
        """Nothing ever left."""
