"""Codes to sign in with, staff who sign in at their council's own provider, and how somebody gets back in."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE people ADD COLUMN signed_out_at timestamptz;
ALTER TABLE staff
    ADD COLUMN signed_out_at timestamptz,
    ADD COLUMN provider_subject text;
CREATE INDEX people_by_phone ON people (council_id, phone);
CREATE UNIQUE INDEX one_member_a_subject ON staff (council_id, provider_subject)
    WHERE provider_subject IS NOT NULL;
"""

TABLES = """
CREATE TABLE sign_in_codes (
    council_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    subject_id text NOT NULL,
    way text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX codes_of_subject ON sign_in_codes (council_id, kind, subject_id, made_at);
CREATE TABLE staff_providers (
    council_id text NOT NULL,
    id text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    secret_sealed text NOT NULL,
    roles jsonb NOT NULL,
    roles_claim text NOT NULL,
    address_claim text NOT NULL,
    links boolean NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE UNIQUE INDEX one_provider_at_a_time ON staff_providers (council_id) WHERE ended_at IS NULL;
CREATE TABLE contact_requests (
    council_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    reach text NOT NULL,
    words text NOT NULL,
    made_at timestamptz NOT NULL,
    closed_by text,
    closed_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
"""

WALLED = ("sign_in_codes", "staff_providers", "contact_requests")


def upgrade() -> None:
    """New columns, and new tables behind the same walls."""
    op.execute(COLUMNS)
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
