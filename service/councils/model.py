"""Which roles and scopes are there, and what may each do? Plain facts, no storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.errors import Invalid

ROLES = {
    "lead": "Involvement lead",
    "facilitator": "Facilitator",
    "approver": "Approver",
    "budget_holder": "Budget holder",
    "finance": "Finance",
    "ops": "Operations",
    "policy_owner": "Policy owner",
}

# Words that are addresses of the service itself, and so cannot be a council's.
RESERVED_SLUGS = frozenset(
    [
        "assets",
        "theme",
        "link",
        "demo",
        "v1",
        "webhooks",
        "healthz",
        "readyz",
        "metrics",
        "privacy",
        "accessibility",
        "cookies",
        "how-we-work-out-your-money",
        "my-money",
        "stripe",
        "staff",
        "me",
    ]
)

SCOPES = (
    "people:read",
    "people:write",
    "sessions:read",
    "sessions:write",
    "claims:read",
    "claims:write",
    "claims:approve",
    "payments:read",
    "payments:hold",
    "payments:report",
    "payments:files",
    "overpayments:decide",
    "ledger:read",
    "ledger:write",
    "policies:read",
    "policies:write",
    "queues:read",
    "queues:write",
    "exports:read",
    "exports:write",
    "reconciliations:read",
    "reconciliations:write",
    "webhooks:read",
    "webhooks:write",
)

# What finance and operations look after; an involvement lead does not.
NOT_A_LEADS = ("queues:", "exports:", "reconciliations:", "webhooks:")

SCOPES_OF_ROLE: dict[str, tuple[str, ...]] = {
    "lead": tuple(
        s
        for s in SCOPES
        if not s.startswith(NOT_A_LEADS) and s not in ("payments:report", "payments:files", "ledger:write")
    ),
    "facilitator": ("people:read", "sessions:read", "sessions:write"),
    "approver": ("people:read", "sessions:read", "claims:read", "claims:approve", "policies:read"),
    "budget_holder": (
        "people:read",
        "sessions:read",
        "claims:read",
        "claims:approve",
        "overpayments:decide",
        "policies:read",
    ),
    "finance": (
        "payments:read",
        "payments:hold",
        "payments:report",
        "payments:files",
        "overpayments:decide",
        "ledger:read",
        "ledger:write",
        "exports:read",
        "exports:write",
        "reconciliations:read",
        "reconciliations:write",
        "webhooks:read",
        "webhooks:write",
    ),
    "ops": ("queues:read", "queues:write", "webhooks:read", "webhooks:write"),
    "policy_owner": ("policies:read", "policies:write"),
}

COUNCIL, REGION = "council", "region"

# A region has a policy and staff. It has no people, no sessions, no claims and no payments of its own.
REGION_SCOPES = frozenset(("policies:read", "policies:write", "queues:read", "queues:write"))
NOT_IN_A_REGION = "A region has a policy, and no people or payments of its own. Ask the council itself."

# Whoever has a role may stand in for these roles when a claim needs somebody's yes. Whoever answers for a
# budget is the senior of the two where a policy asks for an approver and a senior approver.
APPROVING_ROLES: dict[str, tuple[str, ...]] = {
    "lead": ("approver", "senior_approver", "budget_holder"),
    "approver": ("approver",),
    "budget_holder": ("senior_approver", "budget_holder"),
}


def require_known(roles: Sequence[str]) -> None:
    """Raises `Invalid` for a role that does not exist."""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise Invalid(f"There is no role {', '.join(unknown)}. Choose from {', '.join(ROLES)}.")


def scopes_of(roles: tuple[str, ...], *, kind: str = COUNCIL) -> frozenset[str]:
    """Everything that somebody with these roles may do, in a council or in a region."""
    found = frozenset(scope for role in roles for scope in SCOPES_OF_ROLE[role])
    return found & REGION_SCOPES if kind == REGION else found


@dataclass(frozen=True)
class Caller:
    """Whoever a request speaks for: a member of staff or an API key, with the council they belong to."""

    council_id: str
    kind: str
    id: str
    roles: tuple[str, ...]
    scopes: frozenset[str]
    name: str = ""
    test: bool = False
    kind_of_home: str = COUNCIL

    @property
    def approves_as(self) -> frozenset[str]:
        """The approving roles that this caller may speak for."""
        return frozenset(role for own in self.roles for role in APPROVING_ROLES.get(own, ()))

    @property
    def of_region(self) -> bool:
        """Whether they belong to a region, which pays nobody."""
        return self.kind_of_home == REGION
