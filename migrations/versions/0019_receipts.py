"""Receipts and tickets, and claims that are being written and were not sent yet."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE receipts (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    claim_id text,
    cost_number integer,
    state text NOT NULL,
    kind text NOT NULL,
    pages integer NOT NULL,
    bytes bigint NOT NULL,
    scan text NOT NULL,
    mark text NOT NULL,
    key_sealed text,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id)
);
CREATE INDEX receipts_of_claim ON receipts (council_id, claim_id);
CREATE INDEX receipts_by_mark ON receipts (council_id, mark);
CREATE INDEX receipts_being_checked ON receipts (council_id, id) WHERE state = 'being_checked';
CREATE TABLE unsent_claims (
    council_id text NOT NULL,
    person_id text NOT NULL,
    session_id text NOT NULL,
    changes text NOT NULL,
    costs jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, person_id, session_id, changes),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, session_id) REFERENCES sessions (council_id, id)
);
"""

# What was typed and not sent is nobody's record: it goes when it was sent, or is not wanted.
VERBS = {"receipts": "SELECT, INSERT, UPDATE", "unsent_claims": "SELECT, INSERT, UPDATE, DELETE"}


def upgrade() -> None:
    """New tables behind the same walls."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table, verbs in VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {verbs} ON {table} TO reciprocal_app")
