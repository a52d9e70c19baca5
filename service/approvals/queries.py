"""Questions about decisions, and what stands in the way of one. Writes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.approvals.model import AUTOMATIC, Decider, Finding, Matter, Who, findings, with_sums
from service.approvals.tables import Decision
from service.claims import queries as claims
from service.claims.comparing import corrected, shown
from service.claims.tables import Claim
from service.sessions import queries as sessions


def decisions(session: Session, *, council_id: str, claim_id: str) -> list[Decision]:
    """Everything decided on a claim, oldest first."""
    query = select(Decision).where(Decision.council_id == council_id, Decision.claim_id == claim_id)
    return list(session.scalars(query.order_by(Decision.id)))


def hands(session: Session, *, council_id: str, claim_ids: list[str]) -> set[Who]:
    """Everybody who agreed to one of these claims. The rule is nobody."""
    query = select(Decision.decider_kind, Decision.decider_id, Decision.decider_by).where(
        Decision.council_id == council_id, Decision.claim_id.in_(claim_ids), Decision.kind == "agreed"
    )
    found = session.execute(query.distinct())
    return {(kind, who, by.strip().lower()) for kind, who, by in found if kind != "rule"}


def matter(session: Session, *, council_id: str, claim_id: str, decider: Decider) -> Matter:
    """What the checks look at, for one claim and one who would decide it. Raises `NotFound`."""
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    answer = by_policy(session, claim=claim)
    route = answer["approval_route"]
    agreed = [
        (d.role, (d.decider_kind, d.decider_id, d.decider_by.strip().lower()))
        for d in decisions(session, council_id=council_id, claim_id=claim_id)
        if d.kind == "agreed" and d.claim_version == claim.version
    ]
    return Matter(
        state=claim.state,
        outcome=answer["outcome"],
        open_lines=sum(line["outcome"] == "needs_person" for line in answer["lines"]),
        route=() if route == AUTOMATIC else tuple(route),
        agreed=tuple(agreed),
        claimant_id=claim.person_id,
        makers=frozenset(
            (who.kind, who.id) for who in claims.makers(session, council_id=council_id, claim_id=claim_id)
        ),
        on_register=_on_register(session, claim),
        decider=decider,
        same_cost_elsewhere=_same_cost(session, claim),
    )


def by_policy(session: Session, *, claim: Claim) -> dict[str, Any]:
    """What the policy says to a claim; of what comes on top only the difference: all that is decided on."""
    given = claims.assessment(session, council_id=claim.council_id, claim_id=claim.id).answer
    if claim.difference is not None:
        return corrected(given, claim.difference)
    return shown(given, claim.top_up) if claim.top_up else given


def answer(session: Session, *, council_id: str, claim: Claim) -> dict[str, Any]:
    """The policy's answer, with what a person settled where the policy left it open. Nothing is stored."""
    given = by_policy(session, claim=claim)
    if claim.state in ("refused", "withdrawn"):
        return given
    sums = [
        row
        for decision in decisions(session, council_id=council_id, claim_id=claim.id)
        if decision.kind == "agreed" and decision.claim_version == claim.version
        for row in decision.sums
    ]
    return with_sums(given, sums)


def standing_in_the_way(
    session: Session, *, council_id: str, claim_id: str, decider: Decider
) -> list[Finding]:
    """What this decider should know, or cannot step over, before saying yes."""
    return findings(matter(session, council_id=council_id, claim_id=claim_id, decider=decider))


def _on_register(session: Session, claim: Claim) -> bool | None:
    below = claims.get(
        session, council_id=claim.council_id, claim_id=claim.tops_up_id or claim.corrects_id or claim.id
    )
    if claim.session_id is None or below.kind == "cancellation":
        return None
    tick = sessions.attendance(
        session, council_id=claim.council_id, session_id=claim.session_id, person_id=claim.person_id
    )
    return tick is not None and tick.attended


def _same_cost(session: Session, claim: Claim) -> str | None:
    """The id of another live claim of this person with the same cost on the same day."""
    mine = {_cost(expense) for expense in claim.expenses}
    if not mine:
        return None
    if claim.session_id is not None and (met := _met_before(session, claim)):
        return met
    for other in claims.of_person(session, council_id=claim.council_id, person_id=claim.person_id):
        if other.id == claim.id or other.state in ("withdrawn", "refused", "draft"):
            continue
        if other.facts.get("on") == claim.facts.get("on") and mine & {_cost(e) for e in other.expenses}:
            return other.id
    return None


def _met_before(session: Session, claim: Claim) -> str | None:
    """The id of what was handed over, or booked, for the same kind of cost at the same session."""
    key = {"council_id": claim.council_id, "person_id": claim.person_id}
    kinds = {expense.get("category") for expense in claim.expenses}
    for other in claims.advances_for(session, **key, session_id=claim.session_id or ""):
        if other.id != claim.id and kinds & {expense.get("category") for expense in other.expenses}:
            return other.id
    for booked in claims.booked_for(session, **key):
        if booked.session_id == claim.session_id and booked.category in kinds:
            return booked.id
    return None


def _cost(expense: dict[str, object]) -> tuple[object, object, object]:
    return (expense.get("category"), expense.get("amount_pence"), expense.get("miles"))
