"""What does a report from Bacs, a bureau or a finance system say? Lines as plain values; nothing is guessed.

The exact layouts are not published for everybody, so each council may keep its own: which elements are items,
which names mean what, which positions, and whether amounts are pounds or pence. Reports are read as XML, as
CSV with a heading, or by positions where the layout gives them. What does not fit is listed by its number.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from xml.etree import ElementTree

from service.errors import one_fault

MOST_ROWS = 50_000

# What we want to know → the names under which reports give it, in small letters and digits only.
NAMES: dict[str, tuple[str, ...]] = {
    "payment_id": ("paymentid", "payment"),
    "reference": ("reference", "ref", "paymentreference", "usersreference", "receiveraccountref"),
    "amount": ("amount", "valueof", "value"),
    "amount_pence": ("amountpence", "amountinpence"),
    "sort_code": (
        "sortcode",
        "destinationsortcode",
        "receiveraccountsortcode",
        "originalsortcode",
    ),
    "account_number": (
        "accountnumber",
        "destinationaccountnumber",
        "destinationaccount",
        "receiveraccountnumber",
        "originalaccountnumber",
    ),
    "new_sort_code": ("newsortcode", "correctsortcode", "newaccountsortcode"),
    "new_account_number": ("newaccountnumber", "correctaccountnumber"),
    "new_name": ("newaccountname", "newname", "correctaccountname"),
    "reason": ("reason", "returndescription", "returnreason", "errordescription", "failure"),
    "status": ("status", "outcome", "result", "processingstatus"),
    "serial": ("serial", "serialnumber", "submissionserialnumber", "volumeserialnumber"),
    "bank_reference": ("bankreference", "transactionreference"),
    "paid_on": ("paidon", "paymentdate", "datepaid"),
}
ITEMS = {
    "arucs": ("ReturnedCreditItem", "ReturnedCredit", "ReturnedItem"),
    "awacs": ("AdviceOfWrongAccount", "WrongAccountItem", "AdviceItem"),
    "input_report": ("Submission", "RejectedItem", "RejectedRecord"),
    "settlement": ("Payment", "Settlement"),
}


@dataclass(frozen=True)
class Layout:
    """How one kind of report looks. `positions`: name → first and last letter, counted from 1."""

    items: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pence: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a report. `values` are texts as they stood; `amount_pence` is None where there is none."""

    number: int
    values: Mapping[str, str] = field(repr=False)
    amount_pence: int | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class Report:
    """All that could be read, and the numbers of the lines that could not."""

    rows: tuple[Row, ...]
    unread: tuple[int, ...]


def layout(kind: str, settings: str = "") -> Layout:
    """The usual layout of a kind, with what a council's own JSON says of it. Raises `Invalid`."""
    try:
        own = json.loads(settings or "{}").get(kind, {})
        names = {**NAMES, **{key: tuple(map(_plain, found)) for key, found in own.get("names", {}).items()}}
        positions = {key: (int(first), int(last)) for key, (first, last) in own.get("positions", {}).items()}
        items = tuple(own.get("items", ())) or ITEMS[kind]
        return Layout(items, names, positions, own.get("amounts") == "pence")
    except (ValueError, TypeError, AttributeError) as error:
        raise one_fault("/layouts", "The layouts kept for this council cannot be read.") from error


def read(content: bytes, given: Layout) -> Report:
    """Every line of a report. Raises `Invalid` for what is no report at all."""
    text = _decoded(content)
    if not text.strip():
        raise one_fault("/content", "This file is empty.")
    if given.positions:
        found = _by_positions(text, given)
    elif text.lstrip().startswith("<"):
        found = _from_xml(text, given)
    else:
        found = _from_csv(text, given)
    rows, unread = [], []
    for number, values in found:
        row = _row(number, values, given) if values else None
        if row is None:
            unread.append(number)
        else:
            rows.append(row)
        if number > MOST_ROWS:
            raise one_fault("/content", f"This file has more than {MOST_ROWS:,} lines. Send it in parts.")
    return Report(tuple(rows), tuple(unread))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise one_fault("/content", "This file cannot be read as text.")


def _from_csv(text: str, given: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.splitlines()[0]
    delimiter = max(",;\t|", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = [_meant(_plain(name), given) for name in next(lines)]
        if not {"amount", "amount_pence", "serial", "payment_id"} & set(heading):
            raise one_fault("/content", "We do not know the columns of this file. Check its heading.")
        for number, cells in enumerate(lines, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            fits = len(cells) == len(heading)
            yield number, ({n: c.strip() for n, c in zip(heading, cells, strict=True) if n} if fits else {})
    except csv.Error as error:
        raise one_fault("/content", "This file is damaged: it cannot be read as CSV.") from error


def _from_xml(text: str, given: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise one_fault("/content", "This file defines names of its own. We do not read such files.")
    try:
        # Without a document type there is nothing to expand.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314
    except ElementTree.ParseError as error:
        raise one_fault("/content", "This file is damaged: it cannot be read as XML.") from error
    number = 0
    for element in root.iter():
        if _tag(element) in given.items:
            number += 1
            yield number, _values(element, given)
    if number == 0:
        raise one_fault("/content", f"There is none of {', '.join(given.items)} in this file.")


def _values(element: ElementTree.Element, given: Layout) -> dict[str, str]:
    """Attributes and texts of an item; what stands in a part of it is named after the part as well."""
    found = {_plain(name): value for name, value in element.attrib.items()}
    for part in element:
        tag = _plain(_tag(part))
        if part.text and part.text.strip():
            found.setdefault(tag, part.text)
        for name, value in part.attrib.items():
            found.setdefault(tag + _plain(name), value)
    meant = ((_meant(name, given), value.strip()) for name, value in found.items())
    return {name: value for name, value in meant if name}


def _by_positions(text: str, given: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    longest = max(last for _, last in given.positions.values())
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            fits = len(line) >= longest
            cut = {name: line[first - 1 : last].strip() for name, (first, last) in given.positions.items()}
            yield number, (cut if fits else {})


def _row(number: int, values: Mapping[str, str], given: Layout) -> Row | None:
    pence: int | None = None
    if values.get("amount_pence"):
        pence = _whole(values["amount_pence"])
    elif values.get("amount"):
        pence = _whole(values["amount"]) if given.pence else _from_pounds(values["amount"])
    given_amount = values.get("amount_pence") or values.get("amount")
    return None if given_amount and pence is None else Row(number, values, pence)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,13}", text) else None


def _from_pounds(text: str) -> int | None:
    """`£1,234.50` → 123450. Anything without exactly two digits of pence is not understood."""
    match = re.fullmatch(r"£?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,11})\.([0-9]{2})", text)
    return int(match[1].replace(",", "")) * 100 + int(match[2]) if match else None


def read_day(text: str) -> date | None:
    """`2026-11-30` or `30/11/2026`; None for anything else."""
    found = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
    except ValueError:
        return None


def digits(text: str) -> str:
    """An account's digits without the signs between them."""
    return re.sub(r"[\s\-]", "", text)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _meant(name: str, given: Layout) -> str:
    return next((meant for meant, names in given.names.items() if name in names), "")
