"""A fee in two parts: what its person chose, and the claim that carries the later part."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CHOSEN = """
ALTER TABLE payment_choices ADD COLUMN now_pence bigint;
ALTER TABLE payment_choices DROP CONSTRAINT later_has_a_day;
ALTER TABLE payment_choices ADD CONSTRAINT later_has_a_day
    CHECK ((answer IN ('later', 'split')) = (day IS NOT NULL));
ALTER TABLE payment_choices ADD CONSTRAINT a_split_has_a_sum
    CHECK ((answer = 'split') = (coalesce(now_pence, 0) > 0));
"""

PARTS = """
ALTER TABLE claims ADD COLUMN rest_of_id text, ADD COLUMN put_off_pence bigint NOT NULL DEFAULT 0;
ALTER TABLE claims ADD FOREIGN KEY (council_id, rest_of_id) REFERENCES claims (council_id, id);
ALTER TABLE claims ADD CONSTRAINT a_rest_says_of_what CHECK ((kind = 'rest') = (rest_of_id IS NOT NULL));
CREATE UNIQUE INDEX one_rest_a_claim ON claims (council_id, rest_of_id) WHERE rest_of_id IS NOT NULL;
"""


def upgrade() -> None:
    """Columns beside those that are there: nothing that was chosen or owed before changes."""
    op.execute(CHOSEN)
    op.execute(PARTS)
