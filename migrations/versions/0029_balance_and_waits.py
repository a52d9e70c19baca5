"""An entry balances to the end of its transaction; who hears of held payments hears of all that are held."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# A check that waits for the commit can be run before it (SET CONSTRAINTS), and sides may come after. So each
# side asks again but the first two, without which no entry stands: most have no more, and cost nothing here.
GUARDS = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE OR REPLACE FUNCTION require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry text := CASE WHEN TG_TABLE_NAME = 'ledger_entries' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(NEW) ->> 'entry_id' END;
    sides integer;
    first_sides integer;
    difference bigint;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE number IN (0, 1)), coalesce(sum(amount_pence), 0)
    INTO sides, first_sides, difference
    FROM ledger_postings p WHERE p.council_id = NEW.council_id AND p.entry_id = entry;
    IF sides < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not balance: % sides, difference % pence',
            entry, sides, difference;
    END IF;
    IF first_sides <> 2 THEN
        RAISE EXCEPTION 'the sides of ledger entry % are not numbered from 0 on', entry;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER require_balance AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.number NOT IN (0, 1))
    EXECUTE FUNCTION require_balance();
SET CONSTRAINTS ALL DEFERRED;
"""

# A payment that waits says so in two ways, which are one to others.
HEARD = """
ALTER TABLE webhook_endpoints NO FORCE ROW LEVEL SECURITY;
UPDATE webhook_endpoints SET events = array_append(events, 'payout.waiting')
WHERE 'payout.held' = ANY (events) AND NOT 'payout.waiting' = ANY (events);
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """One guard more, and one event more to listen to."""
    op.execute(GUARDS)
    op.execute(HEARD)
