"""What does a task work with? The database, the rails, the way messages leave, the vault and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.days import utc_now
from service.db import Database
from service.messages.outbox import Outbox
from service.messages.protocol import Way
from service.messages.smtp import Smtp
from service.pulse import Pulse
from service.rails.protocol import Rail
from service.rails.sandbox import Sandbox
from service.rails.stripe import Stripe
from service.receipts.keeping import Keeping, keeping_for
from service.settings import Settings
from service.vault import Vault


@dataclass(frozen=True)
class Hands:
    """Everything outside that tasks may touch, in one place, so that tests and the demo can bring their
    own.
    """

    settings: Settings
    db: Database
    vault: Vault
    rails: dict[str, Rail]
    way: Way
    sandbox: Sandbox
    stripe: Stripe
    pulse: Pulse
    receipts: Keeping
    clock: Callable[[], datetime] = utc_now
    # Seconds that only ever go forward: how long something took.
    ticks: Callable[[], float] = time.monotonic


def hands_for(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Hands:
    """The hands that settings describe."""
    db = Database(settings.database_url)
    sandbox = Sandbox(db, clock=clock)
    way: Way = Smtp(settings.smtp_url, mail_from=settings.mail_from) if settings.smtp_url else Outbox()
    vault = Vault(settings.encryption_keys)
    stripe = Stripe(db, settings=settings, vault=vault, clock=clock)
    return Hands(
        settings=settings,
        db=db,
        vault=vault,
        rails={sandbox.name: sandbox, stripe.name: stripe},
        way=way,
        sandbox=sandbox,
        stripe=stripe,
        pulse=Pulse(settings.redis_url),
        receipts=keeping_for(settings),
        clock=clock,
    )


def checked_hands_for(settings: Settings) -> Hands:
    """The same, on walls that stand. Raises `WallIsOpen`, and what a database raises that is away."""
    given = hands_for(settings)
    try:
        given.db.check_walls()
    except Exception:
        given.db.close()
        raise
    return given


_in_use: list[Hands] = []
_maker: list[Callable[[], Hands]] = []


def use(hands: Hands) -> None:
    """Give this process its hands."""
    _in_use[:] = [hands]


def use_once_there(make: Callable[[], Hands]) -> None:
    """Let this process make its hands when they are first needed, again and again until that goes well.

    A process may begin while the database is away. It must neither end for it nor stay without hands.
    """
    _in_use.clear()
    _maker[:] = [make]


def is_demo() -> bool:
    """Whether this process serves a demonstration, where words that nobody has reviewed may be seen."""
    return bool(_in_use) and _in_use[0].settings.demo


def hands() -> Hands:
    """The hands of this process. Raises `RuntimeError` before `use`, and whatever their making raises."""
    if not _in_use:
        if not _maker:
            raise RuntimeError("This process was given no hands: call use() first.")
        use(_maker[0]())
    return _in_use[0]
