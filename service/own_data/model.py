"""What is kept about a person, in which tables, and what becomes of each when they are erased? Rules only.

This is the one list that a new table with somebody's data must join: a test reads the database's own
catalogue, and fails for a table with a person in it that is named neither here nor in `LEFT_OUT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("asked", "take_back"): ("taken_back", "erasure.taken_back"),
    ("asked", "carry_out"): ("done", "erasure.done"),
}

OF_CLAIM = "t.claim_id IN (SELECT id FROM claims WHERE council_id = :council AND person_id = :person)"
OF_PAYOUT = "t.payout_id IN (SELECT id FROM payouts WHERE council_id = :council AND person_id = :person)"
OF_EVENT = "t.event_id IN (SELECT id FROM events WHERE council_id = :council AND person_id = :person)"
OF_ENTRY = "t.entry_id IN (SELECT id FROM ledger_entries WHERE council_id = :council AND person_id = :person)"
OF_NOTICE = "t.notice_id IN (SELECT id FROM notices WHERE council_id = :council AND person_id = :person)"
OF_PERSON = "t.person_id = :person"


@dataclass(frozen=True)
class Held:
    """One table that says something about a person. `whose`: which rows, over `t`.

    `hides`: columns that are not handed out, because they are sealed, or name somebody who works here.
    """

    table: str
    name: str
    whose: str = OF_PERSON
    hides: tuple[str, ...] = ()


HELD = (
    Held("people", "You, and how we reach you", "t.id = :person"),
    Held("former_contacts", "How we reached you before", hides=("changed_by",)),
    Held("payment_methods", "How you are paid, or were", hides=("details_sealed", "recorded_by")),
    Held("method_confirmations", "Codes that we sent you before a change", hides=("id", "asked_by")),
    Held(
        "stripe_recipients",
        "How Stripe, who sends money for us, knows you",
        hides=("name_at_bank_sealed", "decided_by"),
    ),
    Held("payment_choices", "What you chose about when you are paid", hides=("chosen_by",)),
    Held("own_lines", "The line that you set for yourself"),
    Held("authorities", "Who may act on your money", hides=("recorded_by", "checked_by", "ended_by")),
    Held("helpers", "Who helps you, or did", hides=("recorded_by", "confirmed_by", "ended_by")),
    Held("offers", "What we asked you to, and what you said", hides=("made_by",)),
    Held("offer_asks", "What you asked us about an offer", hides=("asked_by", "answered_by")),
    Held("attendances", "When you came", hides=("ticked_by",)),
    Held("booked_costs", "Costs that we paid for you", hides=("booked_by",)),
    Held("unsent_claims", "What you typed for a claim and have not sent"),
    Held("claims", "What you claimed"),
    Held("receipts", "Receipts and tickets that you sent", hides=("key_sealed", "mark")),
    Held("claim_assessments", "How we worked out each sum", OF_CLAIM),
    Held("claim_corrections", "What was put right", OF_CLAIM, hides=("asked_by",)),
    Held("decisions", "What was decided", OF_CLAIM, hides=("decider_by", "decider_id")),
    Held("allowances", "What counts towards a limit", "t.payee = :person"),
    Held("allowance_holdings", "What each claim counted towards a limit", "t.payee = :person"),
    Held("obligations", "What we owe you, or owed you"),
    Held("payouts", "Each payment"),
    Held("attempts", "Each time that we tried to pay", OF_PAYOUT),
    Held("payment_run_lines", "Payments that went together", OF_PAYOUT),
    Held("bank_file_lines", "Your line in a file for the bank", OF_PAYOUT),
    Held("bank_import_lines", "What the bank told us about a payment", OF_PAYOUT),
    Held(
        "payment_holds",
        "Payments that we held",
        "t.subject = :person OR t.subject IN"
        " (SELECT id FROM payouts WHERE council_id = :council AND person_id = :person)",
        hides=("placed_by", "placed_for", "ended_by", "ended_for"),
    ),
    Held("overpayments", "What we paid you too much", hides=("noticed_by",)),
    Held("overpayment_consents", "What you said may be taken from later fees"),
    Held("overpayment_offsets", "What was taken from later fees", OF_PAYOUT),
    Held("ledger_entries", "Your money in the council's books"),
    Held("ledger_postings", "The two sides of each of these", OF_ENTRY),
    Held("notices", "Every message to you"),
    Held("message_choices", "How you would like us to write to you", hides=("chosen_by",)),
    Held("message_sendings", "How each message left, and if it arrived", OF_NOTICE, hides=("posted_by",)),
    Held("events", "What happened, step by step", hides=("actor_id", "request_id")),
    Held("event_texts", "Words that were said with a step", OF_EVENT, hides=("salt",)),
    Held("policy_sign_offs", "Rules that you read for us", "t.signer_id = :person", hides=("asked_by",)),
    Held("sign_in_links", "Links that we sent you to sign in", "t.subject_id = :person", hides=("hash",)),
    Held(
        "sign_in_codes",
        "Codes that we sent you to sign in",
        "t.kind = 'person' AND t.subject_id = :person",
        hides=("id",),
    ),
    Held("erasures", "When you asked to be erased"),
)

# A table with a person in it that is not handed out, and why not.
LEFT_OUT: dict[str, str] = {
    "contact_requests": "Nobody has checked who typed one, so nobody gets it. It goes once it is answered.",
}

# What is put where words were.
GONE = "(erased)"

# Keys of facts whose words are the person's own.
WORDS_IN_FACTS = frozenset(("note", "give_to", "hardship"))

# Columns that hold facts or answers: their words go, their sums and rules stay. Table → columns, whose rows.
FACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "offers": (("facts", "assessment"), OF_PERSON),
    "claims": (("facts", "expenses", "top_up", "difference"), OF_PERSON),
    "claim_assessments": (("facts", "answer"), OF_CLAIM),
    "claim_corrections": (("facts", "expenses", "asked", "answer"), OF_CLAIM),
}

# Table → what happens to its words, as one statement.
STEPS = dict(
    part.split("\n", 1) for part in Path(__file__).with_name("erasing.sql").read_text().split("-- step: ")[1:]
)

# Told to the person before they decide. Each line is one thing.
GOES = (
    "Your name, and how we reach you",
    "Your bank details",
    "Every message that we sent you, and how you wanted us to write",
    "Your notes and questions, and every word that was said about a claim or an offer",
    "Pictures of your receipts, and what you typed and did not send",
    "The line that you set for yourself",
    "Who helps you, and who may act for you",
)
