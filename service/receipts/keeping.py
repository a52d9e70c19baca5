"""How does a file that came become a receipt in the store: read by its content, made anew, scanned, sealed?

Nothing here touches the database, so no transaction is open while a picture is drawn or a scanner thinks.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet

from service import ids
from service.errors import Unavailable
from service.receipts import apart
from service.receipts.model import HARMFUL, WAITING, Cleaned, kind_of, not_taken, require_size
from service.receipts.scanning import Scanner, scanner_for
from service.receipts.storage import Folder, Store
from service.settings import Settings
from service.vault import Vault


@dataclass(frozen=True)
class Taken:
    """A receipt that lies in the store, and what its record has to say."""

    id: str
    kind: str
    pages: int
    bytes: int
    scan: str
    mark: str
    key_sealed: str


@dataclass(frozen=True)
class Keeping:
    """Everything outside the database that receipts need. Without a store no picture can be sent."""

    store: Store | None
    scanner: Scanner
    vault: Vault
    mark_key: bytes

    @property
    def opened(self) -> Store:
        """The store. Raises `Unavailable` where none is set up."""
        if self.store is None:
            raise Unavailable("Pictures cannot be sent here. Send your claim without one.")
        return self.store

    def take(self, data: bytes, *, council_id: str) -> Taken:
        """Keep a file that came from outside. Raises `Invalid` with what to do, or `Unavailable`."""
        store = self.opened
        require_size(data)
        kind = kind_of(data)
        scan = self._scan(data)
        cleaned = apart.clean(data, kind=kind)
        receipt_id, key = ids.new("rct"), Fernet.generate_key()
        store.put(council_id=council_id, name=receipt_id, data=Fernet(key).encrypt(cleaned.data))
        return Taken(
            id=receipt_id,
            kind=cleaned.kind,
            pages=cleaned.pages,
            bytes=len(cleaned.data),
            scan=scan,
            mark=self._mark(cleaned),
            key_sealed=self.vault.seal({"key": key.decode()}),
        )

    def read(self, *, council_id: str, receipt_id: str, key_sealed: str) -> bytes:
        """The file as it was made anew. Raises `NotFound` or `Unavailable`."""
        sealed = self.opened.get(council_id=council_id, name=receipt_id)
        return Fernet(self.vault.open(key_sealed)["key"]).decrypt(sealed)

    def scan_again(self, *, council_id: str, receipt_id: str, key_sealed: str) -> str:
        """What the scanner says of a receipt that is kept. Raises `Unavailable` while it does not answer."""
        return self.scanner.scan(
            self.read(council_id=council_id, receipt_id=receipt_id, key_sealed=key_sealed)
        )

    def _scan(self, data: bytes) -> str:
        """What the scanner says of a file; while it does not answer, the file waits. Harmful is `Invalid`."""
        try:
            found = self.scanner.scan(data)
        except Unavailable:
            return WAITING
        if found == HARMFUL:
            raise not_taken("Our check for harmful files stopped this one. Take a new picture of the receipt")
        return found

    def _mark(self, cleaned: Cleaned) -> str:
        """A hash that only this service can make, so that nobody can ask it which pictures are here."""
        return hmac.new(self.mark_key, cleaned.digest.encode(), hashlib.sha256).hexdigest()


def keeping_for(settings: Settings) -> Keeping:
    """What the settings describe."""
    return Keeping(
        store=Folder(settings.receipts_dir) if settings.receipts_dir else None,
        scanner=scanner_for(settings.clamd_address),
        vault=Vault(settings.encryption_keys),
        mark_key=hashlib.sha256(b"receipts:" + settings.secret_key.encode()).digest(),
    )
