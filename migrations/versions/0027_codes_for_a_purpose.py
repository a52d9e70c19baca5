"""A code says what it is for, so that codes to sign in use up no other."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# What was sent before lives for ten minutes at most: as a code to sign in, it counts for that alone.
COLUMN = """
ALTER TABLE sign_in_codes ADD COLUMN purpose text NOT NULL DEFAULT 'sign_in';
ALTER TABLE sign_in_codes ALTER COLUMN purpose DROP DEFAULT;
"""


def upgrade() -> None:
    """One column more."""
    op.execute(COLUMN)
