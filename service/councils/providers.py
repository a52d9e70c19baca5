"""Where do a council's staff sign in with the account they have already, and as what do they come in here?

The provider says who somebody is and which roles they have; a table of the council's own turns those into
ours. Whoever has lost their roles there has lost them here at the next sign-in. Never commits, never calls a
task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import events, ids
from service.councils.model import ROLES
from service.councils.tables import Staff, StaffProvider
from service.errors import Conflict, Forbidden, NotFound, one_fault
from service.events import SYSTEM
from service.identity.protocol import Client, Identity
from service.vault import Vault

# Providers say in one of these that they have made sure whose an address is; Entra in the second.
ADDRESS_IS_SURE = ("email_verified", "xms_edov")
NO_ROLE = (
    "Your work account is fine. It has no role in this service yet. "
    "Ask an involvement lead, or your IT team, to give you one. Then sign in again."
)


class NotWelcome(Forbidden):
    """They are who they say, and may not come in. A role that was lost is lost all the same."""

    title = "You cannot come in yet"
    keeps = True


@dataclass(frozen=True)
class ProviderGiven:
    """What a council tells us of its provider. `roles`: a value of `roles_claim` → our roles.

    `address_claim`: which claim holds the address at work. `email` counts only where the provider says that
    it is sure; a council that names another says that nobody can choose theirs.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles_claim: str = "roles"
    address_claim: str = "email"


def of(session: Session, *, council_id: str) -> StaffProvider | None:
    """The council's own provider, or None where staff sign in by a link alone."""
    query = select(StaffProvider).where(
        StaffProvider.council_id == council_id, StaffProvider.ended_at.is_(None)
    )
    return session.scalars(query).first()


def client_of(row: StaffProvider, *, vault: Vault) -> Client:
    """With what we speak to it."""
    return Client(row.issuer, row.client_id, vault.open(row.secret_sealed)["secret"])


def put(
    session: Session, *, council_id: str, given: ProviderGiven, vault: Vault, now: datetime
) -> StaffProvider:
    """From now on staff sign in there; links stay until they are switched off. Raises `Invalid`."""
    parts = urlsplit(given.issuer)
    here = parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or (parts.scheme != "https" and not (here and parts.scheme == "http")):
        raise one_fault("/issuer", "Give the issuer's whole address, beginning with https://")
    if not given.client_id.strip() or not given.client_secret.strip():
        raise one_fault("/client", "Give the client's id, and its secret on standard input")
    unknown = sorted({role for roles in given.roles.values() for role in roles} - set(ROLES))
    if unknown or not given.roles:
        raise one_fault("/roles", f"Give at least one role, each one of {', '.join(ROLES)}")
    before = of(session, council_id=council_id)
    if before is not None:
        before.ended_at = now
        session.flush()
    if _is_another(session, council_id, given):
        _forget_who_came_in(session, council_id)
    row = StaffProvider(
        council_id=council_id,
        id=ids.new("idp"),
        issuer=given.issuer,
        client_id=given.client_id.strip(),
        secret_sealed=vault.seal({"secret": given.client_secret.strip()}),
        roles={value: list(roles) for value, roles in given.roles.items()},
        roles_claim=given.roles_claim,
        address_claim=given.address_claim,
        links=before.links if before else True,
        made_at=now,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, row, "council.provider_set", now=now)
    return row


def _is_another(session: Session, council_id: str, given: ProviderGiven) -> bool:
    """Whether the provider set last knew people by other names: each client of one has names of its own.

    OpenID Connect calls such names pairwise; Entra gives no others.
    """
    query = select(StaffProvider).where(StaffProvider.council_id == council_id)
    last = session.scalars(query.order_by(StaffProvider.made_at.desc(), StaffProvider.id.desc())).first()
    return last is not None and (last.issuer, last.client_id) != (given.issuer, given.client_id.strip())


def _forget_who_came_in(session: Session, council_id: str) -> None:
    """Everybody comes in by their address once more, as the first time."""
    session.execute(update(Staff).where(Staff.council_id == council_id).values(provider_subject=None))


def unlink(session: Session, *, council_id: str, email: str, now: datetime) -> Staff:
    """The provider knows this member of staff by a new name: they come in by their address once more.

    Safe to repeat. Raises `NotFound`.
    """
    member = _member(session, council_id, Staff.email == email.strip().lower())
    if member is None:
        raise NotFound(f"Nobody here has the address {email.strip().lower()}.")
    if member.provider_subject is not None:
        member.provider_subject = None
        session.flush()
        _tell_of(session, member, "staff.unlinked", now=now, by="operator")
    return member


def allow_links(session: Session, *, council_id: str, allowed: bool, now: datetime) -> StaffProvider:
    """Whether staff may also sign in by an emailed link. Raises `NotFound`."""
    row = _standing(session, council_id)
    if row.links != allowed:
        row.links = allowed
        session.flush()
        _tell(session, row, "council.staff_links_switched", now=now, allowed=allowed)
    return row


def end(session: Session, *, council_id: str, now: datetime) -> None:
    """Staff sign in by a link again, and nowhere else. Raises `NotFound`."""
    row = _standing(session, council_id)
    row.ended_at = now
    session.flush()
    _tell(session, row, "council.provider_ended", now=now)


def _standing(session: Session, council_id: str) -> StaffProvider:
    row = of(session, council_id=council_id)
    if row is None:
        raise NotFound("This council has no provider of its own. Set one first.")
    return row


def welcome(
    session: Session, *, council_id: str, given: ProviderGiven, identity: Identity, now: datetime
) -> Staff:
    """Whoever the provider says that they are, with the roles it gives them now. Raises `NotWelcome`."""
    roles = _roles(given, identity.claims)
    subject = f"{given.issuer} {identity.subject}"
    member = _member(session, council_id, Staff.provider_subject == subject)
    if member is None and roles:
        member = _joins(session, council_id, given, identity, subject=subject, roles=roles, now=now)
    if member is None:
        raise NotWelcome(NO_ROLE)
    if member.left_at is not None:
        raise NotWelcome("You have left this council's service. Ask an involvement lead if that is wrong.")
    if sorted(member.roles) != roles:
        member.roles = roles
        session.flush()
        _tell_of(session, member, "staff.roles_changed", now=now)
    if not roles:
        raise NotWelcome(NO_ROLE)
    return member


def _roles(given: ProviderGiven, claims: Mapping[str, Any]) -> list[str]:
    """Ours, in order. Raises `NotWelcome` where the provider left the list out because it is too long."""
    said = claims.get(given.roles_claim, [])
    if given.roles_claim not in claims and given.roles_claim in (claims.get("_claim_names") or {}):
        raise NotWelcome(
            "You are in so many groups that your provider does not list them. "
            "Ask your IT team to give this service's roles as app roles."
        )
    values = said if isinstance(said, list) else [said]
    return sorted({role for value in values for role in given.roles.get(str(value), ())})


def _joins(
    session: Session,
    council_id: str,
    given: ProviderGiven,
    identity: Identity,
    *,
    subject: str,
    roles: list[str],
    now: datetime,
) -> Staff:
    """Somebody's first time here: the member of staff with their address, or a new one."""
    address = str(identity.claims.get(given.address_claim) or "").strip().lower()
    sure = given.address_claim != "email" or any(
        identity.claims.get(claim) in (True, "true", "1", 1) for claim in ADDRESS_IS_SURE
    )
    if "@" not in address or not sure:
        raise NotWelcome(
            "Your provider does not tell us an address of yours that it has checked. Ask your IT team."
        )
    member = _member(session, council_id, Staff.email == address)
    if member is not None and member.provider_subject is not None:
        raise NotWelcome("Somebody else came in with this address. Ask your IT team to look at it.")
    if member is None:
        member = Staff(
            council_id=council_id,
            id=ids.new("stf"),
            email=address,
            name=" ".join(identity.name.split()) or address,
            roles=roles,
            made_at=now,
        )
        session.add(member)
        session.flush()
        _tell_of(session, member, "staff.joined", now=now)
    member.provider_subject = subject
    session.flush()
    return member


def _member(session: Session, council_id: str, wanted: Any) -> Staff | None:
    query = select(Staff).where(Staff.council_id == council_id, wanted)
    return session.scalars(query.with_for_update()).first()


def refuse_link(row: StaffProvider | None) -> None:
    """Raises `Conflict` where the council has switched emailed links off."""
    if row is not None and not row.links:
        raise Conflict("Here staff sign in with their work account. Go back and use that button.")


def _tell(session: Session, row: StaffProvider, name: str, *, now: datetime, **refs: Any) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        actor=SYSTEM,
        at=now,
        refs={"issuer": row.issuer, "client_id": row.client_id, **refs},
    )


def _tell_of(session: Session, member: Staff, name: str, *, now: datetime, by: str = "provider") -> None:
    events.record(
        session,
        council_id=member.council_id,
        name=name,
        subject_id=member.id,
        actor=SYSTEM,
        at=now,
        refs={"roles": list(member.roles), "by": by},
    )
