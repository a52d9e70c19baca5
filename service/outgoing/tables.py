"""Webhook endpoints, their secrets and deliveries, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class WebhookEndpoint(Base):
    """An address of another system that wants to hear. `test`: made by a test key, may be on this machine.

    `state`: working, failing, disabled or ended. `failing_since`: nothing has been taken there since.
    Nothing is sent before `next_at`.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    test: Mapped[bool] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    next_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    last_error: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class WebhookSecret(Base):
    """One secret of an endpoint, sealed. It counts until `ends_at`."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "endpoint_id"], ["webhook_endpoints.council_id", "webhook_endpoints.id"]
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class WebhookDelivery(Base):
    """One event on its way to one endpoint. A trigger lists it in the event's own transaction.

    `state`: waiting, delivered or given_up.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "endpoint_id"], ["webhook_endpoints.council_id", "webhook_endpoints.id"]
        ),
        Index(
            "webhooks_due",
            "council_id",
            "endpoint_id",
            "next_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answer_status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    tried_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
