"""Questions about which policy counts. Writes nothing."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import Fault, NotFound
from service.policy.engine import Policy, compile_policy
from service.policy.facts import read_facts
from service.policy.faults import FactFaults
from service.policy.sources import Sources
from service.policy.tables import PolicyVersion


class NoPolicy(NotFound):
    """No policy of this council covers that day."""

    title = "No policy covers that day"


@dataclass(frozen=True)
class Judge:
    """One stored version with its compiled policy: the only way the rest of the service asks a policy."""

    id: str
    policy: Policy

    def assess(self, facts: dict[str, Any]) -> dict[str, Any]:
        """An assessment that carries this version's id. Raises `FactFaults` for facts it cannot read."""
        answer = self.policy.assess(facts)
        answer["policy"] = {**answer["policy"], "id": self.id}
        return answer

    def faults(self, facts: dict[str, Any], pointer: str) -> list[Fault]:
        """What this version cannot read in some facts; `pointer` is where they were sent."""
        try:
            read_facts(facts, vocabulary=self.policy.vocabulary)
        except FactFaults as error:
            return [Fault(pointer + fault.pointer, fault.detail) for fault in error.errors]
        return []


def all_versions(session: Session, *, council_id: str) -> list[PolicyVersion]:
    """Every version a council has adopted, newest first."""
    query = select(PolicyVersion).where(PolicyVersion.council_id == council_id)
    return list(session.scalars(query.order_by(PolicyVersion.effective_from.desc())))


def in_force(session: Session, *, council_id: str, on: date) -> Judge:
    """The version that counts for an activity on that day. Raises `NoPolicy`."""
    query = (
        select(PolicyVersion)
        .where(PolicyVersion.council_id == council_id, PolicyVersion.effective_from <= on)
        .order_by(PolicyVersion.effective_from.desc())
        .limit(1)
    )
    version = session.scalars(query).first()
    if version is None:
        raise NoPolicy(
            f"No policy of this council covers {on:%-d %B %Y}. Choose a later day, or ask the policy owner."
        )
    return _judge(version)


def by_id(session: Session, *, council_id: str, policy_id: str) -> Judge:
    """One stored version, for judging by the version that an offer or a claim carries. Raises `NotFound`."""
    version = session.get(PolicyVersion, (council_id, policy_id))
    if version is None:
        raise NotFound("We cannot find that policy version.")
    return _judge(version)


def _judge(version: PolicyVersion) -> Judge:
    return Judge(version.id, compile_policy(Sources.from_json(version.sources)))


class Days:
    """Which version counts on which day, asked once for many days."""

    def __init__(self, session: Session, *, council_id: str) -> None:
        query = (
            select(PolicyVersion.effective_from, PolicyVersion.id)
            .where(PolicyVersion.council_id == council_id)
            .order_by(PolicyVersion.effective_from)
        )
        rows = session.execute(query).all()
        self._starts = [row.effective_from.isoformat() for row in rows]
        self._ids = [row.id for row in rows]

    def on(self, day: str) -> str | None:
        """The id of the version that counts on a day such as `2026-05-12`; None before the first."""
        place = bisect.bisect_right(self._starts, day)
        return self._ids[place - 1] if place else None
