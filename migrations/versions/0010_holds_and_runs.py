"""Holds on payments, payment runs, what lies in the pretend bank, and the switch that stops everything."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE payment_holds (
    council_id text NOT NULL,
    id text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('payment', 'person', 'rail', 'council', 'everything')),
    subject text NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    placed_for text NOT NULL,
    placed_at timestamptz NOT NULL,
    ended_by text,
    ended_for text,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE UNIQUE INDEX holds_standing ON payment_holds (council_id, scope, subject) WHERE ended_at IS NULL;
CREATE INDEX everything_stopped ON payment_holds (scope) WHERE ended_at IS NULL AND scope = 'everything';

CREATE TABLE payment_runs (
    council_id text NOT NULL,
    id text NOT NULL,
    rail text NOT NULL,
    due_at timestamptz NOT NULL,
    opened_by text NOT NULL,
    opened_for text NOT NULL,
    opened_at timestamptz NOT NULL,
    filled_at timestamptz,
    second_above_pence bigint,
    released_by text,
    released_for text,
    released_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

CREATE TABLE payment_run_lines (
    council_id text NOT NULL,
    run_id text NOT NULL,
    payout_id text NOT NULL,
    amount_pence bigint NOT NULL,
    cost_centre text NOT NULL,
    PRIMARY KEY (council_id, run_id, payout_id),
    UNIQUE (council_id, payout_id),
    FOREIGN KEY(council_id, run_id) REFERENCES payment_runs (council_id, id),
    FOREIGN KEY(council_id, payout_id) REFERENCES payouts (council_id, id)
);

CREATE TABLE sandbox_floats (
    council_id text NOT NULL,
    pence bigint NOT NULL,
    PRIMARY KEY (council_id)
);
CREATE INDEX payouts_held ON payouts (council_id, held_because, held_until) WHERE state = 'held';
"""

VERBS = {
    "payment_holds": "SELECT, INSERT, UPDATE",
    "payment_runs": "SELECT, INSERT, UPDATE",
    "payment_run_lines": "SELECT, INSERT",
    "sandbox_floats": "SELECT, INSERT, UPDATE",
}

# The switch writes a line for every council, so that each has it on record; one standing line stops all,
# and so a council that is added later too.
FUNCTIONS = """
CREATE FUNCTION payments_stopped() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM payment_holds WHERE scope = 'everything' AND ended_at IS NULL)
$$;

CREATE FUNCTION stop_payments(hold_id text, words text, who text, whom text, moment timestamptz)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH placed AS (
        INSERT INTO payment_holds
            (council_id, id, scope, subject, reason, placed_by, placed_for, placed_at)
        SELECT council_id, hold_id, 'everything', '', words, who, whom, moment FROM councils
        ON CONFLICT (council_id, scope, subject) WHERE ended_at IS NULL DO NOTHING
        RETURNING council_id
    )
    SELECT count(*) FROM placed
$$;

CREATE FUNCTION let_payments_go(who text, whom text, moment timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH ended AS (
        UPDATE payment_holds SET ended_by = who, ended_for = whom, ended_at = moment
        WHERE scope = 'everything' AND ended_at IS NULL
        RETURNING council_id
    )
    SELECT count(*) FROM ended
$$;
"""
SIGNATURES = (
    "payments_stopped()",
    "stop_payments(text, text, text, text, timestamptz)",
    "let_payments_go(text, text, timestamptz)",
)
MAY_END = "UPDATE (ended_by, ended_for, ended_at)"
MAY_READ = "SELECT (council_id, scope, subject, ended_at)"
CROSSINGS = (
    f"GRANT {MAY_READ}, INSERT, {MAY_END} ON payment_holds TO reciprocal_crossing",
    "CREATE POLICY crossing ON payment_holds TO reciprocal_crossing USING (true) WITH CHECK (true)",
)


def upgrade() -> None:
    """New tables behind the same walls, and three named functions in them."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table, verbs in VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {verbs} ON {table} TO reciprocal_app")
    for statement in CROSSINGS:
        op.execute(statement)
    op.execute(FUNCTIONS)
    op.execute("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    for function in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO reciprocal_app")
        op.execute(f"ALTER FUNCTION {function} OWNER TO reciprocal_crossing")
    op.execute("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")
