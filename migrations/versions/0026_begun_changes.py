"""A begun change of a claim knows which version it began from; a person's attendances are found quickly."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that may be empty, since some were begun before, and an index."""
    op.execute("ALTER TABLE unsent_claims ADD COLUMN began_from integer")
    op.execute("CREATE INDEX attendances_of_person ON attendances (council_id, person_id)")
