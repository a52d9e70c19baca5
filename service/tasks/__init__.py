"""The door of the queue and the clock.

What happens next is this one table: reading it is reading the business.
"""

from __future__ import annotations

NEXT: dict[str, tuple[str, ...]] = {
    "offer.made": ("notices.write",),
    "offer.accepted": ("notices.write",),
    "offer.cancelled": ("claims.follow_cancellation", "notices.write"),
    "register.ticked": ("claims.follow_register",),
    "register.unticked": ("claims.follow_register",),
    "claim.submitted": ("approvals.route",),
    "claim.changed": ("approvals.route",),
    "claim.policy_changed": ("claims.judge_again",),
    "claim.overpaid": ("corrections.follow",),
    "claim.not_overpaid": ("claims.judge_again", "corrections.follow"),
    "claim.register_differs": ("corrections.follow",),
    "claim.correction_asked": ("corrections.follow",),
    "claim.top_up_offered": ("notices.write",),
    "claim.waiting": ("notices.write",),
    "claim.needs_person": ("notices.write",),
    "claim.asked": ("notices.write",),
    "claim.approved": ("payouts.open", "notices.write"),
    "claim.refused": ("notices.write",),
    "claim.withdrawn": ("notices.write",),
    "claim.stop_asked": ("payouts.stop",),
    "claim.stopped": ("notices.write",),
    "payout.ready": ("payouts.send",),
    "payout.held": ("notices.write",),
    "payout.paid": ("notices.write",),
    "payout.failed": ("notices.write",),
    "payout.returned": ("notices.write", "corrections.follow"),
    "advance.spent_asked": ("notices.write",),
    "overpayment.noted": ("notices.write",),
    "overpayment.asked": ("notices.write",),
    "overpayment.agreed": ("notices.write",),
    "overpayment.consent_ended": ("corrections.restore",),
    "overpayment.written_off": ("corrections.restore", "notices.write"),
    "overpayment.taken": ("corrections.follow",),
    "overpayment.given_back": ("corrections.follow",),
    "rail.noticed": ("payouts.hear",),
    "policy.published": ("claims.follow_policy",),
    "policy.follow_on": ("claims.follow_policy",),
    "policy.simulation_asked": ("policies.simulate",),
    "policy.region_simulation_asked": ("policies.simulate_region",),
    "policy.sign_off_asked": ("notices.write",),
    "person.method_set": ("payouts.follow_method", "notices.write"),
    "person.method_confirmed": ("payouts.follow_method",),
    "person.method_proposed": ("notices.write",),
    "person.link_asked": ("notices.write",),
    "staff.link_asked": ("notices.staff_link",),
    "notice.written": ("notices.send",),
}

# Job by the clock → seconds between two rounds.
CLOCK: dict[str, float] = {
    "housekeeping.sweep_payouts": 2.0,
    "housekeeping.apply_corrections": 5.0,
    "housekeeping.seal_events": 5.0,
    "housekeeping.check_books": 120.0,
    "housekeeping.ask_about_advances": 3600.0,
    "housekeeping.forget_answers": 3600.0,
}
