"""The first tables, the walls between councils, the books that cannot be changed, and the named crossings."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What the service may do to each table. No row is ever deleted but outbox marks and kept answers.
VERBS = {
    "api_keys": "SELECT, INSERT, UPDATE",
    "attempts": "SELECT, INSERT, UPDATE",
    "attendances": "SELECT, INSERT, UPDATE",
    "claim_assessments": "SELECT, INSERT",
    "claims": "SELECT, INSERT, UPDATE",
    "councils": "SELECT, INSERT, UPDATE",
    "decisions": "SELECT, INSERT",
    "deliveries": "SELECT, INSERT, UPDATE",
    "event_outbox": "SELECT, INSERT",
    "event_seals": "SELECT, INSERT",
    "event_texts": "SELECT, INSERT, DELETE",
    "event_unsealed": "SELECT, INSERT, DELETE",
    "events": "SELECT, INSERT",
    "kept_answers": "SELECT, INSERT, DELETE",
    "ledger_entries": "SELECT, INSERT",
    "ledger_postings": "SELECT, INSERT",
    "notices": "SELECT, INSERT, UPDATE",
    "obligations": "SELECT, INSERT, UPDATE",
    "offers": "SELECT, INSERT, UPDATE",
    "payment_methods": "SELECT, INSERT, UPDATE",
    "payouts": "SELECT, INSERT, UPDATE",
    "people": "SELECT, INSERT, UPDATE",
    "policies": "SELECT, INSERT",
    "rail_notices": "SELECT, INSERT",
    "sandbox_payments": "SELECT, INSERT, UPDATE",
    "sessions": "SELECT, INSERT, UPDATE",
    "sign_in_links": "SELECT, INSERT, UPDATE",
    "staff": "SELECT, INSERT, UPDATE",
}

# Inserted once and never changed: permission says so, and a trigger says it again to the owner.
FOR_EVER = (
    "claim_assessments",
    "decisions",
    "event_seals",
    "events",
    "ledger_entries",
    "ledger_postings",
    "policies",
)

# What the crossing role may read or do beyond one council's walls: keys, ids and counts, nothing said or
# owed.
CROSSINGS = {
    "api_keys": "SELECT (council_id, id, hash)",
    "councils": "SELECT (council_id, slug)",
    "deliveries": "SELECT, INSERT, UPDATE",
    "event_outbox": "SELECT, UPDATE, DELETE",
    "event_unsealed": "SELECT",
    "events": "SELECT (council_id, id, name, person_id, amount_pence)",
    "sign_in_links": "SELECT (council_id, id, hash)",
}

FUNCTIONS = """
CREATE FUNCTION find_council(wanted text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT council_id FROM councils WHERE slug = wanted
$$;

CREATE FUNCTION all_councils() RETURNS TABLE (council_id text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT c.council_id FROM councils c ORDER BY c.council_id
$$;

CREATE FUNCTION find_api_key(wanted text) RETURNS TABLE (council_id text, key_id text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.council_id, k.id FROM api_keys k WHERE k.hash = wanted
$$;

CREATE FUNCTION find_sign_in_link(wanted text) RETURNS TABLE (council_id text, link_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.council_id, l.id FROM sign_in_links l WHERE l.hash = wanted
$$;

CREATE FUNCTION councils_to_seal() RETURNS TABLE (council_id text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT DISTINCT u.council_id FROM event_unsealed u
$$;

-- New events become deliveries: one for each task that `next` ({event: [[task, queue], ...]}) names.
CREATE FUNCTION relay_fan_out(next jsonb, batch integer, moment timestamptz)
RETURNS TABLE (council_id text, event_id bigint, task text, queue text) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH taken AS (
        DELETE FROM event_outbox o WHERE (o.council_id, o.event_id) IN (
            SELECT w.council_id, w.event_id FROM event_outbox w ORDER BY w.event_id LIMIT batch
            FOR UPDATE SKIP LOCKED
        ) RETURNING o.council_id, o.event_id
    )
    INSERT INTO deliveries (council_id, event_id, task, queue, state, attempts, handed_at)
    SELECT t.council_id, t.event_id, step ->> 0, step ->> 1, 'waiting', 0, moment
    FROM taken t
    JOIN events e ON e.council_id = t.council_id AND e.id = t.event_id
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(next -> e.name, '[]'::jsonb)) AS step
    ON CONFLICT DO NOTHING
    RETURNING deliveries.council_id, deliveries.event_id, deliveries.task, deliveries.queue
$$;

-- What must be handed over again: a next try that is due; work that a worker began and never finished; and
-- what was handed over and never begun: soon where the queue stands empty (it was lost), else late.
CREATE FUNCTION relay_due(
    moment timestamptz, hand_again interval, stuck interval, quiet text[], batch integer
) RETURNS TABLE (council_id text, event_id bigint, task text, queue text) LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    UPDATE deliveries d SET handed_at = moment, next_at = NULL, started_at = NULL
    WHERE (d.council_id, d.event_id, d.task) IN (
        SELECT w.council_id, w.event_id, w.task FROM deliveries w
        WHERE w.state = 'waiting' AND CASE
            WHEN w.next_at IS NOT NULL THEN w.next_at <= moment
            WHEN w.started_at IS NOT NULL THEN w.started_at <= moment - stuck
            WHEN w.queue = ANY (quiet) THEN w.handed_at <= moment - interval '3 seconds'
            ELSE w.handed_at <= moment - hand_again END
        ORDER BY w.event_id LIMIT batch FOR UPDATE SKIP LOCKED
    )
    RETURNING d.council_id, d.event_id, d.task, d.queue
$$;

-- For operations: how much of each queue stands where, whole service, no names.
CREATE FUNCTION queue_figures()
RETURNS TABLE (queue text, state text, jobs bigint, oldest timestamptz, people bigint, pence bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.queue,
           CASE WHEN d.state = 'waiting' AND d.started_at IS NOT NULL THEN 'running' ELSE d.state END,
           count(*), min(d.handed_at), count(DISTINCT e.person_id), coalesce(sum(e.amount_pence), 0)
    FROM deliveries d JOIN events e ON e.council_id = d.council_id AND e.id = d.event_id
    WHERE d.state IN ('waiting', 'failed') GROUP BY 1, 2
$$;
"""

GUARDS = """
CREATE FUNCTION list_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox VALUES (NEW.council_id, NEW.id);
    INSERT INTO event_unsealed VALUES (NEW.council_id, NEW.id);
    NOTIFY events;
    RETURN NULL;
END $$;
CREATE TRIGGER list_event AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION list_event();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept for ever: rows are added, never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE FUNCTION require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry text := CASE WHEN TG_TABLE_NAME = 'ledger_entries' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(NEW) ->> 'entry_id' END;
    sides integer;
    difference bigint;
BEGIN
    SELECT count(*), coalesce(sum(amount_pence), 0) INTO sides, difference
    FROM ledger_postings p WHERE p.council_id = NEW.council_id AND p.entry_id = entry;
    IF sides < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not balance: % sides, difference % pence',
            entry, sides, difference;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER require_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance();
CREATE CONSTRAINT TRIGGER require_balance AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance();
"""


def upgrade() -> None:
    """Tables, then guards, then walls, then the few doors in them."""
    _run(Path(__file__).with_suffix(".sql").read_text())
    _run(GUARDS)
    for table in FOR_EVER:
        _run(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    _run("GRANT USAGE ON SCHEMA public TO reciprocal_app, reciprocal_crossing")
    _run("GRANT SELECT ON alembic_version TO reciprocal_app")
    for table, verbs in VERBS.items():
        _wall(table, verbs)
    for table, verbs in CROSSINGS.items():
        _run(f"GRANT {verbs} ON {table} TO reciprocal_crossing")
        _run(f"CREATE POLICY crossing ON {table} TO reciprocal_crossing USING (true) WITH CHECK (true)")
    _run(FUNCTIONS)
    _run("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    for function in (
        "find_council(text)",
        "all_councils()",
        "find_api_key(text)",
        "find_sign_in_link(text)",
        "councils_to_seal()",
        "relay_fan_out(jsonb, integer, timestamptz)",
        "relay_due(timestamptz, interval, interval, text[], integer)",
        "queue_figures()",
    ):
        _run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        _run(f"GRANT EXECUTE ON FUNCTION {function} TO reciprocal_app")
        _run(f"ALTER FUNCTION {function} OWNER TO reciprocal_crossing")
    _run("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")


def _wall(table: str, verbs: str) -> None:
    """One council at a time: no setting, no rows; and the owner is not let off."""
    inside = "council_id = current_setting('app.council_id', true)"
    _run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    _run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _run(f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})")
    _run(f"GRANT {verbs} ON {table} TO reciprocal_app")


def _run(sql: str) -> None:
    op.get_bind().execute(text(sql.replace(":", r"\:")))
