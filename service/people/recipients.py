"""Whom does Stripe know for us? One recipient for one payment method and one account to pay from.

Stripe is told in steps, each under a key made of the recipient's own id, which is committed before the first
call: an answer that was lost is asked for again under that key, and nobody is made twice. Then the bank is
asked whether the name fits the account (Confirmation of Payee). Only a match goes on by itself; anything else
waits until the person has seen it and decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Select, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events, ids
from service.db import Base
from service.errors import Conflict, NotFound
from service.events import Actor
from service.people import queries
from service.people.model import BankDetails
from service.people.tables import PaymentMethod
from service.rails.protocol import NameCheck
from service.rails.stripe_access import RAIL
from service.rails.stripe_shapes import Place
from service.vault import Vault

KIND = "stripe"

# wanted: Stripe is being told · form: the person must give their bank details to Stripe · doubtful: the bank
# doubts the name, the person decides · ready: may be paid · refused: Stripe will not have it
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("wanted", "wait_for_form"): ("form", "recipient.form"),
    ("wanted", "match"): ("ready", "recipient.ready"),
    ("form", "match"): ("ready", "recipient.ready"),
    ("wanted", "doubt"): ("doubtful", "recipient.doubtful"),
    ("form", "doubt"): ("doubtful", "recipient.doubtful"),
    ("wanted", "refuse"): ("refused", "recipient.refused"),
    ("form", "refuse"): ("refused", "recipient.refused"),
    ("doubtful", "accept"): ("ready", "recipient.ready"),
    # The bank says something else when a payment is about to leave: an old yes does not cover that.
    ("ready", "doubt"): ("doubtful", "recipient.doubtful"),
}
OPEN = ("wanted", "form")


class Recipient(Base):
    """Somebody as Stripe knows them, for one payment method and one account paid from.

    `check_result`: what the bank said. `made_at`: since when it is the one in use; the last one is.
    """

    __tablename__ = "stripe_recipients"
    __table_args__ = (
        UniqueConstraint("council_id", "method_id", "financial_account"),
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(
            ["council_id", "method_id"], ["payment_methods.council_id", "payment_methods.id"]
        ),
        Index("stripe_recipients_by_account", "council_id", "account_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    method_id: Mapped[str] = mapped_column(Text)
    financial_account: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Text)
    payout_method_id: Mapped[str | None] = mapped_column(Text)
    check_id: Mapped[str | None] = mapped_column(Text)
    check_result: Mapped[str | None] = mapped_column(Text)
    name_at_bank_sealed: Mapped[str | None] = mapped_column(Text)
    refusal: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    def key(self, step: str) -> str:
        """The key of one step at Stripe."""
        return f"{self.id}-{step}"


@dataclass(frozen=True)
class Facts:
    """What Stripe is told of a person. `details` is None where they give them to Stripe itself."""

    recipient: Recipient
    name: str = field(repr=False)
    email: str = field(repr=False)
    details: BankDetails | None = field(repr=False)


def want(
    session: Session, *, council_id: str, method_id: str, financial_account: str, now: datetime
) -> Recipient:
    """The recipient for a method and the account that the council pays from, laid out if it is new.

    One from before, where the council has gone back to that account, is in use again. Safe to repeat.
    """
    method = queries.method(session, council_id=council_id, method_id=method_id)
    row = {
        "council_id": council_id,
        "id": ids.new("rcp"),
        "person_id": method.person_id,
        "method_id": method_id,
        "financial_account": financial_account,
        "state": "wanted",
        "made_at": now,
        "changed_at": now,
    }
    session.execute(insert(Recipient).values(**row).on_conflict_do_nothing())
    in_use = of_method(session, council_id=council_id, method_id=method_id)
    if in_use is not None and in_use.financial_account == financial_account:
        return in_use
    again = session.scalars(
        _of_method(council_id, method_id)
        .where(Recipient.financial_account == financial_account)
        .with_for_update()
    ).one()
    again.made_at = now
    session.flush()
    if again.state == "ready":
        _tell(session, again, name="recipient.ready", actor=Actor("rail", RAIL), now=now)
    return again


def get(session: Session, *, council_id: str, recipient_id: str) -> Recipient:
    """One recipient. Raises `NotFound`."""
    found = session.get(Recipient, (council_id, recipient_id))
    if found is None:
        raise NotFound("We cannot find that.")
    return found


def of_method(session: Session, *, council_id: str, method_id: str) -> Recipient | None:
    """Whom Stripe knows for a method, for the account in use; None when nobody yet."""
    return session.scalars(_of_method(council_id, method_id)).first()


def of_methods(
    session: Session, *, council_id: str, method_ids: list[str], still: bool = False
) -> dict[str, Recipient]:
    """Method id → whom Stripe knows for it at the account in use; `still`: none changes till the commit."""
    query = select(Recipient).where(Recipient.council_id == council_id, Recipient.method_id.in_(method_ids))
    if still:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    return {row.method_id: row for row in session.scalars(query.order_by(Recipient.made_at, Recipient.id))}


def _of_method(council_id: str, method_id: str) -> Select[Recipient]:
    return (
        select(Recipient)
        .where(Recipient.council_id == council_id, Recipient.method_id == method_id)
        .order_by(Recipient.made_at.desc(), Recipient.id.desc())
    )


def of_account(session: Session, *, council_id: str, account_id: str) -> Recipient | None:
    """Whom Stripe knows by this account."""
    query = select(Recipient).where(Recipient.council_id == council_id, Recipient.account_id == account_id)
    return session.scalars(query).first()


def of_person(session: Session, *, council_id: str, person_id: str) -> Recipient | None:
    """Whom Stripe knows for the way that this person is paid now; None when it is another way."""
    method = queries.current_method(session, council_id=council_id, person_id=person_id)
    if method is None or method.kind != KIND:
        return None
    return of_method(session, council_id=council_id, method_id=method.id)


def methods_in_use(session: Session, *, council_id: str) -> list[str]:
    """Every method by which somebody is paid by Stripe now."""
    query = select(PaymentMethod.id).where(
        PaymentMethod.council_id == council_id, PaymentMethod.kind == KIND, PaymentMethod.state == "current"
    )
    return list(session.scalars(query.order_by(PaymentMethod.id)))


def standing_still(
    session: Session, *, council_id: str, before: datetime, now: datetime, limit: int = 50
) -> list[str]:
    """The methods in use whose recipient has not moved since, nor been looked at; they count as looked at."""
    query = (
        select(Recipient)
        .join(
            PaymentMethod,
            (PaymentMethod.council_id == Recipient.council_id) & (PaymentMethod.id == Recipient.method_id),
        )
        .where(
            Recipient.council_id == council_id,
            Recipient.state.in_(OPEN),
            Recipient.changed_at <= before,
            PaymentMethod.state == "current",
        )
    )
    rows = session.scalars(query.order_by(Recipient.changed_at).limit(limit).with_for_update()).all()
    for row in rows:
        row.changed_at = now
    return [row.method_id for row in rows]


def look_again(session: Session, *, council_id: str, recipient_id: str, actor: Actor, now: datetime) -> None:
    """The person came back from Stripe's form, which does not mean that it is filled in: Stripe is asked."""
    row = _locked(session, council_id, recipient_id)
    if row.state in OPEN:
        _tell(session, row, name="recipient.back", actor=actor, now=now)


def facts(session: Session, *, council_id: str, recipient_id: str, vault: Vault, otherwise: str) -> Facts:
    """What Stripe is told of a person; `otherwise` is the address of who writes where they have none."""
    row = session.get_one(Recipient, (council_id, recipient_id))
    method = queries.method(session, council_id=council_id, method_id=row.method_id)
    person = queries.get(session, council_id=council_id, person_id=row.person_id)
    details = BankDetails(**vault.open(method.details_sealed)) if method.details_sealed else None
    name = details.account_name if details else person.name
    return Facts(row, name, person.email or otherwise, details)


def note_account(session: Session, *, council_id: str, recipient_id: str, account_id: str) -> None:
    """Stripe knows them by this account. Safe to repeat."""
    _locked(session, council_id, recipient_id).account_id = account_id


def note_bank_account(
    session: Session,
    *,
    council_id: str,
    recipient_id: str,
    payout_method_id: str,
    usable_at: datetime | None = None,
) -> None:
    """Stripe knows where to pay them. `usable_at`: when details that Stripe was given itself may be used."""
    row = _locked(session, council_id, recipient_id)
    if row.payout_method_id is None and usable_at is not None:
        queries.method(session, council_id=council_id, method_id=row.method_id).usable_at = usable_at
    row.payout_method_id = payout_method_id


def wait_for_form(session: Session, *, council_id: str, recipient_id: str, now: datetime) -> None:
    """Stripe waits for the person's own hand. Safe to repeat."""
    _move(session, _locked(session, council_id, recipient_id), verb="wait_for_form", now=now)


def note_check(
    session: Session,
    *,
    council_id: str,
    recipient_id: str,
    check: NameCheck,
    vault: Vault,
    now: datetime,
) -> None:
    """The bank has answered about the name. Safe to repeat: the first answer stands."""
    row = _locked(session, council_id, recipient_id)
    if row.state in OPEN:
        _take_check(row, check, vault=vault)
        _move(session, row, verb="match" if check.result == "match" else "doubt", now=now)


def doubt_again(
    session: Session, *, council_id: str, account_id: str, check: NameCheck, vault: Vault, now: datetime
) -> None:
    """The bank says something else of a name than what was accepted: the person decides anew.

    Safe to repeat: what they have accepted meanwhile stays accepted.
    """
    known = of_account(session, council_id=council_id, account_id=account_id)
    row = _locked(session, council_id, known.id) if known else None
    if row is None or row.state != "ready" or row.check_result == check.result:
        return
    _take_check(row, check, vault=vault)
    row.decided_by = row.decided_at = None
    _move(session, row, verb="doubt", now=now)


def _take_check(row: Recipient, check: NameCheck, *, vault: Vault) -> None:
    row.check_id, row.check_result = check.id, check.result
    row.name_at_bank_sealed = vault.seal({"name": check.name_at_bank}) if check.name_at_bank else None


def refuse(session: Session, *, council_id: str, recipient_id: str, reason: str, now: datetime) -> None:
    """Stripe will not have it. Safe to repeat."""
    row = _locked(session, council_id, recipient_id)
    if row.state in OPEN:
        row.refusal = reason
        _move(session, row, verb="refuse", now=now)


def accept(
    session: Session, *, council_id: str, recipient_id: str, check_id: str, actor: Actor, now: datetime
) -> Recipient:
    """The person has seen what the bank says, and wants it used all the same. Raises `Conflict`.

    `check_id`: the answer that they saw. Who decided, and when, stays on record.
    """
    row = _locked(session, council_id, recipient_id)
    if row.state == "ready" and row.check_id == check_id:
        return row
    if row.state != "doubtful" or row.check_id != check_id:
        raise Conflict("This has changed since you looked. Please read it again.")
    row.decided_by, row.decided_at = str(actor), now
    _move(session, row, verb="accept", actor=actor, now=now)
    return row


def places(session: Session, *, council_id: str, method_ids: list[str]) -> dict[str, str]:
    """Method id → where its payments go, as an order says it; those that may not be paid to are left out."""
    found = of_methods(session, council_id=council_id, method_ids=method_ids)
    return {
        method_id: str(
            Place(row.financial_account, row.account_id, row.payout_method_id, row.check_result or "match")
        )
        for method_id, row in found.items()
        if row.state == "ready" and row.account_id and row.payout_method_id
    }


def why_it_waits(session: Session, *, method: PaymentMethod) -> str | None:
    """What a payment by this method waits for: the person's `onboarding`, or the `name_check`."""
    if method.kind != KIND:
        return None
    return waits_for(method, of_method(session, council_id=method.council_id, method_id=method.id))


def waits_for(method: PaymentMethod, row: Recipient | None) -> str | None:
    """The same, for a method of this kind and whom Stripe knows for it."""
    if row is not None and row.state == "ready":
        return None
    hosted = method.details_sealed is None and (row is None or row.state in OPEN)
    return "onboarding" if hosted else "name_check"


def name_at_bank(row: Recipient, *, vault: Vault) -> str:
    """The name that the bank has, where it gave one: for the person's own eyes."""
    return vault.open(row.name_at_bank_sealed)["name"] if row.name_at_bank_sealed else ""


def _locked(session: Session, council_id: str, recipient_id: str) -> Recipient:
    return session.get_one(
        Recipient, (council_id, recipient_id), with_for_update=True, populate_existing=True
    )


def _move(session: Session, row: Recipient, *, verb: str, now: datetime, actor: Actor | None = None) -> None:
    if (row.state, verb) not in TRANSITIONS:
        return
    row.state, name = TRANSITIONS[row.state, verb]
    row.changed_at = now
    session.flush()
    _tell(session, row, name=name, actor=actor or Actor("rail", RAIL), now=now)


def _tell(session: Session, row: Recipient, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        actor=actor,
        at=now,
        refs={"method_id": row.method_id, "kind": KIND},
    )
