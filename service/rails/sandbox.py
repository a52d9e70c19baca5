"""A pretend bank with a book of its own. At sort code 108800 the account number chooses what happens.

It behaves as a real rail does: a key pays once, answers can be lost, messages come late or twice. Its book is
written in transactions of its own, never in the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Index, Text, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.days import utc_now
from service.db import Base, Database
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


class Sandbox:
    """The pretend bank as a rail."""

    name = "sandbox"

    def __init__(self, db: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._clock = clock

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        """Pay once for each key; `lost` for the accounts that say so."""
        return [self._pay_one(order) for order in orders]

    def _pay_one(self, order: Order) -> Answer:
        fate = order.account_number if order.sort_code == SORT_CODE else PAID
        if fate == NO_ACCOUNT:
            return Answer("refused", reason="The bank says there is no such account.")
        if fate == LOST_PAYMENT:
            return Answer("lost")
        self._write(order, fate)
        if fate == LOST_ANSWER:
            return Answer("lost")
        self.ring(council_id=order.council_id, key=order.key, times=2 if fate == TWICE else 1)
        return Answer("accepted", rail_reference=f"SBX-{order.key[-8:].upper()}")

    def _write(self, order: Order, fate: str) -> None:
        now = self._clock()
        with self._db.council(order.council_id) as session:
            session.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 3))"), {"key": order.key}
            )
            if session.get(SandboxPayment, (order.council_id, order.key)) is not None:
                return
            slow, returns = fate == SLOW, fate == RETURNED
            session.add(
                SandboxPayment(
                    council_id=order.council_id,
                    key=order.key,
                    payment_id=order.payment_id,
                    amount_pence=order.amount_pence,
                    stands="accepted" if slow else "paid",
                    becomes="paid" if slow else "returned" if returns else None,
                    becomes_at=now + SLOW_FOR if slow else now + RETURNS_AFTER if returns else None,
                    tells=fate != LOST_ANSWER,
                    made_at=now,
                )
            )

    def find(self, asked: Asked) -> Answer:
        """What the book says now."""
        with self._db.council(asked.council_id) as session:
            row = session.get(SandboxPayment, (asked.council_id, asked.key))
            if row is None:
                return Answer("absent")
            reason = "The bank sent the money back." if row.stands == "returned" else ""
            return Answer(row.stands, rail_reference=f"SBX-{asked.key[-8:].upper()}", reason=reason)

    def ring(self, *, council_id: str, key: str, times: int = 1) -> None:
        """Send our service the bank's message about one payment, as a webhook would."""
        for _ in range(times):
            with self._db.council(council_id) as session:
                row = session.get(SandboxPayment, (council_id, key))
                if row is not None:
                    self._tell(session, row)

    def _tell(self, session: Session, row: SandboxPayment) -> None:
        if row.tells and row.stands != "accepted":
            inbox.receive(
                session,
                council_id=row.council_id,
                rail=self.name,
                external_id=f"{row.key}:{row.stands}",
                key=row.key,
                now=self._clock(),
            )

    def pass_time(self, *, council_id: str, now: datetime) -> list[str]:
        """Let what was due happen, and tell of it: slow payments arrive, returns come back. Answers keys."""
        with self._db.council(council_id) as session:
            due = session.scalars(
                select(SandboxPayment)
                .where(SandboxPayment.council_id == council_id, SandboxPayment.becomes_at <= now)
                .with_for_update(skip_locked=True)
            ).all()
            for row in due:
                row.stands, row.becomes, row.becomes_at = row.becomes or row.stands, None, None
                self._tell(session, row)
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
