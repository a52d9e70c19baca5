-- Every table of the first release. `0001_foundations.py` runs this and then builds the walls.

CREATE TABLE councils (
    council_id text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    nation text NOT NULL,
    header_colour text NOT NULL,
    header_text_colour text NOT NULL,
    contact_name text NOT NULL,
    contact_email text NOT NULL,
    contact_phone text NOT NULL,
    cost_centre text NOT NULL,
    bank_rail text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id),
    UNIQUE (slug)
);

CREATE TABLE deliveries (
    council_id text NOT NULL,
    event_id bigint NOT NULL,
    task text NOT NULL,
    queue text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    handed_at timestamptz NOT NULL,
    started_at timestamptz,
    next_at timestamptz,
    finished_at timestamptz,
    error text,
    PRIMARY KEY (council_id, event_id, task)
);

CREATE TABLE event_seals (
    council_id text NOT NULL,
    number bigint NOT NULL,
    event_id bigint NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (council_id, number)
);

CREATE TABLE event_texts (
    council_id text NOT NULL,
    event_id bigint NOT NULL,
    salt text NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (council_id, event_id)
);

CREATE TABLE events (
    council_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    subject_id text NOT NULL,
    person_id text,
    session_id text,
    claim_id text,
    amount_pence bigint,
    refs jsonb NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    request_id text NOT NULL,
    text_digest text,
    at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id)
);

CREATE TABLE kept_answers (
    council_id text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    body text NOT NULL,
    headers jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, key)
);

CREATE TABLE rail_notices (
    council_id text NOT NULL,
    rail text NOT NULL,
    external_id text NOT NULL,
    key text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, rail, external_id)
);

CREATE TABLE sandbox_payments (
    council_id text NOT NULL,
    key text NOT NULL,
    payment_id text NOT NULL,
    amount_pence bigint NOT NULL,
    stands text NOT NULL,
    becomes text,
    becomes_at timestamptz,
    tells boolean NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, key)
);

CREATE TABLE api_keys (
    council_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    hash text NOT NULL,
    roles text[] NOT NULL,
    test boolean NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    UNIQUE (hash)
);

CREATE TABLE ledger_entries (
    council_id text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    source_id text NOT NULL,
    claim_id text,
    person_id text,
    at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, kind, source_id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX entries_of_claim ON ledger_entries (council_id, claim_id);

CREATE TABLE people (
    council_id text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    external_reference text,
    made_at timestamptz NOT NULL,
    link_asked_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE UNIQUE INDEX one_person_a_reference ON people (council_id, external_reference) WHERE external_reference IS NOT NULL;
CREATE INDEX people_by_email ON people (council_id, email);

CREATE TABLE policies (
    council_id text NOT NULL,
    id text NOT NULL,
    slug text NOT NULL,
    version text NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    sources jsonb NOT NULL,
    effective_from date NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    UNIQUE (council_id, hash),
    UNIQUE (council_id, effective_from)
);

CREATE TABLE sessions (
    council_id text NOT NULL,
    id text NOT NULL,
    title text NOT NULL,
    activity text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    online boolean NOT NULL,
    place text,
    cost_code text,
    budget text,
    facts jsonb NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);
CREATE INDEX sessions_by_day ON sessions (council_id, starts_at);

CREATE TABLE sign_in_links (
    council_id text NOT NULL,
    id text NOT NULL,
    hash text NOT NULL,
    kind text NOT NULL,
    subject_id text NOT NULL,
    goes_to text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id) REFERENCES councils (council_id),
    UNIQUE (hash)
);

CREATE TABLE staff (
    council_id text NOT NULL,
    id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    made_at timestamptz NOT NULL,
    left_at timestamptz,
    link_asked_at timestamptz,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, email),
    FOREIGN KEY(council_id) REFERENCES councils (council_id)
);

CREATE TABLE attendances (
    council_id text NOT NULL,
    session_id text NOT NULL,
    person_id text NOT NULL,
    attended boolean NOT NULL,
    minutes integer,
    role text,
    version integer NOT NULL,
    ticked_by text NOT NULL,
    ticked_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, session_id, person_id),
    FOREIGN KEY(council_id, session_id) REFERENCES sessions (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id)
);

CREATE TABLE ledger_postings (
    council_id text NOT NULL,
    entry_id text NOT NULL,
    number integer NOT NULL,
    account text NOT NULL,
    amount_pence bigint NOT NULL,
    cost_centre text NOT NULL,
    subjective text NOT NULL,
    PRIMARY KEY (council_id, entry_id, number),
    FOREIGN KEY(council_id, entry_id) REFERENCES ledger_entries (council_id, id)
);
CREATE INDEX postings_by_account ON ledger_postings (council_id, account);

CREATE TABLE notices (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    event_id bigint NOT NULL,
    name text NOT NULL,
    claim_id text,
    subject text NOT NULL,
    body text NOT NULL,
    goes_to text NOT NULL,
    amount_pence bigint,
    made_at timestamptz NOT NULL,
    sent_at timestamptz,
    sent_by text,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    UNIQUE (council_id, event_id)
);
CREATE INDEX notices_of_person ON notices (council_id, person_id);

CREATE TABLE offers (
    council_id text NOT NULL,
    id text NOT NULL,
    session_id text NOT NULL,
    person_id text NOT NULL,
    role text NOT NULL,
    facts jsonb NOT NULL,
    policy_id text NOT NULL,
    assessment jsonb NOT NULL,
    fee_pence bigint NOT NULL,
    state text NOT NULL,
    accept_pence bigint,
    give_to text,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, session_id) REFERENCES sessions (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, policy_id) REFERENCES policies (council_id, id)
);
CREATE INDEX offers_of_person ON offers (council_id, person_id);
CREATE INDEX offers_of_session ON offers (council_id, session_id);
CREATE UNIQUE INDEX one_live_offer ON offers (council_id, session_id, person_id) WHERE state IN ('made', 'accepted');

CREATE TABLE payment_methods (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    details_sealed text,
    masked text NOT NULL,
    charity text,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    usable_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id)
);
CREATE UNIQUE INDEX one_method_in_use ON payment_methods (council_id, person_id, state) WHERE state IN ('current', 'proposed');

CREATE TABLE claims (
    council_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    session_id text,
    offer_id text,
    kind text NOT NULL,
    with_fee boolean NOT NULL,
    facts jsonb NOT NULL,
    expenses jsonb NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    assessment_id text,
    fee_pence bigint NOT NULL,
    expenses_pence bigint NOT NULL,
    cost_code text,
    pay_by date,
    overpaid_pence bigint NOT NULL,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id),
    FOREIGN KEY(council_id, session_id) REFERENCES sessions (council_id, id),
    FOREIGN KEY(council_id, offer_id) REFERENCES offers (council_id, id)
);
CREATE INDEX claims_by_change ON claims (council_id, changed_at, id);
CREATE INDEX claims_by_state ON claims (council_id, state, id);
CREATE INDEX claims_of_person ON claims (council_id, person_id);
CREATE INDEX claims_of_session ON claims (council_id, session_id);
CREATE UNIQUE INDEX one_fee_a_session ON claims (council_id, session_id, person_id) WHERE with_fee AND session_id IS NOT NULL;

CREATE TABLE claim_assessments (
    council_id text NOT NULL,
    id text NOT NULL,
    claim_id text NOT NULL,
    claim_version integer NOT NULL,
    facts jsonb NOT NULL,
    answer jsonb NOT NULL,
    policy_id text NOT NULL,
    policy_hash text NOT NULL,
    engine_version text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id),
    FOREIGN KEY(council_id, policy_id) REFERENCES policies (council_id, id)
);
CREATE INDEX assessments_of_claim ON claim_assessments (council_id, claim_id, claim_version);

CREATE TABLE decisions (
    council_id text NOT NULL,
    id text NOT NULL,
    claim_id text NOT NULL,
    claim_version integer NOT NULL,
    kind text NOT NULL,
    role text NOT NULL,
    decider_kind text NOT NULL,
    decider_id text NOT NULL,
    decider_by text NOT NULL,
    clause text,
    sums jsonb NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id)
);
CREATE INDEX decisions_of_claim ON decisions (council_id, claim_id, claim_version);

CREATE TABLE obligations (
    council_id text NOT NULL,
    id text NOT NULL,
    claim_id text NOT NULL,
    person_id text NOT NULL,
    fee_pence bigint NOT NULL,
    expenses_pence bigint NOT NULL,
    cost_centre text NOT NULL,
    pay_by date,
    opened_at timestamptz NOT NULL,
    stopped_at timestamptz,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, claim_id),
    FOREIGN KEY(council_id, claim_id) REFERENCES claims (council_id, id),
    FOREIGN KEY(council_id, person_id) REFERENCES people (council_id, id)
);
CREATE INDEX obligations_of_person ON obligations (council_id, person_id);

CREATE TABLE payouts (
    council_id text NOT NULL,
    id text NOT NULL,
    obligation_id text NOT NULL,
    claim_id text NOT NULL,
    person_id text NOT NULL,
    method_id text,
    give_to text,
    rail text NOT NULL,
    amount_pence bigint NOT NULL,
    reference text NOT NULL,
    state text NOT NULL,
    held_because text,
    held_until timestamptz,
    failure text,
    bank_reference text,
    paid_on date,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, obligation_id) REFERENCES obligations (council_id, id)
);
CREATE UNIQUE INDEX one_live_payout ON payouts (council_id, obligation_id) WHERE state NOT IN ('failed', 'returned', 'cancelled');
CREATE INDEX payouts_by_change ON payouts (council_id, changed_at, id);
CREATE INDEX payouts_by_state ON payouts (council_id, state, changed_at);
CREATE INDEX payouts_of_claim ON payouts (council_id, claim_id);
CREATE INDEX payouts_of_person ON payouts (council_id, person_id);

CREATE TABLE attempts (
    council_id text NOT NULL,
    id text NOT NULL,
    payout_id text NOT NULL,
    number integer NOT NULL,
    key text NOT NULL,
    fence integer NOT NULL,
    sends integer NOT NULL,
    outcome text,
    rail_reference text,
    made_at timestamptz NOT NULL,
    called_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY(council_id, payout_id) REFERENCES payouts (council_id, id),
    UNIQUE (council_id, key),
    UNIQUE (council_id, payout_id, number)
);

-- What the relay has not fanned out yet, and what has no seal yet. A trigger writes both with each event.
CREATE TABLE event_outbox (
    council_id text NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (council_id, event_id)
);

CREATE TABLE event_unsealed (
    council_id text NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (council_id, event_id)
);

CREATE INDEX deliveries_open ON deliveries (state, handed_at) WHERE state IN ('waiting', 'failed');
CREATE INDEX events_of_claim ON events (council_id, claim_id, id) WHERE claim_id IS NOT NULL;
CREATE INDEX events_of_person ON events (council_id, person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX sandbox_due ON sandbox_payments (becomes_at) WHERE becomes_at IS NOT NULL;
