"""What a council needs to speak to its rails, sealed."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE rail_credentials (
    council_id text NOT NULL,
    id text NOT NULL,
    rail text NOT NULL,
    kind text NOT NULL,
    sealed text NOT NULL,
    hint text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX credentials_in_use ON rail_credentials (council_id, rail, kind);
"""


def upgrade() -> None:
    """A new table behind the same walls."""
    op.execute(TABLE)
    inside = "council_id = current_setting('app.council_id', true)"
    op.execute("ALTER TABLE rail_credentials ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rail_credentials FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY one_council ON rail_credentials TO reciprocal_app"
        f" USING ({inside}) WITH CHECK ({inside})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON rail_credentials TO reciprocal_app")
