"""Drafts of policies: who wrote each one, what a simulation said of it, and who put it in force."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE policy_drafts (
    council_id text NOT NULL,
    id text NOT NULL,
    slug text,
    version text,
    name text,
    hash text NOT NULL,
    sources jsonb NOT NULL,
    effective_from date,
    faults jsonb NOT NULL,
    author_kind text NOT NULL,
    author_id text NOT NULL,
    author_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

CREATE TABLE policy_simulations (
    council_id text NOT NULL,
    id text NOT NULL,
    policy_id text NOT NULL,
    hash text NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    answer jsonb,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX simulations_of_policy ON policy_simulations (council_id, policy_id);
"""

# What the service may do to each table. A draft's texts never change: another text is another draft.
VERBS = {"policy_drafts": "SELECT, INSERT", "policy_simulations": "SELECT, INSERT, UPDATE"}


def upgrade() -> None:
    """New tables behind the same walls, and no more one version a day."""
    op.execute(TABLES)
    for table, verbs in VERBS.items():
        inside = "council_id = current_setting('app.council_id', true)"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {verbs} ON {table} TO reciprocal_app")
    op.execute("ALTER TABLE policies DROP CONSTRAINT policies_council_id_effective_from_key")
    op.execute("CREATE INDEX policies_by_day ON policies (council_id, effective_from)")
