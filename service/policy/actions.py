"""Verbs about policy versions and drafts: written, tried, published by a second person. Never commit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.days import date_in_words
from service.errors import Conflict, one_fault
from service.events import Actor
from service.policy import queries, signing
from service.policy.engine import Policy, check_policy, compile_policy, read_policy
from service.policy.faults import PolicyFaults
from service.policy.life import Author, Needs
from service.policy.sources import Sources
from service.policy.tables import PolicyDraft, PolicySimulation, PolicyVersion

_ASKED = {False: "policy.simulation_asked", True: "policy.region_simulation_asked"}


def adopt(
    session: Session, *, council_id: str, sources: Sources, actor: Actor, now: datetime
) -> PolicyVersion:
    """Put a policy in force from the day it names. Adopting the same texts again answers the first row.

    Raises `PolicyFaults` when the checker finds a mistake, `Conflict` when another version starts that day.
    """
    policy = compile_policy(sources)
    same_day = select(PolicyVersion).where(
        PolicyVersion.council_id == council_id, PolicyVersion.effective_from == policy.effective_from
    )
    present = session.scalars(same_day).first()
    if present is not None and present.hash == policy.hash:
        return present
    if present is not None:
        raise Conflict(
            f"Version {present.version} already starts on {date_in_words(policy.effective_from)}. "
            "Give this one another day."
        )
    version = PolicyVersion(
        council_id=council_id,
        id=ids.new("pol"),
        slug=policy.slug,
        version=policy.version,
        name=policy.name,
        hash=policy.hash,
        sources=sources.to_json(),
        effective_from=policy.effective_from,
        published_by=str(actor),
        published_at=now,
    )
    session.add(version)
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="policy.adopted",
        subject_id=version.id,
        actor=actor,
        at=now,
        refs={"policy_id": version.id, "hash": version.hash},
    )
    return version


def write(session: Session, *, council_id: str, text: str, author: Author, now: datetime) -> PolicyDraft:
    """Keep a text as a draft, with every mistake that the checker finds in it.

    Bases and tables that it names come from the library, or from the versions that the council has.
    """
    sources, faults = queries.checked(session, council_id=council_id, text=text)
    policy = _read(sources)
    draft = PolicyDraft(
        council_id=council_id,
        id=ids.new("pol"),
        slug=policy.slug if policy else None,
        version=policy.version if policy else None,
        name=policy.name if policy else None,
        hash=sources.hash,
        sources=sources.to_json(),
        effective_from=policy.effective_from if policy else None,
        faults=[fault.to_json() for fault in faults],
        author_kind=author.kind,
        author_id=author.id,
        author_by=author.by.strip(),
        made_at=now,
        sign_off=_asks_for(policy),
    )
    session.add(draft)
    session.flush()
    _note(session, draft, name="policy.drafted", author=author, now=now, refs={"faults": len(faults)})
    return draft


def ask_simulation(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    since: date,
    until: date,
    author: Author,
    now: datetime,
    later: bool,
    across: bool = False,
) -> PolicySimulation:
    """Ask what a draft or a version would have paid. `later` leaves the work to a task; `across` asks it of
    every council of a region.

    Raises `PolicyFaults` when it cannot be read.
    """
    if until < since:
        raise one_fault("/until", "The last day cannot be before the first one.")
    sources = queries.sources_of(session, council_id=council_id, policy_id=policy_id)
    read_policy(sources)
    asked = PolicySimulation(
        council_id=council_id,
        id=ids.new("sim"),
        policy_id=policy_id,
        hash=sources.hash,
        since=since,
        until=until,
        answer=None,
        asked_by=f"{author.kind}:{author.id}",
        asked_at=now,
        done_at=None,
    )
    session.add(asked)
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name=_ASKED[across] if later else "policy.simulation_begun",
        subject_id=asked.id,
        actor=Actor(author.kind, author.id),
        at=now,
        refs={"policy_id": policy_id, "hash": asked.hash},
    )
    return asked


def note_simulation(
    session: Session, *, council_id: str, simulation_id: str, answer: dict[str, Any], now: datetime
) -> PolicySimulation:
    """Keep what a simulation found. Noting it twice is noting it once."""
    asked = queries.simulation(session, council_id=council_id, simulation_id=simulation_id)
    if asked.done_at is None:
        asked.answer, asked.done_at = answer, now
        events.record(
            session,
            council_id=council_id,
            name="policy.simulated",
            subject_id=asked.id,
            actor=events.SYSTEM,
            at=now,
            refs={"policy_id": asked.policy_id, "hash": asked.hash},
        )
        session.flush()
    return asked


def publish(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    author: Author,
    now: datetime,
    effective_from: date | None = None,
    seen_hash: str | None = None,
) -> PolicyVersion:
    """Put a draft in force from its own first day, or from a later one. Doing it twice is doing it once.

    Raises `PolicyFaults` for a mistake or an example that does not come out, `NotTried` when these very texts
    were never simulated, `OwnDraft` when the author does it alone, `NotSignedOff` when somebody whom the
    policy names has not agreed, `Conflict` when the texts were published.
    """
    signing.one_at_a_time(session, council_id=council_id)
    draft = queries.draft(session, council_id=council_id, policy_id=policy_id)
    if seen_hash is not None and seen_hash != draft.hash:
        raise one_fault("/hash", "This is not the hash of the draft. Read the draft again, and send its own.")
    present = queries.version(session, council_id=council_id, policy_id=policy_id)
    if present is not None:
        return present
    sources = Sources.from_json(draft.sources)
    if faults := check_policy(sources):
        raise PolicyFaults(faults)
    policy = compile_policy(sources)
    signing.require(session, draft=draft, publisher=author, now=now)
    first = _first_day(policy, effective_from, base=_base_day(session, council_id, sources))
    return _put_in_force(session, draft, policy, first, author=author, now=now)


def _asks_for(policy: Policy | None) -> dict[str, Any] | None:
    asked = policy.tree.sign_off if policy else None
    return Needs(asked.by, asked.co_producers).to_json() if asked else None


def _base_day(session: Session, council_id: str, sources: Sources) -> date | None:
    """From which day the region's version counts that a text builds on, if it builds on one."""
    base = queries.base_of(sources, among=queries.bases(session, council_id=council_id))
    return base.effective_from if base else None


def _first_day(policy: Policy, wanted: date | None, *, base: date | None) -> date:
    """The day it counts from: never before the day that its own text names, nor before its region's."""
    first = wanted or max(policy.effective_from, base or policy.effective_from)
    if base is not None and first < base:
        raise one_fault(
            "/effective_from", f"The region's version counts from {date_in_words(base)}. Choose a later day."
        )
    if first < policy.effective_from:
        raise one_fault(
            "/effective_from",
            f"The text starts on {date_in_words(policy.effective_from)}. For an earlier day change the text, "
            "check and simulate it: only what was simulated can be published.",
        )
    if policy.effective_to is not None and first >= policy.effective_to:
        raise one_fault("/effective_from", f"The text ends on {date_in_words(policy.effective_to)}.")
    return first


def _put_in_force(
    session: Session, draft: PolicyDraft, policy: Policy, first: date, *, author: Author, now: datetime
) -> PolicyVersion:
    versions = queries.all_versions(session, council_id=draft.council_id)
    if any(one.hash == draft.hash for one in versions):
        raise Conflict("These very texts are published already.")
    version = PolicyVersion(
        council_id=draft.council_id,
        id=draft.id,
        slug=policy.slug,
        version=policy.version,
        name=policy.name,
        hash=draft.hash,
        sources=draft.sources,
        effective_from=first,
        published_by=f"{author.kind}:{author.id}",
        published_at=now,
    )
    session.add(version)
    session.flush()
    followed = next((one.id for one in versions if one.effective_from <= first), None)
    refs = {"supersedes": followed, "effective_from": first.isoformat()}
    _note(session, draft, name="policy.published", author=author, now=now, refs=refs)
    return version


def _read(sources: Sources) -> Policy | None:
    try:
        return read_policy(sources)
    except PolicyFaults:
        return None


def _note(
    session: Session, draft: PolicyDraft, *, name: str, author: Author, now: datetime, refs: dict[str, Any]
) -> None:
    events.record(
        session,
        council_id=draft.council_id,
        name=name,
        subject_id=draft.id,
        actor=Actor(author.kind, author.id),
        at=now,
        refs={"policy_id": draft.id, "hash": draft.hash, **refs},
    )
