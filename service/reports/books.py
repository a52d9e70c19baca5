"""Do money and records agree? Sentences for every place where they do not. Writes nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.ledger import queries as ledger
from service.payouts import queries as payouts

PAGE = 500


def breaches(session: Session, *, council_id: str) -> list[str]:
    """Every breach: an unbalanced ledger, a claim whose state is not what the ledger says, two live
    payments.
    """
    found: list[str] = []
    balance = ledger.trial_balance(session, council_id=council_id)
    debit, credit = sum(b.debit_pence for b in balance), sum(b.credit_pence for b in balance)
    if debit != credit:
        found.append(f"The ledger does not balance: {debit} pence debit, {credit} pence credit.")
    after = None
    while page := claims.page(
        session, council_id=council_id, wanted=claims.Filter(), after=after, limit=PAGE
    ):
        paid = ledger.paid_pence(session, council_id=council_id, claim_ids=[claim.id for claim in page])
        money = payouts.of_claims(session, council_id=council_id, claim_ids=[claim.id for claim in page])
        for claim in page:
            left = paid.get(claim.id, 0)
            settled = [p for p in money[claim.id] if p.state == "paid"]
            if (claim.state == "paid") != (left > 0):
                found.append(f"{claim.id} is {claim.state}, and the ledger has {left} pence paid for it.")
            if len(settled) > 1 or left != sum(p.amount_pence for p in settled):
                found.append(
                    f"{claim.id} has {len(settled)} settled payments, and {left} pence in the ledger."
                )
        after = (page[-1].changed_at, page[-1].id)
    return found
