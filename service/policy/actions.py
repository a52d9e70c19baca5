"""Verbs about policy versions. Never commit, never call a task."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import Conflict
from service.events import Actor
from service.policy.engine import compile_policy
from service.policy.sources import Sources
from service.policy.tables import PolicyVersion


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
            f"Version {present.version} already starts on {policy.effective_from:%-d %B %Y}. "
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
