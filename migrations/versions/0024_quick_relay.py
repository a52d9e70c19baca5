"""The relay finds what is next, and what is overdue, in one look, however much waits."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEX = "CREATE INDEX event_outbox_in_order ON event_outbox (event_id)"

# Picked once, then taken by place: a plan that picks anew for each row would take all there is, slowly.
FAN_OUT = """
CREATE OR REPLACE FUNCTION relay_fan_out(next jsonb, batch integer, moment timestamptz)
RETURNS TABLE (council_id text, event_id bigint, task text, queue text) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH picked AS MATERIALIZED (
        SELECT w.ctid AS place FROM event_outbox w ORDER BY w.event_id LIMIT batch FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM event_outbox o WHERE o.ctid = ANY (ARRAY(SELECT place FROM picked))
        RETURNING o.council_id, o.event_id
    )
    INSERT INTO deliveries (council_id, event_id, task, queue, state, attempts, handed_at)
    SELECT t.council_id, t.event_id, step ->> 0, step ->> 1, 'waiting', 0, moment
    FROM taken t
    CROSS JOIN LATERAL (
        SELECT e.name FROM events e WHERE e.council_id = t.council_id AND e.id = t.event_id LIMIT 1
    ) AS e
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(next -> e.name, '[]'::jsonb)) AS step
    ON CONFLICT DO NOTHING
    RETURNING deliveries.council_id, deliveries.event_id, deliveries.task, deliveries.queue
$$;
"""

# As before; what was found is taken by its place: a look costs what is due and not all there ever was.
DUE = """
CREATE OR REPLACE FUNCTION relay_due(
    moment timestamptz, hand_again interval, stuck interval, quiet text[], batch integer
) RETURNS TABLE (council_id text, event_id bigint, task text, queue text) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH to_try AS (
        SELECT w.ctid AS place FROM deliveries w
        WHERE w.state = 'waiting' AND w.next_at IS NOT NULL AND w.next_at <= moment
        ORDER BY w.next_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), begun AS (
        SELECT w.ctid AS place FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NOT NULL AND w.next_at IS NULL
        AND w.started_at <= moment - stuck
        ORDER BY w.started_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), lost AS (
        SELECT w.ctid AS place FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NULL AND w.next_at IS NULL
        AND w.queue = ANY (quiet) AND w.handed_at <= moment - interval '3 seconds'
        ORDER BY w.handed_at LIMIT batch FOR UPDATE SKIP LOCKED
    ), slow AS (
        SELECT w.ctid AS place FROM deliveries w
        WHERE w.state = 'waiting' AND w.started_at IS NULL AND w.next_at IS NULL
        AND w.queue <> ALL (quiet) AND w.handed_at <= moment - hand_again
        ORDER BY w.handed_at LIMIT batch FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries d SET handed_at = moment, next_at = NULL, started_at = NULL
    WHERE d.ctid = ANY (ARRAY(
        SELECT place FROM to_try UNION ALL SELECT place FROM begun UNION ALL SELECT place FROM lost
        UNION ALL SELECT place FROM slow
    ))
    RETURNING d.council_id, d.event_id, d.task, d.queue
$$;
"""


def upgrade() -> None:
    """An index in the order of taking, then the functions."""
    op.execute(INDEX)
    op.execute("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    for part in (FAN_OUT, DUE):
        op.get_bind().execute(text(part.replace(":", r"\:")))
    op.execute("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")
