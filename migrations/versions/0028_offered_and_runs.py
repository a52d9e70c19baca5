"""What another system may have in hand is known; a payment may stand in one run after another."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# What stands in a file for the finance system, or was ready there before it was held, may be in hand.
# A reason for which only what was ready is held says so of a payment; a hold may cover others too.
OFFERED = """
ALTER TABLE payouts ADD COLUMN offered_at timestamptz;
ALTER TABLE payouts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE bank_file_lines NO FORCE ROW LEVEL SECURITY;
UPDATE payouts p SET offered_at = p.changed_at
 WHERE p.rail = 'finance_system' AND p.state IN ('ready', 'held')
   AND (
     EXISTS (
       SELECT FROM bank_file_lines l
        WHERE l.council_id = p.council_id AND l.payout_id = p.id AND l.released_at IS NULL
     )
     OR (
       p.state = 'held'
       AND p.held_because IN
         ('by_hand', 'stopped', 'hold_person', 'hold_rail', 'hold_council', 'hold_everything')
     )
   );
ALTER TABLE payouts FORCE ROW LEVEL SECURITY;
ALTER TABLE bank_file_lines FORCE ROW LEVEL SECURITY;
"""

# A later run takes its payments over: each is in one run at a time. Of a line nothing else changes.
RUNS = """
ALTER TABLE payment_run_lines ADD COLUMN taken_over_at timestamptz;
ALTER TABLE payment_run_lines DROP CONSTRAINT payment_run_lines_council_id_payout_id_key;
CREATE UNIQUE INDEX one_run_a_payout ON payment_run_lines (council_id, payout_id) WHERE taken_over_at IS NULL;
GRANT UPDATE (taken_over_at) ON payment_run_lines TO reciprocal_app;
"""

# Of a file from before nobody knows whether it was saved: it is served as it always was.
FETCHED = """
ALTER TABLE bank_files ADD COLUMN fetched_by text, ADD COLUMN fetched_at timestamptz;
ALTER TABLE bank_files NO FORCE ROW LEVEL SECURITY;
UPDATE bank_files SET fetched_by = built_by, fetched_at = built_at;
ALTER TABLE bank_files FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Columns, and the rule by which a payment is in one run at a time."""
    op.execute(OFFERED)
    op.execute(RUNS)
    op.execute(FETCHED)
