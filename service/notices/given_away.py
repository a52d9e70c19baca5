"""Does money go to a charity? Then no message may say that it comes to the person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.events import Event
from service.payouts.tables import Payout
from service.people import queries as people

# Event → what is said instead where a charity gets it.
OF_CLAIMS = {"claim.waiting": "claim.waiting_away", "claim.approved": "claim.approved_away"}
OF_PAYMENTS = {"payout.paid": "payout.given_away", "payout.returned": "payout.gift_came_back"}


def charity_of(session: Session, *, council_id: str, claim_id: str, person_id: str) -> str:
    """To whom the money of a claim is to go that is not paid yet; empty where it is the person's own.

    A fee is given away with the yes to an offer, or whoever is paid has it all go to a charity.
    """
    stored = claims.assessment(session, council_id=council_id, claim_id=claim_id)
    method = people.current_method(session, council_id=council_id, person_id=person_id)
    return str(stored.facts.get("give_to") or (method.charity if method else "") or "")


def of_claim(session: Session, event: Event) -> dict[str, str]:
    """The wording and the charity; nothing where the money is the person's own."""
    if event.name not in OF_CLAIMS:
        return {}
    key = {"council_id": event.council_id, "claim_id": event.claim_id or ""}
    charity = charity_of(session, **key, person_id=event.person_id or "")
    return {"wording": OF_CLAIMS[event.name], "charity": charity} if charity else {}


def of_payment(payout: Payout, event: Event) -> dict[str, str]:
    """The same for a payment that was made, or came back."""
    if not payout.give_to or event.name not in OF_PAYMENTS:
        return {}
    return {"wording": OF_PAYMENTS[event.name], "charity": payout.give_to}
