"""Who is paid by Stripe and under what name there; every call to it; and what it told us, as received."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE stripe_recipients (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    method_id text NOT NULL,
    financial_account text NOT NULL,
    state text NOT NULL,
    account_id text,
    payout_method_id text,
    check_id text,
    check_result text,
    name_at_bank_sealed text,
    refusal text,
    decided_by text,
    decided_at timestamptz,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, method_id, financial_account),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, method_id) REFERENCES payment_methods (council_id, id)
);
CREATE INDEX stripe_recipients_by_account ON stripe_recipients (council_id, account_id);
CREATE TABLE stripe_calls (
    council_id text NOT NULL,
    key text NOT NULL,
    payment_id text NOT NULL,
    place text NOT NULL,
    called_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, key),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
ALTER TABLE rail_notices ADD COLUMN about text NOT NULL DEFAULT '';
ALTER TABLE rail_notices ADD COLUMN body_sealed text;
"""


def upgrade() -> None:
    """New tables behind the same walls."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in ("stripe_recipients", "stripe_calls"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
    op.execute("GRANT SELECT, INSERT, UPDATE ON stripe_recipients TO reciprocal_app")
    op.execute("GRANT SELECT, INSERT ON stripe_calls TO reciprocal_app")
    # What came is never changed, but the key under which its words are sealed may be.
    op.execute("GRANT UPDATE (body_sealed) ON rail_notices TO reciprocal_app")
