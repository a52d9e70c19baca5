"""Corrections after payment, overpayments and consent to settle them, and costs booked for somebody."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DIFFERENCES = """
ALTER TABLE claims
    ADD COLUMN corrects_id text,
    ADD COLUMN correction_number integer,
    ADD COLUMN difference jsonb,
    ADD FOREIGN KEY (council_id, corrects_id) REFERENCES claims (council_id, id),
    ADD CONSTRAINT a_difference_says_what_it_corrects CHECK (
        (kind = 'difference') = (corrects_id IS NOT NULL)
        AND (kind = 'difference') = (correction_number IS NOT NULL)
        AND (kind = 'difference') = (difference IS NOT NULL)
    );
CREATE UNIQUE INDEX one_difference_a_correction ON claims (council_id, corrects_id, correction_number)
    WHERE corrects_id IS NOT NULL;
"""

TABLES = """
CREATE TABLE claim_corrections (
    council_id text NOT NULL,
    id text NOT NULL,
    claim_id text NOT NULL,
    number integer NOT NULL,
    because text NOT NULL,
    state text NOT NULL,
    attended boolean NOT NULL,
    facts jsonb NOT NULL,
    expenses jsonb NOT NULL,
    asked_by text NOT NULL,
    event_id bigint,
    policy_id text,
    asked jsonb,
    answer jsonb,
    sums jsonb,
    made_at timestamptz NOT NULL,
    applied_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id),
    UNIQUE (council_id, claim_id, number)
);
CREATE UNIQUE INDEX one_waiting_correction ON claim_corrections (council_id, claim_id)
    WHERE state = 'waiting';
CREATE TABLE overpayments (
    council_id text NOT NULL,
    id text NOT NULL,
    claim_id text NOT NULL,
    person_id text NOT NULL,
    part text NOT NULL,
    cost_centre text NOT NULL,
    state text NOT NULL,
    over_pence bigint NOT NULL,
    written_off_pence bigint NOT NULL,
    taken_pence bigint NOT NULL,
    because text NOT NULL,
    noticed_by text NOT NULL,
    reason_event_id bigint,
    version integer NOT NULL,
    noticed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    UNIQUE (council_id, claim_id, part)
);
CREATE INDEX overpayments_of_person ON overpayments (council_id, person_id);
CREATE TABLE overpayment_consents (
    council_id text NOT NULL,
    id text NOT NULL,
    overpayment_id text NOT NULL,
    person_id text NOT NULL,
    most_pence bigint NOT NULL,
    in_all_pence bigint NOT NULL,
    given_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, overpayment_id) REFERENCES overpayments (council_id, id)
);
CREATE UNIQUE INDEX one_consent_at_a_time ON overpayment_consents (council_id, overpayment_id)
    WHERE ended_at IS NULL;
CREATE TABLE overpayment_offsets (
    council_id text NOT NULL,
    id text NOT NULL,
    overpayment_id text NOT NULL,
    consent_id text NOT NULL,
    payout_id text NOT NULL,
    amount_pence bigint NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, overpayment_id) REFERENCES overpayments (council_id, id),
    FOREIGN KEY(council_id, consent_id) REFERENCES overpayment_consents (council_id, id),
    FOREIGN KEY(council_id, payout_id) REFERENCES payouts (council_id, id),
    UNIQUE (council_id, payout_id)
);
CREATE INDEX offsets_of_overpayment ON overpayment_offsets (council_id, overpayment_id);
CREATE TABLE booked_costs (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    session_id text NOT NULL,
    category text NOT NULL,
    amount_pence bigint NOT NULL,
    cost_centre text NOT NULL,
    reason_event_id bigint,
    booked_by text NOT NULL,
    booked_on date NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, session_id) REFERENCES sessions (council_id, id)
);
CREATE INDEX booked_costs_of_person ON booked_costs (council_id, person_id);
"""

WALLED = ("claim_corrections", "overpayments", "overpayment_consents", "overpayment_offsets", "booked_costs")


def upgrade() -> None:
    """New tables behind the same walls, and a claim that says which claim it corrects."""
    op.execute(DIFFERENCES)
    op.execute(TABLES)
    inside = "council_id = current_setting('app.council_id', true)"
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_council ON {table} TO reciprocal_app USING ({inside}) WITH CHECK ({inside})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO reciprocal_app")
