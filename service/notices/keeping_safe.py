"""What do we tell people of signing in, of how they are paid and reached, and of who acts for them or helps?

These keep money safe, so many can be stopped by whoever did not ask for them. `model.py` holds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """A subject and a body. `goes_to`: the page that the link opens, with `{subject}` for the id."""

    subject: str
    body: str
    goes_to: str


NOT_ME = "\n\nIf this was not you, stop it here. We then hold your payments until we have talked: {stop}"

KEEPING_SAFE: dict[str, Wording] = {
    "person.link_asked": Wording(
        "Your link to sign in",
        "Press this link to sign in: {link}\n\nIt works once, for one hour. "
        "If you did not ask for it, you can leave it.",
        "",
    ),
    "person.sign_in_code_asked": Wording(
        "Your code to sign in",
        "Your code is {code}\n\nIt works once, for 10 minutes. Tell it to nobody, not even to us. "
        "If you did not ask for it, you can leave it.",
        "",
    ),
    "person.method_proposed": Wording(
        "Did you ask for this change?",
        "Somebody at the council has written down a new way to pay you: {because} "
        "We will not use it until you say yes.\n\n"
        "Please look at it here: {link}" + NOT_ME,
        "payment-method",
    ),
    "method.told_by_bank": Wording(
        "Has your bank account changed?",
        "We paid you. Your bank told us that your account has a new sort code or number. "
        "We will not use it until you say yes.\n\n"
        "Please look at it here: {link}",
        "payment-method",
    ),
    "person.method_set": Wording(
        "How we pay you has been written down",
        "We will pay you this way from now on: {because}\n\n{before}\n\nSee it here: {link}" + NOT_ME,
        "payment-method",
    ),
    "person.method_code_asked": Wording(
        "Your code to change how we pay you",
        "Somebody asked us to change how we pay you. It would be: {because}\n\n{before}\n\n"
        "If that was you, type this code: {code}\nIt works for 15 minutes. Tell it to nobody, not even to us."
        "\n\nType it here: {link}" + NOT_ME,
        "payment-method/confirm",
    ),
    "attorney.asked": Wording(
        "A change of how we pay you",
        "{who}, who acts for you, asked us to change how we pay you. It would be: {because}\n\n{before}\n\n"
        "See it here: {link}" + NOT_ME,
        "payment-method",
    ),
    "person.contact_changed": Wording(
        "How we reach you has changed",
        "From now on we write to you here: {because}\n\nSee your page here: {link}" + NOT_ME,
        "",
    ),
    "person.reach_chosen": Wording(
        "How we write to you",
        "From now on we write to you like this: {because}\n\n"
        "If you do not want this, change it here: {link}\n\n"
        "If you did not ask for it, please tell us.",
        "messages",
    ),
    "person.payments_stopped": Wording(
        "We hold your payments, to keep your money safe",
        "Somebody told us that a change of how we pay you was not theirs. So we stopped it, and we hold your "
        "payments. Nothing is lost.\n\nPlease contact us, and we will put it right.\n\n"
        "See how you are paid here: {link}",
        "payment-method",
    ),
    "person.payments_go_on": Wording(
        "Your payments go on",
        "Thank you for talking with us. We hold your payments no longer.\n\n"
        "Look at how you are paid here: {link}",
        "payment-method",
    ),
    "erasure.asked": Wording(
        "You asked us to erase what we keep about you",
        "Somebody asked us to erase what we keep about you.\n\n"
        "We wait for 7 days. Then we erase it, as soon as all your money is settled. "
        "We will not be able to write to you after that.\n\n"
        "You can take it back until then. See what goes and what must stay: {link}" + NOT_ME,
        "my-data/erase",
    ),
    "authority.recorded": Wording(
        "Somebody may soon act for you",
        "We have seen a document. It says that {because} may act on your money. A second person here has to "
        "see it before it counts.\n\nSee it here: {link}\n\nIs this wrong? Please contact us.",
        "payment-method",
    ),
    "authority.checked": Wording(
        "{because} may act for you now",
        "Two people here have seen the document. So {because} may say how you are paid. "
        "They see nothing else of yours, and we tell you each time.\n\nSee it here: {link}"
        "\n\nIs this wrong? Stop it here. We then hold your payments until we have talked: {stop}",
        "payment-method",
    ),
    "helper.named": Wording(
        "{who} may help you now",
        "You said that {who} may help you, until {until}. They may:\n{may}\n\n"
        "They can never change how you are paid. We tell you each time they do something for you.\n\n"
        "You can stop this at any time here: {link}" + NOT_ME,
        "helpers",
    ),
    "helper.recorded": Wording(
        "Somebody may soon help you",
        "We wrote down that you want {who} to help you, until {until}. You told us {how}. They may:\n{may}"
        "\n\nA second person here has to check it before it counts.\n\nIs this wrong? End it here: {link}",
        "helpers",
    ),
    "helper.confirmed": Wording(
        "{who} may help you now",
        "Two people here have checked that you want {who} to help you, until {until}. They may:\n{may}\n\n"
        "They can never change how you are paid.\n\nIs this wrong? You can end it here: {link}",
        "helpers",
    ),
    "helper.ended": Wording(
        "{who} helps you no longer",
        "{who} can no longer see your pages or do things for you.\n\nSee it here: {link}",
        "helpers",
    ),
    "helper.did": Wording(
        "{who} did something for you",
        "{who}, who helps you, {did}.\n\n{title}\n\nSee all that {who} did. You can stop it there: {link}",
        "helpers/did",
    ),
    "authority.ended": Wording(
        "{because} acts for you no longer",
        "{because} may no longer say how you are paid. How you are paid stays as it is.\n\n"
        "See it here: {link}",
        "payment-method",
    ),
}

# To somebody who acts on a person's money. Sent at once, and kept nowhere.
ATTORNEY_LINK = Wording(
    "Your link to say how {person} is paid",
    "You may act on {person}'s money. Press this link to sign in: {link}\n\nIt works once, for one hour. "
    "It opens one page: how {person} is paid.",
    "",
)
ATTORNEY_SIGN_IN_CODE = Wording(
    "Your code to sign in",
    "Your code is {code}\n\nIt works once, for 10 minutes. Tell it to nobody, not even to us. "
    "If you did not ask for it, you can leave it.",
    "",
)
ATTORNEY_CODE = Wording(
    "Your code to change how {person} is paid",
    "It would be: {because}.\n\nIf you asked for this, type this code: {code}\nIt works for 15 minutes. "
    "Tell it to nobody, not even to us.",
    "",
)
# To somebody who helps a person. Sent at once, and kept nowhere.
HELPER_LINK = Wording(
    "Your link to help {person}",
    "{person} said that you may help them. Press this link to sign in: {link}\n\nIt works once, for {lives}. "
    "{person} sees everything that you do there. You can never change how they are paid.",
    "",
)
