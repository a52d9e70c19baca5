"""Questions about receipts. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.db import among
from service.errors import NotFound
from service.receipts.tables import Receipt


def get(session: Session, *, council_id: str, receipt_id: str) -> Receipt:
    """One receipt. Raises `NotFound`."""
    found = session.get(Receipt, (council_id, receipt_id))
    if found is None:
        raise NotFound("We cannot find that receipt. Look on your own page, or contact us.")
    return found


def by_ids(session: Session, *, council_id: str, receipt_ids: Collection[str]) -> dict[str, Receipt]:
    """Id → receipt, for the ids that this council knows."""
    query = select(Receipt).where(Receipt.council_id == council_id, among(Receipt.id, receipt_ids))
    return {row.id: row for row in session.scalars(query)}


def of_claim(session: Session, *, council_id: str, claim_id: str) -> list[Receipt]:
    """Every receipt of a claim that was not taken away, in the order in which they came."""
    query = select(Receipt).where(
        Receipt.council_id == council_id, Receipt.claim_id == claim_id, Receipt.state != "removed"
    )
    return list(session.scalars(query.order_by(Receipt.id)))


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Receipt]:
    """Every receipt that somebody ever sent, oldest first."""
    query = select(Receipt).where(Receipt.council_id == council_id, Receipt.person_id == person_id)
    return list(session.scalars(query.order_by(Receipt.id)))


def claims_with_the_same(
    session: Session, *, council_id: str, receipt_ids: Collection[str], leaving_out: str
) -> dict[str, str]:
    """Claim id → the person, for claims other than `leaving_out` that hold one of these pictures too."""
    marks = {row.mark for row in by_ids(session, council_id=council_id, receipt_ids=receipt_ids).values()}
    query = select(Receipt.claim_id, Receipt.person_id).where(
        Receipt.council_id == council_id,
        among(Receipt.mark, marks),
        Receipt.claim_id.is_not(None),
        Receipt.claim_id != leaving_out,
        Receipt.id.not_in(list(receipt_ids)),
    )
    return {claim_id or "": person_id for claim_id, person_id in session.execute(query.order_by(Receipt.id))}


def being_checked(session: Session, *, council_id: str, limit: int) -> list[str]:
    """Receipts that wait for the check for harmful files, in no order: none blocks the others for ever."""
    query = select(Receipt.id).where(Receipt.council_id == council_id, Receipt.state == "being_checked")
    return list(session.scalars(query.order_by(func.random()).limit(limit)))


def with_a_picture(session: Session, *, council_id: str, after: str, limit: int) -> list[Receipt]:
    """Receipts whose picture is kept, in the order of their ids, after one of them."""
    query = select(Receipt).where(
        Receipt.council_id == council_id, Receipt.id > after, Receipt.key_sealed.is_not(None)
    )
    return list(session.scalars(query.order_by(Receipt.id).limit(limit)))
