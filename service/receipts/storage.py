"""Where do the sealed files of receipts lie? A store that takes bytes and gives them back; a folder is one.

Several machines share one folder (a network volume) by the setting alone. What lies there is sealed with a
key of its own, which the database holds sealed in turn: without that row a file is noise.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Protocol

from service.errors import NotFound, Unavailable

_PLAIN = re.compile(r"[a-z0-9_]{3,60}")


class Store(Protocol):
    """Keeps files apart by council and name."""

    def put(self, *, council_id: str, name: str, data: bytes) -> None:
        """Keep a file, whole or not at all. Raises `Unavailable`."""
        ...

    def get(self, *, council_id: str, name: str) -> bytes:
        """The file. Raises `NotFound`, or `Unavailable` when the store is out of reach."""
        ...

    def drop(self, *, council_id: str, name: str) -> None:
        """Keep it no longer. Dropping what is not there is fine. Raises `Unavailable`."""
        ...

    def names(self, *, council_id: str, before: datetime) -> list[str]:
        """Everything that is kept for a council since before a moment. Raises `Unavailable`."""
        ...


class Folder:
    """A folder outside the web's, with one folder inside for each council."""

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    def put(self, *, council_id: str, name: str, data: bytes) -> None:
        """Written beside its place and moved there when it is safely on the disk."""
        place = self._place(council_id, name)
        draft = place.with_suffix(".new")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place)
        except OSError as error:
            raise Unavailable("We cannot keep a picture just now. Try again in a few minutes.") from error

    def get(self, *, council_id: str, name: str) -> bytes:
        """The file as it was put there."""
        try:
            return self._place(council_id, name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("We cannot find this picture any more. Send it again, or contact us.") from error
        except OSError as error:
            raise Unavailable("We cannot reach this picture just now. Try again soon.") from error

    def drop(self, *, council_id: str, name: str) -> None:
        """Remove the file."""
        try:
            self._place(council_id, name).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("We cannot reach this picture just now.") from error

    def names(self, *, council_id: str, before: datetime) -> list[str]:
        """The files of a council's folder, in order, that nobody wrote since."""
        folder = self._place(council_id, "any_name").parent
        try:
            found = [path for path in folder.glob("*.sealed") if path.stat().st_mtime < before.timestamp()]
        except OSError as error:
            raise Unavailable("We cannot reach the pictures just now.") from error
        return sorted(path.stem for path in found)

    def _place(self, council_id: str, name: str) -> Path:
        if not (_PLAIN.fullmatch(council_id) and _PLAIN.fullmatch(name)):
            raise ValueError("A receipt lies under ids only.")
        return self._root / council_id / f"{name}.sealed"
