"""The outside world of messages: one protocol, one file a way."""
