"""A pretend Stripe that speaks HTTP to the real SDK, and keeps a book of the money it moved.

It knows the calls of Global Payouts that we use, v2 idempotency as documented, signed webhooks, and as many
faults as it is told to have. `FakeStripe` runs it in this process; `python -m tests.fake_stripe --port N
--book FILE` in one of its own, which may be killed and started again on the same book.
"""

from __future__ import annotations

from tests.fake_stripe.book import Moved, payments, read
from tests.fake_stripe.faults import Faults
from tests.fake_stripe.server import FakeStripe

__all__ = ["FakeStripe", "Faults", "Moved", "payments", "read"]
