"""Sessions, offers and who came, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class InvolvementSession(Base):
    """One occasion: an hour online, a panel, a two-day visit."""

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("sessions_by_day", "council_id", "starts_at"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    activity: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    online: Mapped[bool] = mapped_column(Boolean)
    place: Mapped[str | None] = mapped_column(Text)
    cost_code: Mapped[str | None] = mapped_column(Text)
    budget: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class Offer(Base):
    """What one person was told they would be paid, before the day, and what they answered."""

    __tablename__ = "offers"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "session_id"], ["sessions.council_id", "sessions.id"]),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "policy_id"], ["policies.council_id", "policies.id"]),
        Index(
            "one_live_offer",
            "council_id",
            "session_id",
            "person_id",
            unique=True,
            postgresql_where=text("state IN ('made', 'accepted')"),
        ),
        Index("offers_of_person", "council_id", "person_id"),
        Index("offers_of_session", "council_id", "session_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    session_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    policy_id: Mapped[str] = mapped_column(Text)
    assessment: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fee_pence: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    accept_pence: Mapped[int | None] = mapped_column(BigInteger)
    give_to: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def promised_pence(self) -> int:
        """The fee that stands between us: what was offered, or the lower sum that the person chose."""
        return self.fee_pence if self.accept_pence is None else self.accept_pence

    @property
    def for_nothing(self) -> bool:
        """Whether both know that there is no fee: the person chose none, or the policy has none for this."""
        return self.accept_pence == 0 or self.assessment["outcome"] == "not_payable"


class Attendance(Base):
    """Who came to a session, as the register says now. `version` counts the changes."""

    __tablename__ = "attendances"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "session_id"], ["sessions.council_id", "sessions.id"]),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        Index("attendances_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    session_id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    attended: Mapped[bool] = mapped_column(Boolean)
    minutes: Mapped[int | None] = mapped_column(Integer)
    role: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    ticked_by: Mapped[str] = mapped_column(Text)
    ticked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class OfferAsk(Base):
    """What a person asks about an offer, and what became of it: a question, or a cost met before the day.

    The words lie with the events. `kind`: question or cost. Of a cost: `category`, `wish` (book or advance),
    about how much, and `result_id`, the booked cost or the claim for the advance.
    """

    __tablename__ = "offer_asks"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "offer_id"], ["offers.council_id", "offers.id"]),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        Index("asks_of_offer", "council_id", "offer_id"),
        Index("asks_waiting", "council_id", "id", postgresql_where=text("state = 'waiting'")),
        Index(
            "one_waiting_ask_a_cost",
            "council_id",
            "offer_id",
            "category",
            unique=True,
            postgresql_where=text("state = 'waiting' AND category IS NOT NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    offer_id: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    wish: Mapped[str | None] = mapped_column(Text)
    about_pence: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    asked_event_id: Mapped[int | None] = mapped_column(BigInteger)
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_event_id: Mapped[int | None] = mapped_column(BigInteger)
    met_pence: Mapped[int | None] = mapped_column(BigInteger)
    result_id: Mapped[str | None] = mapped_column(Text)
