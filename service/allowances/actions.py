"""Verbs about allowances. Never commit, never call a task.

Whoever writes holds the rows' locks first. They are taken last of all locks, in the order of their keys and
all of them in one call, so that no ring of waiting can form. Every verb is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.allowances import queries
from service.allowances.model import LIVE, TRANSITIONS, Allowance, Key, Occasion, Take, worth
from service.allowances.queries import Book
from service.allowances.tables import AllowanceRow, Holding


def open_book(
    session: Session, *, council_id: str, wanted: Collection[Allowance], occasion: Occasion, now: datetime
) -> Book:
    """These allowances under their locks, and any other in which this occasion holds something.

    So two at once cannot both take the last of one. A row that is not there yet is made.
    """
    held = queries.held_by(session, council_id=council_id, holders=occasion.holders)
    _make_rows(session, council_id, wanted, now)
    keys = {one.key for one in wanted} | {one.key for one in held if one.state in LIVE}
    _lock(session, council_id, keys)
    return queries.book(session, council_id=council_id, keys=keys, occasion=occasion)


def hold(
    session: Session, *, council_id: str, book: Book, verb: str, takes: Mapping[Key, Take], now: datetime
) -> None:
    """Hold just this from now on: `reserve` it, or `use` it. What was held before or is taken over goes back.

    The book must have been opened, under its locks, in this transaction.
    """
    own = [one for (_, holder), one in book.holdings.items() if holder in book.occasion.holders]
    before = _worths(book.rows, book.holdings.values())
    for one in own:
        _turn(one, verb="free", now=now)
        if one.holder != book.occasion.holder or one.key not in takes:
            # It is not this one's any more, whatever comes back later.
            one.amount = 0
    for key, take in takes.items():
        one = book.holdings.get((key, book.occasion.holder)) or _new_holding(session, council_id, key, book)
        book.holdings[key, one.holder] = one
        _turn(one, verb=verb, now=now)
        one.amount, one.handed_in = take.amount, take.handed_in
    _count_again(book.rows, before, book.holdings.values(), now)
    session.flush()


def free(session: Session, *, council_id: str, holders: Sequence[str], now: datetime) -> None:
    """Give back all that these offers or claims hold. Doing it twice is doing it once."""
    _turn_all(session, council_id, holders, verb="free", states=LIVE, now=now)


def use_again(session: Session, *, council_id: str, holders: Sequence[str], now: datetime) -> None:
    """What these had given back has been paid after all, so it is used, whatever the limit says by now."""
    _turn_all(session, council_id, holders, verb="use", states=("freed",), now=now)


def _turn_all(
    session: Session,
    council_id: str,
    holders: Sequence[str],
    *,
    verb: str,
    states: tuple[str, ...],
    now: datetime,
) -> None:
    found = queries.held_by(session, council_id=council_id, holders=holders)
    found = [one for one in found if one.state in states]
    if not found:
        return
    keys = {one.key for one in found}
    rows = _lock(session, council_id, keys)
    occasions = {one.occasion for one in found}
    around = queries.around(session, council_id=council_id, keys=keys, occasions=occasions)
    before = _worths(rows, around)
    for one in found:
        _turn(one, verb=verb, now=now)
    _count_again(rows, before, around, now)
    session.flush()


def _make_rows(session: Session, council_id: str, wanted: Iterable[Allowance], now: datetime) -> None:
    rows = [
        {
            "council_id": council_id,
            "payee": one.key.payee,
            "counter": one.key.counter,
            "counts": one.key.counts,
            "period": one.key.period,
            "name": one.name,
            "each": one.each,
            "starts_on": one.period.starts_on,
            "ends_on": one.period.ends_on,
            "reserved": 0,
            "used": 0,
            "changed_at": now,
        }
        for one in sorted(set(wanted), key=lambda one: one.key)
    ]
    if rows:
        session.execute(insert(AllowanceRow).values(rows).on_conflict_do_nothing())


def _lock(session: Session, council_id: str, keys: Collection[Key]) -> dict[Key, AllowanceRow]:
    table = AllowanceRow
    query = (
        select(table)
        .where(table.council_id == council_id, queries.is_one_of(table, keys=keys))
        .order_by(table.payee, table.counter, table.counts, table.period)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.key: row for row in session.scalars(query)}


def _new_holding(session: Session, council_id: str, key: Key, book: Book) -> Holding:
    made = Holding(
        council_id=council_id,
        payee=key.payee,
        counter=key.counter,
        counts=key.counts,
        period=key.period,
        holder=book.occasion.holder,
        occasion=book.occasion.id,
        state="",
        amount=0,
        handed_in=0,
    )
    session.add(made)
    return made


def _turn(one: Holding, *, verb: str, now: datetime) -> None:
    one.state, one.changed_at = TRANSITIONS[one.state, verb], now


def _worths(rows: Mapping[Key, AllowanceRow], around: Iterable[Holding]) -> dict[Key, tuple[int, int]]:
    listed = list(around)
    return {key: worth(one for one in listed if one.key == key) for key in rows}


def _count_again(
    rows: Mapping[Key, AllowanceRow],
    before: Mapping[Key, tuple[int, int]],
    around: Iterable[Holding],
    now: datetime,
) -> None:
    """Each row's totals, by what these holdings came to before and come to now."""
    for key, (reserved, used) in _worths(rows, around).items():
        row = rows[key]
        row.reserved += reserved - before[key][0]
        row.used += used - before[key][1]
        row.changed_at = now
