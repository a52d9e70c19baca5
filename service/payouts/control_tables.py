"""Holds and payment runs, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class PaymentHold(Base):
    """One hold: what it covers, why, who placed it and who ended it. It is ended, and never taken away.

    `subject`: the id of the payment or person, the name of the rail, or nothing. `placed_for` and
    `ended_for` name the person in the caller's own system, where a key speaks for several.
    """

    __tablename__ = "payment_holds"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index(
            "holds_standing",
            "council_id",
            "scope",
            "subject",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "everything_stopped",
            "scope",
            postgresql_where=text("ended_at IS NULL AND scope = 'everything'"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(Text)
    placed_for: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_for: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class PaymentRun(Base):
    """Payments of one rail that go together. How it stands is read from its payments.

    `filled_at`: when the last of its lines was written. `second_above_pence`: the limit above which a second
    person had to release it, as the policy said then; None when it needed nobody.
    """

    __tablename__ = "payment_runs"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    opened_by: Mapped[str] = mapped_column(Text)
    opened_for: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    filled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    second_above_pence: Mapped[int | None] = mapped_column(BigInteger)
    released_by: Mapped[str | None] = mapped_column(Text)
    released_for: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def tag(self) -> str:
        """What somebody has seen of it: changes when it is filled and when it is released."""
        return "released" if self.released_at else "waiting" if self.filled_at else "opening"


class PaymentRunLine(Base):
    """One payment in a run, with what it came to when the run was opened.

    It is in one run at a time: one that was let go and waits for a run again is taken over by the later one.
    """

    __tablename__ = "payment_run_lines"
    __table_args__ = (
        Index(
            "one_run_a_payout",
            "council_id",
            "payout_id",
            unique=True,
            postgresql_where=text("taken_over_at IS NULL"),
        ),
        ForeignKeyConstraint(["council_id", "run_id"], ["payment_runs.council_id", "payment_runs.id"]),
        ForeignKeyConstraint(["council_id", "payout_id"], ["payouts.council_id", "payouts.id"]),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payout_id: Mapped[str] = mapped_column(Text, primary_key=True)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    cost_centre: Mapped[str] = mapped_column(Text)
    taken_over_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
