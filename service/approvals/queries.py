"""Questions about decisions, and what stands in the way of one. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.approvals.model import AUTOMATIC, ROLE_NAMES, Decider, Finding, Matter, Who, findings, with_sums
from service.approvals.tables import Decision
from service.claims import queries as claims
from service.claims.comparing import ahead, corrected, first_part, rest, shown
from service.claims.doubles import NOT_ASKED, doubles
from service.claims.model import ADVANCE
from service.claims.tables import Claim
from service.councils import queries as councils
from service.councils.model import APPROVING_ROLES
from service.receipts import queries as receipts
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
    said = [
        (d.kind, d.role, (d.decider_kind, d.decider_id, d.decider_by.strip().lower()))
        for d in decisions(session, council_id=council_id, claim_id=claim_id)
        if d.claim_version == claim.version
    ]
    agreed = [(role, who) for kind, role, who in said if kind == "agreed"]
    refused_by = tuple(who for kind, _, who in said if kind == "refused" and who[0] != "rule")
    found = Matter(
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
        ahead=claim.kind == ADVANCE,
        decider=decider,
        same_cost_elsewhere=_same_cost(session, claim),
        same_receipt_elsewhere=_same_receipt(session, claim),
        refused_by=refused_by,
    )
    if not refused_by:
        return found
    return replace(found, somebody_else=somebody_else(session, claim=claim, found=found))


def refused_once(session: Session, *, council_id: str) -> set[str]:
    """Every claim that a person, or the rule, ever said no to."""
    query = select(Decision.claim_id).where(Decision.council_id == council_id, Decision.kind == "refused")
    return set(session.scalars(query.distinct()))


def by_policy(session: Session, *, claim: Claim) -> dict[str, Any]:
    """What the policy says to a claim; of what comes on top only the difference: all that is decided on.

    Of money for before the day: that nothing is spent yet, and a day before it.
    """
    given = claims.assessment(session, council_id=claim.council_id, claim_id=claim.id).answer
    if claim.difference is not None:
        return corrected(given, claim.difference)
    if claim.kind == ADVANCE:
        return ahead(given, by=claim.pay_by)
    return shown(given, claim.top_up) if claim.top_up else given


def answer(session: Session, *, council_id: str, claim: Claim) -> dict[str, Any]:
    """The policy's answer, with what a person settled where the policy left it open. Nothing is stored.

    Of a fee in two parts: the part that this claim pays.
    """
    if claim.rest_of_id:
        first = claims.get(session, council_id=council_id, claim_id=claim.rest_of_id)
        whole = whole_answer(session, council_id=council_id, claim=first)
        return rest(whole, pence=claim.fee_pence, first_pence=first.fee_pence)
    whole = whole_answer(session, council_id=council_id, claim=claim)
    if not claim.put_off_pence:
        return whole
    return first_part(whole, pence=claim.fee_pence, put_off_pence=claim.put_off_pence)


def whole_answer(session: Session, *, council_id: str, claim: Claim) -> dict[str, Any]:
    """What was agreed, in however many parts it is paid."""
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
    below = claims.get(session, council_id=claim.council_id, claim_id=claim.below_id)
    if claim.session_id is None or below.kind == "cancellation":
        return None
    tick = sessions.attendance(
        session, council_id=claim.council_id, session_id=claim.session_id, person_id=claim.person_id
    )
    return tick is not None and tick.attended


def _same_cost(session: Session, claim: Claim) -> str | None:
    """The id of another live claim of this person with the same cost on the same day."""
    if not claim.expenses:
        return None
    if claim.session_id is not None and (met := _met_before(session, claim)):
        return met
    found = doubles(
        session,
        council_id=claim.council_id,
        person_id=claim.person_id,
        on=str(claim.facts.get("on")),
        expenses=claim.expenses,
        leaving_out=claim.id,
    )
    return found[0].claim_id if found else None


def _same_receipt(session: Session, claim: Claim) -> str | None:
    """The id of another live claim, of anybody here, with the same picture of a receipt."""
    key = {"council_id": claim.council_id}
    own = [row.id for row in receipts.of_claim(session, **key, claim_id=claim.id)]
    if not own:
        return None
    met = receipts.claims_with_the_same(session, **key, receipt_ids=own, leaving_out=claim.id)
    known = claims.by_ids(session, **key, claim_ids=met)
    return next((one for one in met if known[one].state not in NOT_ASKED), None)


def somebody_else(session: Session, *, claim: Claim, found: Matter) -> bool:
    """Whether somebody who did not refuse a claim could say yes to it now."""
    seen = {who[1] for who in found.refused_by} | {who for _, who in found.makers}
    roles = {
        role
        for member in councils.staff(session, council_id=claim.council_id)
        if member.id not in seen
        for own in member.roles
        for role in APPROVING_ROLES.get(own, ())
    }
    role = found.next_role
    return bool(roles) if role is None or role not in ROLE_NAMES else role in roles


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
