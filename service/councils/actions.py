"""Verbs about councils, staff and links. Never commit, never call a task."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service import events, ids
from service.councils import providers
from service.councils.colours import require_readable
from service.councils.model import COUNCIL, REGION, RESERVED_SLUGS, require_known
from service.councils.queries import get, hash_of, staff_by_email
from service.councils.tables import Council, SignInLink, Staff
from service.days import NATIONS
from service.errors import Conflict, NotFound, one_fault
from service.events import Actor

LINK_LIVES = timedelta(hours=1)
LINK_EVERY = timedelta(minutes=1)
OFFER_LINK_LIVES = timedelta(days=14)
_SLUG = re.compile(r"^[a-z][a-z0-9-]{2,40}$")
BANK_RAILS = ("sandbox", "finance_system", "bacs")


@dataclass(frozen=True)
class NewCouncil:
    """What a council tells us when it joins."""

    slug: str
    name: str
    nation: str = "england-and-wales"
    header_colour: str = "#1d4f5c"
    header_text_colour: str = "#ffffff"
    contact_name: str = "Involvement team"
    contact_email: str = ""
    contact_phone: str = ""
    cost_centre: str = "INVOLVE"
    bank_rail: str = "finance_system"
    kind: str = COUNCIL
    region_id: str | None = None


def found(session: Session, *, council_id: str, given: NewCouncil, now: datetime) -> Council:
    """Add the council whose walls the session already stands in. Raises `Invalid` with a reason."""
    if not _SLUG.match(given.slug) or given.slug in RESERVED_SLUGS:
        raise one_fault(
            "/slug",
            "Use small letters, digits and dashes, like exampleshire; not a word that is an address already.",
        )
    if given.nation not in NATIONS:
        raise one_fault("/nation", f"Choose one of {', '.join(NATIONS)}.")
    if given.bank_rail not in BANK_RAILS:
        raise one_fault("/bank_rail", f"Choose one of {', '.join(BANK_RAILS)}.")
    require_readable(background=given.header_colour, foreground=given.header_text_colour)
    council = Council(council_id=council_id, made_at=now, **vars(given))
    try:
        with session.begin_nested():
            session.add(council)
    except IntegrityError as error:
        raise one_fault(
            "/slug", f"There is a council at {given.slug} already. Choose another word."
        ) from error
    return council


def join_region(session: Session, *, council_id: str, region_id: str, now: datetime) -> None:
    """Let a council read the base of a region, and be tried by it. Joining twice is joining once.

    Raises `Conflict` for a region, and for a council that is in another region.
    """
    council = get(session, council_id=council_id)
    if council.kind == REGION:
        raise Conflict("A region cannot be part of a region. Name a council.")
    if council.region_id not in (None, region_id):
        raise Conflict("This council is in another region. Let it leave that one first.")
    if council.region_id is None:
        council.region_id = region_id
        _note_region(session, council, "council.joined_region", region_id, now)


def leave_region(session: Session, *, council_id: str, now: datetime) -> None:
    """From now on the region cannot try the council, nor the council read the region's texts.

    What the council has in force stays in force. Leaving twice is leaving once.
    """
    council = get(session, council_id=council_id)
    region_id, council.region_id = council.region_id, None
    if region_id is not None:
        _note_region(session, council, "council.left_region", region_id, now)


def _note_region(session: Session, council: Council, name: str, region_id: str, now: datetime) -> None:
    session.flush()
    events.record(
        session,
        council_id=council.council_id,
        name=name,
        subject_id=council.council_id,
        actor=events.SYSTEM,
        at=now,
        refs={"region_id": region_id},
    )


def add_staff(
    session: Session, *, council_id: str, email: str, name: str, roles: tuple[str, ...], now: datetime
) -> Staff:
    """Add a member of staff. Raises `Invalid` for an unknown role, `Conflict` for a known address."""
    require_known(roles)
    address = email.strip().lower()
    if session.scalars(select(Staff).where(Staff.council_id == council_id, Staff.email == address)).first():
        raise Conflict(f"{address} is here already. Change what they may do with `reciprocal staff roles`.")
    member = Staff(
        council_id=council_id,
        id=ids.new("stf"),
        email=address,
        name=name,
        roles=list(roles),
        made_at=now,
        left_at=None,
        link_asked_at=None,
    )
    session.add(member)
    session.flush()
    return member


def change_staff(
    session: Session, *, council_id: str, email: str, roles: Sequence[str] | None, now: datetime
) -> Staff:
    """Give a member of staff these roles instead; None: they have left, and are signed out at once.

    Raises `NotFound` for an address that is not here, `Invalid` for a role that does not exist.
    """
    query = select(Staff).where(Staff.council_id == council_id, Staff.email == email.strip().lower())
    member = session.scalars(query.with_for_update()).first()
    if member is None:
        raise NotFound(f"Nobody here has the address {email.strip().lower()}.")
    require_known(roles or ())
    member.roles = member.roles if roles is None else list(roles)
    member.left_at = now if roles is None else None
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="staff.left" if roles is None else "staff.roles_changed",
        subject_id=member.id,
        actor=events.SYSTEM,
        at=now,
        refs={"roles": list(member.roles)},
    )
    return member


def pay_by(session: Session, *, council_id: str, bank_rail: str, now: datetime) -> None:
    """From now on new payments into bank accounts go by this rail; what is laid out already stays as it is.

    Raises `Invalid` for a rail that pays into no bank account.
    """
    if bank_rail not in BANK_RAILS:
        raise one_fault("/bank_rail", f"Choose one of {', '.join(BANK_RAILS)}.")
    council = get(session, council_id=council_id)
    if council.bank_rail == bank_rail:
        return
    council.bank_rail = bank_rail
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="council.rail_changed",
        subject_id=council_id,
        actor=events.SYSTEM,
        at=now,
        refs={"rail": bank_rail},
    )


def ask_for_staff_link(session: Session, *, council_id: str, email: str, now: datetime) -> None:
    """Somebody typed this address to sign in as staff: whoever has it is sent a link, once a minute at most.

    Answers nothing, so that nobody can learn who is known. Whoever has come in by the council's own provider
    comes in by it alone: who has lost their place there must not have a second way in.
    """
    member = staff_by_email(session, council_id=council_id, email=email)
    provider = providers.of(session, council_id=council_id)
    if provider is not None and (not provider.links or (member and member.provider_subject)):
        return
    if member is not None and (member.link_asked_at is None or member.link_asked_at <= now - LINK_EVERY):
        member.link_asked_at = now
        events.record(
            session,
            council_id=council_id,
            name="staff.link_asked",
            subject_id=member.id,
            actor=Actor("staff", member.id),
            at=now,
        )


def make_link(
    session: Session,
    *,
    council_id: str,
    kind: str,
    subject_id: str,
    goes_to: str,
    now: datetime,
    lives: timedelta = LINK_LIVES,
) -> str:
    """Make a sign-in link for a person or member of staff and answer its token, which is never stored."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInLink(
            council_id=council_id,
            id=ids.new("lnk"),
            hash=hash_of(token),
            kind=kind,
            subject_id=subject_id,
            goes_to=goes_to,
            made_at=now,
            expires_at=now + lives,
            used_at=None,
        )
    )
    session.flush()
    return token


def use_link(session: Session, *, council_id: str, link_id: str, now: datetime) -> SignInLink | None:
    """Use a link up. Answers None when it was used or has ended, also when two ask at once."""
    link = session.get(SignInLink, (council_id, link_id), with_for_update=True, populate_existing=True)
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    link.used_at = now
    return link


def shows_who(link: SignInLink, *, now: datetime) -> bool:
    """Whether using this link proves that it is them: a message that lay about for days proves less."""
    return now - link.made_at <= LINK_LIVES


def end_links(session: Session, *, council_id: str, kind: str, subject_id: str, now: datetime) -> None:
    """No link of this kind that was made for them so far works any more."""
    query = update(SignInLink).where(
        SignInLink.council_id == council_id,
        SignInLink.kind == kind,
        SignInLink.subject_id == subject_id,
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > now,
    )
    session.execute(query.values(expires_at=now))


def sign_staff_out(session: Session, *, council_id: str, staff_id: str, now: datetime) -> None:
    """A member of staff wants to be signed out on every phone and computer."""
    member = session.get(Staff, (council_id, staff_id), with_for_update=True)
    if member is None:
        return
    member.signed_out_at = now
    end_links(session, council_id=council_id, kind="staff", subject_id=staff_id, now=now)
    events.record(
        session,
        council_id=council_id,
        name="staff.signed_out_everywhere",
        subject_id=staff_id,
        actor=Actor("staff", staff_id),
        at=now,
    )
