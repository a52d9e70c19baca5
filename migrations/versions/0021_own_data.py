"""Wishes to be erased, how long a council keeps things, and words that go from what is else for ever."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE people ADD COLUMN erased_at timestamptz;
CREATE TABLE erasures (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    CONSTRAINT a_wish_that_is_open_or_ended CHECK ((state = 'asked') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX one_open_erasure ON erasures (council_id, person_id) WHERE state = 'asked';
CREATE TABLE retention_periods (
    council_id text NOT NULL,
    record_class text NOT NULL,
    starts_on date NOT NULL,
    years integer NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, record_class, starts_on),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    CONSTRAINT years_that_somebody_could_mean CHECK (years BETWEEN 1 AND 20)
);
"""

# What the policy answered is kept for ever. The words of a person who was erased may go from it; no sum, rule
# or outcome may change, and nothing of anybody else.
WORDS_ONLY = """
CREATE FUNCTION only_words_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM claims c JOIN people p ON p.council_id = c.council_id AND p.id = c.person_id
        WHERE c.council_id = OLD.council_id AND c.id = OLD.claim_id AND p.erased_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION '% is kept for ever: rows are added, never changed or deleted', TG_TABLE_NAME;
    END IF;
    IF (to_jsonb(NEW) - '{facts,answer,outcome,total_pence,line_pence}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{facts,answer,outcome,total_pence,line_pence}'::text[])
        OR NEW.answer -> 'outcome' IS DISTINCT FROM OLD.answer -> 'outcome'
        OR NEW.answer -> 'total_pence' IS DISTINCT FROM OLD.answer -> 'total_pence'
        OR jsonb_path_query_array(NEW.answer, '$.lines[*].amount_pence')
            IS DISTINCT FROM jsonb_path_query_array(OLD.answer, '$.lines[*].amount_pence') THEN
        RAISE EXCEPTION 'only words go from %: sums, rules and outcomes stay', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER refuse_change ON claim_assessments;
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE OR UPDATE OF council_id, id, claim_id, claim_version,
    policy_id, policy_hash, engine_version, made_at ON claim_assessments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_words_go BEFORE UPDATE ON claim_assessments
    FOR EACH ROW EXECUTE FUNCTION only_words_go();
GRANT UPDATE (facts, answer) ON claim_assessments TO reciprocal_app;
GRANT UPDATE (body) ON kept_answers TO reciprocal_app;
GRANT UPDATE (words) ON bank_import_lines TO reciprocal_app;
"""


def upgrade() -> None:
    """Two new tables behind the same walls, the day somebody was erased, and a narrow way for words."""
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in ("erasures", "retention_periods"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
    op.execute(WORDS_ONLY)
