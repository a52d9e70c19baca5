"""Questions about allowances. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from service.allowances.model import LIVE, ONCE_AN_OCCASION, Key, Occasion, Take, payee, worth
from service.allowances.tables import AllowanceRow, Holding


@dataclass(frozen=True)
class Book:
    """Some allowances as they stand for one occasion: their rows, and the occasion's own holdings."""

    occasion: Occasion
    rows: dict[Key, AllowanceRow]
    holdings: dict[tuple[Key, str], Holding]

    def figure(self, key: Key) -> int:
        """What others have used, and what is kept for them."""
        row = self.rows.get(key)
        if row is None:
            return 0
        # What counts once for an occasion counts once, whichever of its claims asks.
        whole = key.counts in ONCE_AN_OCCASION
        own = [
            one
            for (of, holder), one in self.holdings.items()
            if of == key and (whole or holder in self.occasion.holders)
        ]
        return row.reserved + row.used - sum(worth(own))

    def held(self, key: Key) -> Take | None:
        """What this one holds already, itself or by what it takes over; None for nothing."""
        for holder in self.occasion.holders:
            one = self.holdings.get((key, holder))
            if one is not None and one.state in LIVE:
                return Take(one.amount, one.handed_in)
        return None


def book(session: Session, *, council_id: str, keys: Collection[Key], occasion: Occasion) -> Book:
    """These allowances as they stand for one occasion. What nobody has used yet has no row."""
    rows = session.scalars(
        select(AllowanceRow)
        .where(AllowanceRow.council_id == council_id, is_one_of(AllowanceRow, keys=keys))
        .execution_options(populate_existing=True)
    )
    holdings = session.scalars(
        select(Holding)
        .where(
            Holding.council_id == council_id,
            is_one_of(Holding, keys=keys),
            or_(Holding.occasion == occasion.id, Holding.holder.in_(occasion.holders)),
        )
        .execution_options(populate_existing=True)
    )
    return Book(occasion, {row.key: row for row in rows}, {(one.key, one.holder): one for one in holdings})


def held_by(session: Session, *, council_id: str, holders: Collection[str]) -> list[Holding]:
    """Everything that these offers and claims hold, or held."""
    query = select(Holding).where(Holding.council_id == council_id, Holding.holder.in_(holders))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def around(
    session: Session, *, council_id: str, keys: Collection[Key], occasions: Collection[str]
) -> list[Holding]:
    """Every holding of these occasions in these allowances."""
    query = select(Holding).where(
        Holding.council_id == council_id, is_one_of(Holding, keys=keys), Holding.occasion.in_(occasions)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def of_person(
    session: Session, *, council_id: str, person_id: str, organisation: str | None, on: date
) -> list[AllowanceRow]:
    """What a person and their organisation have used, and what is kept, over each time around a day."""
    query = select(AllowanceRow).where(
        AllowanceRow.council_id == council_id,
        AllowanceRow.payee.in_(
            {
                payee(per=per, person_id=person_id, organisation=organisation)
                for per in ("person", "organisation")
            }
        ),
        AllowanceRow.starts_on <= on,
        or_(AllowanceRow.ends_on.is_(None), AllowanceRow.ends_on > on),
    )
    return list(
        session.scalars(query.order_by(AllowanceRow.counter, AllowanceRow.payee, AllowanceRow.counts))
    )


def is_one_of(table: type[AllowanceRow] | type[Holding], *, keys: Collection[Key]) -> ColumnElement[bool]:
    """The condition that a row or a holding is of one of these allowances."""
    columns = tuple_(table.payee, table.counter, table.counts, table.period)
    return columns.in_([(key.payee, key.counter, key.counts, key.period) for key in keys])
