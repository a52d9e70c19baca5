"""Overpayments, a person's consent, and what came off later fees, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Overpayment(Base):
    """What was paid too much for one part (fee or expense) of one claim, and what became of it.

    `over_pence`: paid above what is right, as the books stand now. Of that, `written_off_pence` was let go,
    and `taken_pence` came off later fees, with consent. `version` counts the ledger entries about it.
    """

    __tablename__ = "overpayments"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        UniqueConstraint("council_id", "claim_id", "part"),
        Index("overpayments_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    claim_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    part: Mapped[str] = mapped_column(Text)
    cost_centre: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    over_pence: Mapped[int] = mapped_column(BigInteger)
    written_off_pence: Mapped[int] = mapped_column(BigInteger)
    taken_pence: Mapped[int] = mapped_column(BigInteger)
    because: Mapped[str] = mapped_column(Text)
    noticed_by: Mapped[str] = mapped_column(Text)
    reason_event_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    noticed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def left_pence(self) -> int:
        """What is still open: neither let go nor taken."""
        return max(self.over_pence - self.written_off_pence - self.taken_pence, 0)

    @property
    def tag(self) -> str:
        """What somebody has seen of it: changes with every step."""
        return f"{self.version}-{self.state}-{int(self.changed_at.timestamp() * 1_000_000)}"


class Consent(Base):
    """A person said that this much at most may come off each later fee. Kept after it has ended."""

    __tablename__ = "overpayment_consents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "overpayment_id"], ["overpayments.council_id", "overpayments.id"]
        ),
        Index(
            "one_consent_at_a_time",
            "council_id",
            "overpayment_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    overpayment_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    most_pence: Mapped[int] = mapped_column(BigInteger)
    in_all_pence: Mapped[int] = mapped_column(BigInteger)
    given_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class Offset(Base):
    """What one payment is less by. It counts as taken once that payment has been paid."""

    __tablename__ = "overpayment_offsets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "overpayment_id"], ["overpayments.council_id", "overpayments.id"]
        ),
        ForeignKeyConstraint(
            ["council_id", "consent_id"], ["overpayment_consents.council_id", "overpayment_consents.id"]
        ),
        ForeignKeyConstraint(["council_id", "payout_id"], ["payouts.council_id", "payouts.id"]),
        UniqueConstraint("council_id", "payout_id"),
        Index("offsets_of_overpayment", "council_id", "overpayment_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    overpayment_id: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[str] = mapped_column(Text)
    payout_id: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
