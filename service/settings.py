"""What does this installation need to know? The only reader of the environment.

A default is safe in production and fit to publish; where no such default exists there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from service.errors import Refused

# Every queue, once. A worker serves them all unless it is told to serve some, and in this order: what has
# begun is finished before more is begun, and money comes before words about it.
QUEUES = ("housekeeping", "payouts", "approvals", "claims", "notices")

# Settings that are whole numbers.
NUMBERS = ("trusted_proxies", "sweep_seconds", "hand_again_seconds")


class SettingMissing(Refused):
    """A setting that has no safe default was not given."""

    title = "A setting is missing"


@dataclass(frozen=True)
class Settings:
    """Every setting, once. `.env.example` lists them with a comment each."""

    # Addresses may carry passwords.
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    database_owner_url: str = field(default="", repr=False)
    base_url: str = "http://localhost:8000"
    demo: bool = False
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "payments@reciprocal.example"
    notify_api_key: str = field(default="", repr=False)
    notify_api_base: str = "https://api.notifications.service.gov.uk"
    notify_email_template: str = ""
    notify_text_template: str = ""
    notify_letter_template: str = ""
    notify_callback_token: str = field(default="", repr=False)
    stripe_api_key: str = field(default="", repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_financial_account: str = ""
    bank_holidays_file: str = ""
    modulus_table: str = ""
    modulus_substitutions: str = ""
    receipts_dir: str = ""
    clamd_address: str = ""
    log_level: str = "INFO"
    rate_limit: str = "2000 per minute"
    trusted_proxies: int = 0
    sweep_seconds: int = 1
    hand_again_seconds: int = 300

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read settings from variables of the same names in capitals.

        Raises `SettingMissing`, naming every variable that is needed and absent.
        """
        names = {f.name: f.name.upper() for f in fields(cls)}
        required = ("database_url", "redis_url", "secret_key", "encryption_keys")
        missing = [names[n] for n in required if not environ.get(names[n])]
        if missing:
            raise SettingMissing(
                f"Set {', '.join(missing)} in the environment. `.env.example` says what each one is. "
                "Where `./run` is up: . var/data/environment"
            )
        given = {n: environ[v] for n, v in names.items() if environ.get(v)}
        keys = tuple(k.strip() for k in given.pop("encryption_keys").split(",") if k.strip())
        demo = given.pop("demo", "").lower() in {"1", "true", "yes"}
        numbers = {n: int(given.pop(n)) for n in NUMBERS if n in given}
        return cls(encryption_keys=keys, demo=demo, **numbers, **given)  # type: ignore[arg-type]

    @property
    def owner_url(self) -> str:
        """The login that runs migrations: the owner's where one is set, else the ordinary one."""
        return self.database_owner_url or self.database_url

    @property
    def broker_url(self) -> str:
        """`redis_url` in the form the queue library reads (`redis+socket://` for a socket)."""
        if self.redis_url.startswith("unix://"):
            path, _, query = self.redis_url.removeprefix("unix://").partition("?")
            number = query.removeprefix("db=") or "0"
            return f"redis+socket://{path}?virtual_host={number}"
        return self.redis_url
