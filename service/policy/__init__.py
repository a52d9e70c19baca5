"""What the policy says: language, engine, explanation; and which version is in force."""
