"""What do we tell people about a payment: that it waits, was made, did not go through, or was too much?"""

from __future__ import annotations

from service.notices.wording import Wording

# As `WORDINGS` in `model`, of which these are part.
ABOUT_PAYMENTS: dict[str, Wording] = {
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
    "payout.failed": Wording(
        "Your payment did not go through",
        "We tried to pay you {amount} for {title}. It did not go through.\n\n{because}\n\n"
        "Your money is safe. Please check your details here, and we will pay you again: {link}",
        "payment-method/bank",
    ),
    "payout.returned": Wording(
        "Your payment came back to us",
        "We paid you {amount} for {title}, and the bank sent it back.\n\n{because}\n\n"
        "Your money is safe. Please check your details here, and we will pay you again: {link}",
        "payment-method/bank",
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
}
