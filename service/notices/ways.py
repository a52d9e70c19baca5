"""By which ways can messages of a council leave? A mail server, and its own service at GOV.UK Notify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.messages.notify import Notify, NotifyAccess
from service.messages.protocol import By, Way
from service.rails import credentials
from service.settings import Settings
from service.vault import Vault

RAIL = "notify"
TEMPLATES: Mapping[By, str] = {
    "email": "email_template",
    "text": "text_template",
    "letter": "letter_template",
}


@dataclass(frozen=True)
class Ways:
    """The ways that are open, by how they reach somebody."""

    by: Mapping[By, Way]

    @property
    def open(self) -> frozenset[By]:
        """What may be chosen without anybody here carrying a letter to the post."""
        return frozenset(self.by)


def of_council(session: Session, *, council_id: str, mail: Way, settings: Settings, vault: Vault) -> Ways:
    """The ways of a council. `mail` is the mail server of this installation, or the outbox that is none."""
    access = access_of(session, council_id=council_id, settings=settings, vault=vault)
    found: dict[By, Way] = {} if mail.name == "outbox" else {"email": mail}
    if access is not None:
        found |= dict.fromkeys(access.templates, Notify(access))
    return Ways(found)


def open_ways(session: Session, *, council_id: str, settings: Settings, vault: Vault) -> frozenset[By]:
    """By which ways messages of a council leave. A mail server sends no text, so only Notify does."""
    access = access_of(session, council_id=council_id, settings=settings, vault=vault)
    by_mail: frozenset[By] = frozenset(("email",) if settings.smtp_url else ())
    return by_mail | frozenset(access.templates if access is not None else ())


def access_of(session: Session, *, council_id: str, settings: Settings, vault: Vault) -> NotifyAccess | None:
    """A council's own service at Notify; in a demonstration the one of the settings; else None."""
    own = _values(session, council_id, "api_key", vault)
    if own:
        templates = {by: _values(session, council_id, kind, vault) for by, kind in TEMPLATES.items()}
        return NotifyAccess(own[0], settings.notify_api_base, {by: t[0] for by, t in templates.items() if t})
    if not (settings.demo and settings.notify_api_key):
        return None
    given: dict[By, str] = {
        "email": settings.notify_email_template,
        "text": settings.notify_text_template,
        "letter": settings.notify_letter_template,
    }
    return NotifyAccess(
        settings.notify_api_key, settings.notify_api_base, {by: t for by, t in given.items() if t}
    )


def callback_tokens(session: Session, *, council_id: str, settings: Settings, vault: Vault) -> list[str]:
    """What Notify may say it is with, when it tells us of this council's messages."""
    own = _values(session, council_id, "callback_token", vault)
    default = [settings.notify_callback_token] if settings.demo and settings.notify_callback_token else []
    return own or default


def _values(session: Session, council_id: str, kind: str, vault: Vault) -> list[str]:
    found = credentials.in_use(session, council_id=council_id, rail=RAIL, kind=kind, vault=vault)
    return [next(iter(one.values.values())) for one in found]
