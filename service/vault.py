"""How are secrets kept? Sealed with the first key, opened with any, so keys can be rotated."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Vault:
    """Seals and opens what nobody may read: bank details, a council's keys to its rails.

    `keys` are Fernet keys, newest first.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._newest = Fernet(keys[0])

    def seal(self, plain: Mapping[str, str]) -> str:
        """Name → value becomes a text that only a key opens."""
        return self._fernet.encrypt(json.dumps(dict(plain)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """The other way. Raises `cryptography.fernet.InvalidToken` when no key fits."""
        plain: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        return plain

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key alone opens it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """The same under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()
