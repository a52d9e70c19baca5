"""What does a message say of an offer, of its end, and of what somebody asked about it? Names and figures."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.claims import cancelling
from service.councils import queries as councils
from service.days import london_day, minutes_in_words, span_in_words
from service.events import Event
from service.money import pounds
from service.notices.reasons import paragraphs
from service.people import queries as people
from service.people.model import METHOD_NAMES
from service.policy import queries as policies
from service.policy.engine import Policy
from service.policy.explanation import explain
from service.sessions import asking
from service.sessions import queries as sessions
from service.sessions.model import LIVE_OFFERS
from service.sessions.tables import InvolvementSession, Offer

TOUCH = (
    "Money for your time may count for benefits or tax. The page says what we know, "
    "and where you can get free advice."
)
NO_COSTS = "This offer pays no costs back."
NOTHING_DUE = "There is no fee for it."
STILL_OPEN = "Somebody here has to say first what we pay you for your time."
# As long as this a list of costs can be read in one breath.
MOST_COSTS = 6


def reasons(answer: dict[str, Any]) -> str:
    """An assessment in short paragraphs."""
    return "\n".join(explain(answer))


def of_offer(session: Session, event: Event) -> dict[str, str]:
    """What an offer is, what it pays and covers; once it is over, what is due for it."""
    offer = sessions.offer(session, council_id=event.council_id, offer_id=event.subject_id)
    occasion = sessions.get(session, council_id=event.council_id, session_id=offer.session_id)
    judge = policies.by_id(session, council_id=event.council_id, policy_id=offer.policy_id)
    found = {
        "wording": _wording(session, event, offer, occasion),
        "charity": offer.give_to or "",
        "title": occasion.title,
        "when": span_in_words(occasion.starts_at, occasion.ends_at),
        "where": "Online" if occasion.online else occasion.place or "We will tell you where",
        "paid": _paid(offer),
        "reasons": reasons(offer.assessment),
    }
    if event.name == "offer.made":
        found |= _before_a_yes(session, judge.policy, offer, occasion)
    if event.name in ("offer.cancelled", "offer.declined"):
        found["due"] = due(session, event)
    return found


def _paid(offer: Offer) -> str:
    if offer.fee_pence:
        return f"We will pay you {pounds(offer.fee_pence)} for your time."
    return NOTHING_DUE if offer.for_nothing else STILL_OPEN


def _wording(session: Session, event: Event, offer: Offer, occasion: InvolvementSession) -> str:
    if event.name == "offer.accepted" and offer.give_to:
        return "offer.given_away"
    if event.name == "offer.accepted" and offer.for_nothing:
        return "offer.accepted_unpaid"
    if event.name == "offer.made" and offer.answered_at == offer.made_at and _by_staff(session, event):
        return "offer.on_the_day"
    if event.name == "offer.cancelled" and occasion.cancelled_at is None:
        return "offer.place_cancelled"
    return event.name


def _by_staff(session: Session, event: Event) -> bool:
    """Whether whoever made an offer also wrote down the yes: somebody dropped in, and is there already."""
    told = events.of_person(session, council_id=event.council_id, person_id=event.person_id or "", limit=50)
    yes = [e for e in told if (e.name, e.subject_id) == ("offer.accepted", event.subject_id)]
    return any(e.actor == event.actor for e in yes)


def _before_a_yes(
    session: Session, policy: Policy, offer: Offer, occasion: InvolvementSession
) -> dict[str, str]:
    on = london_day(occasion.starts_at)
    names = {row["key"]: row["name"] for row in policy.catalogue(on=on)["activities"]}
    promise = policy.terms(on=on)["payment_promise"]
    method = people.current_method(session, council_id=offer.council_id, person_id=offer.person_id)
    minutes = int((occasion.ends_at - occasion.starts_at).total_seconds() // 60)
    return {
        "activity": names.get(occasion.activity, occasion.activity),
        "length": minutes_in_words(minutes),
        "promise": promise["text"] if promise else "We pay you as soon as we can.",
        "paid_how": f"You are paid this way: {METHOD_NAMES[method.kind]}."
        if method
        else "You can tell us how you would like to be paid.",
        "costs": _costs(session, offer),
        "touch": TOUCH,
    }


def _costs(session: Session, offer: Offer) -> str:
    names = [
        f"{row['name']} (ask us first)" if row["agreed_first"] else str(row["name"])
        for row in asking.payable(session, offer=offer)
    ]
    if not names:
        return NO_COSTS
    more = f" and {len(names) - MOST_COSTS} more" if len(names) > MOST_COSTS else ""
    lines = "\n".join(f"- {name}" for name in names[:MOST_COSTS])
    return (
        f"We also pay back costs that you have to take part:\n{lines}{more}\n"
        "Is paying first hard for you? Ask us to book it, or to give you the money first."
    )


def due(session: Session, event: Event, *, words: str = "en") -> str:
    """What the policy gives for the notice, and why; nothing to say where there had been no yes."""
    offer = sessions.offer(session, council_id=event.council_id, offer_id=event.subject_id)
    if event.refs.get("was") != "accepted" or offer.state in LIVE_OFFERS:
        return ""
    answer = cancelling.due(
        session,
        council_id=event.council_id,
        offer=offer,
        by_person=event.name == "offer.declined",
        at=cancelling.cancelled_at(offer),
    )
    if answer is None:
        return NOTHING_DUE
    return "\n".join(paragraphs(session, council_id=event.council_id, answer=answer, words=words))


def of_ask(session: Session, event: Event) -> dict[str, str]:
    """What somebody asked about an offer, and who answered."""
    row = sessions.ask(session, council_id=event.council_id, ask_id=event.subject_id)
    occasion = sessions.get(session, council_id=event.council_id, session_id=row.session_id)
    names = councils.names_of(session, council_id=event.council_id)
    return {
        "title": occasion.title,
        "offer": row.offer_id,
        "asked": asking.asked_words(session, [row]).get(row.id, ""),
        "who": names.get(event.actor_id, "Somebody here"),
        "what": cost_name(session, occasion, row.category or ""),
    }


def cost_name(session: Session, occasion: InvolvementSession, category: str) -> str:
    """The policy's plain name of a kind of cost."""
    on = london_day(occasion.starts_at)
    policy = policies.in_force(session, council_id=occasion.council_id, on=on).policy
    rows = policy.catalogue(on=on)["expense_categories"]
    names: dict[str, str] = {row["key"]: row["name"] for row in rows}
    return names.get(category, category)
