"""How does a council's text stand on another version of its base? Texts in, texts out.

Only two words of a council's file change: the version it pins, and its own version. The rest stays to the
letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from service.policy.faults import Fault, PolicyFaults
from service.policy.language.nodes import Listing, Mapping, Text, parse
from service.policy.sources import Sources


def builds_on(sources: Sources, *, base: str) -> str | None:
    """The version of `base` (a file's name) that some texts pin, in whatever layer; None where none does."""
    found = _pinning(sources, base)
    return found[1].value.partition("@")[2] if found else None


def rebased(sources: Sources, *, base: Sources) -> Sources:
    """The same policy on another version of its base, with that version's tables. Raises `PolicyFaults`."""
    found = _pinning(sources, base.main)
    if found is None:
        raise PolicyFaults(
            [
                Fault(
                    sources.main,
                    1,
                    "",
                    f"This policy does not build on '{base.main}'.",
                    "Write 'extends:' with its name and version.",
                )
            ]
        )
    layer, pin = found
    version = header_text(base.files[base.main], "version", file=base.main)
    text = _put(sources.files[layer], "extends", pin, f"{pin.value.partition('@')[0]}@{version}")
    return Sources(sources.main, {**sources.files, **base.files, layer: text})


def with_version(sources: Sources, version: str) -> Sources:
    """The same policy under another version of its own."""
    old = _header(sources.files[sources.main], sources.main).entries.get("version")
    if not isinstance(old, Text):
        return sources
    return sources.with_main(_put(sources.files[sources.main], "version", old, version))


def next_version(version: str, *, taken: Iterable[str]) -> str:
    """`1.1` after `1.0`; the next one that is free."""
    used = set(taken)
    found = version
    while found in used or found == version:
        ends = re.search(r"\d+$", found)
        found = f"{found[: ends.start()]}{int(ends[0]) + 1}" if ends else f"{found}.1"
    return found


def header_text(text: str, key: str, *, file: str) -> str:
    """One word of the header, such as its version; empty where it is not there."""
    found = _header(text, file).entries.get(key)
    return found.value if isinstance(found, Text) else ""


def plain_council(*, slug: str, name: str, base: Sources) -> str:
    """The smallest file of a council: it builds on a base and changes nothing.

    Its one worked example is the base's own, which somebody worked by hand; it holds here as it holds there.
    """
    text = base.files[base.main]
    said = {key: header_text(text, key, file=base.main) for key in ("version", "status", "review_by")}
    starts = date.fromisoformat(header_text(text, "effective_from", file=base.main))
    return "\n".join(
        (
            f"# {name} follows its base in everything. Write below what should differ.",
            "policy:",
            f"  slug: {slug}",
            '  version: "1.0"',
            f"  name: {_quoted(f'{name}, fees and expenses')}",
            f"  status: {said['status']}",
            f"  source: {_quoted('The base that it builds on.')}",
            f"  extends: {base.main.removesuffix('.yaml')}@{said['version']}",
            f"  effective_from: {starts.isoformat()}",
            f"  review_by: {said['review_by'] or 'not stated'}",
            "",
            "examples:",
            *_first_example(text, base.main),
            "",
        )
    )


def _pinning(sources: Sources, base: str) -> tuple[str, Text] | None:
    """The layer whose `extends:` names the base, and its words."""
    name: str | None = sources.main
    seen: set[str] = set()
    while name is not None and name in sources.files and name not in seen:
        seen.add(name)
        extends = _header(sources.files[name], name).entries.get("extends")
        if not isinstance(extends, Text):
            return None
        below = f"{extends.value.partition('@')[0]}.yaml"
        if below == base:
            return name, extends
        name = below
    return None


def _header(text: str, file: str) -> Mapping:
    header = parse(text, file=file).entries.get("policy")
    return header if isinstance(header, Mapping) else Mapping({}, {}, file, 1)


def _put(text: str, key: str, old: Text, new: str) -> str:
    """Other words where a scalar of the header stands, on its own line."""
    rows = text.split("\n")
    place = re.search(rf"\b{key}[\"']?\s*:\s*[\"']?(?={re.escape(old.value)})", rows[old.line - 1])
    if place is None:
        why, remedy = f"The words of '{key}' stand apart from it.", "Write both on one line."
        raise PolicyFaults([Fault(old.file, old.line, "", why, remedy)])
    row = rows[old.line - 1]
    rows[old.line - 1] = row[: place.end()] + new + row[place.end() + len(old.value) :]
    return "\n".join(rows)


def _first_example(text: str, file: str) -> list[str]:
    """The first worked example of a file, as its author wrote it."""
    document = parse(text, file=file)
    listed = document.entries.get("examples")
    if not isinstance(listed, Listing) or not listed.items:
        return ["  []"]
    rows = text.split("\n")
    ends = listed.items[1].line - 1 if len(listed.items) > 1 else _section_ends(document, listed, rows)
    return [row for row in rows[listed.items[0].line - 1 : ends] if row.strip()]


def _section_ends(document: Mapping, listed: Listing, rows: list[str]) -> int:
    later = [line for _, line in document.lines.values() if line > listed.line]
    return min(later, default=len(rows) + 1) - 1


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
