"""Which states can a file of payments be in, and what moves it? Rules only, no storage."""

from __future__ import annotations

# (state, verb) → (next state, the event that says so)
FILE_TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("built", "submit"): ("submitted", "file.submitted"),
    ("built", "acknowledge"): ("acknowledged", "file.acknowledged"),
    ("built", "reject"): ("rejected", "file.rejected"),
    ("submitted", "reject"): ("rejected", "file.rejected"),
    ("acknowledged", "reject"): ("rejected", "file.rejected"),
}

# Which verbs a file knows, by the rail that it is for.
VERBS_OF_RAIL = {"bacs": ("submit", "reject"), "finance_system": ("acknowledge", "reject")}

FILE_WORDS = {
    "built": "Built, not sent yet",
    "submitted": "Sent to the bank",
    "acknowledged": "Taken by the finance system",
    "rejected": "Rejected whole",
}

# What can be read in: kind → plain name.
IMPORT_KINDS = {
    "input_report": "Input report: did Bacs take the file?",
    "arucs": "ARUCS: payments that came back",
    "awacs": "AWACS: new account details that a bank tells us of",
    "settlement": "Settlement: what the finance system has paid",
}

# What became of a line that was read in: done now · there already · not ours, or not clear · refused
DONE, ALREADY, UNKNOWN, REFUSED = "done", "already", "unknown", "refused"
LINE_WORDS = {DONE: "Done", ALREADY: "Known already", UNKNOWN: "Not matched", REFUSED: "Not done"}
