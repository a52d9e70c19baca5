"""Obligations, payouts and attempts, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Obligation(Base):
    """One thing owed: there is one for a claim, whatever happens to it."""

    __tablename__ = "obligations"
    __table_args__ = (
        UniqueConstraint("council_id", "claim_id"),
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        Index("obligations_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    claim_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    fee_pence: Mapped[int] = mapped_column(BigInteger)
    expenses_pence: Mapped[int] = mapped_column(BigInteger)
    cost_centre: Mapped[str] = mapped_column(Text)
    pay_by: Mapped[date | None] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    stopped_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def amount_pence(self) -> int:
        """What is owed in all."""
        return self.fee_pence + self.expenses_pence


class Payout(Base):
    """One way of settling an obligation. At most one that is not over.

    `look_at`: when the sweeper takes it up next; `looks`: how often it did in vain since the last step.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "obligation_id"], ["obligations.council_id", "obligations.id"]),
        Index(
            "one_live_payout",
            "council_id",
            "obligation_id",
            unique=True,
            postgresql_where=text("state NOT IN ('failed', 'returned', 'cancelled')"),
        ),
        Index("payouts_by_change", "council_id", "changed_at", "id"),
        Index("payouts_by_state", "council_id", "state", "changed_at"),
        Index("payouts_of_claim", "council_id", "claim_id"),
        Index("payouts_of_person", "council_id", "person_id"),
        Index("payouts_to_look_at", "council_id", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index(
            "payouts_held",
            "council_id",
            "held_because",
            "held_until",
            postgresql_where=text("state = 'held'"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    obligation_id: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    method_id: Mapped[str | None] = mapped_column(Text)
    give_to: Mapped[str | None] = mapped_column(Text)
    rail: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    held_because: Mapped[str | None] = mapped_column(Text)
    held_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    failure: Mapped[str | None] = mapped_column(Text)
    bank_reference: Mapped[str | None] = mapped_column(Text)
    paid_on: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    look_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    looks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    # The day before which the person does not want it, if they chose one.
    own_day: Mapped[date | None] = mapped_column(Date)
    # Somebody else's system was told to pay it, and with which payroll it goes.
    exported_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    goes_with: Mapped[str | None] = mapped_column(Text)
    # The council's own system may have it in hand: it stood in a file, or was ready before it was held.
    offered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def tag(self) -> str:
        """What somebody has seen of it: changes with every step."""
        return f"{self.state}-{int(self.changed_at.timestamp() * 1_000_000)}"


class Attempt(Base):
    """One try at a rail. Its key is fixed, and committed, before the rail is first called.

    `fence` rises with each decision that a worker in the middle of it must not overrule. `called_fence` is
    the one under which the rail was last called: 0 means never, less than `fence` not since that decision.
    `called_at`: when the send under way was laid out, and then when its call was let go.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "payout_id"], ["payouts.council_id", "payouts.id"]),
        UniqueConstraint("council_id", "key"),
        UniqueConstraint("council_id", "payout_id", "number"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    payout_id: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(Integer)
    called_fence: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    sends: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str | None] = mapped_column(Text)
    rail_reference: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    called_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
