"""What leaves for other systems: webhooks, exports, what a payee is called there; and the daily comparison.

A delivery of a webhook is listed by a trigger in the event's own transaction, only where a council has asked
for that event: no event is stepped over, and a council without endpoints pays nothing for it.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OUTGOING = """
CREATE TABLE webhook_endpoints (
    council_id text NOT NULL,
    id text NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL,
    test boolean NOT NULL,
    state text NOT NULL,
    failures integer NOT NULL,
    failing_since timestamptz,
    next_at timestamptz NOT NULL,
    last_error text,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE TABLE webhook_secrets (
    council_id text NOT NULL,
    id text NOT NULL,
    endpoint_id text NOT NULL,
    sealed text NOT NULL,
    made_at timestamptz NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, endpoint_id) REFERENCES webhook_endpoints (council_id, id)
);
CREATE TABLE webhook_deliveries (
    council_id text NOT NULL,
    endpoint_id text NOT NULL,
    event_id bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    answer_status integer,
    error text,
    made_at timestamptz NOT NULL,
    tried_at timestamptz,
    delivered_at timestamptz,
    PRIMARY KEY (council_id, endpoint_id, event_id),
    FOREIGN KEY(council_id, endpoint_id) REFERENCES webhook_endpoints (council_id, id)
);
CREATE INDEX webhooks_due ON webhook_deliveries (council_id, endpoint_id, next_at) WHERE state = 'waiting';

CREATE FUNCTION list_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_deliveries (council_id, endpoint_id, event_id, state, attempts, next_at, made_at)
    SELECT e.council_id, e.id, NEW.id, 'waiting', 0, NEW.at, NEW.at FROM webhook_endpoints e
    WHERE e.council_id = NEW.council_id AND e.state IN ('working', 'failing') AND NEW.name = ANY (e.events)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER list_webhooks AFTER INSERT ON events FOR EACH ROW
WHEN (NEW.name LIKE 'payout.%' OR NEW.name LIKE 'claim.%') EXECUTE FUNCTION list_webhooks();
"""

EXPORTS = """
CREATE TABLE export_mappings (
    council_id text NOT NULL,
    name text NOT NULL,
    text text NOT NULL,
    version integer NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, name),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE TABLE exports (
    council_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    batch text NOT NULL,
    mapping text NOT NULL,
    mapping_text text NOT NULL,
    label text NOT NULL,
    since timestamptz,
    until timestamptz NOT NULL,
    items integer NOT NULL,
    total_pence bigint NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    built_by text NOT NULL,
    built_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX exports_by_kind ON exports (council_id, kind, id);
CREATE TABLE export_items (
    council_id text NOT NULL,
    kind text NOT NULL,
    source_id text NOT NULL,
    export_id text NOT NULL,
    PRIMARY KEY (council_id, kind, source_id),
    FOREIGN KEY(council_id, export_id) REFERENCES exports (council_id, id)
);
CREATE INDEX items_of_export ON export_items (council_id, export_id);

ALTER TABLE payouts ADD COLUMN exported_at timestamptz;
ALTER TABLE payouts ADD COLUMN goes_with text;
ALTER TABLE people ADD COLUMN supplier_reference text;
CREATE UNIQUE INDEX one_person_a_supplier_reference ON people (council_id, supplier_reference)
WHERE supplier_reference IS NOT NULL;
"""

RECONCILING = """
CREATE TABLE reconciliations (
    council_id text NOT NULL,
    id text NOT NULL,
    rail text NOT NULL,
    day date NOT NULL,
    since timestamptz NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ours integer NOT NULL,
    theirs integer NOT NULL,
    agreed integer NOT NULL,
    mismatches integer NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX reconciliations_by_day ON reconciliations (council_id, rail, day);
CREATE TABLE reconciliation_findings (
    council_id text NOT NULL,
    id text NOT NULL,
    reconciliation_id text NOT NULL,
    rail text NOT NULL,
    kind text NOT NULL,
    payment_id text NOT NULL,
    ours text NOT NULL,
    theirs text NOT NULL,
    ours_pence bigint,
    theirs_pence bigint,
    found_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text,
    note text,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, reconciliation_id) REFERENCES reconciliations (council_id, id)
);
CREATE INDEX findings_of_payment ON reconciliation_findings (council_id, rail, payment_id);
"""

VERBS = {
    "webhook_endpoints": "SELECT, INSERT, UPDATE",
    "webhook_secrets": "SELECT, INSERT, UPDATE",
    "webhook_deliveries": "SELECT, INSERT, UPDATE",
    "export_mappings": "SELECT, INSERT, UPDATE",
    # Built once, and the same for ever.
    "exports": "SELECT, INSERT",
    "export_items": "SELECT, INSERT",
    "reconciliations": "SELECT, INSERT",
    "reconciliation_findings": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    """New tables behind the same walls."""
    for statements in (OUTGOING, EXPORTS, RECONCILING):
        op.execute(statements)
    inside = "council_id = current_setting('app.council_id', true)"
    for table, verbs in VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT {verbs} ON {table} TO reciprocal_app")
