"""What people chose about when they are paid, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class PaymentChoice(Base):
    """One answer of a person about one fee: of an offer, or of a claim. A later answer takes its place.

    `answer`: now, later (than `day`, not before), split (`now_pence` of it as usual, and the rest on `day`),
    less, none or no. Why is not asked, and stands nowhere.
    """

    __tablename__ = "payment_choices"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "offer_id"], ["offers.council_id", "offers.id"]),
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        CheckConstraint("(offer_id IS NULL) <> (claim_id IS NULL)", name="about_one_fee"),
        CheckConstraint("(answer IN ('later', 'split')) = (day IS NOT NULL)", name="later_has_a_day"),
        CheckConstraint("(answer = 'split') = (coalesce(now_pence, 0) > 0)", name="a_split_has_a_sum"),
        Index(
            "one_choice_an_offer",
            "council_id",
            "offer_id",
            unique=True,
            postgresql_where=text("offer_id IS NOT NULL AND replaced_at IS NULL"),
        ),
        Index(
            "one_choice_a_claim",
            "council_id",
            "claim_id",
            unique=True,
            postgresql_where=text("claim_id IS NOT NULL AND replaced_at IS NULL"),
        ),
        Index("choices_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    offer_id: Mapped[str | None] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    day: Mapped[date | None] = mapped_column(Date)
    now_pence: Mapped[int | None] = mapped_column(BigInteger)
    chosen_by: Mapped[str] = mapped_column(Text)
    chosen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    replaced_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
