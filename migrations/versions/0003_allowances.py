"""Allowances: what each person or organisation has used of what a policy counts, and who holds how much."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE allowances (
    council_id text NOT NULL,
    payee text NOT NULL,
    counter text NOT NULL,
    counts text NOT NULL,
    period text NOT NULL,
    name text NOT NULL,
    each text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    reserved bigint NOT NULL,
    used bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, payee, counter, counts, period),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

CREATE TABLE allowance_holdings (
    council_id text NOT NULL,
    payee text NOT NULL,
    counter text NOT NULL,
    counts text NOT NULL,
    period text NOT NULL,
    holder text NOT NULL,
    occasion text NOT NULL,
    state text NOT NULL,
    amount bigint NOT NULL,
    handed_in bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, payee, counter, counts, period, holder),
    FOREIGN KEY(council_id, payee, counter, counts, period)
        REFERENCES allowances (council_id, payee, counter, counts, period)
);
CREATE INDEX holdings_of_holder ON allowance_holdings (council_id, holder);
CREATE INDEX holdings_of_occasion ON allowance_holdings (council_id, occasion);
"""


def upgrade() -> None:
    """New tables behind the same walls; whom people come for; which claims an allowance knows."""
    op.execute(TABLES)
    for table in ("allowances", "allowance_holdings"):
        inside = "council_id = current_setting('app.council_id', true)"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
    op.execute("ALTER TABLE people ADD COLUMN organisation text")
    op.execute("ALTER TABLE claims ADD COLUMN counted boolean NOT NULL DEFAULT false")
