"""The outside world of money: one protocol, one file a rail."""
