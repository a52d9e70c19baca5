"""How are bank details kept? Sealed with the first key, opened with any, so keys can be rotated."""

from __future__ import annotations

import json
from dataclasses import asdict

from cryptography.fernet import Fernet, MultiFernet

from service.people.model import BankDetails


class Vault:
    """Seals and opens bank details. `keys` are Fernet keys, newest first."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, details: BankDetails) -> str:
        """Details → text that only a key opens."""
        return self._fernet.encrypt(json.dumps(asdict(details)).encode()).decode()

    def open(self, sealed: str) -> BankDetails:
        """The other way. Raises `cryptography.fernet.InvalidToken` when no key fits."""
        return BankDetails(**json.loads(self._fernet.decrypt(sealed.encode())))

    def reseal(self, sealed: str) -> str:
        """The same details under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()
