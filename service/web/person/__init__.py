"""Pages for the person who is paid: offers, costs, claims, money."""
