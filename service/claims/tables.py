"""Claims and their assessments, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Claim(Base):
    """What one person is owed for one occasion.

    `kind`: attendance (from a register), cancellation (of a session they had said yes to), expenses, other,
    or top_up: what a later version of the policy gives more for the claim `tops_up_id` (see `topping.py`).
    There `top_up` holds `{assessment_id, lines: [{line, before_pence, after_pence}]}`: the answer that it was
    compared with, and the lines that changed. Or difference: what correction `correction_number` of the claim
    `corrects_id` comes to more than was paid; there `difference` holds `{part: {before_pence, after_pence}}`.
    Or advance: money for a cost, handed over before the day. Or rest: the part of the fee of the claim
    `rest_of_id` that its person put off to a later day (see `parting.py`). `put_off_pence` of that claim is
    what was so put off, and its own `fee_pence` is then the part that comes first.

    At most one claim for each person and session carries the fee (`with_fee`), whoever made it. `counted`: an
    allowance has known it, so what becomes of it is told there.
    """

    __tablename__ = "claims"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "session_id"], ["sessions.council_id", "sessions.id"]),
        ForeignKeyConstraint(["council_id", "offer_id"], ["offers.council_id", "offers.id"]),
        ForeignKeyConstraint(["council_id", "tops_up_id"], ["claims.council_id", "claims.id"]),
        ForeignKeyConstraint(["council_id", "top_up_policy_id"], ["policies.council_id", "policies.id"]),
        CheckConstraint(
            "(kind = 'top_up') = (tops_up_id IS NOT NULL)"
            " AND (kind = 'top_up') = (top_up_policy_id IS NOT NULL)"
            " AND (kind = 'top_up') = (top_up IS NOT NULL)",
            name="a_top_up_says_what_it_tops_up",
        ),
        ForeignKeyConstraint(["council_id", "corrects_id"], ["claims.council_id", "claims.id"]),
        CheckConstraint(
            "(kind = 'difference') = (corrects_id IS NOT NULL)"
            " AND (kind = 'difference') = (correction_number IS NOT NULL)"
            " AND (kind = 'difference') = (difference IS NOT NULL)",
            name="a_difference_says_what_it_corrects",
        ),
        ForeignKeyConstraint(["council_id", "rest_of_id"], ["claims.council_id", "claims.id"]),
        CheckConstraint("(kind = 'rest') = (rest_of_id IS NOT NULL)", name="a_rest_says_of_what"),
        Index(
            "one_rest_a_claim",
            "council_id",
            "rest_of_id",
            unique=True,
            postgresql_where=text("rest_of_id IS NOT NULL"),
        ),
        Index(
            "one_difference_a_correction",
            "council_id",
            "corrects_id",
            "correction_number",
            unique=True,
            postgresql_where=text("corrects_id IS NOT NULL"),
        ),
        Index(
            "one_top_up_a_version",
            "council_id",
            "tops_up_id",
            "top_up_policy_id",
            unique=True,
            postgresql_where=text("tops_up_id IS NOT NULL"),
        ),
        Index(
            "one_fee_a_session",
            "council_id",
            "session_id",
            "person_id",
            unique=True,
            postgresql_where=text("with_fee AND session_id IS NOT NULL"),
        ),
        Index("claims_of_person", "council_id", "person_id"),
        Index("claims_of_session", "council_id", "session_id"),
        Index("claims_by_state", "council_id", "state", "id"),
        Index("claims_by_change", "council_id", "changed_at", "id"),
        Index("claims_by_day", "council_id", "day", "id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(Text)
    offer_id: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    with_fee: Mapped[bool] = mapped_column()
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expenses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    assessment_id: Mapped[str | None] = mapped_column(Text)
    fee_pence: Mapped[int] = mapped_column(BigInteger)
    expenses_pence: Mapped[int] = mapped_column(BigInteger)
    cost_code: Mapped[str | None] = mapped_column(Text)
    pay_by: Mapped[date | None] = mapped_column(Date)
    overpaid_pence: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[bool] = mapped_column(server_default=text("false"))
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    tops_up_id: Mapped[str | None] = mapped_column(Text)
    top_up_policy_id: Mapped[str | None] = mapped_column(Text)
    top_up: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # (kind, category, pence) of each line once a person has decided those that the policy left open.
    decided_lines: Mapped[list[list[Any]] | None] = mapped_column(JSONB(none_as_null=True))
    corrects_id: Mapped[str | None] = mapped_column(Text)
    correction_number: Mapped[int | None] = mapped_column(Integer)
    difference: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # The activity's day, like 2027-01-12: the database copies it out of the facts.
    day: Mapped[str | None] = mapped_column(Text, Computed("facts ->> 'on'", persisted=True))
    rest_of_id: Mapped[str | None] = mapped_column(Text)
    put_off_pence: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))

    @property
    def total_pence(self) -> int:
        """Fee and expenses together."""
        return self.fee_pence + self.expenses_pence

    @property
    def below_id(self) -> str:
        """The claim that this one stands beside, or itself."""
        return self.corrects_id or self.tops_up_id or self.rest_of_id or self.id

    @property
    def tag(self) -> str:
        """What somebody has seen of it: changes with every edit and every step."""
        return f"{self.version}-{self.state}-{int(self.changed_at.timestamp() * 1_000_000)}"


class ClaimAssessment(Base):
    """One answer of the policy to one version of a claim. Inserted once, never changed."""

    __tablename__ = "claim_assessments"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        ForeignKeyConstraint(["council_id", "policy_id"], ["policies.council_id", "policies.id"]),
        Index("assessments_of_claim", "council_id", "claim_id", "claim_version"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    claim_id: Mapped[str] = mapped_column(Text)
    claim_version: Mapped[int] = mapped_column(Integer)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    policy_id: Mapped[str] = mapped_column(Text)
    policy_hash: Mapped[str] = mapped_column(Text)
    engine_version: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    # The database copies these out of the answer, so that a million of them can be read at once.
    outcome: Mapped[str | None] = mapped_column(Text, Computed("answer ->> 'outcome'", persisted=True))
    total_pence: Mapped[int | None] = mapped_column(
        BigInteger, Computed("(answer ->> 'total_pence')::bigint", persisted=True)
    )
    line_pence: Mapped[list[int] | None] = mapped_column(
        JSONB, Computed("jsonb_path_query_array(answer, '$.lines[*].amount_pence')", persisted=True)
    )


class Correction(Base):
    """One step of a claim that was corrected after somebody had agreed it. `number` counts from 1.

    `state`: waiting (money of the claim is on its way), applied, or replaced (by a later wish, or because the
    claim was worked out as a whole). `facts` and `expenses` are what the claim rests on from here, `answer`
    what the policy said to `asked`. Sums by part, in pence: paid before, and right after.
    `because`: register, asked, spent (an advance), or followed (the money of the claim changed since).
    """

    __tablename__ = "claim_corrections"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        UniqueConstraint("council_id", "claim_id", "number"),
        Index(
            "one_waiting_correction",
            "council_id",
            "claim_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    claim_id: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    because: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attended: Mapped[bool] = mapped_column()
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expenses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    asked_by: Mapped[str] = mapped_column(Text)
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    policy_id: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sums: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    applied_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class BookedCost(Base):
    """A cost that the council paid itself for somebody, like a train ticket. No money goes to the person."""

    __tablename__ = "booked_costs"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "session_id"], ["sessions.council_id", "sessions.id"]),
        Index("booked_costs_of_person", "council_id", "person_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    cost_centre: Mapped[str] = mapped_column(Text)
    reason_event_id: Mapped[int | None] = mapped_column(BigInteger)
    booked_by: Mapped[str] = mapped_column(Text)
    booked_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class UnsentClaim(Base):
    """What somebody typed for a claim and has not sent: as answers, judged by nobody.

    `changes`: the sent claim that it would change, or empty, and `began_from` the version of it that was laid
    out. `costs`: `{answers: {name: value}, receipts: [id], of: number}` each, in the order in which they were
    typed; `of` is the number of that cost in the sent claim, if it was laid out from there.
    """

    __tablename__ = "unsent_claims"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "session_id"], ["sessions.council_id", "sessions.id"]),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    session_id: Mapped[str] = mapped_column(Text, primary_key=True)
    changes: Mapped[str] = mapped_column(Text, primary_key=True)
    costs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    began_from: Mapped[int | None] = mapped_column(Integer)
