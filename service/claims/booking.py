"""What does the ledger say of a claim? Its postings follow the claim's state, by what each line was for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.claims import comparing, queries
from service.claims.model import AGREED, BOOKED, REST
from service.claims.tables import Claim
from service.councils import queries as councils
from service.ledger import actions as ledger
from service.ledger.model import Owed

ACCOUNT = {"fee": "fees", "expense": "expenses"}

# Kind of line ("fee" or "expense"), category, pence.
Shares = list[list[Any]]


def book(session: Session, claim: Claim, *, was: str, verb: str, now: datetime) -> None:
    """After a move: what the claim is owed stands in the ledger, and its offer's fee is no longer set aside.

    A claim that goes from approved to paid is owed what it was: the payment's own entry says the rest.
    """
    if verb not in BOOKED or (was, verb) == ("approved", "pay"):
        return
    if AGREED[0] in (was, claim.state) or AGREED[1] in (was, claim.state):
        accrue(session, claim, now=now)
    if claim.with_fee and claim.offer_id:
        ledger.release(session, council_id=claim.council_id, offer_ids=[claim.offer_id], at=now)


def accrue(session: Session, claim: Claim, *, now: datetime) -> None:
    """Make the ledger say what a locked claim is owed now; posts the difference only. Safe to repeat."""
    council = councils.get(session, council_id=claim.council_id)
    ledger.accrue(
        session,
        council_id=claim.council_id,
        claim_id=claim.id,
        person_id=claim.person_id,
        cost_centre=claim.cost_code or council.cost_centre,
        owed=owed(session, claim) if claim.state in AGREED else {},
        at=now,
    )


def owed(session: Session, claim: Claim) -> Owed:
    """(account, category) → pence: the claim's sums, by the lines of the answer that counts."""
    shares = claim.decided_lines or shares_of(_lines(session, claim))
    if claim.put_off_pence or claim.kind == REST:
        shares = _of_the_part(shares, claim)
    found: dict[tuple[str, str], int] = {}
    for kind, pence in (("fee", claim.fee_pence), ("expense", claim.expenses_pence)):
        of_kind = {category: share for category, share in _sums(shares, kind).items() if share}
        found |= {(ACCOUNT[kind], c): share for c, share in _fitted(of_kind, kind, pence).items()}
    return found


def shares_of(lines: Sequence[Mapping[str, Any]]) -> Shares:
    """What is kept of the lines of an answer: kind, category and pence."""
    return [
        ["fee" if x["kind"] == "fee" else "expense", x["category"], x["amount_pence"] or 0] for x in lines
    ]


def _lines(session: Session, claim: Claim) -> list[dict[str, Any]]:
    answer = queries.assessment(session, council_id=claim.council_id, claim_id=claim.id).answer
    lines: list[dict[str, Any]] = (
        comparing.shown(answer, claim.top_up) if claim.top_up is not None else answer
    )["lines"]
    return lines


def _of_the_part(shares: Shares, claim: Claim) -> Shares:
    """Of a fee in two parts: the first has the beginning of the fee's lines, the rest has the end of them."""
    left, found = claim.fee_pence, []
    for kind, category, pence in reversed(shares) if claim.kind == REST else shares:
        share = min(left, pence) if kind == "fee" else pence
        left -= share if kind == "fee" else 0
        found.append([kind, category, share])
    return found


def _sums(shares: Shares, kind: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for of, category, pence in shares:
        if of == kind:
            sums[category] += pence
    return sums


def _fitted(sums: Mapping[str, int], kind: str, pence: int) -> dict[str, int]:
    """The sums of the lines, which come to the claim's own sum: any difference is the largest line's."""
    if not sums:
        return {kind: pence} if pence else {}
    largest = max(sums, key=lambda category: (sums[category], category))
    rest = pence - sum(sums.values())
    if sums[largest] + rest < 0:
        return {largest: pence} if pence else {}
    return {**sums, largest: sums[largest] + rest}
