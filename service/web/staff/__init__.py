"""Pages for staff: plan, invite, tick, agree, pay, and see that the machine works."""
