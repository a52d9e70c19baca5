"""How bank details were checked, the second check before a change, old contacts, and who acts for whom."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE payment_methods ADD COLUMN checked text;
ALTER TABLE payment_methods ADD COLUMN checked_with text;
ALTER TABLE people ADD COLUMN payments_stopped_at timestamptz;
CREATE TABLE method_confirmations (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    method_id text NOT NULL,
    asked_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, method_id) REFERENCES payment_methods (council_id, id)
);
CREATE INDEX confirmations_of_person ON method_confirmations (council_id, person_id, made_at);
CREATE TABLE former_contacts (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    email text,
    phone text,
    changed_by text NOT NULL,
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id)
);
CREATE INDEX former_contacts_of_person ON former_contacts (council_id, person_id, ended_at);
CREATE TABLE authorities (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    document text NOT NULL,
    dated date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    checked_by text,
    checked_at timestamptz,
    from_day date NOT NULL,
    until_day date,
    ended_by text,
    ended_at timestamptz,
    link_asked_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    CONSTRAINT two_look_at_the_document CHECK (checked_by IS NULL OR checked_by <> recorded_by)
);
CREATE INDEX authorities_of_person ON authorities (council_id, person_id);
CREATE INDEX authorities_by_email ON authorities (council_id, email);
"""
NEW = ("method_confirmations", "former_contacts", "authorities")


def upgrade() -> None:
    """New columns, and new tables behind the same walls."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in NEW:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
