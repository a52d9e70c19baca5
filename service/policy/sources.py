"""Which texts make up a policy? The main file with every base and reference table that it names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from service.policy.faults import Fault, PolicyFaults
from service.policy.language.nodes import Listing, Mapping, Text, parse

MAX_FILES = 12
MAX_FILE_BYTES = 1_000_000
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9.-]*)*$")


@dataclass(frozen=True)
class Sources:
    """Frozen texts by relative name; `main` names the file that is the policy itself."""

    main: str
    files: MappingOf[str, str]

    @cached_property
    def hash(self) -> str:
        """`sha256:…` of the main name and every text, so that a changed reference table shows too."""
        plain = json.dumps([self.main, sorted(self.files.items())], ensure_ascii=False)
        return "sha256:" + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """`{"main": …, "files": {name: text}}`, as stored beside a claim's policy version."""
        return {"main": self.main, "files": dict(self.files)}

    @classmethod
    def from_json(cls, value: MappingOf[str, Any]) -> Sources:
        """The inverse of `to_json`."""
        return cls(str(value["main"]), {str(name): str(text) for name, text in value["files"].items()})

    def with_main(self, text: str) -> Sources:
        """The same bases and tables under another text of the main file: a draft."""
        return Sources(self.main, {**self.files, self.main: text})

    @classmethod
    def from_path(cls, path: Path | str) -> Sources:
        """Reads a file and everything it names. Raises `PolicyFaults` when one is missing or unreadable."""
        start = Path(path)
        text = _read(start, start.name)
        names = named_files(text, file=start.name)
        root = _root(start, names)
        main = start.resolve().relative_to(root).as_posix() if names else start.name
        files = {main: text}
        waiting = [(name, line, main) for name, line in names]
        while waiting:
            name, line, asker = waiting.pop(0)
            if name in files:
                continue
            if len(files) >= MAX_FILES:
                raise PolicyFaults(
                    [Fault(asker, line, "", f"More than {MAX_FILES} files are named.", "Name fewer.")]
                )
            files[name] = _named(root, name, line, asker)
            waiting += [(one, where, name) for one, where in named_files(files[name], file=name)]
        return cls(main, files)


def named_files(text: str, *, file: str) -> list[tuple[str, int]]:
    """The files that `extends:` and `uses:` name, with the line of each."""
    document = parse(text, file=file)
    found: list[tuple[str, int]] = []
    header = document.entries.get("policy")
    if isinstance(header, Mapping) and isinstance(base := header.entries.get("extends"), Text):
        found.append((file_name(base.value.partition("@")[0], file=file, line=base.line), base.line))
    uses = document.entries.get("uses")
    if isinstance(uses, Listing):
        found.extend(
            (file_name(item.value, file=file, line=item.line), item.line)
            for item in uses.items
            if isinstance(item, Text)
        )
    return found


def file_name(name: str, *, file: str, line: int) -> str:
    """`region/middleshire` → `region/middleshire.yaml`; anything that could leave the folder is refused."""
    if not _NAME.match(name) or ".." in name:
        raise PolicyFaults(
            [
                Fault(
                    file,
                    line,
                    "",
                    f"'{name}' is not the name of a policy file.",
                    "Write the folder and the name, like region/middleshire.",
                )
            ]
        )
    return f"{name}.yaml"


def _root(start: Path, names: list[tuple[str, int]]) -> Path:
    here = start.resolve().parent
    if not names:
        return here
    for folder in (here, *here.parents[:3]):
        if (folder / names[0][0]).is_file():
            return folder
    name, line = names[0]
    raise PolicyFaults([Fault(start.name, line, "", f"There is no file '{name}' here.", "Check the name.")])


def _named(root: Path, name: str, line: int, asker: str) -> str:
    path = root / name
    if not path.is_file() or not path.resolve().is_relative_to(root):
        raise PolicyFaults([Fault(asker, line, "", f"There is no file '{name}'.", "Check the name.")])
    return _read(path, name)


def _read(path: Path, name: str) -> str:
    if path.is_symlink():
        raise PolicyFaults(
            [Fault(name, 1, "", "The file is a link to another file.", "Use the file itself.")]
        )
    try:
        if path.is_file() and path.stat().st_size > MAX_FILE_BYTES:
            too_long = "The file is far too long for a policy."
            raise PolicyFaults([Fault(name, 1, "", too_long, "Remove what is not policy.")])
        if path.exists() and not path.is_file() and not path.is_dir():
            raise PolicyFaults([Fault(name, 1, "", "This is not a plain file.", "Name a file.")])
        # Some editors put a mark of their own in front of UTF-8.
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyFaults(
            [Fault(name, 1, "", "The file is not plain UTF-8 text.", "Save it as UTF-8.")]
        ) from None
    except OSError as error:
        raise PolicyFaults(
            [Fault(name, 1, "", f"The file cannot be read: {error.strerror}.", "Check its name.")]
        ) from None
