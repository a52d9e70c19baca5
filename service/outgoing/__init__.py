"""What other systems are told by us: outgoing webhooks."""
