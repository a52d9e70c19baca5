"""What do we tell people, and in which words? One text for each event that matters to a person.

`{…}` is filled with figures and names; `{link}` is filled only as the message leaves, because it signs the
person in. Plain English, reading age 9 to 11: short sentences, one thing each.
"""

from __future__ import annotations

from service.notices.keeping_safe import KEEPING_SAFE, Wording

GREETING = "Hello {name},\n\n"
GOODBYE = "\n\n{council}\n{contact}"

# Why a payment waits, in words for the person who is waiting.
WAITS_BECAUSE = {
    "no_method": "We do not know yet how you would like to be paid.",
    "new_details": "Your bank details are new. To keep your money safe, we wait a little before we use them.",
    "not_wanted": "You told us that you do not want to be paid. Please tell us if you change your mind.",
    "name_check": "We are checking the name on your account with your bank.",
    "onboarding": "Stripe, who sends the money for us, needs your bank details from you.",
    "by_hand": "We need to check something first. We will be in touch.",
    "stopped": "Somebody told us that a change was not theirs. We wait until we have talked with you.",
}

# What the bank says of the name, in words for the person. The name it has is shown on their page only.
NAME_SAYS = {
    "match": "The name fits the account.",
    "close_match": "The name you gave us is close to the name on the account, but not the same.",
    "no_match": "The name you gave us is not the name on the account.",
    "unavailable": "Your bank could not tell us whether the name fits the account.",
}
# What is told too where somebody was reached before, while that change is new.
TOLD_AT_OLD_CONTACT = frozenset(
    (
        "person.method_code_asked",
        "person.method_set",
        "person.method_proposed",
        "person.contact_changed",
        "person.reach_chosen",
        "person.payments_stopped",
        "authority.recorded",
        "authority.checked",
        "erasure.asked",
    )
)

WORDINGS: dict[str, Wording] = {
    "offer.made": Wording(
        "Would you like to join us? {title}",
        "We would like you to join us.\n\n{title}\n{activity}\n{when} ({length})\n{where}\n\n"
        "{paid}\n\n{reasons}\n\n{promise} {paid_how}\n\n{costs}\n\n{touch}\n\n"
        "You can say yes or no. You can take less, or nothing. You do not have to say why. "
        "You can ask us a question first.\n\n"
        "Read more and answer here: {link}",
        "offers/{subject}",
    ),
    "offer.on_the_day": Wording(
        "Thank you for coming: {title}",
        "You came to this without an invitation, and we have written you down.\n\n{title}\n{when}\n\n{paid}"
        "\n\n{reasons}\n\nYou do not need to fill in a form. See it here: {link}",
        "offers/{subject}",
    ),
    "offer.accepted": Wording(
        "Thank you for saying yes: {title}",
        "Thank you. We look forward to seeing you.\n\n{title}\n{when}\n{where}\n\n"
        "After the session we pay your fee by ourselves. You do not need to fill in a form.\n"
        "If you spend money to get there, you can tell us here: {link}",
        "offers/{subject}",
    ),
    "offer.accepted_unpaid": Wording(
        "Thank you for saying yes: {title}",
        "Thank you. We look forward to seeing you.\n\n{title}\n{when}\n{where}\n\n"
        "There is no fee for this. You do not need to fill in a form.\n"
        "If you spend money to get there, you can tell us here: {link}",
        "offers/{subject}",
    ),
    "offer.given_away": Wording(
        "Your fee goes to a charity: {title}",
        "We have written down that you said yes, and that you give your fee away.\n\n"
        "{title}\n{when}\n{where}\n\n"
        "After the session we pay your fee to {charity}. We do not pay it to you.\n"
        "If you spend money to get there, you can tell us here: {link}\n\n"
        "If you did not ask for this, stop it here. We then hold your payments until we have talked: {stop}",
        "offers/{subject}",
    ),
    "offer.less_taken": Wording(
        "You take {amount}: {title}",
        "You changed how much of your fee you take. It is {amount} now. You still have your place.\n\n"
        "{title}\n{when}\n\nCosts that you asked us to meet stay as they are.\n\n"
        "If you did not ask for this, please tell us. See it here: {link}",
        "offers/{subject}",
    ),
    "offer.cancelled": Wording(
        "This session is not going ahead: {title}",
        "We are sorry. This session is not going ahead:\n\n{title}\n{when}\n\n{due}\n\n"
        "If you have spent money on it already, please tell us: {link}",
        "offers/{subject}",
    ),
    "offer.place_cancelled": Wording(
        "We do not need you this time: {title}",
        "We are sorry. We have to cancel your place:\n\n{title}\n{when}\n\n{due}\n\n"
        "If you have spent money on it already, please tell us: {link}",
        "offers/{subject}",
    ),
    "offer.declined": Wording(
        "You told us that you cannot come: {title}",
        "Thank you for telling us. That is fine. You do not have to say why.\n\n{title}\n{when}\n\n{due}\n\n"
        "You can change your mind. See it here: {link}",
        "offers/{subject}",
    ),
    "ask.answered": Wording(
        "An answer to your question: {title}",
        "You asked us:\n\n{asked}\n\n{who} answers:\n\n{words}\n\nSee it here, or ask us again: {link}",
        "offers/{offer}",
    ),
    "ask.booked": Wording(
        "We have booked it for you: {title}",
        "We have booked this for you, and we pay for it: {what}.\n\n{words}\n\n"
        "You do not have to pay anything for it. See it here: {link}",
        "offers/{offer}",
    ),
    "ask.handed_over": Wording(
        "You get {amount} before the day: {title}",
        "You asked for money before the day, for this: {what}. We would like to give you {amount}.\n\n{words}"
        "\n\nSomebody else here has to say yes first. Then we tell you, and the money goes to you.\n\n"
        "See where it is: {link}",
        "offers/{offer}",
    ),
    "ask.refused": Wording(
        "About the cost that you asked for: {title}",
        "You asked us to pay for something before the day: {what}. We cannot do that.\n\n{words}\n\n"
        "If you pay for it, you can still ask for the money after the day. See it here, or ask us: {link}",
        "offers/{offer}",
    ),
    "claim.waiting": Wording(
        "We have what we need: {title}",
        "We have worked out {amount} for you. Somebody here needs to say yes first.\n\n{reasons}\n\n"
        "We will pay you by {pay_by}.\n\nSee where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.waiting_away": Wording(
        "We have what we need: {title}",
        "We have worked out {amount}. It goes to {charity}, as you asked. Somebody here needs to say yes "
        "first.\n\n{reasons}\n\nWe will pay it by {pay_by}.\n\nSee where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.needs_person": Wording(
        "Somebody is looking at this: {title}",
        "Our rules do not give one clear answer here, so somebody is looking at it.\n\n{reasons}\n\n"
        "See where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.asked": Wording(
        "We have a question: {title}",
        "We have a question before we can pay you:\n\n{words}\n\nPlease answer here: {link}",
        "claims/{subject}",
    ),
    "claim.entered": Wording(
        "We sent a claim for you: {title}",
        "{who} at the council sent a claim for you, as you told us {how}.\n\n{title}\n\n{reasons}\n\n"
        "Is this wrong? Tell us here: {link}",
        "claims/{subject}",
    ),
    "claim.approved": Wording(
        "Agreed: {amount} for {title}",
        "{amount} is on its way to you.\n\n{reasons}\n\nWe promised to pay you by {pay_by}.\n\n"
        "See where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.approved_away": Wording(
        "Agreed: {amount} for {title}",
        "{amount} goes to {charity}, as you asked. We do not pay it to you.\n\n{reasons}\n\n"
        "We promised to pay it by {pay_by}.\n\nSee where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.approved_waits": Wording(
        "Agreed: {amount} for {title}",
        "We have agreed {amount} for {title}. It is not on its way yet.\n\n{because}\n\n{reasons}\n\n"
        "See it, and tell us how you would like to be paid, at any time: {link}",
        "claims/{subject}",
    ),
    "claim.refused": Wording(
        "About your claim: {title}",
        "We cannot pay this.\n\n{words}\n\n{reasons}\n\n"
        "If you think this is wrong, please tell us and we will look again. See it here: {link}",
        "claims/{subject}",
    ),
    "claim.look_again_asked": Wording(
        "We will look again: {title}",
        "You told us that you do not agree. Thank you for saying so.\n\n"
        "Another person here will look at your claim again. If there is nobody else, the same person looks "
        "afresh.\n\nYou do not need to do anything. See where it is at any time: {link}",
        "claims/{subject}",
    ),
    "claim.looked_again": Wording(
        "We looked again: {title}",
        "You told us that you do not agree. So we looked again. This is what we found:\n\n{words}\n\n"
        "What we agreed before stays yours. If you still think that this is wrong, you can ask us again. "
        "See it here: {link}",
        "claims/{subject}",
    ),
    "receipt.refused": Wording(
        "We could not keep your picture",
        "You sent us a picture of a receipt or ticket. Our check for harmful files stopped it, so we do not "
        "have it.\n\nThis is not your fault. Please take a new picture and send it here: {link}",
        "",
    ),
    "claim.withdrawn": Wording(
        "Taken back: {title}",
        "This claim has been taken back, so nothing will be paid for it:\n\n{title}\n\n"
        "If that is wrong, please tell us. See it here: {link}",
        "claims/{subject}",
    ),
    "claim.stopped": Wording(
        "Stopped: {title}",
        "We have stopped this payment before it left:\n\n{title}\n\n"
        "If that is wrong, please tell us. See it here: {link}",
        "claims/{subject}",
    ),
    "claim.corrected": Wording(
        "We looked at it again: {title}",
        "You or somebody here asked to put something right:\n\n{title}\n\n"
        "We looked at it. What you get stays the same: {amount}.\n\n"
        "If that is wrong, please tell us. See why here: {link}",
        "claims/{subject}",
    ),
    "claim.top_up_offered": Wording(
        "We owe you {amount} more: {title}",
        "Our rules changed after we worked out your money. So we owe you {amount} more.\n\n{reasons}\n\n"
        "Would you like it? It is your choice. You can say yes or no. You do not have to say why.\n\n"
        "Say yes or no here: {link}",
        "claims/{subject}",
    ),
    "top_up.declined": Wording(
        "You said no to {amount} more: {title}",
        "You said no to {amount} more, so we will not send it. That is fine. "
        "What we worked out before stays as it is.\n\n{title}\n\n"
        "If you did not mean to say no, please tell us. See it here: {link}",
        "claims/{subject}",
    ),
    "top_up.gone": Wording(
        "We took back our offer: {title}",
        "We had offered you {amount} more. We took this back, because what it belongs to has changed:"
        "\n\n{title}\n\nIf that is wrong, please tell us. See it here: {link}",
        "claims/{subject}",
    ),
    "payout.held": Wording(
        "How would you like to be paid?",
        "We have {amount} for you, for {title}.\n\n{because}\n\nTell us how you would like it here: {link}",
        "payment-method",
    ),
    "payout.waits": Wording(
        "Your payment is waiting",
        "We have {amount} for you, for {title}.\n\n{because}\n\nSee where it is at any time: {link}",
        "claims/{claim}",
    ),
    "payout.paid": Wording(
        "We have paid you {amount}",
        "We have paid you {amount} for {title}. {less}\n\nOn your statement it says: {reference}\n\n"
        "{reasons}\n\nSee what it pays, line by line, and keep it: {link}",
        "payments/{subject}",
    ),
    "payout.given_away": Wording(
        "We have given {amount} away for you",
        "We have paid {amount} to {charity}, as you asked. It was for {title}. {less}\n\n"
        "Our number for it is {reference}\n\n{reasons}\n\n"
        "See what it pays, line by line, and keep it: {link}",
        "payments/{subject}",
    ),
    "payout.gift_came_back": Wording(
        "Your gift came back to us",
        "We had written down that {charity} got {amount} for {title}. That has changed.\n\n{because}\n\n"
        "The money is safe. See where it is at any time: {link}",
        "claims/{claim}",
    ),
    "payment.late": Wording(
        "We are late in paying: {title}",
        "We promised {amount} by {pay_by}, for {title}. It is late. We are sorry.\n\n"
        "The money is safe. See where it is, and who has it now: {link}",
        "claims/{subject}",
    ),
    "payout.failed": Wording(
        "Your payment did not go through",
        "We tried to pay you {amount} for {title}. It did not go through.\n\n{because}\n\n"
        "Your money is safe. Please check your details here, and we will pay you again: {link}",
        "payment-method/{details}",
    ),
    "payout.returned": Wording(
        "Your payment came back to us",
        "We paid you {amount} for {title}, and the bank sent it back.\n\n{because}\n\n"
        "Your money is safe. Please check your details here, and we will pay you again: {link}",
        "payment-method/{details}",
    ),
    "recipient.form": Wording(
        "One more step before we can pay you",
        "We pay you by Stripe. Stripe needs your bank details from you.\n\n"
        "It takes a few minutes. Begin here: {link}",
        "payment-method",
    ),
    "recipient.doubtful": Wording(
        "Please look at your bank details",
        "We asked your bank about the name on your account. {because}\n\n"
        "We have not changed anything, and your money is safe.\n\n"
        "You can use the details all the same, or correct them. Please look here: {link}",
        "payment-method",
    ),
    "recipient.refused": Wording(
        "We cannot use your bank details yet",
        "{because}\n\nYour money is safe. Please check your details here: {link}",
        "payment-method",
    ),
    "payout.not_handed_over": Wording(
        "Your payment came back to us",
        "We had written down that you got {amount} for {title}. That has changed.\n\n{because}\n\n"
        "Your money is safe. Please tell us how you would like it here: {link}",
        "payment-method",
    ),
    "advance.spent_asked": Wording(
        "What did it cost in the end? {title}",
        "Before the day we gave you {amount} for a cost:\n\n{title}\n\n"
        "Could you tell us what you spent? If it was more, we pay you the rest. "
        "This is only a question. You do not owe us anything now.\n\nTell us here: {link}",
        "claims/{subject}/correct",
    ),
    "overpayment.noted": Wording(
        "We paid you more than we should have",
        "We paid you more than we should have for {title}. It is {amount} too much. We are sorry.\n\n"
        "You do not have to do anything. You have done nothing wrong. Somebody here is looking at it. "
        "We take nothing from your money unless you say yes.\n\nRead more here: {link}",
        "overpaid/{subject}",
    ),
    "overpayment.asked": Wording(
        "A question about {amount} that we paid you too much",
        "We paid you {amount} more than we should have for {title}. We are sorry.\n\n"
        "May we take it from fees that we pay you later? It is your choice. "
        "You can say no, and you do not have to say why. You choose how much.\n\nAnswer here: {link}",
        "overpaid/{subject}",
    ),
    "overpayment.agreed": Wording(
        "You said yes: up to {amount} from each fee",
        "You said that we may take up to {amount} from each fee, for what we paid you too much for {title}. "
        "It starts with your next fee. We never take more than half of a fee, and nothing from costs.\n\n"
        "You can stop this at any time here: {link}",
        "overpaid/{subject}",
    ),
    "overpayment.written_off": Wording(
        "You can keep the {amount}",
        "We had paid you {amount} too much for {title}. You can keep it. "
        "You do not have to do anything.\n\nSee it here: {link}",
        "overpaid/{subject}",
    ),
    "overpayment.gone": Wording(
        "Put right: what we paid you too much",
        "We told you that we had paid you too much for {title}. That has been put right. "
        "You owe us nothing for it, and you do not have to do anything.\n\nSee it here: {link}",
        "claims/{claim}",
    ),
    "overpayment.settled": Wording(
        "Settled: what we paid you too much",
        "You said that we may take what we paid you too much for {title} from your fees. That is done now. "
        "We take nothing more for it.\n\nThank you. See it here: {link}",
        "overpaid/{subject}",
    ),
    "policy.sign_off_asked": Wording(
        "Would you read this? Our rules for paying people may change",
        "We would like to change our rules for paying people: {title}.\n\n"
        "Before we do, we would like to hear from people who are paid by them. So we ask you.\n\n"
        "Read what would change, and say if you agree. It takes a few minutes, and you can say no: {link}",
        "policy/{subject}",
    ),
    "books.breach": Wording(
        "Look at once: money and records disagree at {council}",
        "We compare every payment with the ledger every two minutes. Things that do not agree: {words}. "
        "({when})\n\n"
        "What they are is on the page “Machine” for operations, and on “Ledger” for finance: {link}\n\n"
        "Nothing is put right by itself. Hold payments until you know why.",
        "",
    ),
    "rail.short_of_funds": Wording(
        "Payments are waiting for money",
        "There is not enough money where we pay from ({rail}). {count}, {amount} in all, cannot go.\n\n"
        "They are safe, and they go by themselves when there is enough money. "
        "Please see to it, or ask your finance team.\n\nSee them here: {link}",
        "",
    ),
    "cost.booked": Wording(
        "We have booked this for you: {title}",
        "We have booked something for you, and paid {amount} for it ourselves.\n\n{title}\n\n{words}\n\n"
        "You do not have to pay anything for it. See your page here: {link}",
        "",
    ),
    **KEEPING_SAFE,
}
