"""Which secrets does this installation use? Made once, kept beside the data, readable by us alone."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

FILE = "secrets.env"


def keep_or_make(data: Path, *, given: Mapping[str, str]) -> dict[str, str]:
    """`SECRET_KEY` and `ENCRYPTION_KEYS`: the ones given, else the ones kept in `data`, else new ones.

    Without the encryption key what it sealed cannot be read again, so the file is on the disk before anything
    is sealed with it.
    """
    path = data / FILE
    kept = _read(path)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    if not made.keys() <= kept.keys():
        kept = made | kept
        write_privately(path, "".join(f"{name}={value}\n" for name, value in kept.items()))
    return {name: given.get(name) or kept[name] for name in made}


def write_privately(path: Path, text: str) -> None:
    """Replace a file whole, mode 0600, safely on the disk; a full disk leaves the old one as it was."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs if value}
