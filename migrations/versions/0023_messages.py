"""How messages leave and whether they arrived; how people wish to be written to; words that were read."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE message_sendings (
    council_id text NOT NULL,
    key text NOT NULL,
    notice_id text,
    reached_by text NOT NULL,
    via text NOT NULL,
    state text NOT NULL,
    external_id text,
    because text,
    posted_by text,
    begun_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, key),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    FOREIGN KEY(council_id, notice_id) REFERENCES notices (council_id, id)
);
CREATE INDEX sendings_of_notice ON message_sendings (council_id, notice_id);
CREATE INDEX sendings_by_state ON message_sendings (council_id, state, begun_at);
CREATE TABLE message_choices (
    council_id text NOT NULL,
    person_id text NOT NULL,
    reached_by text NOT NULL,
    words text NOT NULL,
    address text,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, person_id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id)
);
CREATE TABLE word_reviews (
    council_id text NOT NULL,
    id text NOT NULL,
    file text NOT NULL,
    hash text NOT NULL,
    reviewed_by text NOT NULL,
    reviewed_on date NOT NULL,
    recorded_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX word_reviews_of_file ON word_reviews (council_id, file);
"""

# What was written before is in plain English, and was no text message.
IN_WORDS = """
ALTER TABLE notices ADD COLUMN words text NOT NULL DEFAULT 'en', ADD COLUMN short text NOT NULL DEFAULT '';
ALTER TABLE notices ALTER COLUMN words DROP DEFAULT, ALTER COLUMN short DROP DEFAULT;
"""

VERBS = {
    "message_sendings": "SELECT, INSERT, UPDATE",
    "message_choices": "SELECT, INSERT, UPDATE",
    "word_reviews": "SELECT, INSERT",
}


def upgrade() -> None:
    """New tables behind the same walls, and messages that know their language."""
    op.execute(TABLES)
    op.execute(IN_WORDS)
    inside = "council_id = current_setting('app.council_id', true)"
    for table, verbs in VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {verbs} ON {table} TO reciprocal_app")
