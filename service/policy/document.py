"""What does a policy say, all layers and tables together, with layout and comments left out?

Plain mappings, lists and texts. Two ways to write one literal (`£25` and `£25.00`) become the same text, and
worked examples stand under their names, so that two documents differ only where two policies do.
"""

from __future__ import annotations

from typing import Any

from service.policy.language import literals
from service.policy.language.layers import layers, merge, tables
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.sources import Sources
from service.policy.wording import miles, percent

Document = dict[str, Any]

# Keys whose text is for people, even where it looks like a sum.
WORDS = frozenset(
    {"name", "sentence", "clause", "version", "slug", "source", "worked", "note", "about", "why"}
)


def document(sources: Sources) -> Document:
    """Everything a policy says. Raises `PolicyFaults` when a file cannot be read or a base is missing."""
    documents = layers(sources)
    found: Document = _plain(merge(documents), "")
    found.pop("uses", None)
    groups: dict[str, Any] = {}
    amounts: dict[str, Any] = {}
    for table in tables(documents, sources):
        plain = _plain(table, "")
        header = dict(plain.get("reference") or {})
        group = str(header.pop("group", table.file))
        groups[group] = {**groups.get(group, {}), **header}
        amounts |= {f"{group}.{key}": amount for key, amount in (plain.get("amounts") or {}).items()}
    if groups:
        found["reference"], found["reference_amounts"] = groups, amounts
    if isinstance(examples := found.get("examples"), list):
        found["examples"] = _by_name(examples)
    return found


def quantity(text: object) -> Quantity | None:
    """A text as a literal of the language, or None."""
    if not isinstance(text, str):
        return None
    try:
        return literals.quantity(text)
    except BadLiteral:
        return None


def _plain(node: Node, key: str) -> Any:
    if isinstance(node, Mapping):
        return {name: _plain(child, name) for name, child in node.entries.items()}
    if isinstance(node, Listing):
        return [_plain(item, key) for item in node.items]
    return _text(node, key)


def _text(node: Text, key: str) -> str:
    text = node.value.strip()
    found = None if key in WORDS else quantity(text)
    if found is None:
        return text
    number, unit = found.number, found.unit
    if unit == "pence":
        return f"£{number // 100}.{number % 100:02d}"
    if unit == "hundredths of a percent":
        return percent(number)
    if unit == "tenths of a mile":
        return miles(number)
    short = {"minutes": "min", "days": " days", "months": " months", "nights": " nights"}.get(unit)
    return f"{number}{short}" if short else text


def _by_name(examples: list[Any]) -> dict[str, Any]:
    """Each example under its name; a second one of that name under its number too."""
    found: dict[str, Any] = {}
    for number, example in enumerate(examples, 1):
        row = dict(example) if isinstance(example, dict) else {"": example}
        name = str(row.pop("name", f"example {number}"))
        found[name if name not in found else f"{name} ({number})"] = row
    return found
