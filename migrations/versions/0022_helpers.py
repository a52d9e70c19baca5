"""Helpers: whom a person lets see or do things for them, for how long, and who wrote it down."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE helpers (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    may_answer boolean NOT NULL,
    may_ask boolean NOT NULL,
    consent text NOT NULL,
    until_day date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    confirmed_by text,
    confirmed_at timestamptz,
    ended_by text,
    ended_at timestamptz,
    link_asked_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    CONSTRAINT a_helper_can_be_reached CHECK (email IS NOT NULL OR phone IS NOT NULL),
    CONSTRAINT an_interpreter_only_sees CHECK (kind <> 'interpreter' OR NOT (may_answer OR may_ask)),
    CONSTRAINT two_confirm_a_helper CHECK (
        confirmed_by IS NULL OR confirmed_by <> recorded_by OR consent = 'own'
    )
);
CREATE INDEX helpers_of_person ON helpers (council_id, person_id);
CREATE INDEX helpers_by_email ON helpers (council_id, email);
"""


def upgrade() -> None:
    """A new table behind the same walls."""
    op.execute(TABLE)
    inside = "council_id = current_setting('app.council_id', true)"
    op.execute("ALTER TABLE helpers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE helpers FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY one_council ON helpers TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON helpers TO reciprocal_app")
