"""Money on its way: an obligation, its payout, the payout's attempts."""
