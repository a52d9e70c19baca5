"""Messages to people, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Notice(Base):
    """One message about one event. It holds no sign-in token: the link is made as the message leaves.

    `words`: the language or form it is in. `short`: the same as a text message.
    """

    __tablename__ = "notices"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        UniqueConstraint("council_id", "event_id"),
        Index("notices_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    event_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    goes_to: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(Text)
    short: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    sent_by: Mapped[str | None] = mapped_column(Text)


class Sending(Base):
    """One way that one message left, or is about to. `key` is ours, and all that Notify knows it by.

    `notice_id` is empty where nobody who is paid is told: for staff, and for a contact that was replaced.
    """

    __tablename__ = "message_sendings"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        ForeignKeyConstraint(["council_id", "notice_id"], ["notices.council_id", "notices.id"]),
        Index("sendings_of_notice", "council_id", "notice_id"),
        Index("sendings_by_state", "council_id", "state", "begun_at"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    notice_id: Mapped[str | None] = mapped_column(Text)
    reached_by: Mapped[str] = mapped_column(Text)
    via: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    because: Mapped[str | None] = mapped_column(Text)
    posted_by: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Reach(Base):
    """How somebody would like to be written to. `reached_by` is empty where they leave it to us."""

    __tablename__ = "message_choices"
    __table_args__ = (ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    reached_by: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    chosen_by: Mapped[str] = mapped_column(Text)
    chosen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class WordReview(Base):
    """Somebody fluent, or an Easy Read group, has read one file of words. `hash`: the text that they read."""

    __tablename__ = "word_reviews"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("word_reviews_of_file", "council_id", "file"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    file: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    reviewed_by: Mapped[str] = mapped_column(Text)
    reviewed_on: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
