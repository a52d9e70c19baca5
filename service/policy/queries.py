"""Questions about which policy counts, about drafts and about simulations. Writes nothing."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from service.days import date_in_words
from service.errors import Fault, NotFound
from service.policy.completing import complete
from service.policy.counting import Counter
from service.policy.diff import Told, diff
from service.policy.engine import Policy, check_policy, compile_policy
from service.policy.facts import read_facts
from service.policy.faults import FactFaults, PolicyFaults
from service.policy.faults import Fault as PolicyFault
from service.policy.life import Author, Missing, Needs, Sign, Start, missing, state_of
from service.policy.sources import Sources
from service.policy.tables import PolicyDraft, PolicySignOff, PolicySimulation, PolicyVersion

# Of two versions that start on one day, the one that was published last counts.
_LATEST = (PolicyVersion.effective_from.desc(), PolicyVersion.published_at.desc(), PolicyVersion.id.desc())


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

    @property
    def counters(self) -> tuple[Counter, ...]:
        """What this version counts over a time. Most policies count nothing."""
        return tuple(self.policy.tree.counters.values())

    @property
    def week_starts(self) -> str:
        """The first day of a week."""
        return self.policy.tree.header.week_starts

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
    return list(session.scalars(query.order_by(*_LATEST)))


@dataclass(frozen=True)
class BaseVersion:
    """A version that the council's region published, as its members may read it."""

    id: str
    slug: str
    version: str
    hash: str
    sources: Sources
    effective_from: date
    published_at: datetime

    @property
    def text(self) -> str:
        """The base itself, without its tables."""
        return self.sources.files[self.sources.main]


def bases(session: Session, *, council_id: str) -> list[BaseVersion]:
    """What the region of a council published, the newest first. Nothing where it is in no region."""
    own = sql("SELECT * FROM region_versions() WHERE current_setting('app.council_id', true) = :council_id")
    rows = session.execute(own, {"council_id": council_id}).mappings()
    return [BaseVersion(**{**row, "sources": Sources.from_json(row["sources"])}) for row in rows]


def base_of(sources: Sources, *, among: Sequence[BaseVersion]) -> BaseVersion | None:
    """The version of the region that some texts build on, word for word; None where they build on no such."""
    return next((one for one in among if sources.files.get(one.sources.main) == one.text), None)


def in_force(session: Session, *, council_id: str, on: date) -> Judge:
    """The version that counts for an activity on that day. Raises `NoPolicy`."""
    query = (
        select(PolicyVersion)
        .where(PolicyVersion.council_id == council_id, PolicyVersion.effective_from <= on)
        .order_by(*_LATEST)
        .limit(1)
    )
    version = session.scalars(query).first()
    if version is None:
        raise NoPolicy(
            f"No policy of this council covers {date_in_words(on)}. "
            "Choose a later day, or ask the policy owner."
        )
    return _judge(version)


def stand_still(session: Session, *, council_id: str) -> None:
    """Until this transaction ends nobody publishes a version. Any number may ask for that at once."""
    key = {"key": f"policies {council_id}"}
    session.execute(sql("SELECT pg_advisory_xact_lock_shared(hashtextextended(:key, 0))"), key)


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
            .order_by(*(column.element for column in _LATEST))
        )
        rows = session.execute(query).all()
        self._starts = [row.effective_from.isoformat() for row in rows]
        self._ids = [row.id for row in rows]

    def first_day(self, policy_id: str) -> date | None:
        """From which day a version counts; None for one that was never published."""
        found = (start for start, one in zip(self._starts, self._ids, strict=True) if one == policy_id)
        return next((date.fromisoformat(start) for start in found), None)

    def on(self, day: str) -> str | None:
        """The id of the version that counts on a day such as `2026-05-12`; None before the first."""
        place = bisect.bisect_right(self._starts, day)
        return self._ids[place - 1] if place else None


@dataclass(frozen=True)
class Standing:
    """A draft or a version, with where it stands."""

    row: PolicyDraft | PolicyVersion
    state: str

    @property
    def published_at(self) -> datetime | None:
        """When it was published; None for a draft."""
        return self.row.published_at if isinstance(self.row, PolicyVersion) else None

    @property
    def version(self) -> PolicyVersion | None:
        """The version that it is; None for a draft."""
        return self.row if isinstance(self.row, PolicyVersion) else None

    @property
    def title(self) -> str:
        """What it is called, with its version."""
        name = self.row.name or "A draft that cannot be read yet"
        return f"{name}, version {self.row.version}" if self.row.version else name

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The mistakes that the checker found in a draft. A version has none."""
        return self.row.faults if isinstance(self.row, PolicyDraft) else []


def draft(session: Session, *, council_id: str, policy_id: str) -> PolicyDraft:
    """One draft, published or not. Raises `NotFound`."""
    found = session.get(PolicyDraft, (council_id, policy_id))
    if found is None:
        raise NotFound("We cannot find that draft.")
    return found


def drafts(session: Session, *, council_id: str, policy_ids: Sequence[str]) -> list[PolicyDraft]:
    """Those of these ids that were drafts, published or not."""
    query = select(PolicyDraft).where(PolicyDraft.council_id == council_id, PolicyDraft.id.in_(policy_ids))
    return list(session.scalars(query.order_by(PolicyDraft.id.desc())))


def version(session: Session, *, council_id: str, policy_id: str) -> PolicyVersion | None:
    """The version that a draft became, if it was published."""
    return session.get(PolicyVersion, (council_id, policy_id))


def standing(session: Session, *, council_id: str, policy_id: str, today: date) -> Standing:
    """One draft or version, as it stands today. Raises `NotFound`."""
    row = version(session, council_id=council_id, policy_id=policy_id) or draft(
        session, council_id=council_id, policy_id=policy_id
    )
    (found,) = _stand(session, council_id, [row], today)
    return found


def standings(session: Session, *, council_id: str, today: date) -> list[Standing]:
    """Drafts that are not published, the newest first; then every version, newest first."""
    versions = all_versions(session, council_id=council_id)
    published = {one.id for one in versions}
    query = select(PolicyDraft).where(PolicyDraft.council_id == council_id).order_by(PolicyDraft.id.desc())
    rows: list[PolicyDraft | PolicyVersion] = [
        one for one in session.scalars(query) if one.id not in published
    ]
    return _stand(session, council_id, [*rows, *versions], today)


def checked(session: Session, *, council_id: str, text: str) -> tuple[Sources, list[PolicyFault]]:
    """A text with the bases and tables that it names, and every mistake in it.

    They come from the library, from the versions that the council has, or from its region's.
    """
    known = [Sources.from_json(row.sources) for row in all_versions(session, council_id=council_id)[:3]]
    main = known[0].main if known else "councils/draft.yaml"
    from_region = [one.sources for one in bases(session, council_id=council_id)]
    try:
        sources = complete(text, main=main, known=known, bases=from_region)
        return sources, check_policy(sources)
    except PolicyFaults as error:
        return Sources(main, {main: text}), list(error.faults)


def sources_of(session: Session, *, council_id: str, policy_id: str) -> Sources:
    """The texts of a draft or a version. Raises `NotFound`."""
    row = version(session, council_id=council_id, policy_id=policy_id) or draft(
        session, council_id=council_id, policy_id=policy_id
    )
    return Sources.from_json(row.sources)


def changes(session: Session, *, council_id: str, policy_id: str, on: date) -> list[Told]:
    """What a draft changes of the version that counts on a day; nothing while it cannot be read."""
    sources = sources_of(session, council_id=council_id, policy_id=policy_id)
    try:
        counting = in_force(session, council_id=council_id, on=on)
        return diff(old=counting.policy.sources, new=sources)
    except (PolicyFaults, NoPolicy):
        return []


def simulation(session: Session, *, council_id: str, simulation_id: str) -> PolicySimulation:
    """One simulation, done or waiting. Raises `NotFound`."""
    found = session.get(PolicySimulation, (council_id, simulation_id))
    if found is None:
        raise NotFound("We cannot find that simulation.")
    return found


def simulation_of(
    session: Session, *, council_id: str, policy_id: str, simulation_id: str
) -> PolicySimulation:
    """As `simulation`, of this draft or version only. Raises `NotFound`."""
    found = simulation(session, council_id=council_id, simulation_id=simulation_id)
    if found.policy_id != policy_id:
        raise NotFound("We cannot find that simulation.")
    return found


def simulations(session: Session, *, council_id: str, policy_id: str) -> list[PolicySimulation]:
    """Every simulation of one draft or version, newest first."""
    query = select(PolicySimulation).where(
        PolicySimulation.council_id == council_id, PolicySimulation.policy_id == policy_id
    )
    return list(session.scalars(query.order_by(PolicySimulation.id.desc())))


def author_of(draft: PolicyDraft) -> Author:
    """Who wrote a draft."""
    return Author(draft.author_kind, draft.author_id, draft.author_by)


def sign_offs(session: Session, *, council_id: str, policy_id: str) -> list[PolicySignOff]:
    """Everybody who was asked to read a draft or who answered, in that order."""
    query = select(PolicySignOff).where(
        PolicySignOff.council_id == council_id, PolicySignOff.policy_id == policy_id
    )
    return list(session.scalars(query.order_by(PolicySignOff.id)))


def sign_offs_of(session: Session, *, council_id: str, person_id: str) -> list[PolicySignOff]:
    """Every draft that a person was asked to read, the newest first."""
    query = select(PolicySignOff).where(
        PolicySignOff.council_id == council_id,
        PolicySignOff.kind == "person",
        PolicySignOff.signer_id == person_id,
    )
    return list(session.scalars(query.order_by(PolicySignOff.id.desc())))


def signs(session: Session, *, draft: PolicyDraft) -> list[Sign]:
    """The answers to these very texts, and who has not answered yet."""
    rows = sign_offs(session, council_id=draft.council_id, policy_id=draft.id)
    return [_sign(row) for row in rows if row.hash == draft.hash]


def needs(session: Session, *, draft: PolicyDraft, on: date) -> Needs:
    """Who must agree: as the draft itself asks, and as the policy that counts on that day asks."""
    return Needs.from_json(draft.sign_off).and_also(_asked_on(session, draft.council_id, on))


def missing_of(session: Session, *, draft: PolicyDraft, on: date) -> Missing:
    """Who must still agree to a draft."""
    return missing(needs(session, draft=draft, on=on), signs(session, draft=draft), author=author_of(draft))


def _asked_on(session: Session, council_id: str, on: date) -> Needs:
    try:
        asked = in_force(session, council_id=council_id, on=on).policy.tree.sign_off
    except NoPolicy:
        return Needs()
    return Needs(asked.by, asked.co_producers) if asked else Needs()


def _sign(row: PolicySignOff) -> Sign:
    return Sign(Author(row.kind, row.signer_id, row.signer_by, tuple(row.roles)), row.agrees)


def _signed(
    session: Session, council_id: str, rows: Sequence[PolicyDraft | PolicyVersion], today: date
) -> set[str]:
    """The drafts among these to which everybody has agreed who must. One question for all of them."""
    query = select(PolicySignOff).where(
        PolicySignOff.council_id == council_id, PolicySignOff.agrees.is_not(None)
    )
    found: dict[tuple[str, str], list[Sign]] = {}
    for row in session.scalars(query):
        found.setdefault((row.policy_id, row.hash), []).append(_sign(row))
    counting = _asked_on(session, council_id, today) if found else Needs()
    return {
        one.id
        for one in rows
        if isinstance(one, PolicyDraft)
        and (given := found.get((one.id, one.hash)))
        and missing(Needs.from_json(one.sign_off).and_also(counting), given, author=author_of(one)).nothing
    }


def _stand(
    session: Session, council_id: str, rows: Sequence[PolicyDraft | PolicyVersion], today: date
) -> list[Standing]:
    versions = all_versions(session, council_id=council_id)
    starts = [Start(one.id, one.effective_from) for one in versions]
    done = select(PolicySimulation.policy_id, PolicySimulation.hash).where(
        PolicySimulation.council_id == council_id, PolicySimulation.done_at.is_not(None)
    )
    tried = {(policy_id, hash_) for policy_id, hash_ in session.execute(done)}
    signed = _signed(session, council_id, rows, today)
    return [
        Standing(
            row,
            state_of(
                row.id,
                newest_first=starts,
                simulated=(row.id, row.hash) in tried,
                signed=row.id in signed,
                today=today,
            ),
        )
        for row in rows
    ]
