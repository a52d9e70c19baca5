"""Our payments beside each rail's own record."""
