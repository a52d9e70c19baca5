"""Pictures of receipts and tickets: what is taken, how it is kept, who has looked at it."""
