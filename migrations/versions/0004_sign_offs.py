"""Signing a draft off: who was asked to read it, who agreed, and who did not."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE policy_drafts ADD COLUMN sign_off jsonb;

CREATE TABLE policy_sign_offs (
    council_id text NOT NULL,
    id text NOT NULL,
    policy_id text NOT NULL,
    hash text NOT NULL,
    kind text NOT NULL,
    signer_id text NOT NULL,
    signer_by text NOT NULL,
    roles jsonb NOT NULL,
    asked_by text,
    asked_at timestamptz,
    agrees boolean,
    answered_at timestamptz,
    event_id bigint,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, policy_id) REFERENCES policy_drafts (council_id, id),
    UNIQUE (council_id, policy_id, kind, signer_id, signer_by)
);
CREATE INDEX sign_offs_of_signer ON policy_sign_offs (council_id, kind, signer_id);
"""


def upgrade() -> None:
    """A new table behind the same walls, and what each draft itself asks for."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    op.execute("ALTER TABLE policy_sign_offs ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE policy_sign_offs FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY one_council ON policy_sign_offs TO reciprocal_app"
        f" USING ({inside}) WITH CHECK ({inside})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON policy_sign_offs TO reciprocal_app")
