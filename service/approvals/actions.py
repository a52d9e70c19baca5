"""Verbs of saying yes, no, or asking. Never commit, never call a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import ids
from service.approvals import disagreeing, queries
from service.approvals.model import AUTOMATIC, Decider, Finding, Matter, findings, with_sums
from service.approvals.tables import Decision
from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.model import AGREED
from service.claims.tables import Claim
from service.errors import Conflict, Fault, Forbidden, Invalid, one_fault
from service.events import Actor

THE_RULE = Decider("rule", "policy", roles=frozenset({AUTOMATIC}))


class MayNotDecide(Forbidden):
    """A check stands in the way of this person."""

    title = "You cannot decide this claim"


class NotOpen(Conflict):
    """There is nothing to decide any more."""

    title = "This claim has been decided"


def route(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Claim:
    """Send a fresh claim on its way: approved by the rule, refused by it, or laid before a person.

    Safe to repeat: a claim that is no longer fresh is left alone.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state != "submitted":
        return claim
    matter = queries.matter(session, council_id=council_id, claim_id=claim_id, decider=THE_RULE)
    if matter.outcome == "not_payable":
        answer = claim_queries.assessment(session, council_id=council_id, claim_id=claim_id).answer
        return _refuse_by_rule(session, claim, answer, now=now)
    found = findings(matter)
    if not found:
        return _agree(session, claim, decider=THE_RULE, role=AUTOMATIC, last=True, sums=[], now=now)
    verb = "need_person" if matter.outcome == "needs_person" else "wait"
    return claims.move(
        session,
        council_id=council_id,
        claim_id=claim_id,
        verb=verb,
        actor=_actor(THE_RULE),
        now=now,
        refs={"found": [f.check for f in found]},
    )


def _refuse_by_rule(session: Session, claim: Claim, answer: dict[str, Any], *, now: datetime) -> Claim:
    reasons = [reason for line in answer["lines"] for reason in line["reasons"]]
    clause = next((reason["clause"] for reason in reasons if reason.get("clause")), None)
    _note(session, claim, kind="refused", decider=THE_RULE, role=AUTOMATIC, clause=clause, sums=[], now=now)
    return claims.move(
        session,
        council_id=claim.council_id,
        claim_id=claim.id,
        verb="refuse",
        actor=_actor(THE_RULE),
        now=now,
        refs={"clause": clause},
    )


@dataclass(frozen=True)
class LineSum:
    """What a person decides for a line that the policy left open: its place in the list, pence, and why."""

    line: int
    amount_pence: int
    reason: str


def approve(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    decider: Decider,
    seen: str,
    now: datetime,
    sums: tuple[LineSum, ...] = (),
) -> Claim:
    """Say yes. Saying the same yes again is one yes.

    Raises `Moved` when the claim changed since it was seen, `MayNotDecide` or `NotOpen` when a check forbids,
    `Invalid` when a line that the policy left open gets no sum.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state in ("approved", "paid") and _said_before(session, claim, decider):
        return claim
    claims.require_seen(claim=claim, seen=seen)
    matter = queries.matter(session, council_id=council_id, claim_id=claim_id, decider=decider)
    _require_allowed(findings(matter))
    role = matter.next_role or next(iter(sorted(decider.roles)), "approver")
    left = matter.to_come[1:]
    decided = _settle_open_lines(session, claim, matter, sums, now=now)
    return _agree(session, claim, decider=decider, role=role, last=not left, sums=decided, now=now)


def refuse(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    decider: Decider,
    seen: str,
    clause: str,
    reason: str,
    now: datetime,
) -> Claim:
    """Say no, with the clause and a reason that the person will read. Raises as `approve` does."""
    faults = []
    if not clause.strip():
        faults.append(Fault("/clause", "Choose the rule of the policy that this rests on"))
    if not reason.strip():
        faults.append(Fault("/reason", "Write why, in words for the person who asked"))
    if faults:
        raise Invalid("A refusal needs its clause and its reason.", errors=tuple(faults))
    claim = _open_for(session, council_id, claim_id, decider, seen)
    _note(session, claim, kind="refused", decider=decider, role="", clause=clause.strip(), sums=[], now=now)
    return claims.move(
        session,
        council_id=council_id,
        claim_id=claim_id,
        verb="refuse",
        actor=_actor(decider),
        now=now,
        words=reason.strip(),
        refs={"clause": clause.strip()},
    )


def ask(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    decider: Decider,
    seen: str,
    question: str,
    now: datetime,
) -> Claim:
    """Ask the person something before deciding. Raises as `approve` does."""
    if not question.strip():
        raise one_fault("/question", "Write your question")
    claim = _open_for(session, council_id, claim_id, decider, seen)
    _note(session, claim, kind="asked", decider=decider, role="", clause=None, sums=[], now=now)
    return claims.move(
        session,
        council_id=council_id,
        claim_id=claim_id,
        verb="ask",
        actor=_actor(decider),
        now=now,
        words=question.strip(),
    )


def answer(
    session: Session, *, council_id: str, claim_id: str, actor: Actor, words: str, now: datetime
) -> Claim:
    """The person answers a question; the claim goes back to whoever decides. Raises `Invalid`: no words."""
    if not words.strip():
        raise one_fault("/answer", "Write your answer")
    return claims.move(
        session,
        council_id=council_id,
        claim_id=claim_id,
        verb="answer",
        actor=actor,
        now=now,
        words=words.strip(),
    )


def look_again(
    session: Session, *, council_id: str, claim_id: str, actor: Actor, words: str, now: datetime
) -> Claim:
    """The person does not agree with a no: it goes to somebody else, with their words if they have any.

    A no to a part of what was agreed leaves the rest on its way. Asked twice, it is asked once. Raises
    `ClaimHasMoved` for a claim of which nobody refused anything.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state == "waiting" and claim.id in queries.refused_once(session, council_id=council_id):
        return claim
    if claim.state in AGREED:
        return disagreeing.disagree(session, claim=claim, actor=actor, words=words, now=now)
    return claims.move(
        session,
        council_id=council_id,
        claim_id=claim_id,
        verb="look_again",
        actor=actor,
        words=words.strip() or None,
        now=now,
    )


def _open_for(session: Session, council_id: str, claim_id: str, decider: Decider, seen: str) -> Claim:
    """The claim, locked, for a decider who need not be whose turn it is, nor share the policy's view."""
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    claims.require_seen(claim=claim, seen=seen)
    matter = queries.matter(session, council_id=council_id, claim_id=claim_id, decider=decider)
    only_for_yes = {"right_role", "policy_is_sure", "two_different_people"}
    _require_allowed([f for f in findings(matter) if f.check not in only_for_yes])
    return claim


def _require_allowed(found: list[Finding]) -> None:
    for finding in found:
        if finding.forbids and finding.check == "can_be_decided":
            raise NotOpen(finding.text)
        if finding.forbids:
            raise MayNotDecide(finding.text)


def _said_before(session: Session, claim: Claim, decider: Decider) -> bool:
    return any(
        d.kind == "agreed"
        and d.claim_version == claim.version
        and (d.decider_kind, d.decider_id, d.decider_by.strip().lower()) == decider.same_as
        for d in queries.decisions(session, council_id=claim.council_id, claim_id=claim.id)
    )


def _settle_open_lines(
    session: Session, claim: Claim, matter: Matter, sums: tuple[LineSum, ...], *, now: datetime
) -> list[dict[str, Any]]:
    """Check the sums given for open lines and add them to the claim. Answers what to store."""
    answer = queries.by_policy(session, claim=claim)
    open_lines = {n: line for n, line in enumerate(answer["lines"]) if line["outcome"] == "needs_person"}
    if not open_lines or (matter.agreed and not sums):
        return []
    given = {entry.line: entry for entry in sums}
    faults = [
        Fault(f"/sums/{n}", "Say how much is right for this line, and why")
        for n in open_lines
        if n not in given or given[n].amount_pence < 0 or not given[n].reason.strip()
    ]
    faults += [
        Fault(f"/sums/{n}", "The policy has settled this line already") for n in given if n not in open_lines
    ]
    if faults:
        raise Invalid("The policy left something open. Decide each open line.", errors=tuple(faults))
    if answer["total_pence"] + sum(given[n].amount_pence for n in open_lines) == 0:
        raise one_fault("/sums", "Nothing would be paid. Refuse it with the clause, so that they read why.")
    decided = [
        {"line": n, "amount_pence": given[n].amount_pence, "reason": given[n].reason.strip()}
        for n in open_lines
    ]
    lines = with_sums(answer, decided)["lines"]
    claims.settle_lines(session, council_id=claim.council_id, claim_id=claim.id, lines=lines, now=now)
    return decided


def _agree(
    session: Session,
    claim: Claim,
    *,
    decider: Decider,
    role: str,
    last: bool,
    sums: list[dict[str, Any]],
    now: datetime,
) -> Claim:
    _note(session, claim, kind="agreed", decider=decider, role=role, clause=None, sums=sums, now=now)

    def move(verb: str, **refs: str) -> Claim:
        key = {"council_id": claim.council_id, "claim_id": claim.id}
        return claims.move(session, **key, verb=verb, actor=_actor(decider), now=now, refs={**refs})

    if last:
        return move("approve")
    if claim.state == "submitted":
        move("wait")
    return move("agree", role=role)


def _note(
    session: Session,
    claim: Claim,
    *,
    kind: str,
    decider: Decider,
    role: str,
    clause: str | None,
    sums: list[dict[str, Any]],
    now: datetime,
) -> None:
    session.add(
        Decision(
            council_id=claim.council_id,
            id=ids.new("dec"),
            claim_id=claim.id,
            claim_version=claim.version,
            kind=kind,
            role=role,
            decider_kind=decider.kind,
            decider_id=decider.id,
            decider_by=decider.by.strip(),
            clause=clause,
            sums=sums,
            decided_at=now,
        )
    )
    session.flush()


def _actor(decider: Decider) -> Actor:
    return Actor(decider.kind, decider.id)
