"""How are the figures and names in a change said?"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from service.policy.document import Document, quantity
from service.policy.wording import day, words

if TYPE_CHECKING:
    from service.policy.diff import Path

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def grows(label: str, was: str | None, becomes: str | None, per: str) -> str:
    """A sum that becomes another: `mileage by car rises from 45p to 55p a mile.`"""
    old, new = quantity(was), quantity(becomes)
    if was is None:
        return f"{label} is {shown(becomes or '')}{per}."
    if old and new and old.unit == new.unit:
        if old.number == new.number:
            return f"{label} stays at {shown(becomes or '')}{per}."
        verb = "rises" if new.number > old.number else "falls"
        return f"{label} {verb} from {shown(was)} to {shown(becomes or '')}{per}."
    return f"{label} changes from {shown(was)} to {shown(becomes or '')}{per}."


def cell(value: Any) -> str | None:
    """The figure of a dated value: the text itself, or `amount` in a table, or why there is none."""
    if isinstance(value, dict):
        if "undecided" in value:
            return f"undecided ({value['undecided']})"
        return str(value.get("amount", ""))
    return value if isinstance(value, str) else None


def origin(value: Any) -> str:
    """Where the figure of a table comes from."""
    if not isinstance(value, dict):
        return ""
    said = [f"{spaced(key)}: {one}" for key, one in value.items() if key not in ("amount", "undecided")]
    return f" ({capital('; '.join(said))}.)" if said else ""


def reach(found: Any, path: Path) -> Any:
    """What stands at a path, or None."""
    for key in path:
        inside = isinstance(found, dict) and key in found
        if not inside and not (isinstance(found, list) and isinstance(key, int) and key < len(found)):
            return None
        found = found[key]
    return found


def clause_at(doc: Document, path: Path) -> str:
    """The clause of the nearest rule above a path, or nothing."""
    for end in range(len(path), 0, -1):
        rule = reach(doc, path[:end])
        if isinstance(rule, dict) and isinstance(clause := rule.get("clause"), str):
            return clause
    return ""


def amount_named(doc: Document, name: str) -> dict[str, Any] | None:
    """An amount of the policy or of a table, by name."""
    for section in ("amounts", "reference_amounts"):
        found = (doc.get(section) or {}).get(name)
        if isinstance(found, dict):
            return found
    return None


def on_first_day(doc: Document, amount: dict[str, Any]) -> str:
    """The figure that holds on the policy's first day."""
    values = amount.get("values")
    starts = str(reach(doc, ("policy", "effective_from")) or "")
    if not isinstance(values, dict) or not values:
        return "no value"
    earlier = sorted(one for one in values if one <= starts) or sorted(values)[:1]
    return shown(cell(values[earlier[-1]]) or "")


def shown(text: str) -> str:
    """A literal, a day or a word, as people say it."""
    if _DAY.match(text):
        try:
            return day(date.fromisoformat(text))
        except ValueError:
            return text
    found = quantity(text)
    return words(found.number, found.unit) if found else text


def ended(text: str) -> str:
    """With one full stop at the end."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def numbered(clause: object) -> str:
    """` (clause 3.1)`."""
    return f" (clause {clause})" if clause else ""


def spaced(key: object) -> str:
    """A key in plain letters."""
    return str(key).replace("_", " ")


def listed(keys: list[str]) -> str:
    """Keys, one behind the other."""
    return ", ".join(spaced(key) for key in keys)


def capital(text: str) -> str:
    """With a capital to start with."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """A name inside a sentence starts small, unless it holds other capitals and so is a proper name."""
    if text.startswith("The "):
        return f"the {text[4:]}"
    return text if re.search(r"[A-Z]", text[1:]) else text[:1].lower() + text[1:]


def filling(rule: Any, hole: str, doc: Document) -> str:
    """What stands in a hole of a rule's sentence, on the version's first day."""
    value = rule.get(hole) if isinstance(rule, dict) else None
    if isinstance(value, dict) and "undecided" in value:
        return f"undecided ({value['undecided']})"
    amount = amount_named(doc, value if isinstance(value, str) else hole)
    if amount is not None:
        return on_first_day(doc, amount)
    if isinstance(value, str):
        return shown(value)
    # A limit may stand in words, such as `pay: at most 4h`.
    texts = rule.values() if isinstance(rule, dict) else ()
    ends = [text.split(" ")[-1] for text in texts if isinstance(text, str) and " " in text]
    return next((shown(end) for end in ends if quantity(end)), f"[{spaced(hole)}]")
