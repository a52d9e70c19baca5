"""With what does a council speak to its rails? Its own keys and numbers, sealed; never pooled with another's.

Several of a kind may stand at once, the newest first, so that a webhook secret can change without a gap.
What is replaced is ended, and stays on record with its hint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Select, Text, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events, ids
from service.db import Base
from service.errors import NotFound, one_fault
from service.events import Actor
from service.vault import Vault

# rail → kind → the names of its values; the first of them gives the hint.
KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "stripe": {
        "secret_key": ("secret",),
        "financial_account": ("id",),
        "webhook_secret": ("secret",),
    },
    "bacs": {
        "service_user": ("number", "name"),
        "originating_account": ("account_number", "sort_code", "account_name"),
        # How the bureau wants the fields on which sources disagree, and how its reports look: JSON.
        "bureau": ("settings",),
        "report_layouts": ("layouts",),
    },
    # No rail for money: a council's own service at GOV.UK Notify, and a template for each way.
    "notify": {
        "api_key": ("key",),
        "email_template": ("id",),
        "text_template": ("id",),
        "letter_template": ("id",),
        "callback_token": ("token",),
    },
}


class RailCredential(Base):
    """One thing that a rail needs to know of a council. `hint` may be shown: the last four letters."""

    __tablename__ = "rail_credentials"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("credentials_in_use", "council_id", "rail", "kind"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


@dataclass(frozen=True)
class Credential:
    """A credential opened. `values`: name → secret text, as the rail's own file names them."""

    id: str
    kind: str
    values: Mapping[str, str] = field(repr=False)


def add(
    session: Session,
    *,
    council_id: str,
    rail: str,
    kind: str,
    values: Mapping[str, str],
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> RailCredential:
    """Keep one more. Those that stand already stay until they are ended. Raises `Invalid`."""
    names = KINDS.get(rail, {}).get(kind)
    if names is None:
        known = ", ".join(KINDS.get(rail, {})) or "nothing"
        raise one_fault("/kind", f"{rail} knows no {kind}. Choose one of {known}.")
    if sorted(values) != sorted(names) or not all(values.values()):
        raise one_fault("/values", f"Give {' and '.join(names)}, and nothing else.")
    row = RailCredential(
        council_id=council_id,
        id=ids.new("cre"),
        rail=rail,
        kind=kind,
        sealed=vault.seal(values),
        hint=values[names[0]][-4:],
        made_by=str(actor),
        made_at=now,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, row, name="credential.added", actor=actor, now=now)
    return row


def end(session: Session, *, council_id: str, credential_id: str, actor: Actor, now: datetime) -> None:
    """Use one no longer. Raises `NotFound`. Safe to repeat."""
    row = session.get(RailCredential, (council_id, credential_id), with_for_update=True)
    if row is None:
        raise NotFound("We cannot find that credential. Look at the list of those in use.")
    if row.ended_at is None:
        row.ended_at = now
        _tell(session, row, name="credential.ended", actor=actor, now=now)


def in_use(session: Session, *, council_id: str, rail: str, kind: str, vault: Vault) -> list[Credential]:
    """Those of a kind that stand, the newest first, opened."""
    rows = session.scalars(_standing(council_id, rail).where(RailCredential.kind == kind))
    return [Credential(row.id, row.kind, vault.open(row.sealed)) for row in rows]


def listed(session: Session, *, council_id: str, rail: str) -> list[RailCredential]:
    """What stands for a rail, the newest first, sealed: to be shown by its hint."""
    return list(session.scalars(_standing(council_id, rail)))


def _standing(council_id: str, rail: str) -> Select[RailCredential]:
    return (
        select(RailCredential)
        .where(
            RailCredential.council_id == council_id,
            RailCredential.rail == rail,
            RailCredential.ended_at.is_(None),
        )
        .order_by(RailCredential.id.desc())
    )


def _tell(session: Session, row: RailCredential, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"rail": row.rail, "kind": row.kind},
    )
