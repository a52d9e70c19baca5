"""Co-producers, and how each wants to be paid."""
