"""Questions about councils, staff, keys and links. Writes nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.councils.model import Caller, scopes_of
from service.councils.tables import ApiKey, Council, SignInLink, Staff
from service.errors import NotFound


def hash_of(secret: str) -> str:
    """How keys and tokens are stored. They are long and random, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def council_id_of(session: Session, *, slug: str) -> str | None:
    """The council that lives at this address (`exampleshire`), from outside any wall."""
    found: str | None = session.scalar(text("SELECT find_council(:slug)"), {"slug": slug})
    return found


def get(session: Session, *, council_id: str) -> Council:
    """The council itself. Raises `NotFound`."""
    council = session.get(Council, council_id)
    if council is None:
        raise NotFound("There is no such council here.")
    return council


def member_ids(session: Session, *, council_id: str) -> list[str]:
    """The ids of the councils of the region whose walls the session stands in; none for a council."""
    own = text(
        "SELECT council_id FROM region_members() WHERE current_setting('app.council_id', true) = :council_id"
    )
    return list(session.scalars(own, {"council_id": council_id}))


def key_home(session: Session, *, secret: str) -> tuple[str, str] | None:
    """`(council_id, key_id)` of an API key, from outside any wall."""
    row = session.execute(text("SELECT * FROM find_api_key(:hash)"), {"hash": hash_of(secret)}).first()
    return (row.council_id, row.key_id) if row else None


def caller_by_key(session: Session, *, council_id: str, key_id: str, now: datetime) -> Caller | None:
    """Whoever a live API key speaks for, or None when it has ended."""
    key = session.get(ApiKey, (council_id, key_id))
    if key is None or key.ended_at is not None or key.expires_at <= now:
        return None
    roles, kind = tuple(key.roles), get(session, council_id=council_id).kind
    scopes = scopes_of(roles, kind=kind)
    return Caller(council_id, "key", key.id, roles, scopes, name=key.name, test=key.test, kind_of_home=kind)


def caller_by_staff(session: Session, *, council_id: str, staff_id: str) -> Caller | None:
    """Whoever a member of staff is, or None when they have left."""
    member = session.get(Staff, (council_id, staff_id))
    if member is None or member.left_at is not None:
        return None
    roles, kind = tuple(member.roles), get(session, council_id=council_id).kind
    scopes = scopes_of(roles, kind=kind)
    return Caller(council_id, "staff", member.id, roles, scopes, name=member.name, kind_of_home=kind)


def staff(session: Session, *, council_id: str) -> list[Staff]:
    """Everyone who works there now, by name."""
    query = select(Staff).where(Staff.council_id == council_id, Staff.left_at.is_(None))
    return list(session.scalars(query.order_by(Staff.name)))


def staff_by_email(session: Session, *, council_id: str, email: str) -> Staff | None:
    """The member of staff with this address, if one works there now."""
    query = select(Staff).where(
        Staff.council_id == council_id, Staff.email == email.strip().lower(), Staff.left_at.is_(None)
    )
    return session.scalars(query).first()


def staff_signed_out_at(session: Session, *, council_id: str, staff_id: str) -> datetime | None:
    """Since when an earlier sign-in of this member of staff no longer counts, if at all."""
    member = session.get(Staff, (council_id, staff_id))
    return member.signed_out_at if member else None


def keys(session: Session, *, council_id: str) -> list[ApiKey]:
    """Every key that was ever made, the newest first. Their secrets are nowhere, only first letters."""
    query = select(ApiKey).where(ApiKey.council_id == council_id)
    return list(session.scalars(query.order_by(ApiKey.made_at.desc(), ApiKey.id.desc())))


def names_of(session: Session, *, council_id: str) -> dict[str, str]:
    """Id → name of everybody who ever worked there and of every key, for history pages."""
    names = {m.id: m.name for m in session.scalars(select(Staff).where(Staff.council_id == council_id))}
    names |= {k.id: k.name for k in session.scalars(select(ApiKey).where(ApiKey.council_id == council_id))}
    return names


def link_home(session: Session, *, token: str) -> tuple[str, str] | None:
    """`(council_id, link_id)` of a sign-in token, from outside any wall."""
    row = session.execute(text("SELECT * FROM find_sign_in_link(:hash)"), {"hash": hash_of(token)}).first()
    return (row.council_id, row.link_id) if row else None


def link(session: Session, *, council_id: str, link_id: str, now: datetime) -> SignInLink | None:
    """A sign-in link that still works, or None. Looking at it does not use it up."""
    found = session.get(SignInLink, (council_id, link_id))
    if found is None or found.used_at is not None or found.expires_at <= now:
        return None
    return found
