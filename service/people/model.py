"""Who is paid, and how do they want to be paid? Nouns and rules, no storage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service.errors import Fault, Invalid, one_fault
from service.people.modulus import INVALID, NO_TABLE, NOT_CHECKED, Modulus

METHOD_NAMES = {
    "bank_account": "Into a bank account",
    "stripe": "Into a bank account, by Stripe",
    "voucher": "Shopping voucher",
    "charity": "Given to a charity",
    "cash_desk": "Cash from the council's desk",
    "payroll": "Through the council's payroll",
    "none": "Not paid",
}

# What "Check the sort code and account number" is about stands at both fields.
NOT_TOGETHER = "Check the sort code and account number: they do not go together"

# Stripe's and our own pretend bank. Its numbers say what shall happen, so they follow no bank's rule.
SANDBOX_SORT_CODE = "108800"

# Who writes ten digits, by how the sort code begins, and which eight of them count. The specification names
# the banks alone; whose sort codes begin so is common knowledge, and has not been confirmed with them.
_LAST_EIGHT_OF_TEN = ("01", *(str(n) for n in range(50, 67)))  # NatWest
_FIRST_EIGHT_OF_TEN = ("08",)  # The Co-operative Bank
_NINE = ("09", "72", "89")  # Santander
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
    *,
    account_name: str,
    sort_code: str,
    account_number: str,
    roll_number: str = "",
    modulus: Modulus = NO_TABLE,
) -> BankDetails:
    """Harmless characters are accepted, the rest is refused field by field with what to type.

    Account numbers of six, seven, nine and ten digits are made eight by the published rules. A sort code and
    a number that cannot belong together are refused; what `modulus` cannot check is accepted.
    """
    name = " ".join(account_name.split())
    sort, number, roll = _plain(sort_code), _plain(account_number), roll_number.strip()
    faults = [
        *([] if name else [Fault("/account_name", "Enter the name on the account")]),
        *_sort_code_faults(sort),
        *_number_faults(sort, number),
        *_roll_faults(roll),
    ]
    if not faults:
        sort, number = _eight_digits(sort, number)
        details = BankDetails(name, sort, number, roll)
        if checked(details, modulus) != INVALID:
            return details
        faults = [Fault("/sort_code", NOT_TOGETHER), Fault("/account_number", NOT_TOGETHER)]
    raise Invalid("The bank details need another look.", errors=tuple(faults))


def checked(details: BankDetails, modulus: Modulus) -> str:
    """`valid`, `invalid` or `not_checked`. The pretend bank's numbers are let through unchecked."""
    if details.sort_code == SANDBOX_SORT_CODE:
        return NOT_CHECKED
    return modulus.check(sort_code=details.sort_code, account_number=details.account_number)


def _plain(text: str) -> str:
    """Without the spaces and dashes that people write."""
    return re.sub(r"[\s\-–]", "", text)


def _sort_code_faults(sort: str) -> list[Fault]:
    if not sort:
        return [Fault("/sort_code", "Enter a sort code")]
    if not re.fullmatch(r"[0-9]{6}", sort):
        return [Fault("/sort_code", "Enter a valid sort code like 309430")]
    return []


def _number_faults(sort: str, number: str) -> list[Fault]:
    if not number:
        return [Fault("/account_number", "Enter an account number")]
    if not re.fullmatch(r"[0-9]+", number):
        return [Fault("/account_number", "Enter a valid account number like 00733445")]
    if len(_eight_digits(sort, number)[1]) != 8:
        return [Fault("/account_number", "Account number must be between 6 and 8 digits")]
    return []


def _eight_digits(sort: str, number: str) -> tuple[str, str]:
    """Sort code and number as every bank's computer has them. What no rule covers stays as it is."""
    if len(number) == 10 and sort.startswith(_LAST_EIGHT_OF_TEN):
        return sort, number[-8:]
    if len(number) == 10 and sort.startswith(_FIRST_EIGHT_OF_TEN):
        return sort, number[:8]
    if len(number) == 9 and sort.startswith(_NINE):
        return sort[:5] + number[0], number[-8:]
    return sort, number.zfill(8) if len(number) >= 6 else number


def _roll_faults(roll: str) -> list[Fault]:
    if not roll or _ROLL.match(roll):
        return []
    if len(roll) > 18:
        return [Fault("/roll_number", "Building society roll number must be between 1 and 18 characters")]
    return [
        Fault(
            "/roll_number",
            "Building society roll number must only include letters a to z, numbers, hyphens, spaces, "
            "forward slashes and full stops",
        )
    ]


_ROLL = re.compile(r"^[A-Za-z0-9 /.-]{1,18}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
# A UK mobile, or any number of another country: those we cannot tell apart.
_MOBILE = re.compile(r"^(07[0-9]{9}|\+(?!44)[0-9]{9,14})$")
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


def read_contact(text: str, *, may_text: bool) -> tuple[str, str]:
    """What somebody signs in with: `("email", address)` or `("text", number)`.

    Raises `Invalid` at `/contact`. It is judged by its looks alone, so the answer is the same whether or not
    anybody has it.
    """
    what = "your email address or mobile number" if may_text else "your email address"
    if not text.strip():
        raise one_fault("/contact", f"Enter {what}")
    if "@" in text or not may_text or not re.search(r"[0-9]", text):
        try:
            return "email", read_email(text) or ""
        except Invalid as refusal:
            like = " or a mobile number, like 07700 900 982" if may_text and "@" not in text else ""
            raise one_fault("/contact", f"{refusal.errors[0].detail}{like}") from refusal
    number = plain_number(re.sub(r"[\s().-]", "", text))
    if not _MOBILE.match(number):
        raise one_fault(
            "/contact", "Enter a mobile number, like 07700 900 982. We cannot text any other phone"
        )
    return "text", number


def plain_number(number: str) -> str:
    """A UK number as people write it at home: `+447700900982` → `07700900982`. Others stay as they are."""
    return re.sub(r"^(\+44|0044|44(?=[0-9]{10}$))0?", "0", number)


def written_numbers(number: str) -> tuple[str, ...]:
    """Every way in which a number may have been written down here."""
    if not number.startswith("0") or number.startswith("00"):
        return (number,)
    return (number, *(f"{begin}{number[1:]}" for begin in ("+44", "0044", "44", "+440")))


def masked_contact(contact: str) -> str:
    """`ada@example.org` → `a…@example.org`, `07700900982` → `…982`: enough to know it by."""
    name, _, home = contact.partition("@")
    return f"{name[:1]}…@{home}" if home else (f"…{contact[-3:]}" if contact else "")


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
