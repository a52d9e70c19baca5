"""Who has somebody's claim or payment now? A role, "us", "the bank" or "you": never a name of staff."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.approvals.model import ROLE_NAMES, Decider
from service.claims.tables import Claim
from service.payouts import lateness
from service.payouts.tables import Payout

US, YOU, BANK = "us", "you", "the bank"
# Others who pay for us → who has it then.
PAYERS = {
    "finance_system": "the council's finance team",
    "payroll": "the council's payroll",
    "cash_desk": "the council's cash desk",
}


def turn_of(session: Session, claim: Claim, paid: list[Payout]) -> str:
    """Who has it now; nothing where it is over, or the money is there."""
    if claim.state in ("refused", "withdrawn", "paid"):
        return ""
    if claim.state in ("draft", "asked"):
        return YOU
    if claim.state in ("waiting", "needs_person"):
        asker = Decider("person", claim.person_id)
        matter = approvals.matter(session, council_id=claim.council_id, claim_id=claim.id, decider=asker)
        return ROLE_NAMES.get(matter.next_role or "", "somebody in the team")
    return _money_turn(paid[-1]) if claim.state == "approved" and paid else US


def _money_turn(payout: Payout) -> str:
    if payout.state in ("failed", "returned") or lateness.waits_for_person(payout):
        return YOU
    if payout.state in ("sent", "unknown"):
        return PAYERS.get(payout.rail, BANK)
    return PAYERS.get(payout.rail, US) if payout.state == "ready" else US


def in_words(turn: str, *, council: str) -> str:
    """`an approver` → a sentence for the page of one claim."""
    if not turn:
        return ""
    if turn == YOU:
        return "It is with you now."
    if turn in (US, BANK, *PAYERS.values()):
        return f"It is with {turn} now. You do not need to do anything."
    return f"It is with {turn} at {council} now. You do not need to do anything."
