-- Promises about money, one statement each, under its name. Each answers ready sentences, one a breach.
-- `{claims}` limits a column to the claims that changed, `{entries}` to entries posted since; or to nothing.

-- check: every entry balances
SELECT 'The ledger does not balance: ' || e.id || ' has ' || count(p.number) || ' sides, which differ by '
    || coalesce(sum(p.amount_pence), 0) || ' pence.'
FROM ledger_entries e LEFT JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
WHERE e.council_id = :council AND {entries}
GROUP BY e.id HAVING count(p.number) < 2 OR sum(p.amount_pence) <> 0

-- check: the whole balances
SELECT 'The ledger does not balance: ' || coalesce(sum(amount_pence) FILTER (WHERE amount_pence > 0), 0)
    || ' pence debit, ' || coalesce(-sum(amount_pence) FILTER (WHERE amount_pence < 0), 0)
    || ' pence credit' || CASE WHEN account LIKE 'commitments%' THEN ' in what is promised.' ELSE '.' END
FROM ledger_postings WHERE council_id = :council
GROUP BY account LIKE 'commitments%' HAVING sum(amount_pence) <> 0

-- check: a claim is what the ledger says
WITH booked AS (
    SELECT e.claim_id,
        -- Before double entry, a settlement was itself what said what had been owed.
        coalesce(sum(p.amount_pence) FILTER (
            WHERE p.account IN ('fees', 'expenses')
            AND e.kind IN ('accrual', 'accrual_reversal', 'correction', 'settlement', 'return')
        ), 0) AS owed,
        coalesce(-sum(p.amount_pence) FILTER (WHERE p.account LIKE 'bank:%'), 0) AS paid,
        -- What came off this fee, with the person's yes, for what they had been paid too much before.
        coalesce(-sum(p.amount_pence) FILTER (
            WHERE p.account = 'overpayments' AND e.kind IN ('offset', 'offset_return')
        ), 0) AS taken
    FROM ledger_entries e
    JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
    WHERE e.council_id = :council AND e.claim_id IS NOT NULL AND e.claim_id {claims}
    GROUP BY e.claim_id
), standing AS (
    SELECT c.id, c.state, coalesce(b.paid, 0) AS paid, coalesce(b.owed, 0) AS owed,
        coalesce(b.taken, 0) AS taken,
        CASE WHEN c.state IN ('approved', 'paid') THEN c.fee_pence + c.expenses_pence ELSE 0 END AS due
    FROM claims c LEFT JOIN booked b ON b.claim_id = c.id
    WHERE c.council_id = :council AND c.id {claims}
)
SELECT id || ' is ' || state || ', and the ledger has ' || paid || ' pence paid for it.'
FROM standing WHERE (state = 'paid') <> (paid > 0)
UNION ALL
SELECT id || ' is ' || state || ' and comes to ' || due || ' pence, and the ledger has ' || owed
    || ' pence owed for it.'
FROM standing WHERE owed <> due
UNION ALL
SELECT id || ' is paid, and ' || owed - paid - taken || ' pence of it still stand as owed.'
FROM standing WHERE state = 'paid' AND paid > 0 AND owed <> paid + taken

-- check: entries are about claims that are there
SELECT e.id || ' is about ' || e.claim_id || ', and there is no such claim.'
FROM ledger_entries e
WHERE e.council_id = :council AND e.claim_id IS NOT NULL AND {entries} AND NOT EXISTS (
    SELECT FROM claims c WHERE c.council_id = e.council_id AND c.id = e.claim_id
)

-- check: nothing is paid twice, or too much
WITH money AS (
    SELECT o.id, o.claim_id, o.fee_pence + o.expenses_pence AS owed,
        count(p.id) FILTER (WHERE p.state = 'paid') AS settled,
        count(p.id) FILTER (WHERE p.state NOT IN ('failed', 'returned', 'cancelled')) AS live,
        coalesce(sum(p.amount_pence) FILTER (WHERE p.state = 'paid'), 0) AS paid
    FROM obligations o LEFT JOIN payouts p ON p.council_id = o.council_id AND p.obligation_id = o.id
    WHERE o.council_id = :council AND o.claim_id {claims} GROUP BY o.id, o.claim_id, 3
)
SELECT claim_id || ' has ' || settled || ' settled payments for one thing owed, ' || id || '.'
FROM money WHERE settled > 1
UNION ALL
SELECT claim_id || ' has ' || live || ' payments on their way for one thing owed, ' || id || '.'
FROM money WHERE live > 1
UNION ALL
SELECT claim_id || ' was owed ' || owed || ' pence by ' || id || ', and ' || paid || ' pence were paid.'
FROM money WHERE paid > owed

-- check: a payment is what the ledger says
WITH booked AS (
    SELECT e.source_id, count(DISTINCT e.id) FILTER (WHERE e.kind = 'settlement') AS settlements,
        count(DISTINCT e.id) FILTER (WHERE e.kind = 'return') AS returns,
        -sum(p.amount_pence) FILTER (WHERE p.account LIKE 'bank:%') AS pence,
        count(*) FILTER (WHERE p.account LIKE 'bank:%' AND p.account <> 'bank:' || o.rail) AS astray
    FROM ledger_entries e
    JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
    LEFT JOIN payouts o ON o.council_id = e.council_id AND o.id = e.source_id
    WHERE e.council_id = :council AND e.kind IN ('settlement', 'return') AND e.claim_id {claims}
    GROUP BY e.source_id
), joined AS (
    SELECT coalesce(p.id, b.source_id) AS id, coalesce(p.state, 'not there') AS state, p.amount_pence,
        p.rail, coalesce(b.settlements, 0) AS settlements, coalesce(b.returns, 0) AS returns,
        coalesce(b.pence, 0) AS pence, coalesce(b.astray, 0) AS astray
    FROM (SELECT * FROM payouts WHERE council_id = :council AND claim_id {claims}) p
    FULL JOIN booked b ON b.source_id = p.id
)
SELECT id || ' is ' || state || ', and the ledger has ' || settlements || ' settlements and ' || returns
    || ' returns of it.'
FROM joined WHERE CASE state
    WHEN 'paid' THEN (settlements, returns) <> (1, 0)
    WHEN 'returned' THEN settlements <> returns OR settlements > 1
    ELSE (settlements, returns) <> (0, 0) END
UNION ALL
SELECT id || ' is ' || state || ' for ' || amount_pence || ' pence, and the ledger has ' || pence
    || ' pence of it.'
FROM joined WHERE state = 'paid' AND (settlements, returns) = (1, 0) AND pence <> amount_pence
UNION ALL
SELECT id || ' went by ' || rail || ', and the ledger has it at another bank account.'
FROM joined WHERE astray > 0

-- check: what was promised is what stands as promised
WITH booked AS (
    SELECT e.offer_id, sum(p.amount_pence) AS pence,
        max(e.at) FILTER (WHERE e.kind = 'commitment_release') AS released_at
    FROM ledger_entries e
    JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
    WHERE e.council_id = :council AND e.offer_id IS NOT NULL AND p.account = 'commitments'
    GROUP BY e.offer_id
), standing AS (
    SELECT f.id, f.state, coalesce(b.pence, 0) AS pence, coalesce(f.accept_pence, f.fee_pence) AS promised,
        -- Answered yes, and no claim of it was agreed, refused or taken back.
        f.state = 'accepted' AND coalesce(c.state NOT IN ('approved', 'paid', 'refused', 'withdrawn'), true) AS open,
        -- Somebody who was away once, or whose claim was, may have no sum set aside any more.
        -- So may somebody who was never ticked, and was said not to have come once it was over.
        coalesce(a.version > 1 OR NOT a.attended, false) OR coalesce(c.version > 1, false)
            OR coalesce(b.released_at >= s.ends_at, false) AS was_away
    FROM offers f
    JOIN sessions s ON s.council_id = f.council_id AND s.id = f.session_id
    LEFT JOIN booked b ON b.offer_id = f.id
    LEFT JOIN attendances a ON a.council_id = f.council_id AND a.session_id = f.session_id
        AND a.person_id = f.person_id
    LEFT JOIN claims c ON c.council_id = f.council_id AND c.offer_id = f.id AND c.with_fee
    WHERE f.council_id = :council AND (f.state = 'accepted' OR b.pence <> 0)
)
SELECT id || ' is ' || state || CASE WHEN open THEN '' ELSE ' and no longer open' END
    || ', and the ledger has ' || pence || ' pence promised for it.'
FROM standing WHERE (open AND NOT was_away AND pence <> promised)
    OR (open AND was_away AND pence NOT IN (0, promised))
    OR (NOT open AND pence <> 0)

-- check: every key went out once
SELECT 'The key ' || key || ' stands for ' || count(*) || ' attempts.'
FROM attempts WHERE council_id = :council GROUP BY key HAVING count(*) > 1
UNION ALL
SELECT payout_id || ' was paid by ' || count(*) || ' attempts.'
FROM attempts WHERE council_id = :council AND outcome = 'paid' GROUP BY payout_id HAVING count(*) > 1
