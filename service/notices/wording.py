"""What is one message in plain English: its subject, its body, and the page that it opens?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """A subject and a body. `goes_to`: the page that the link opens, with `{subject}` for the id."""

    subject: str
    body: str
    goes_to: str
