"""What is an outgoing webhook: what it says, how it is signed, and when it is tried again? Rules only.

Signatures and headers follow Standard Webhooks (standardwebhooks.com, version 1): HMAC-SHA256 over
`id.timestamp.body`, in base64, one `v1,…` for each secret that counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

# Event of ours → the type that others read. Some of ours are one to them.
TYPES = {
    "claim.submitted": "claim.submitted",
    "claim.waiting": "claim.waiting",
    "claim.needs_person": "claim.needs_person",
    "claim.asked": "claim.asked",
    "claim.approved": "claim.approved",
    "claim.refused": "claim.refused",
    "claim.withdrawn": "claim.withdrawn",
    "claim.paid": "claim.paid",
    "payout.ready": "payment.ready",
    "payout.held": "payment.held",
    "payout.waiting": "payment.held",
    "payout.sending": "payment.sending",
    "payout.unknown": "payment.unknown",
    "payout.sent": "payment.sent",
    "payout.paid": "payment.paid",
    "payout.failed": "payment.failed",
    "payout.returned": "payment.returned",
    "payout.cancelled": "payment.cancelled",
}
KINDS = tuple(dict.fromkeys(TYPES.values()))

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix that the standard gives to every secret

# How long after each failure a message is tried again, before jitter; the last is repeated.
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=20),
)
# An endpoint that has taken nothing for this long is switched off; a message this old is given up.
GIVE_UP_AFTER = timedelta(days=5)
# After a failure nothing else is tried there for this long, doubled for each failure in a row.
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=30)
OVERLAP = timedelta(hours=24)


def events_for(types: Sequence[str]) -> list[str]:
    """Our names of these types; of every type where none is named. Unknown ones are left out."""
    return [ours for ours, theirs in TYPES.items() if not types or theirs in types]


def types_of(events: Sequence[str]) -> list[str]:
    """The types behind names of ours, each once."""
    return list(dict.fromkeys(TYPES[name] for name in events))


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(*, message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers of a message. `keys` are secrets as their holders were shown them."""
    content = f"{message_id}.{timestamp}.".encode() + body
    marks = [
        base64.b64encode(
            hmac.new(base64.b64decode(key.removeprefix(SECRET_PREFIX)), content, hashlib.sha256).digest()
        ).decode()
        for key in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def wait_after(attempts: int, *, chance: float) -> timedelta:
    """How long to wait after this many failures. `chance`, from 0 to 1, spreads it by a quarter each way."""
    return WAITS[min(attempts, len(WAITS)) - 1] * (0.75 + chance / 2)


def pause_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after this many failures in a row."""
    doubled: int = 2 ** min(failures - 1, 20)
    return min(PAUSE * doubled, LONGEST_PAUSE)
