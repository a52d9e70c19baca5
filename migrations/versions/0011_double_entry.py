"""Double entry in full: what is promised and owed stands in the ledger too, with codes, months and checks.

What was owed and promised on the day of the migration is posted by it, in sums without codes, so that every
claim and offer is in the books from the first moment.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ledger_codes (
    council_id text NOT NULL,
    line text NOT NULL,
    starts_on date NOT NULL,
    subjective text NOT NULL,
    vat_code text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, line, starts_on),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

CREATE TABLE ledger_periods (
    council_id text NOT NULL,
    period text NOT NULL,
    state text NOT NULL,
    closed_by text NOT NULL,
    closed_at timestamptz NOT NULL,
    reopened_by text,
    reopened_at timestamptz,
    PRIMARY KEY (council_id, period),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    CONSTRAINT a_month_that_is_closed_or_open CHECK (
        period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'
        AND (state = 'closed' AND reopened_by IS NULL OR state = 'open' AND reopened_by IS NOT NULL)
    ),
    CONSTRAINT a_second_person_reopens CHECK (reopened_by <> closed_by)
);

CREATE TABLE book_checks (
    council_id text NOT NULL,
    checked_at timestamptz NOT NULL,
    whole_at timestamptz NOT NULL,
    clean_at timestamptz,
    found jsonb NOT NULL,
    PRIMARY KEY (council_id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

ALTER TABLE ledger_entries ADD COLUMN offer_id text;
ALTER TABLE ledger_entries ADD COLUMN period text;
ALTER TABLE ledger_entries ADD COLUMN posted_at timestamptz;
ALTER TABLE ledger_entries ADD COLUMN transaction bigint;
ALTER TABLE ledger_postings ADD COLUMN category text NOT NULL DEFAULT '';
ALTER TABLE ledger_postings ADD COLUMN vat_code text NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN decided_lines jsonb;
CREATE INDEX entries_of_offer ON ledger_entries (council_id, offer_id) WHERE offer_id IS NOT NULL;
"""

# Whoever posts shares a lock of the council's books until the end of their transaction. Whoever closes a
# month, or asks how things stood at a moment, takes it alone: then nothing older is still to come.
GUARDS = """
CREATE FUNCTION books_lock(council text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('books' || council, 0)
$$;

CREATE FUNCTION date_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    month text := to_char(NEW.at AT TIME ZONE 'Europe/London', 'YYYY-MM');
BEGIN
    PERFORM pg_advisory_xact_lock_shared(books_lock(NEW.council_id));
    IF NEW.period IS NULL THEN
        WHILE EXISTS (
            SELECT FROM ledger_periods p
            WHERE p.council_id = NEW.council_id AND p.period = month AND p.state = 'closed'
        ) LOOP
            month := to_char((month || '-01')::date + interval '1 month', 'YYYY-MM');
        END LOOP;
        NEW.period := month;
    ELSIF EXISTS (
        SELECT FROM ledger_periods p
        WHERE p.council_id = NEW.council_id AND p.period = NEW.period AND p.state = 'closed'
    ) THEN
        RAISE EXCEPTION 'the accounting month % is closed', NEW.period;
    END IF;
    NEW.posted_at := clock_timestamp();
    NEW.transaction := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER date_entry BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION date_entry();

CREATE FUNCTION refuse_late_sides() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a WHERE NOT EXISTS (
            SELECT FROM ledger_entries e WHERE e.council_id = a.council_id AND e.id = a.entry_id
            AND e.transaction = pg_current_xact_id()::text::bigint
        )
    ) THEN
        RAISE EXCEPTION 'the sides of a ledger entry are written with it, never later';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_late_sides AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_sides();
-- All sides come in the transaction of their entry, whose own check at the end of it counts them all.
DROP TRIGGER require_balance ON ledger_postings;
"""

# What was there before: it counts from its own moment, in its own month.
EARLIER = """
ALTER TABLE ledger_entries DISABLE TRIGGER refuse_change;
UPDATE ledger_entries SET posted_at = at, transaction = 0,
    period = to_char(at AT TIME ZONE 'Europe/London', 'YYYY-MM');
ALTER TABLE ledger_entries ENABLE TRIGGER refuse_change;
ALTER TABLE ledger_entries ALTER COLUMN period SET NOT NULL;
ALTER TABLE ledger_entries ALTER COLUMN posted_at SET NOT NULL;
ALTER TABLE ledger_entries ALTER COLUMN transaction SET NOT NULL;
CREATE INDEX entries_by_posting ON ledger_entries (council_id, posted_at, id);
"""

OWED = """
CREATE TEMPORARY TABLE owed ON COMMIT DROP AS
SELECT c.council_id, 'ent_' || md5(c.council_id || c.id || 'accrual') AS entry_id, c.id AS claim_id,
    c.person_id, c.fee_pence, c.expenses_pence, coalesce(c.cost_code, o.cost_centre) AS cost_centre,
    c.changed_at AS at
FROM claims c JOIN councils o ON o.council_id = c.council_id
WHERE c.state = 'approved' AND c.fee_pence + c.expenses_pence > 0;
INSERT INTO ledger_entries (council_id, id, kind, source_id, claim_id, person_id, at)
SELECT council_id, entry_id, 'accrual', claim_id || '.1', claim_id, person_id, at FROM owed;
INSERT INTO ledger_postings
    (council_id, entry_id, number, account, amount_pence, cost_centre, subjective, category)
SELECT o.council_id, o.entry_id, s.number, s.account, s.pence, o.cost_centre, '', s.category FROM owed o
CROSS JOIN LATERAL (VALUES
    (0, 'fees', o.fee_pence, 'fee'), (1, 'expenses', o.expenses_pence, 'expense'),
    (2, 'creditors', -o.fee_pence - o.expenses_pence, '')
) AS s (number, account, pence, category) WHERE s.pence <> 0;
"""

PROMISED = """
CREATE TEMPORARY TABLE promised ON COMMIT DROP AS
SELECT f.council_id, 'ent_' || md5(f.council_id || f.id || 'commitment') AS entry_id, f.id AS offer_id,
    f.person_id, coalesce(f.accept_pence, f.fee_pence) AS pence,
    coalesce(s.cost_code, o.cost_centre) AS cost_centre, coalesce(f.answered_at, f.made_at) AS at
FROM offers f JOIN councils o ON o.council_id = f.council_id
JOIN sessions s ON s.council_id = f.council_id AND s.id = f.session_id
WHERE f.state = 'accepted' AND coalesce(f.accept_pence, f.fee_pence) > 0
AND NOT EXISTS (
    SELECT FROM claims c WHERE c.council_id = f.council_id AND c.offer_id = f.id AND c.with_fee
    AND c.state IN ('approved', 'paid', 'refused', 'withdrawn')
)
AND NOT EXISTS (
    SELECT FROM attendances a WHERE a.council_id = f.council_id AND a.session_id = f.session_id
    AND a.person_id = f.person_id AND NOT a.attended
);
INSERT INTO ledger_entries (council_id, id, kind, source_id, offer_id, person_id, at)
SELECT council_id, entry_id, 'commitment', offer_id || '.1', offer_id, person_id, at FROM promised;
INSERT INTO ledger_postings
    (council_id, entry_id, number, account, amount_pence, cost_centre, subjective, category)
SELECT p.council_id, p.entry_id, s.number, s.account, s.pence, p.cost_centre, '', 'fee' FROM promised p
CROSS JOIN LATERAL (VALUES (0, 'commitments', p.pence), (1, 'commitments_contra', -p.pence))
    AS s (number, account, pence);
"""

# Read past the walls by the owner, in this one transaction.
READ = (
    "attendances", "claims", "councils", "ledger_entries", "ledger_periods", "ledger_postings", "offers",
    "sessions",
)  # fmt: skip

FIGURES = """
CREATE FUNCTION book_figures() RETURNS TABLE (councils bigint, breaches bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*), coalesce(sum(jsonb_array_length(b.found)), 0)::bigint, min(b.checked_at)
    FROM book_checks b
$$;
"""


def upgrade() -> None:
    """New tables behind the same walls, guards, and entries for what is owed and promised already."""
    op.execute(TABLES)
    op.execute(GUARDS)
    for table in ("ledger_codes", "ledger_periods", "book_checks"):
        _wall(table)
    _post_what_is_there()
    op.execute("GRANT SELECT (checked_at, found) ON book_checks TO reciprocal_crossing")
    op.execute("CREATE POLICY crossing ON book_checks TO reciprocal_crossing USING (true) WITH CHECK (true)")
    op.execute(FIGURES)
    op.execute("GRANT CREATE ON SCHEMA public TO reciprocal_crossing")
    op.execute("REVOKE ALL ON FUNCTION book_figures() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION book_figures() TO reciprocal_app")
    op.execute("ALTER FUNCTION book_figures() OWNER TO reciprocal_crossing")
    op.execute("REVOKE CREATE ON SCHEMA public FROM reciprocal_crossing")


def _wall(table: str) -> None:
    inside = "council_id = current_setting('app.council_id', true)"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")


def _post_what_is_there() -> None:
    for table in READ:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(EARLIER)
    op.execute(OWED)
    op.execute(PROMISED)
    # The balance is checked here, while the owner still sees the rows.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in READ:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
