"""Where do the base and the tables of a draft come from? The library first, then what the council has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from service.policy.faults import Fault, PolicyFaults
from service.policy.language.nodes import Mapping, Text, parse
from service.policy.sources import MAX_FILES, Sources, named_files

LIBRARY = Path(__file__).parents[2] / "policies"


def complete(
    text: str,
    *,
    main: str,
    known: Sequence[Sources],
    bases: Sequence[Sources] = (),
    library: Path = LIBRARY,
) -> Sources:
    """A text with everything that it names. Raises `PolicyFaults` for what nobody has.

    Where a base is pinned to a version, a file of that version is taken before any other. `bases` are what
    the region published: where the text pins one of them, it counts whole, with its own tables.
    """
    files = {main: text}
    pinned = _pin(text, main)
    waiting = [(name, line, main) for name, line in named_files(text, file=main)]
    while waiting:
        name, line, asker = waiting.pop(0)
        if name in files:
            continue
        if len(files) >= MAX_FILES:
            raise _fault(asker, line, f"More than {MAX_FILES} files are named.", "Name fewer.")
        if name in pinned and (base := _published(name, pinned[name], bases)):
            files |= {one: words for one, words in base.files.items() if one not in files}
            continue
        files[name] = _best(name, pinned.get(name), known, library) or _missing(name, line, asker)
        pinned |= _pin(files[name], name)
        waiting += [(one, where, name) for one, where in named_files(files[name], file=name)]
    return Sources(main, files)


def _best(name: str, pin: str | None, known: Sequence[Sources], library: Path) -> str | None:
    """The first file of the wanted version, else the first of that name."""
    found = list(_candidates(name, known, library))
    return next((text for text in found if pin is not None and _version(text, name) == pin), None) or next(
        iter(found), None
    )


def _published(name: str, pin: str, bases: Sequence[Sources]) -> Sources | None:
    """The newest base of that name and version."""
    return next((one for one in bases if one.main == name and _version(one.files[name], name) == pin), None)


def _candidates(name: str, known: Sequence[Sources], library: Path) -> Iterator[str]:
    path = library / name
    if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(library.resolve()):
        yield path.read_text(encoding="utf-8")
    yield from (one.files[name] for one in known if name in one.files)


def _header(text: str, name: str) -> Mapping | None:
    header = parse(text, file=name).entries.get("policy")
    return header if isinstance(header, Mapping) else None


def _version(text: str, name: str) -> str:
    header = _header(text, name)
    found = header.entries.get("version") if header else None
    return found.value if isinstance(found, Text) else ""


def _pin(text: str, name: str) -> dict[str, str]:
    """`{"region/middleshire.yaml": "1.0"}`, when the text builds on a version of a base."""
    header = _header(text, name)
    base = header.entries.get("extends") if header else None
    if not isinstance(base, Text) or "@" not in base.value:
        return {}
    file, _, pin = base.value.partition("@")
    return {f"{file}.yaml": pin}


def _missing(name: str, line: int, asker: str) -> str:
    raise _fault(asker, line, f"There is no file '{name}'.", "Check the name.")


def _fault(file: str, line: int, what: str, remedy: str) -> PolicyFaults:
    return PolicyFaults([Fault(file, line, "", what, remedy)])
