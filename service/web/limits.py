"""How often may somebody ask to be let in, or try a code? Counted by network address and by contact.

Both count whether or not anybody is known, so that being paused says nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g

from service.web import here

# From one address on the network, which a whole office may share.
BY_NETWORK = "30 per 10 minutes"
# For one email address or number, wherever the asking comes from: more would fill somebody's phone.
BY_CONTACT = "10 per hour"


@contextmanager
def asking(contact: str) -> Iterator[None]:
    """Somebody asks for a link or a code to this contact. Raises `TooManyRequests`."""
    g.asked_for = hashlib.sha256(f"{here.council_id()} {contact}".encode()).hexdigest()
    with here.limiter().limit(BY_NETWORK):
        pass
    with here.limiter().limit(BY_CONTACT, key_func=_asked_for):
        yield


@contextmanager
def trying() -> Iterator[None]:
    """Somebody tries a code. Raises `TooManyRequests`."""
    with here.limiter().limit(BY_NETWORK):
        yield


def seconds_to_wait() -> int:
    """How long the pause is that this page ran into."""
    met = here.limiter().current_limit
    return max(1, int(met.reset_at - time.time())) if met is not None else 60


def _asked_for() -> str:
    return f"asked:{g.asked_for}"
