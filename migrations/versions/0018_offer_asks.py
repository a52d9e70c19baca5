"""What people ask about an offer: questions, and costs to be booked or paid before the day."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE offer_asks (
    council_id text NOT NULL,
    id text NOT NULL,
    offer_id text NOT NULL,
    session_id text NOT NULL,
    person_id text NOT NULL,
    kind text NOT NULL,
    category text,
    wish text,
    about_pence bigint,
    state text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_event_id bigint,
    answered_by text,
    answered_at timestamptz,
    answered_event_id bigint,
    met_pence bigint,
    result_id text,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, offer_id) REFERENCES offers (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    CONSTRAINT a_cost_says_which_and_how_much CHECK (
        (kind = 'cost') = (category IS NOT NULL)
        AND (kind = 'cost') = (wish IS NOT NULL)
        AND (kind = 'cost') = (about_pence IS NOT NULL)
    )
);
CREATE INDEX asks_of_offer ON offer_asks (council_id, offer_id);
CREATE INDEX asks_waiting ON offer_asks (council_id, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX one_waiting_ask_a_cost ON offer_asks (council_id, offer_id, category)
    WHERE state = 'waiting' AND category IS NOT NULL;
"""

WALLED = ("offer_asks",)


def upgrade() -> None:
    """A new table behind the same wall."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
