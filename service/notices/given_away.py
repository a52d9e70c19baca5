"""Does money go to a charity, or nowhere yet? Then no message may say that it comes to the person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.events import Event
from service.notices.model import WAITS_BECAUSE
from service.payouts import queries as payouts
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


def waits_for(session: Session, *, council_id: str, claim_id: str, person_id: str) -> str:
    """Why the money of an agreed claim does not come yet: `no_method`, `not_wanted`, or nothing."""
    method = people.current_method(session, council_id=council_id, person_id=person_id)
    tries = payouts.of_claims(session, council_id=council_id, claim_ids=[claim_id])[claim_id]
    if tries:
        held = tries[-1].held_because if tries[-1].state == "held" else ""
        return held if held in ("no_method", "not_wanted") else ""
    return "no_method" if method is None else "not_wanted" if method.kind == "none" else ""


def of_claim(session: Session, event: Event) -> dict[str, str]:
    """The wording, and the charity or what it waits for; nothing where the money comes to the person."""
    if event.name not in OF_CLAIMS:
        return {}
    key = {"council_id": event.council_id, "claim_id": event.claim_id or ""}
    charity = charity_of(session, **key, person_id=event.person_id or "")
    if charity:
        return {"wording": OF_CLAIMS[event.name], "charity": charity}
    waits = waits_for(session, **key, person_id=event.person_id or "")
    if event.name != "claim.approved" or not waits:
        return {}
    return {"wording": "claim.approved_waits", "because": WAITS_BECAUSE[waits]}


def of_payment(payout: Payout, event: Event) -> dict[str, str]:
    """The same for a payment that was made, or came back."""
    if not payout.give_to or event.name not in OF_PAYMENTS:
        return {}
    return {"wording": OF_PAYMENTS[event.name], "charity": payout.give_to}
