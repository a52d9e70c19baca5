"""Messages by GOV.UK Notify: email, text and letter, each through one template of the council's own.

A template holds `((subject))` and `((body))` and nothing else, so that words are kept in one place. What
Notify calls the reference is our key; it says nothing of a person. Notify sends a reference as often as it is
asked to, so what may have left already is looked for before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.messages.protocol import By, Message, NotSent, NotTaken, Unsure

# Seconds to wait for an answer.
PATIENCE = 15
# Whatever these say, the message was not taken and may be tried again: a wrong key, too many at once.
PASSING = frozenset((401, 403, 429))
# A letter has at most so many lines above its text.
ADDRESS_LINES = 7


@dataclass(frozen=True)
class NotifyAccess:
    """What a council needs to speak to Notify. `templates`: for which ways it has one."""

    api_key: str = field(repr=False)
    base: str
    templates: Mapping[By, str]


class Notify:
    """A council's service at Notify as a way."""

    name = "notify"

    def __init__(self, access: NotifyAccess) -> None:
        self._access = access

    def send(self, message: Message) -> str:
        """Hand one message to Notify. Raises `NotSent`, `Unsure` and `NotTaken`."""
        from notifications_python_client.errors import APIError

        template = self._access.templates[message.by]
        client, key = self._client(), message.key
        words = {"subject": message.subject, "body": message.body}
        try:
            if message.by == "text":
                words = {"body": message.body}
                answer = client.send_sms_notification(message.to, template, words, reference=key)
            elif message.by == "letter":
                words |= address_lines(message.to)
                answer = client.send_letter_notification(template, words, reference=key)
            else:
                answer = client.send_email_notification(message.to, template, words, reference=key)
        except APIError as error:
            raise _meaning(error) from error
        if not isinstance(answer, dict) or "id" not in answer:
            raise Unsure("Notify did not answer as it should. It will be asked about the message.")
        return str(answer["id"])

    def find(self, key: str) -> str | None:
        """Ask Notify by our key. Raises `Unsure` when it does not answer."""
        from notifications_python_client.errors import APIError

        try:
            found = self._client().get_all_notifications(reference=key)["notifications"]
        except APIError as error:
            raise Unsure("Notify does not answer. It will be asked again.") from error
        return str(found[0]["id"]) if found else None

    def _client(self) -> Any:
        # Read only where it is used: it brings a client for HTTP along.
        from notifications_python_client.notifications import NotificationsAPIClient

        access = self._access
        return NotificationsAPIClient(access.api_key, base_url=access.base, timeout=PATIENCE)  # type: ignore[no-untyped-call]


def address_lines(address: str) -> dict[str, str]:
    """The lines of an address, as Notify calls them."""
    lines = [line.strip() for line in address.splitlines() if line.strip()][:ADDRESS_LINES]
    return {f"address_line_{number}": line for number, line in enumerate(lines, start=1)}


def _meaning(error: Any) -> NotSent | NotTaken | Unsure:
    """Only what Notify itself refused did not leave; all else may have."""
    status = error.response.status_code if error.response is not None else 0
    if status in PASSING:
        return NotSent(f"Notify did not take the message ({status}). It will be tried again.")
    if 400 <= status < 500:
        return NotTaken(f"Notify will not take this message: {_said(error)}")
    return Unsure("Notify has not said whether it took the message. It will be asked.")


def _said(error: Any) -> str:
    """Notify's own words, without the values that they are about."""
    found = error.message
    rows = found if isinstance(found, list) else [{"message": found}]
    return "; ".join(str(row.get("message", "")) for row in rows)[:200]
