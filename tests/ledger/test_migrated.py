"""Is what was owed, promised and paid before double entry in the books after the migration?"""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from service import schema
from service.db import Database
from service.ledger import queries
from service.reports import books
from tests.servers import Cluster

COUNCIL = "cou_1"

# One claim paid the old way, one agreed, one waiting; an offer that stands, and one whose claim is agreed.
OLD = """
SET session_replication_role = replica;
INSERT INTO councils (council_id, slug, name, nation, header_colour, header_text_colour, contact_name,
    contact_email, contact_phone, cost_centre, bank_rail, made_at, kind)
VALUES ('cou_1', 'old', 'Old', 'england', '#000', '#fff', '', '', '', 'INVOLVE', 'sandbox', now(), 'council');
INSERT INTO sessions (council_id, id, title, activity, starts_at, ends_at, online, cost_code, facts, made_by,
    made_at) VALUES ('cou_1', 'ses_1', 't', 'a', now(), now(), true, 'ASC-1', '{}', 'x', now());
INSERT INTO offers (council_id, id, session_id, person_id, role, facts, policy_id, assessment, fee_pence, state,
    accept_pence, made_by, made_at) VALUES
    ('cou_1', 'off_open', 'ses_1', 'per_1', 'r', '{}', 'pol_1', '{}', 1550, 'accepted', 1000, 'x', now()),
    ('cou_1', 'off_used', 'ses_1', 'per_2', 'r', '{}', 'pol_1', '{}', 1800, 'accepted', NULL, 'x', now()),
    ('cou_1', 'off_nothing', 'ses_1', 'per_3', 'r', '{}', 'pol_1', '{}', 1800, 'accepted', 0, 'x', now()),
    ('cou_1', 'off_away', 'ses_1', 'per_4', 'r', '{}', 'pol_1', '{}', 1800, 'accepted', NULL, 'x', now()),
    ('cou_1', 'off_made', 'ses_1', 'per_5', 'r', '{}', 'pol_1', '{}', 1800, 'made', NULL, 'x', now());
INSERT INTO attendances VALUES ('cou_1', 'ses_1', 'per_4', false, NULL, NULL, 2, 'x', now());
INSERT INTO claims (council_id, id, person_id, session_id, offer_id, kind, with_fee, facts, expenses, state,
    version, fee_pence, expenses_pence, overpaid_pence, made_at, changed_at) VALUES
    ('cou_1', 'clm_paid', 'per_9', NULL, NULL, 'other', true, '{}', '[]', 'paid', 1, 700, 30, 0, now(), now()),
    ('cou_1', 'clm_owed', 'per_2', 'ses_1', 'off_used', 'attendance', true, '{}', '[]', 'approved', 1, 1800, 200,
     0, now(), now()),
    ('cou_1', 'clm_open', 'per_9', NULL, NULL, 'other', true, '{}', '[]', 'waiting', 1, 5, 0, 0, now(), now());
INSERT INTO obligations VALUES ('cou_1', 'obl_1', 'clm_paid', 'per_9', 700, 30, 'INVOLVE', NULL, now(), NULL);
INSERT INTO payouts (council_id, id, obligation_id, claim_id, person_id, rail, amount_pence, reference, state,
    made_at, changed_at)
VALUES ('cou_1', 'pay_1', 'obl_1', 'clm_paid', 'per_9', 'sandbox', 730, 'r', 'paid', now(), now());
INSERT INTO ledger_entries (council_id, id, kind, source_id, claim_id, person_id, at)
VALUES ('cou_1', 'ent_old', 'settlement', 'pay_1', 'clm_paid', 'per_9', '2026-06-30T23:30:00Z');
INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence, cost_centre, subjective)
VALUES ('cou_1', 'ent_old', 0, 'fees', 700, 'INVOLVE', ''), ('cou_1', 'ent_old', 1, 'expenses', 30, 'INVOLVE', ''),
    ('cou_1', 'ent_old', 2, 'bank:sandbox', -730, 'INVOLVE', '');
"""  # noqa: E501 - a row reads best on one line


@pytest.fixture
def empty(cluster: Cluster, worker: str) -> str:
    """A database with nothing in it. Answers its name."""
    return cluster.make_database(f"migrated_{worker}")


def test_what_was_there_is_in_the_books_afterwards(cluster: Cluster, empty: str) -> None:
    owner = cluster.url(role="reciprocal_owner", database=empty)
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    with create_engine(owner, poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.commit()
    with psycopg.connect(cluster.driver_url(database=empty), autocommit=True) as line:
        line.execute(OLD)
    schema.migrate(owner)
    database = Database(cluster.url(role="reciprocal_app", database=empty), pooled=False)
    with database.council(COUNCIL) as session:
        assert books.breaches(session, council_id=COUNCIL) == []
        rows = queries.trial_balance(session, council_id=COUNCIL, memorandum=True)
        assert {row.account: row.debit_pence - row.credit_pence for row in rows} == {
            "bank:sandbox": -730,
            "commitments": 1000,
            "commitments_contra": -1000,
            "creditors": -2000,
            "expenses": 230,
            "fees": 2500,
        }
        found = queries.page(session, council_id=COUNCIL, after=None, limit=10)
        assert [(row.kind, row.source_id, row.period) for row in found if row.kind == "settlement"] == [
            ("settlement", "pay_1", "2026-07")
        ]
        assert found[0].posted_at == found[0].at
        assert {row.source_id for row in found} == {"pay_1", "clm_owed.1", "off_open.1"}
        sides = queries.accrued(session, council_id=COUNCIL, claim_id="clm_owed")
        assert {(s.account, s.amount_pence, s.cost_centre, s.category) for s in sides} == {
            ("fees", 1800, "INVOLVE", "fee"),
            ("expenses", 200, "INVOLVE", "expense"),
        }
