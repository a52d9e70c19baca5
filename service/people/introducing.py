"""How does Stripe come to know a person, and by which address do they reach its form?

The address is ours, and signed: each visit makes a new link to Stripe's form, which lives five minutes and
works once. It leads nowhere any more when Stripe has the details, or the person chose another way.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadSignature, URLSafeSerializer

from service.db import Database
from service.people import recipients
from service.people.recipients import Facts
from service.rails.stripe import Stripe
from service.rails.stripe_access import Access


def introduce(db: Database, *, rail: Stripe, access: Access, told: Facts) -> str:
    """The account by which Stripe knows a person, made if it is new; in transactions of its own.

    Safe to repeat: the same words have one key. Raises `NoAnswer`, `NotTaken`.
    """
    row = told.recipient
    if row.account_id is not None:
        return row.account_id
    # One key means one body, and an address may change before an answer that was lost is asked for again.
    said = hashlib.sha256(f"{told.name}\n{told.email}".encode()).hexdigest()[:8]
    made = rail.make_recipient(
        access=access, key=row.key(f"account-{said}"), name=told.name, email=told.email, reference=row.id
    )
    with db.council(row.council_id) as session:
        recipients.note_account(session, council_id=row.council_id, recipient_id=row.id, account_id=made)
    return made


def address(*, base_url: str, secret_key: str, council_id: str, method_id: str) -> str:
    """Where a person begins to give Stripe their bank details."""
    return f"{base_url.rstrip('/')}/stripe/{_signer(secret_key).dumps([council_id, method_id])}"


def read(token: str, *, secret_key: str) -> tuple[str, str] | None:
    """`(council_id, method_id)` of an address of ours; None for anything else."""
    try:
        council_id, method_id = _signer(secret_key).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(council_id), str(method_id)


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="stripe-form")
