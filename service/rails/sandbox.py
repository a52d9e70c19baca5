"""A pretend bank with a book of its own. At sort code 108800 the account number chooses what happens.

It behaves as a real rail does: a key pays once, answers can be lost, messages come late or twice. Its book is
written in transactions of its own, never in the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Text, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.days import utc_now
from service.db import Base, Database, among, insert_all
from service.rails import inbox
from service.rails.protocol import Answer, Asked, BookLine, Order

SORT_CODE = "108800"
PAID, NO_ACCOUNT, RETURNED, LOST_ANSWER, LOST_PAYMENT, SLOW, TWICE = (
    "00012345",
    "00000002",
    "00000003",
    "00000004",
    "00000005",
    "00000006",
    "00000007",
)

# What the API docs print: account number at sort code 108800 → what happens.
OUTCOMES = {
    PAID: "paid",
    NO_ACCOUNT: "refused, no such account",
    RETURNED: "paid, then returned",
    LOST_ANSWER: "no answer, though it was paid",
    LOST_PAYMENT: "no answer, and it never arrived",
    SLOW: "slow: paid after some seconds",
    TWICE: "paid; its webhook comes twice",
}
NO_LIMIT = -1
SLOW_FOR = timedelta(seconds=10)
RETURNS_AFTER = timedelta(seconds=5)


class SandboxPayment(Base):
    """One line in the pretend bank's book. `stands` is how the bank sees it now."""

    __tablename__ = "sandbox_payments"
    __table_args__ = (Index("sandbox_due", "becomes_at", postgresql_where=text("becomes_at IS NOT NULL")),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    stands: Mapped[str] = mapped_column(Text)
    becomes: Mapped[str | None] = mapped_column(Text)
    becomes_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    tells: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class SandboxFloat(Base):
    """What a council's money at the pretend bank comes to. A council without a line here has no limit."""

    __tablename__ = "sandbox_floats"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    pence: Mapped[int] = mapped_column(BigInteger)


class Sandbox:
    """The pretend bank as a rail."""

    name = "sandbox"

    def __init__(self, db: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._clock = clock

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        """Pay once for each key; `lost` for the accounts that say so."""
        fates = {order.key: _fate(order) for order in orders}
        arriving = [order for order in orders if fates[order.key] not in (NO_ACCOUNT, LOST_PAYMENT)]
        short: set[str] = set()
        if arriving:
            short = self._write(arriving, fates)
            heard = {order.key: 2 if fates[order.key] == TWICE else 1 for order in arriving}
            self._ring(council_id=arriving[0].council_id, times=heard)
        return [NOT_ENOUGH if o.key in short else _answer(o.key, fates[o.key]) for o in orders]

    def _write(self, orders: Sequence[Order], fates: Mapping[str, str]) -> set[str]:
        """A line for each key, once: whoever else brings the same key waits here, and finds it written.

        Answers the keys for which the council's money was not enough; they are not in the book.
        """
        now = self._clock()
        with self._db.council(orders[0].council_id) as session:
            short = _beyond(session, orders)
            rows = [
                _line(order, fates[order.key], now)
                for order in sorted(orders, key=lambda one: one.key)
                if order.key not in short
            ]
            if rows:
                insert_all(session, SandboxPayment, rows, passing_over_known=True)
        return short

    def set_funds(self, *, council_id: str, pence: int | None) -> None:
        """Say what a council's money there comes to from now on; None for no limit."""
        with self._db.council(council_id) as session:
            row = session.get(SandboxFloat, council_id, with_for_update=True)
            if row is None:
                session.add(SandboxFloat(council_id=council_id, pence=NO_LIMIT if pence is None else pence))
            else:
                row.pence = NO_LIMIT if pence is None else pence

    def funds(self, *, council_id: str) -> int | None:
        """What is left; None for no limit."""
        with self._db.council(council_id) as session:
            row = session.get(SandboxFloat, council_id)
            return None if row is None or row.pence == NO_LIMIT else row.pence

    def find(self, asked: Asked) -> Answer:
        """What the book says now."""
        return self.find_all([asked])[0]

    def find_all(self, asked: Sequence[Asked]) -> list[Answer]:
        """What the book says now of many, in one look."""
        if not asked:
            return []
        keys = [one.key for one in asked]
        with self._db.council(asked[0].council_id) as session:
            query = select(SandboxPayment.key, SandboxPayment.stands).where(
                SandboxPayment.council_id == asked[0].council_id, among(SandboxPayment.key, keys)
            )
            stands = {row.key: row.stands for row in session.execute(query)}
        return [_as_it_stands(key, stands.get(key)) for key in keys]

    def ring(self, *, council_id: str, key: str, times: int = 1) -> None:
        """Send our service the bank's message about one payment, as a webhook would."""
        self._ring(council_id=council_id, times={key: times})

    def _ring(self, *, council_id: str, times: Mapping[str, int]) -> None:
        for turn in range(max(times.values())):
            keys = [key for key, wanted in times.items() if wanted > turn]
            with self._db.council(council_id) as session:
                query = select(SandboxPayment).where(
                    SandboxPayment.council_id == council_id, among(SandboxPayment.key, keys)
                )
                self._tell(session, session.scalars(query.order_by(SandboxPayment.key)).all())

    def _tell(self, session: Session, rows: Sequence[SandboxPayment]) -> None:
        told = {f"{row.key}:{row.stands}": row.key for row in rows if row.tells and row.stands != "accepted"}
        if told:
            inbox.receive_all(
                session, council_id=rows[0].council_id, rail=self.name, notices=told, now=self._clock()
            )

    def pass_time(self, *, council_id: str, now: datetime) -> list[str]:
        """Let what was due happen, and tell of it: slow payments arrive, returns come back. Answers keys."""
        with self._db.council(council_id) as session:
            due = session.scalars(
                select(SandboxPayment)
                .where(SandboxPayment.council_id == council_id, SandboxPayment.becomes_at <= now)
                .order_by(SandboxPayment.key)
                .with_for_update(skip_locked=True)
            ).all()
            for row in due:
                row.stands, row.becomes, row.becomes_at = row.becomes or row.stands, None, None
            _put_back(session, council_id, [row for row in due if row.stands == "returned"])
            self._tell(session, due)
            return [row.key for row in due]

    def book(self, *, council_id: str) -> dict[str, tuple[int, str]]:
        """The bank's own record: payment id → (pence, how it stands), for reconciliation."""
        with self._db.council(council_id) as session:
            rows = session.scalars(select(SandboxPayment).where(SandboxPayment.council_id == council_id))
            return {row.payment_id: (row.amount_pence, row.stands) for row in rows}

    def lines(self, *, council_id: str, since: datetime) -> list[BookLine]:
        """The same, line by line, since a moment."""
        with self._db.council(council_id) as session:
            rows = session.scalars(
                select(SandboxPayment)
                .where(SandboxPayment.council_id == council_id, SandboxPayment.made_at >= since)
                .order_by(SandboxPayment.made_at)
            )
            return [
                BookLine(row.payment_id, row.amount_pence, row.stands, key=row.key, at=row.made_at)
                for row in rows
            ]


NOT_ENOUGH = Answer("refused", reason="The bank says there is not enough money.")


def _limited(session: Session, council_id: str) -> SandboxFloat | None:
    """The council's money, where it has a limit, with its row locked."""
    row = session.get(SandboxFloat, council_id, with_for_update=True)
    return None if row is None or row.pence == NO_LIMIT else row


def _beyond(session: Session, orders: Sequence[Order]) -> set[str]:
    """Take these from the council's money, in their order; answers the keys that it did not reach."""
    council_id, short = orders[0].council_id, set()
    money = _limited(session, council_id)
    if money is None:
        return set()
    query = select(SandboxPayment.key).where(
        SandboxPayment.council_id == council_id, SandboxPayment.key.in_([order.key for order in orders])
    )
    written = set(session.scalars(query))
    for order in orders:
        if order.key in written:
            continue
        if money.pence < order.amount_pence:
            short.add(order.key)
        else:
            money.pence -= order.amount_pence
    return short


def _put_back(session: Session, council_id: str, rows: Sequence[SandboxPayment]) -> None:
    money = _limited(session, council_id) if rows else None
    if money is not None:
        money.pence += sum(row.amount_pence for row in rows)


def _fate(order: Order) -> str:
    return order.account_number if order.sort_code == SORT_CODE else PAID


def _line(order: Order, fate: str, now: datetime) -> dict[str, Any]:
    slow, returns = fate == SLOW, fate == RETURNED
    return {
        "council_id": order.council_id,
        "key": order.key,
        "payment_id": order.payment_id,
        "amount_pence": order.amount_pence,
        "stands": "accepted" if slow else "paid",
        "becomes": "paid" if slow else "returned" if returns else None,
        "becomes_at": now + SLOW_FOR if slow else now + RETURNS_AFTER if returns else None,
        "tells": fate != LOST_ANSWER,
        "made_at": now,
    }


def _answer(key: str, fate: str) -> Answer:
    if fate == NO_ACCOUNT:
        return Answer("refused", reason="The bank says there is no such account.")
    if fate in (LOST_ANSWER, LOST_PAYMENT):
        return Answer("lost")
    return Answer("accepted", rail_reference=_reference(key))


def _as_it_stands(key: str, stands: str | None) -> Answer:
    if stands is None:
        return Answer("absent")
    reason = "The bank sent the money back." if stands == "returned" else ""
    return Answer(stands, rail_reference=_reference(key), reason=reason)


def _reference(key: str) -> str:
    return f"SBX-{key[-8:].upper()}"
