"""What does the outside world of who somebody is look like from here? As whom we ask, and who came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.errors import Refused, Unavailable


class NotAnswering(Unavailable):
    """The provider cannot be reached, or answers nothing that we understand."""

    title = "Your work sign-in does not answer"


class NotTrusted(Refused):
    """What came back is not what the provider would say to us, for this visit, now."""

    title = "That sign-in did not work"


@dataclass(frozen=True)
class Client:
    """As what we are known to one provider."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Visit:
    """One way there and back; the browser keeps it meanwhile. `address`: where it goes now."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    address: str = ""


@dataclass(frozen=True)
class Identity:
    """Who came back: the provider's own name for them, and all that it says of them."""

    subject: str
    name: str
    claims: Mapping[str, Any] = field(repr=False)
