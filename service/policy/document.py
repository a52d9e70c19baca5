"""What does a policy say, all layers and tables together, with layout and comments left out?

Plain mappings, lists and texts. Two ways to write one literal (`£25` and `£25.00`) become the same text, and
worked examples stand under their names, so that two documents differ only where two policies do.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from service.policy.language import literals
from service.policy.language.layers import layers, merge, tables
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.model import FORMS, PLAIN
from service.policy.sources import Sources
from service.policy.wording import miles, percent

Document = dict[str, Any]

# Keys whose text is for people, even where it looks like a sum.
WORDS = frozenset(
    {"name", "sentence", "clause", "version", "slug", "source", "worked", "note", "about", "why", "change"}
)


def document(sources: Sources) -> Document:
    """Everything a policy says. Raises `PolicyFaults` when a file cannot be read or a base is missing."""
    documents = layers(sources)
    merged = merge(documents)
    found: Document = {key: _plain(child, key) for key, child in merged.entries.items()}
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
        found: Document = {}
        for name, child in node.entries.items():
            if is_spoken(child):
                found |= _spoken(name, child)
            else:
                found[name] = _plain(child, name)
        return found
    if isinstance(node, Listing):
        return [_plain(item, key) for item in node.items]
    return _text(node, key)


def other_words(key: object) -> tuple[str, str]:
    """`(sentence, cy)` of `sentence in cy`, where a sentence's Welsh words stand; no form for other keys."""
    name, _, form = str(key).partition(" in ")
    return (name, form) if form in FORMS else (str(key), "")


def is_spoken(node: Node) -> TypeGuard[Mapping]:
    """Whether this is a text with its Welsh or Easy Read words: `{plain: …, cy: …}`."""
    return (
        isinstance(node, Mapping)
        and PLAIN in node.entries
        and set(node.entries) <= {PLAIN, *FORMS}
        and all(isinstance(one, Text) for one in node.entries.values())
    )


def _spoken(key: str, node: Mapping) -> Document:
    """The plain words under their key, and each other form beside it: `sentence in cy`."""
    forms = {form: one.value.strip() for form, one in node.entries.items() if isinstance(one, Text)}
    return {key: forms.get(PLAIN, "")} | {f"{key} in {form}": forms[form] for form in FORMS if form in forms}


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
