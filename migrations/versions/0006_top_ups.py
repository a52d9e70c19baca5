"""Money on top of a claim: what a version that came later gives more, offered once for each version."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE claims ADD COLUMN tops_up_id text;
ALTER TABLE claims ADD COLUMN top_up_policy_id text;
ALTER TABLE claims ADD COLUMN top_up jsonb;
ALTER TABLE claims ADD CONSTRAINT claims_council_id_tops_up_id_fkey
    FOREIGN KEY (council_id, tops_up_id) REFERENCES claims (council_id, id);
ALTER TABLE claims ADD CONSTRAINT claims_council_id_top_up_policy_id_fkey
    FOREIGN KEY (council_id, top_up_policy_id) REFERENCES policies (council_id, id);
ALTER TABLE claims ADD CONSTRAINT a_top_up_says_what_it_tops_up CHECK (
    (kind = 'top_up') = (tops_up_id IS NOT NULL)
    AND (kind = 'top_up') = (top_up_policy_id IS NOT NULL)
    AND (kind = 'top_up') = (top_up IS NOT NULL)
);
CREATE UNIQUE INDEX one_top_up_a_version ON claims (council_id, tops_up_id, top_up_policy_id)
    WHERE tops_up_id IS NOT NULL;
"""


def upgrade() -> None:
    """Three columns that only a top-up fills. They stand behind the wall that the table has already."""
    op.execute(COLUMNS)
