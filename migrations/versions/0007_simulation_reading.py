"""What a simulation reads of every claim stands in columns of its own, and claims are found by their day."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The database works each of these out itself, for the rows that are there and for every later one, so nothing
# can be out of step, and the code that is running now need not know of them. Rows are written anew: about a
# minute for a million claims, in which nobody can use the two tables.
COLUMNS = """
ALTER TABLE claims ADD COLUMN day text GENERATED ALWAYS AS (facts ->> 'on') STORED;
ALTER TABLE claim_assessments
    ADD COLUMN outcome text GENERATED ALWAYS AS (answer ->> 'outcome') STORED,
    ADD COLUMN total_pence bigint GENERATED ALWAYS AS ((answer ->> 'total_pence')::bigint) STORED,
    ADD COLUMN line_pence jsonb
        GENERATED ALWAYS AS (jsonb_path_query_array(answer, '$.lines[*].amount_pence')) STORED;
CREATE INDEX claims_by_day ON claims (council_id, day, id);
"""


def upgrade() -> None:
    """Columns that the database fills in by itself, and an index."""
    op.execute(COLUMNS)
