"""What of its region's base could a council take on? Writes nothing, looks behind no other walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from service.errors import NotFound
from service.policy import queries as policies
from service.policy.diff import Told, diff
from service.policy.engine import check_policy
from service.policy.faults import Fault, PolicyFaults
from service.policy.queries import BaseVersion, NoPolicy
from service.policy.rebasing import builds_on, header_text, next_version, rebased, with_version
from service.policy.sources import Sources


@dataclass(frozen=True)
class Offered:
    """A version of the base that a council could take on, and what it would change there.

    `text` is the council's own file on that version. `faults` are what the checker says to it: a worked
    example that comes out otherwise is for the council to work again. `changes` are against what counts now.
    """

    base: BaseVersion
    text: str
    changes: Sequence[Told]
    faults: Sequence[Fault]


@dataclass(frozen=True)
class Offers:
    """What a council builds on now, and the newer versions, the newest first."""

    on: BaseVersion | None
    pinned: str | None
    newer: Sequence[Offered]


def offers(session: Session, *, council_id: str, today: date) -> Offers:
    """The versions of its region's base that are newer than the one a council builds on today."""
    published = _newest_of_each(policies.bases(session, council_id=council_id))
    sources = text_in_force(session, council_id=council_id, today=today)
    if sources is None or not published:
        return Offers(None, None, ())
    on = policies.base_of(sources, among=policies.bases(session, council_id=council_id))
    pinned = builds_on(sources, base=published[0].sources.main)
    if pinned is None:
        return Offers(None, None, ())
    taken = _versions(session, council_id)
    newer = [one for one in published if on is None or one.published_at > on.published_at]
    return Offers(on, pinned, [_offered(sources, one, taken) for one in newer])


def offered(session: Session, *, council_id: str, base_id: str, today: date) -> Offered:
    """One of `offers`. Raises `NotFound` for any other."""
    found = offers(session, council_id=council_id, today=today).newer
    for one in found:
        if one.base.id == base_id:
            return one
    raise NotFound("Your region offers no such version of its base, or you build on it already.")


def text_in_force(session: Session, *, council_id: str, today: date) -> Sources | None:
    """The policy of a council that counts on a day, as it was written; None where there is none."""
    try:
        return policies.in_force(session, council_id=council_id, on=today).policy.sources
    except NoPolicy:
        return None


def _versions(session: Session, council_id: str) -> list[str]:
    return [one.version for one in policies.all_versions(session, council_id=council_id)]


def _newest_of_each(published: Sequence[BaseVersion]) -> list[BaseVersion]:
    """A pin names a version, so of two with one number only the one that was published last can be meant."""
    found: dict[tuple[str, str], BaseVersion] = {}
    for one in published:
        found.setdefault((one.sources.main, one.version), one)
    return list(found.values())


def _offered(sources: Sources, base: BaseVersion, taken: Sequence[str]) -> Offered:
    try:
        moved = rebased(sources, base=base.sources)
        new = with_version(moved, next_version(_version(sources), taken=taken))
    except PolicyFaults as error:
        return Offered(base, "", (), error.faults)
    try:
        told = diff(old=sources, new=new)
    except PolicyFaults:
        told = []
    return Offered(base, new.files[new.main], told, check_policy(new))


def _version(sources: Sources) -> str:
    return header_text(sources.files[sources.main], "version", file=sources.main)
