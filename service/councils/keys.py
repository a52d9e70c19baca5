"""Which keys let a council's other systems in, and until when? A secret is shown once and never stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service import events, ids
from service.councils.model import NOT_IN_A_REGION, require_known, scopes_of
from service.councils.queries import get, hash_of
from service.councils.tables import ApiKey
from service.errors import NotFound, one_fault
from service.events import Actor

LIVES = timedelta(days=365)


@dataclass(frozen=True)
class Issued:
    """A key that was just made: its row, and the secret that nobody can look up later."""

    row: ApiKey
    secret: str = field(repr=False)


def issue(
    session: Session,
    *,
    council_id: str,
    name: str,
    roles: tuple[str, ...],
    actor: Actor,
    now: datetime,
    test: bool,
    lives: timedelta = LIVES,
) -> Issued:
    """Make a key for these roles. Raises `Invalid`: no name, an unknown role, or nothing for a region."""
    if not name.strip():
        raise one_fault("/name", "Say what the key is for, like Finance system.")
    require_known(roles)
    if roles and not scopes_of(roles, kind=get(session, council_id=council_id).kind):
        raise one_fault("/roles", NOT_IN_A_REGION)
    secret = ("rcp_test_" if test else "rcp_live_") + secrets.token_urlsafe(32)
    row = ApiKey(
        council_id=council_id,
        id=ids.new("key"),
        name=name.strip(),
        prefix=secret[:14],
        hash=hash_of(secret),
        roles=list(roles),
        test=test,
        made_at=now,
        expires_at=now + lives,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, row, name="key.added", actor=actor, now=now)
    return Issued(row, secret)


def end(session: Session, *, council_id: str, key_id: str, actor: Actor, now: datetime) -> ApiKey:
    """From now on nobody comes in by this key. Raises `NotFound`. Safe to repeat."""
    row = session.get(ApiKey, (council_id, key_id), with_for_update=True)
    if row is None:
        raise NotFound("We cannot find that key. `reciprocal key show` lists them, each with its id.")
    if row.ended_at is None:
        row.ended_at = now
        _tell(session, row, name="key.ended", actor=actor, now=now)
    return row


def _tell(session: Session, row: ApiKey, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"roles": list(row.roles), "test": row.test},
    )
