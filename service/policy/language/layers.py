"""What does a council's file say together with the base it extends?

A layer says only what differs. Rules are merged key by key. Lists, plain values and dated `values` are
replaced whole, so that no later date of the base slips in behind a council's own figure. `left_out: why`
drops a rule. New plain words take the base's Welsh and Easy Read words with them: those said the old ones.
"""

from __future__ import annotations

from service.policy.faults import Fault, PolicyFaults
from service.policy.language.nodes import Mapping, Node, Text, parse
from service.policy.model import FORMS, PLAIN
from service.policy.sources import Sources, file_name, named_files

MAX_LAYERS = 4
REPLACED_WHOLE = frozenset({"values", "bands", "when", "terms"})
INHERITED = ("nation", "week_starts")


def layers(sources: Sources) -> list[Mapping]:
    """The documents from the base to the main file. Raises `PolicyFaults` for a missing or unpinned base."""
    found: list[Mapping] = []
    name: str | None = sources.main
    pinned: tuple[str, Text] | None = None
    while name is not None:
        if len(found) == MAX_LAYERS:
            raise _fault(
                found[-1], "Too many layers.", f"At most {MAX_LAYERS} files may build on one another."
            )
        document = parse(sources.files[name], file=name)
        if pinned:
            _check_pin(document, *pinned)
        found.append(document)
        pinned = _base(document, sources)
        name = pinned[0] if pinned else None
    return found[::-1]


def tables(documents: list[Mapping], sources: Sources) -> list[Mapping]:
    """The reference tables that any layer uses, each once."""
    names: dict[str, tuple[str, int]] = {}
    bases = {document.file for document in documents}
    waiting = [document.file for document in documents]
    while waiting:
        asker = waiting.pop()
        for name, line in named_files(sources.files[asker], file=asker):
            if name in bases or name in names:
                continue
            if name not in sources.files:
                raise PolicyFaults([Fault(asker, line, "", f"There is no file '{name}'.", "Check the name.")])
            names[name] = (asker, line)
            waiting.append(name)
    return [parse(sources.files[name], file=name) for name in sorted(names)]


def merge(documents: list[Mapping]) -> Mapping:
    """One document from all layers; each node keeps the file and line it came from."""
    merged = documents[0]
    for document in documents[1:]:
        sections = Mapping(
            {key: node for key, node in document.entries.items() if key not in ("examples",)},
            document.lines,
            document.file,
            document.line,
        )
        base = {key: node for key, node in merged.entries.items() if key not in ("examples",)}
        joined = _join(Mapping(base, merged.lines, merged.file, merged.line), sections)
        entries = {**joined.entries, "policy": _header(merged, document)}
        lines = dict(joined.lines)
        if "examples" in document.entries:
            entries["examples"] = document.entries["examples"]
            lines["examples"] = document.lines["examples"]
        merged = Mapping(entries, lines, document.file, document.line)
    return _drop(merged)


def _header(base: Mapping, layer: Mapping) -> Node:
    below, above = base.entries.get("policy"), layer.entries.get("policy")
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above or Mapping({}, {}, layer.file, 1)
    kept = {key: below.entries[key] for key in INHERITED if key in below.entries}
    return Mapping({**kept, **above.entries}, {**below.lines, **above.lines}, above.file, above.line)


def _join(base: Mapping, layer: Mapping) -> Mapping:
    entries, lines = dict(base.entries), dict(base.lines)
    for key, node in layer.entries.items():
        below = entries.get(key)
        if _is_other_form(node) and isinstance(below, Text):
            below = Mapping({PLAIN: below}, {PLAIN: lines[key]}, below.file, below.line)
        if _is_new_words(below, node):
            below = None
        if (
            isinstance(below, Mapping)
            and isinstance(node, Mapping)
            and key not in REPLACED_WHOLE
            and not _another_kind(below, node)
        ):
            node = _join(below, node)
            if _is_other_form(layer.entries[key]):
                entries[key] = node
                continue
        entries[key] = node
        lines[key] = layer.lines[key]
    return Mapping(entries, lines, layer.file, layer.line)


def _is_other_form(node: Node) -> bool:
    """Other words only, for a sentence or a name that stands in the base."""
    return isinstance(node, Mapping) and bool(node.entries) and set(node.entries) <= set(FORMS)


def _is_new_words(below: Node | None, node: Node) -> bool:
    """A text in its forms over another such text."""
    spoken = {PLAIN, *FORMS}
    return all(
        isinstance(one, Mapping) and PLAIN in one.entries and set(one.entries) <= spoken
        for one in (below, node)
    )


def _another_kind(below: Mapping, above: Mapping) -> bool:
    """A rule of another kind replaces the base's rule whole: its parameters would make no sense."""
    old, new = below.entries.get("kind"), above.entries.get("kind")
    return isinstance(old, Text) and isinstance(new, Text) and old.value != new.value


def _drop(document: Mapping) -> Mapping:
    """Removes the rules that a layer says it leaves out."""
    entries: dict[str, Node] = {}
    for key, section in document.entries.items():
        if isinstance(section, Mapping):
            kept = {
                name: node
                for name, node in section.entries.items()
                if not (isinstance(node, Mapping) and "left_out" in node.entries)
            }
            section = Mapping(kept, section.lines, section.file, section.line)
        entries[key] = section
    return Mapping(entries, document.lines, document.file, document.line)


def _base(document: Mapping, sources: Sources) -> tuple[str, Text] | None:
    header = document.entries.get("policy")
    if not isinstance(header, Mapping) or not isinstance(base := header.entries.get("extends"), Text):
        return None
    name = file_name(base.value.partition("@")[0], file=base.file, line=base.line)
    if "@" not in base.value:
        raise _fault(base, "The base has no version.", f"Pin it: extends: {base.value}@1.0.")
    if name not in sources.files:
        raise _fault(base, f"There is no file '{name}'.", "Check the name of the base.")
    return name, base


def _check_pin(document: Mapping, _name: str, base: Text) -> None:
    wanted = base.value.partition("@")[2]
    header = document.entries.get("policy")
    version = header.entries.get("version") if isinstance(header, Mapping) else None
    found = version.value if isinstance(version, Text) else "none"
    if found != wanted:
        raise _fault(
            base,
            f"This builds on version {wanted}, but the base there is version {found}.",
            "Read what changed, then pin the version you want.",
        )


def _fault(node: Node, what: str, remedy: str) -> PolicyFaults:
    return PolicyFaults([Fault(node.file, node.line, "", what, remedy)])
