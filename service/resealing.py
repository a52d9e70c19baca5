"""How does everything sealed come under the newest key, so that an old one can be dropped?

Which columns hold something sealed is read from the database's own catalogue (`sealed`, `…_sealed`), so that
none is forgotten. Each page is a transaction of its own: what was done stays done, and going round again
passes it over. Never commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.vault import Vault

# Table, column, and the columns of the primary key beside the council, joined by commas.
_COLUMNS = """
SELECT c.relname, a.attname, string_agg(k.attname, ',' ORDER BY array_position(x.indkey::int2[], k.attnum))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_index x ON x.indrelid = c.oid AND x.indisprimary
JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (x.indkey) AND k.attname <> 'council_id'
WHERE c.relkind = 'r' AND (a.attname = 'sealed' OR a.attname LIKE '%\\_sealed')
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Sealed:
    """A column that holds something sealed. `keys` find one row of a council."""

    table: str
    column: str
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """As operators read it: `payment_methods.details_sealed`."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Page:
    """What was done with some rows. `after`: where the next page begins; None at the end."""

    looked_at: int
    sealed_anew: int
    opened_by_none: int
    after: tuple[str, ...] | None


def columns(session: Session) -> list[Sealed]:
    """Every column of the database that holds something sealed."""
    return [
        Sealed(table, column, tuple(keys.split(",")))
        for table, column, keys in session.execute(text(_COLUMNS))
    ]


def reseal_page(
    session: Session,
    *,
    council_id: str,
    sealed: Sealed,
    vault: Vault,
    after: tuple[str, ...] | None = None,
    limit: int = 500,
) -> Page:
    """Bring the next rows of a council under the newest key. What no key opens is counted and left alone."""
    keys = ", ".join(f"CAST({key} AS text)" for key in sealed.keys)
    names = [f"k{number}" for number in range(len(sealed.keys))]
    further = f"AND ({keys}) > ({', '.join(f':{name}' for name in names)})" if after else ""
    # The names come from the database's own catalogue.
    query = (
        f"SELECT {sealed.column}, {keys} FROM {sealed.table} "  # noqa: S608
        f"WHERE council_id = :council_id AND {sealed.column} IS NOT NULL {further} "
        f"ORDER BY {keys} LIMIT :most FOR UPDATE"
    )
    change = text(
        f"UPDATE {sealed.table} SET {sealed.column} = :sealed "  # noqa: S608
        f"WHERE council_id = :council_id AND ({keys}) = ({', '.join(f':{name}' for name in names)})"
    )
    given = {"council_id": council_id, "most": limit, **dict(zip(names, after or (), strict=False))}
    rows = session.execute(text(query), given).all()
    anew = unreadable = 0
    for value, *found in rows:
        if vault.is_newest(value):
            continue
        try:
            resealed = vault.reseal(value)
        except InvalidToken:
            unreadable += 1
            continue
        session.execute(
            change, {"council_id": council_id, "sealed": resealed, **dict(zip(names, found, strict=True))}
        )
        anew += 1
    last = tuple(rows[-1][1:]) if len(rows) == limit else None
    return Page(len(rows), anew, unreadable, last)
