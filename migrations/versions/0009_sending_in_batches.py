"""When a payment is looked at next, under which fence its rail was called, and cheaper looks of the relay."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE payouts ADD COLUMN look_at timestamptz, ADD COLUMN looks integer NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN called_fence integer NOT NULL DEFAULT 0;
"""

# What was on its way before stays so: the rail may have been called for each, and each is looked at soon.
BACKFILL = """
ALTER TABLE payouts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
UPDATE payouts SET look_at = changed_at + interval '5 seconds' WHERE state IN ('sending', 'unknown', 'sent');
UPDATE attempts SET called_fence = fence;
ALTER TABLE payouts FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
"""

INDEX = """
CREATE INDEX payouts_to_look_at ON payouts (council_id, look_at) WHERE look_at IS NOT NULL;
CREATE INDEX deliveries_begun ON deliveries (started_at) WHERE state = 'waiting' AND started_at IS NOT NULL;
CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state = 'waiting' AND next_at IS NOT NULL;
CREATE INDEX deliveries_unbegun ON deliveries (queue, handed_at)
WHERE state = 'waiting' AND started_at IS NULL AND next_at IS NULL;
"""

# A statement that writes many events lists them with one stroke.
LISTING = """
DROP TRIGGER list_event ON events;
CREATE OR REPLACE FUNCTION list_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox SELECT council_id, id FROM fresh;
    INSERT INTO event_unsealed SELECT council_id, id FROM fresh;
    NOTIFY events;
    RETURN NULL;
END $$;
CREATE TRIGGER list_event AFTER INSERT ON events
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION list_event();
"""

# The same rows as before, found by three indexes, so that a look costs what is due and not what waits.
DUE = """
CREATE OR REPLACE FUNCTION relay_due(
    moment timestamptz, hand_again interval, stuck interval, quiet text[], batch integer
) RETURNS TABLE (council_id text, event_id bigint, task text, queue text) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH to_try AS (
        SELECT w.council_id, w.event_id, w.task FROM deliveries w
        WHERE w.state = 'waiting' AND w.next_at IS NOT NULL AND w.next_at <= moment
        ORDER BY w.next_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), begun AS (
        SELECT w.council_id, w.event_id, w.task FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NOT NULL AND w.next_at IS NULL
        AND w.started_at <= moment - stuck
        ORDER BY w.started_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), lost AS (
        SELECT w.council_id, w.event_id, w.task FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NULL AND w.next_at IS NULL
        AND w.queue = ANY (quiet) AND w.handed_at <= moment - interval '3 seconds'
        ORDER BY w.handed_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), slow AS (
        SELECT w.council_id, w.event_id, w.task FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NULL AND w.next_at IS NULL
        AND w.queue <> ALL (quiet) AND w.handed_at <= moment - hand_again
        ORDER BY w.handed_at LIMIT batch FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries d SET handed_at = moment, next_at = NULL, started_at = NULL
    WHERE (d.council_id, d.event_id, d.task) IN (
        SELECT * FROM to_try UNION ALL SELECT * FROM begun UNION ALL SELECT * FROM lost
        UNION ALL SELECT * FROM slow
    )
    RETURNING d.council_id, d.event_id, d.task, d.queue
$$;
"""


def upgrade() -> None:
    """Columns, what stood before, indexes, then the two functions."""
    for part in (COLUMNS, BACKFILL, INDEX, LISTING):
        _run(part)
    _run("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    _run(DUE)
    _run("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")


def _run(sql: str) -> None:
    op.get_bind().execute(text(sql.replace(":", r"\:")))
