-- What happens to each word about a person who is erased. `:gone` stands where words were; ids, days, states and
-- sums stay. Every table that holds words of somebody's has a step here, or its facts stand in `model.FACTS`.

-- step: former_contacts
UPDATE former_contacts SET email = NULL, phone = NULL WHERE council_id = :council AND person_id = :person
-- step: payment_methods
UPDATE payment_methods SET details_sealed = NULL, masked = '', checked = NULL, checked_with = NULL,
    charity = CASE WHEN charity IS NULL THEN NULL ELSE :gone END,
    state = CASE WHEN state IN ('current', 'proposed') THEN 'replaced' ELSE state END
WHERE council_id = :council AND person_id = :person
-- step: method_confirmations
UPDATE method_confirmations SET ended_at = coalesce(ended_at, :now)
WHERE council_id = :council AND person_id = :person
-- step: stripe_recipients
UPDATE stripe_recipients SET name_at_bank_sealed = NULL, refusal = NULL
WHERE council_id = :council AND person_id = :person
-- step: authorities
UPDATE authorities SET name = :gone, email = :gone, document = :gone,
    ended_by = coalesce(ended_by, 'system:reciprocal'), ended_at = coalesce(ended_at, :now)
WHERE council_id = :council AND person_id = :person
-- step: helpers
UPDATE helpers SET name = :gone, email = :gone, phone = NULL,
    ended_by = coalesce(ended_by, 'system:reciprocal'), ended_at = coalesce(ended_at, :now)
WHERE council_id = :council AND person_id = :person
-- step: sign_in_links
UPDATE sign_in_links SET used_at = coalesce(used_at, :now)
WHERE council_id = :council AND (subject_id = :person
    OR subject_id IN (SELECT id FROM helpers WHERE council_id = :council AND person_id = :person)
    OR subject_id IN (SELECT id FROM authorities WHERE council_id = :council AND person_id = :person))
-- step: sign_in_codes
UPDATE sign_in_codes SET ended_at = coalesce(ended_at, :now)
WHERE council_id = :council AND (subject_id = :person
    OR subject_id IN (SELECT id FROM authorities WHERE council_id = :council AND person_id = :person))
-- step: own_lines
UPDATE own_lines SET amount_pence = NULL, starts = NULL, set_at = :now
WHERE council_id = :council AND person_id = :person
-- step: notices
UPDATE notices SET subject = :gone, body = :gone, short = :gone, words = 'en', sent_at = coalesce(sent_at, :now)
WHERE council_id = :council AND person_id = :person
-- step: message_choices
UPDATE message_choices SET reached_by = '', words = 'en', address = NULL,
    chosen_by = 'system:reciprocal', chosen_at = :now
WHERE council_id = :council AND person_id = :person
-- step: message_sendings
UPDATE message_sendings SET external_id = NULL,
    because = CASE WHEN because IS NULL THEN NULL ELSE :gone END,
    state = CASE WHEN state IN ('waiting', 'to_print') THEN 'failed' ELSE state END
WHERE council_id = :council AND notice_id IN
    (SELECT id FROM notices WHERE council_id = :council AND person_id = :person)
-- step: unsent_claims
DELETE FROM unsent_claims WHERE council_id = :council AND person_id = :person
-- step: offers
UPDATE offers SET give_to = CASE WHEN give_to IS NULL THEN NULL ELSE :gone END
WHERE council_id = :council AND person_id = :person
-- step: payouts
UPDATE payouts SET give_to = CASE WHEN give_to IS NULL THEN NULL ELSE :gone END,
    failure = CASE WHEN failure IS NULL THEN NULL ELSE :gone END
WHERE council_id = :council AND person_id = :person
-- step: bank_import_lines
UPDATE bank_import_lines SET words = :gone WHERE council_id = :council AND payout_id IN
    (SELECT id FROM payouts WHERE council_id = :council AND person_id = :person)
-- step: payment_holds
UPDATE payment_holds SET reason = :gone, ended_by = coalesce(ended_by, 'system:reciprocal'),
    ended_at = coalesce(ended_at, :now)
WHERE council_id = :council AND (subject = :person OR subject IN
    (SELECT id FROM payouts WHERE council_id = :council AND person_id = :person))
-- step: reconciliation_findings
UPDATE reconciliation_findings SET note = CASE WHEN note IS NULL THEN NULL ELSE :gone END
WHERE council_id = :council AND payment_id IN
    (SELECT id FROM payouts WHERE council_id = :council AND person_id = :person)
-- step: event_texts
DELETE FROM event_texts WHERE council_id = :council AND event_id IN (
    SELECT id FROM events WHERE council_id = :council AND (person_id = :person OR claim_id IN
        (SELECT id FROM claims WHERE council_id = :council AND person_id = :person)))
