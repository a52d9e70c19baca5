"""With whose money at Stripe does a council pay, and where there does a payment go? Imports no Stripe.

A council's own credentials win, as a pair: its key is never used with another's account. The settings are the
demonstration's default: a test key in the environment serves every council that has none of its own. A live
key in the environment serves nobody, since it would pool the money of several councils.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from service.rails import credentials
from service.settings import Settings
from service.vault import Vault

RAIL = "stripe"


@dataclass(frozen=True)
class Access:
    """What one council needs to speak to Stripe. `own` says whether it is the council's, not the default."""

    financial_account: str
    own: bool
    secret_key: str = field(repr=False)

    @property
    def live(self) -> bool:
        """Whether real money moves."""
        return "_live_" in self.secret_key[:8]

    @property
    def test(self) -> bool:
        """Whether this reaches Stripe's sandbox only."""
        return self.secret_key.startswith(("sk_test_", "rk_test_"))


def access_of(session: Session, *, council_id: str, settings: Settings, vault: Vault) -> Access | None:
    """How this council speaks to Stripe; None when it does not."""
    keys = credentials.in_use(session, council_id=council_id, rail=RAIL, kind="secret_key", vault=vault)
    accounts = credentials.in_use(
        session, council_id=council_id, rail=RAIL, kind="financial_account", vault=vault
    )
    if keys or accounts:
        if not (keys and accounts):
            return None
        return Access(accounts[0].values["id"], True, keys[0].values["secret"])
    given = Access(settings.stripe_financial_account, False, settings.stripe_api_key)
    return given if given.test and given.financial_account else None


def webhook_secrets(session: Session, *, council_id: str, vault: Vault) -> list[str]:
    """The council's own secrets that stand, the newest first: several while one takes over from another."""
    kept = credentials.in_use(session, council_id=council_id, rail=RAIL, kind="webhook_secret", vault=vault)
    return [one.values["secret"] for one in kept]
