"""What happened, in words for the person it happened to? Events in, steps of a timeline out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.events import Event
from service.money import pounds
from service.web.person.shapes import Step

# Events that say nothing new to the person have no words, and are left out.
WORDS = {
    "offer.made": "We asked you to come",
    "offer.accepted": "You said yes",
    "offer.less_taken": "You changed how much you take",
    "offer.declined": "You said no",
    "offer.cancelled": "It was called off",
    "register.ticked": "We wrote down that you came",
    "register.unticked": "We wrote down that you did not come",
    "claim.submitted": "You sent this claim",
    "claim.entered": "We wrote this claim down for you",
    "claim.said_wrong": "You said that it is wrong",
    "claim.changed": "It was changed, and worked out again",
    "claim.top_up_offered": "Our rules changed, and we offered you this",
    "claim.waiting": "It went to somebody here to say yes",
    "claim.needs_person": "It went to somebody here to decide",
    "claim.asked": "We asked you a question",
    "claim.answered": "You answered our question",
    "claim.approved": "It was agreed",
    "claim.refused": "It was not agreed",
    "claim.look_again_asked": "You asked us to look again",
    "claim.looked_again": "We looked again",
    "receipt.attached": "You added a receipt",
    "receipt.removed": "A receipt was taken away",
    "receipt.refused": "Our check for harmful files stopped a receipt",
    "claim.withdrawn": "It was taken back",
    "claim.stopped": "It was stopped, because the register changed",
    "claim.rest_put_off": "You chose to have this part of a fee later",
    "claim.rest_taken_in": "It is no longer a payment of its own",
    "claim.overpaid": "The register changed after you were paid. You do not have to do anything",
    "claim.correction_asked": "Somebody asked for it to be put right",
    "claim.corrected": "It was put right",
    "overpayment.asked": "We asked you about what we paid too much",
    "overpayment.agreed": "You said yes to taking it from later fees",
    "overpayment.declined": "You said no",
    "overpayment.consent_ended": "You took your yes back",
    "overpayment.written_off": "We said that you can keep it",
    "overpayment.taken": "Some of it came off a later fee, as you said",
    "payment.day_chosen": "You chose the day of this payment",
    "payment.late": "We are late in paying this. We are sorry",
    "payout.held": "The money is waiting",
    "payout.unknown": "The bank has not told us yet if it arrived. We are asking",
    "payout.sent": "We sent the money",
    "payout.put_back": "The bank did not take it. We send it again",
    "payout.paid": "You were paid",
    "payout.failed": "The payment did not go through",
    "payout.returned": "The payment came back to us",
    "payout.cancelled": "The payment was called off",
}
BY_RULE = {
    "claim.submitted": "The register says that you came, so we worked out your money",
    "claim.approved": "It was agreed by the council's own rules",
    "claim.refused": "The council's rules do not pay for this",
}
BY_HELPER = {
    "claim.submitted": "This claim was sent for you",
    "claim.answered": "Our question was answered for you",
}
# What the person answered to an offer on top of a claim.
ANSWERS = {"claim.submitted": "You said yes", "claim.withdrawn": "You said no"}
WITH_AMOUNT = {
    "offer.made",
    "offer.accepted",
    "offer.less_taken",
    "payout.sent",
    "payout.paid",
    "payout.failed",
    "payout.returned",
}


def steps(
    history: Iterable[Event], words: Mapping[int, str], *, names: Mapping[str, str] | None = None
) -> tuple[Step, ...]:
    """A person's timeline of one claim, newest first. `words`: what was said with each event.

    `names`: whoever did something in their place, by id.
    """
    known = names or {}
    told = [event for event in history if event.name in WORDS]
    offered = any(event.name == "claim.top_up_offered" for event in told)
    return tuple(
        Step(
            at=event.at,
            what=_what(event, offered),
            who=known.get(event.actor_id, ""),
            words=words.get(event.id, ""),
        )
        for event in sorted(told, key=lambda event: (event.at, event.id), reverse=True)
    )


def last_words(history: Iterable[Event], words: Mapping[int, str], name: str) -> str:
    """What was said the last time that this happened."""
    said = [words.get(event.id, "") for event in history if event.name == name]
    return said[-1] if said else ""


def _what(event: Event, offered: bool) -> str:
    what = WORDS[event.name]
    if offered and event.name in ANSWERS and event.actor_kind == "person":
        return ANSWERS[event.name]
    if event.actor_kind == "helper":
        what = BY_HELPER.get(event.name, what)
    elif event.actor_kind == "rule":
        what = BY_RULE.get(event.name, what)
    elif event.name == "claim.submitted" and event.actor_kind != "person":
        what = "We sent this claim for you"
    if event.name in WITH_AMOUNT and event.amount_pence is not None:
        what = f"{what}: {pounds(event.amount_pence)}"
    return what
