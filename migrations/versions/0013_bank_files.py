"""Files of payments, their lines, and the reports that come back."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE bank_files (
    council_id text NOT NULL,
    id text NOT NULL,
    rail text NOT NULL,
    number integer NOT NULL,
    form text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    lines integer NOT NULL,
    total_pence bigint NOT NULL,
    sealed text NOT NULL,
    sha256 text NOT NULL,
    size integer NOT NULL,
    submit_by timestamptz,
    built_by text NOT NULL,
    built_at timestamptz NOT NULL,
    submitted_by text,
    submitted_at timestamptz,
    accepted_at timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    their_reference text,
    rejected_by text,
    rejected_at timestamptz,
    rejected_because text,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, rail, number),
    FOREIGN KEY (council_id) REFERENCES councils (council_id)
);
CREATE TABLE bank_file_lines (
    council_id text NOT NULL,
    file_id text NOT NULL,
    number integer NOT NULL,
    payout_id text NOT NULL,
    attempt_id text,
    method_id text,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    reference text NOT NULL,
    by_roll boolean NOT NULL,
    origin text,
    processing_day date,
    entry_day date,
    outcome text,
    released_at timestamptz,
    PRIMARY KEY (council_id, file_id, number),
    FOREIGN KEY (council_id, file_id) REFERENCES bank_files (council_id, id),
    FOREIGN KEY (council_id, payout_id) REFERENCES payouts (council_id, id),
    FOREIGN KEY (council_id, attempt_id) REFERENCES attempts (council_id, id)
);
CREATE UNIQUE INDEX one_file_a_payout ON bank_file_lines (council_id, payout_id) WHERE released_at IS NULL;
CREATE INDEX file_lines_by_reference ON bank_file_lines (council_id, reference);
CREATE INDEX file_lines_to_settle ON bank_file_lines (council_id, entry_day)
    WHERE outcome IS NULL AND released_at IS NULL;
CREATE TABLE bank_imports (
    council_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed text NOT NULL,
    sha256 text NOT NULL,
    size integer NOT NULL,
    received_by text NOT NULL,
    received_at timestamptz NOT NULL,
    applied_by text,
    applied_at timestamptz,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, kind, sha256),
    FOREIGN KEY (council_id) REFERENCES councils (council_id)
);
CREATE TABLE bank_import_lines (
    council_id text NOT NULL,
    import_id text NOT NULL,
    number integer NOT NULL,
    did text NOT NULL,
    words text NOT NULL,
    payout_id text,
    file_id text,
    PRIMARY KEY (council_id, import_id, number),
    FOREIGN KEY (council_id, import_id) REFERENCES bank_imports (council_id, id)
);
"""
# What became of a line that was read is written once.
RIGHTS = {
    "bank_files": "SELECT, INSERT, UPDATE",
    "bank_file_lines": "SELECT, INSERT, UPDATE",
    "bank_imports": "SELECT, INSERT, UPDATE",
    "bank_import_lines": "SELECT, INSERT",
}


def upgrade() -> None:
    """Four tables behind the same walls."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table, rights in RIGHTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {rights} ON {table} TO reciprocal_app")
