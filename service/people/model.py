"""Who is paid, and how do they want to be paid? Nouns and rules, no storage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service.errors import Fault, Invalid, one_fault

METHOD_NAMES = {
    "bank_account": "Into a bank account",
    "voucher": "Shopping voucher",
    "charity": "Given to a charity",
    "cash_desk": "Cash from the council's desk",
    "payroll": "Through the council's payroll",
    "none": "Not paid",
}

# current: used for payments · proposed: waits for the person's yes · replaced, declined: over
METHOD_STATES = ("current", "proposed", "replaced", "declined")

_SUPPLIER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 /._-]{0,29}$")
_ROLL = re.compile(r"^[A-Za-z0-9 /.-]{1,18}$")


@dataclass(frozen=True)
class BankDetails:
    """A UK bank account: `sort_code` six digits, `account_number` eight, `roll_number` or an empty text."""

    account_name: str = field(repr=False)
    sort_code: str = field(repr=False)
    account_number: str = field(repr=False)
    roll_number: str = field(default="", repr=False)

    @property
    def masked(self) -> str:
        """What may be shown: the last four digits."""
        return f"account ending {self.account_number[-4:]}"


def read_bank_details(
    *, account_name: str, sort_code: str, account_number: str, roll_number: str = ""
) -> BankDetails:
    """Harmless characters are accepted, the rest is refused field by field with what to type.

    Six and seven digit account numbers get zeros in front (the published rule for short numbers).
    """
    faults: list[Fault] = []
    name = " ".join(account_name.split())
    sort = re.sub(r"[\s\-–]", "", sort_code)
    number = re.sub(r"[\s\-–]", "", account_number)
    roll = roll_number.strip()
    if not name:
        faults.append(Fault("/account_name", "Enter the name on the account"))
    if not sort:
        faults.append(Fault("/sort_code", "Enter a sort code"))
    elif not re.fullmatch(r"[0-9]{6}", sort):
        faults.append(Fault("/sort_code", "Enter a valid sort code like 309430"))
    if not number:
        faults.append(Fault("/account_number", "Enter an account number"))
    elif not re.fullmatch(r"[0-9]+", number):
        faults.append(Fault("/account_number", "Enter a valid account number like 00733445"))
    elif not 6 <= len(number) <= 8:
        faults.append(Fault("/account_number", "Account number must be between 6 and 8 digits"))
    if roll and not _ROLL.match(roll):
        faults.append(
            Fault(
                "/roll_number",
                "Building society roll number must be between 1 and 18 characters, and only include "
                "letters a to z, numbers, hyphens, spaces, forward slashes and full stops",
            )
        )
    if faults:
        raise Invalid("The bank details need another look.", errors=tuple(faults))
    return BankDetails(name, sort, number.zfill(8), roll)


_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE = re.compile(r"^\+?[0-9]{9,15}$")


def read_email(text: str) -> str | None:
    """A tidy address in small letters, or None when empty. Raises `Invalid`."""
    tidy = text.strip().lower()
    if not tidy:
        return None
    if not _EMAIL.match(tidy) or len(tidy) > 254:
        raise one_fault("/email", "Enter an email address in the correct format, like name@example.com")
    return tidy


def read_phone(text: str) -> str | None:
    """A tidy number, or None when empty. Raises `Invalid`."""
    tidy = re.sub(r"[\s().-]", "", text)
    if not tidy:
        return None
    if not _PHONE.match(tidy):
        raise one_fault(
            "/phone", "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
        )
    return tidy


def read_supplier_reference(given: str, *, ours: str) -> str | None:
    """What a finance system calls somebody; None for an empty text. Raises `Invalid`.

    `ours`: how the references begin that we make for those who have none.
    """
    tidy = " ".join(given.split())
    if not tidy:
        return None
    if not _SUPPLIER.match(tidy):
        raise one_fault(
            "/supplier_reference",
            "Use up to 30 letters and numbers, with spaces, dots, dashes, slashes or underscores between",
        )
    if tidy.upper().startswith(ours):
        raise one_fault("/supplier_reference", f"References that begin with {ours} are made by us")
    return tidy
