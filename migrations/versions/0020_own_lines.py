"""A person's own line, what they chose about when they are paid, and the day of a payment that they chose."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE own_lines (
    council_id text NOT NULL,
    person_id text NOT NULL,
    per text NOT NULL,
    amount_pence bigint,
    starts integer,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, person_id, per),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    CONSTRAINT a_line_is_whole_or_gone CHECK ((amount_pence IS NULL) = (starts IS NULL))
);
CREATE TABLE payment_choices (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    offer_id text,
    claim_id text,
    answer text NOT NULL,
    day date,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL,
    replaced_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, offer_id) REFERENCES offers (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id),
    CONSTRAINT about_one_fee CHECK ((offer_id IS NULL) <> (claim_id IS NULL)),
    CONSTRAINT later_has_a_day CHECK ((answer = 'later') = (day IS NOT NULL))
);
CREATE UNIQUE INDEX one_choice_an_offer ON payment_choices (council_id, offer_id)
    WHERE offer_id IS NOT NULL AND replaced_at IS NULL;
CREATE UNIQUE INDEX one_choice_a_claim ON payment_choices (council_id, claim_id)
    WHERE claim_id IS NOT NULL AND replaced_at IS NULL;
CREATE INDEX choices_of_person ON payment_choices (council_id, person_id);
ALTER TABLE payouts ADD COLUMN own_day date;
"""

WALLED = ("own_lines", "payment_choices")


def upgrade() -> None:
    """Two tables behind the same walls. A line that is taken away is emptied in its row."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
