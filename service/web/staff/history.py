"""What happened to a claim, in words for staff: everything, and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.claims.entering import HOW
from service.events import Event
from service.money import pounds
from service.web.person.shapes import Step

WORDS = {
    "claim.submitted": "Claim made",
    "claim.entered": "Entered by staff for the person",
    "claim.said_wrong": "The person says that this is wrong",
    "claim.changed": "Changed, and worked out again",
    "claim.policy_changed": "Another version of the policy counts for that day",
    "claim.left_as_it_is": "That version cannot read this claim: left as it is",
    "claim.top_up_offered": "Offered to the person",
    "claim.waiting": "Laid before a person",
    "claim.needs_person": "The policy left it to a person",
    "claim.asked": "Question asked",
    "claim.answered": "Question answered",
    "claim.approved": "Agreed",
    "claim.refused": "Not agreed",
    "claim.look_again_asked": "The person does not agree: to be looked at again",
    "claim.looked_again": "Looked at again, and answered",
    "receipt.attached": "Receipt added",
    "receipt.checked": "Receipt checked for harmful files",
    "receipt.refused": "The check for harmful files stopped a receipt",
    "receipt.removed": "Receipt taken away",
    "claim.withdrawn": "Taken back",
    "claim.stop_asked": "Un-ticked after it was agreed",
    "claim.stopped": "Stopped",
    "claim.rest_put_off": "The later part of a fee, as the person chose",
    "claim.rest_taken_in": "No longer a part of its own",
    "claim.overpaid": "Un-ticked after it was paid: somebody has to decide",
    "claim.not_overpaid": "Ticked again: nothing is overpaid",
    "claim.correction_asked": "Somebody asked for it to be put right",
    "claim.corrected": "Put right, and compared with what was paid",
    "overpayment.noted": "Paid too much: somebody has to decide",
    "overpayment.asked": "The person was asked about it",
    "overpayment.agreed": "The person said yes",
    "overpayment.declined": "The person said no",
    "overpayment.consent_ended": "The person took their yes back",
    "overpayment.written_off": "Written off",
    "overpayment.taken": "Some of it came off a later fee",
    "overpayment.given_back": "That fee came back: nothing was taken",
    "overpayment.settled": "Settled",
    "overpayment.gone": "Nothing is paid too much any more",
    "claim.register_differs": "The register changed after the claim was agreed",
    "payment.late": "The payment is late, and the person was told",
    "payment.day_chosen": "The person chose the day of the payment",
    "payout.ready": "Payment made ready",
    "payout.held": "Payment held",
    "payout.waiting": "Payment held back",
    "payout.sending": "Payment sent",
    "payout.sending_again": "Payment sent again, under the same key",
    "payout.unknown": "No answer yet: being asked after",
    "payout.stood_back": "Payment not sent yet: something stood in the way",
    "payout.overtaken": "New details came meanwhile",
    "payout.sent": "The payment was accepted, and is on its way",
    "payout.put_back": "The bank rejected the whole file: it waits for the next one",
    "payout.paid": "Paid",
    "payout.failed": "The payment failed",
    "payout.returned": "The payment came back",
    "payout.cancelled": "The payment was called off",
}
# The payment itself says these.
SAID_ELSEWHERE = ("notice.", "claim.paid", "claim.payment_returned")
KINDS = {
    "rule": "by rule",
    "system": "by the service",
    "rail": "as the bank or provider told us",
    "key": "a connected system",
    "helper": "a helper of the person",
}


def steps(
    history: Iterable[Event], words: Mapping[int, str], *, names: Mapping[str, str]
) -> tuple[Step, ...]:
    """A claim's timeline, newest first, with who did each thing."""
    newest = sorted(history, key=lambda event: (event.at, event.id), reverse=True)
    return tuple(
        Step(at=event.at, what=_what(event), who=_who(event, names), words=words.get(event.id, ""))
        for event in newest
        if not event.name.startswith(SAID_ELSEWHERE)
    )


def _what(event: Event) -> str:
    what = WORDS.get(event.name, event.name.replace(".", ": ").replace("_", " ").capitalize())
    if event.name == "claim.entered":
        what = f"{what}, {HOW[event.refs['how']]}"
    shown = event.amount_pence is not None and event.name.startswith("payout.")
    return f"{what}: {pounds(event.amount_pence or 0)}" if shown else what


def _who(event: Event, names: Mapping[str, str]) -> str:
    return names.get(event.actor_id) or KINDS.get(event.actor_kind, event.actor_kind)
