"""What goes into the next file? Payments that are due, each with its day and the account that pays it.

The file is built once, in the transaction that fixes the keys of its payments, and kept sealed.
Never commits.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import ids
from service.days import london_day
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import Actor
from service.payouts import file_queries, filing, gates, moving, orders, queries
from service.payouts.file_tables import BankFile, BankFileLine
from service.payouts.model import OURS
from service.payouts.tables import Payout
from service.people import queries as people
from service.people.model import BankDetails
from service.rails import bacs, bacs_calendar, bacs_csv, credentials, finance_system
from service.rails.bacs import Account, Credit, Profile, Submission
from service.vault import Vault

# More in one transaction would hold their rows for too long; what is over goes into the next file.
MOST_LINES = 20_000


class NothingToSend(Conflict):
    """No payment waits for a file."""

    title = "There is nothing to put into a file"


class NotSetUp(Conflict):
    """The council has not told us what a Bacs file needs."""

    title = "Bacs is not set up for this council"


@dataclass(frozen=True)
class Wanted:
    """One payment for the file; its own day or account where they are not the file's."""

    payment_id: str
    processing_day: date | None = None
    originating_account: str | None = None


@dataclass(frozen=True)
class Ours:
    """What the council is to Bacs: its number and name, its accounts by credential, its bureau's way."""

    number: str
    name: str
    accounts: dict[str, Account]
    profile: Profile


def build(
    session: Session,
    *,
    council_id: str,
    rail: str,
    vault: Vault,
    actor: Actor,
    now: datetime,
    processing_day: date | None = None,
    wanted: Sequence[Wanted] = (),
) -> BankFile:
    """Put what is due on a rail, or only what is wanted, into one new file.

    Raises `NothingToSend`, `NotSetUp`, `Invalid` for a payment that is not due or a day that cannot be, and
    `CannotBeWritten` for what no Bacs file can hold; then no payment has moved.
    """
    filing.take_turns(session, council_id=council_id)
    due = _due(session, council_id, rail, wanted)
    if rail == "bacs":
        return _bacs(session, due, vault, processing_day, {one.payment_id: one for one in wanted}, actor, now)
    return _finance(session, due, vault, actor, now)


def _due(session: Session, council_id: str, rail: str, wanted: Sequence[Wanted]) -> list[Payout]:
    if rail not in ("bacs", "finance_system"):
        raise one_fault("/rail", "Choose bacs or finance_system.")
    chosen = [one.payment_id for one in wanted] or None
    found = file_queries.due(session, council_id=council_id, rail=rail, payout_ids=chosen)
    there = {row.id for row in found}
    missing = tuple(
        Fault(f"/payments/{place}/id", "This payment is not ready for such a file, or stands in one already.")
        for place, one in enumerate(wanted)
        if one.payment_id not in there
    )
    if missing:
        raise Invalid(missing[0].detail, errors=missing)
    locked = [moving.locked(session, council_id=council_id, payout_id=row.id) for row in found[:MOST_LINES]]
    shut = gates.shut(session, council_id=council_id, payouts=locked)
    methods = orders.methods_of(session, council_id=council_id, payouts=locked)
    # What another system pulls keeps its way when new details come; never one that was not the person's.
    gone_by = orders.overtaken if rail in OURS else orders.declined
    due = [
        row
        for row in locked
        if row.state == "ready"
        and row.rail == rail
        and row.exported_at is None
        and row.id not in shut
        and not gone_by(row, methods=methods)
    ]
    if not due:
        raise NothingToSend("No payment is ready for this file.")
    return due


def ours(session: Session, *, council_id: str, vault: Vault) -> Ours:
    """What Bacs knows the council by. Raises `NotSetUp`."""
    key = {"council_id": council_id, "rail": "bacs"}
    users = credentials.in_use(session, **key, kind="service_user", vault=vault)
    accounts = credentials.in_use(session, **key, kind="originating_account", vault=vault)
    bureau = credentials.in_use(session, **key, kind="bureau", vault=vault)
    if not users or not accounts:
        raise NotSetUp(
            "A service user number and an originating account are needed first: `reciprocal rail add`."
        )
    return Ours(
        number=users[0].values["number"],
        name=users[0].values["name"],
        accounts={
            one.id: Account(one.values["sort_code"], one.values["account_number"], one.values["account_name"])
            for one in accounts
        },
        profile=bacs.read_profile(bureau[0].values["settings"] if bureau else ""),
    )


def _bacs(
    session: Session,
    due: list[Payout],
    vault: Vault,
    processing_day: date | None,
    wanted: dict[str, Wanted],
    actor: Actor,
    now: datetime,
) -> BankFile:
    council_id = due[0].council_id
    we = ours(session, council_id=council_id, vault=vault)
    usual = next(iter(we.accounts))
    first = processing_day or bacs_calendar.earliest_processing_day(now)
    row = _file(session, council_id, "bacs", we.profile.form, actor, now)
    chosen: list[tuple[Payout, Credit, BankFileLine]] = []
    for payout in due:
        one = wanted.get(payout.id, Wanted(payout.id))
        origin = one.originating_account or usual
        if origin not in we.accounts:
            raise one_fault(
                "/payments", "We know no such originating account. Look at `reciprocal rail show`."
            )
        day = one.processing_day or first
        bacs_calendar.require_processing_day(day, now=now)
        chosen.append(_credit(session, row, payout, vault, we.accounts[origin], origin, day))
    # A file reads by day, then by account, then in the order of its payments.
    order = list(we.accounts)
    chosen.sort(key=lambda each: (each[1].processing_day, order.index(each[2].origin or usual)))
    given = Submission(
        serial=row.serial,
        user_number=we.number,
        user_name=we.name,
        made_on=london_day(now),
        credits=tuple(credit for _, credit, _ in chosen),
        profile=we.profile,
    )
    made = bacs_csv.build(given) if we.profile.form == "csv" else bacs.build(given)
    row.submit_by = bacs_calendar.input_ends(chosen[0][1].processing_day)
    _keep(session, row, made, vault, [line for _, _, line in chosen])
    _take_in(session, row, chosen, actor, now)
    return row


def _take_in(
    session: Session,
    row: BankFile,
    chosen: Sequence[tuple[Payout, Credit, BankFileLine]],
    actor: Actor,
    now: datetime,
) -> None:
    """Each payment is being sent from now on, under the key of its line."""
    ids_of = [payout.id for payout, _, _ in chosen]
    tries = filing.tries_of(session, council_id=row.council_id, payout_ids=ids_of)
    for payout, _, line in sorted(chosen, key=lambda each: (each[0].claim_id, each[0].id)):
        attempt = filing.attempt_for(
            session,
            payout=payout,
            file_id=row.id,
            number=line.number,
            tries=tries.get(payout.id, 0),
            now=now,
        )
        line.attempt_id = attempt.id
        moving.move(
            session, council_id=row.council_id, payout_id=payout.id, verb="send", actor=actor, now=now
        )
    _finish(session, row, [line for _, _, line in chosen], actor, now)


def _credit(
    session: Session, row: BankFile, payout: Payout, vault: Vault, origin: Account, origin_id: str, day: date
) -> tuple[Payout, Credit, BankFileLine]:
    details = _details(session, payout, vault)
    if details is None:
        raise Conflict(f"{payout.id} has no bank details. Ask the person how they would like to be paid.")
    credit = Credit(
        to=Account(details.sort_code, details.account_number, details.account_name),
        origin=origin,
        amount_pence=payout.amount_pence,
        reference=bacs.reference_field(reference=payout.reference, roll_number=details.roll_number),
        processing_day=day,
    )
    line = _line(row, payout, by_roll=bool(details.roll_number))
    line.origin, line.processing_day, line.entry_day = origin_id, day, bacs_calendar.entry_day(day)
    return payout, credit, line


def _line(row: BankFile, payout: Payout, *, by_roll: bool) -> BankFileLine:
    """A new line for a payment; its number and attempt follow."""
    return BankFileLine(
        council_id=row.council_id,
        file_id=row.id,
        number=0,
        payout_id=payout.id,
        attempt_id=None,
        method_id=payout.method_id,
        amount_pence=payout.amount_pence,
        reference=payout.reference,
        by_roll=by_roll,
        origin=None,
        processing_day=None,
        entry_day=None,
        outcome=None,
        released_at=None,
    )


def _finance(session: Session, due: list[Payout], vault: Vault, actor: Actor, now: datetime) -> BankFile:
    """For the council's own finance system: the payments stay ready until it says that it has paid them."""
    council_id = due[0].council_id
    row = _file(session, council_id, "finance_system", "csv", actor, now)
    lines, payments = [], []
    for payout in due:
        details = _details(session, payout, vault)
        owed = queries.obligation(session, council_id=council_id, obligation_id=payout.obligation_id)
        one = finance_system.ToPay(
            payment_id=payout.id,
            reference=payout.reference,
            amount_pence=payout.amount_pence,
            pay_by=owed.pay_by,
            cost_centre=owed.cost_centre,
        )
        if details is not None:
            one = replace(
                one,
                account_name=details.account_name,
                sort_code=details.sort_code,
                account_number=details.account_number,
                roll_number=details.roll_number,
            )
        payments.append(one)
        payout.offered_at = now
        lines.append(_line(row, payout, by_roll=False))
    made = finance_system.build(batch_id=row.id, payments=payments)
    _keep(session, row, made, vault, lines)
    _finish(session, row, lines, actor, now)
    return row


def _details(session: Session, payout: Payout, vault: Vault) -> BankDetails | None:
    if payout.method_id is None:
        return None
    method = people.method(session, council_id=payout.council_id, method_id=payout.method_id)
    return BankDetails(**vault.open(method.details_sealed)) if method.details_sealed else None


def _file(session: Session, council_id: str, rail: str, form: str, actor: Actor, now: datetime) -> BankFile:
    last = session.scalar(
        select(func.max(BankFile.number)).where(BankFile.council_id == council_id, BankFile.rail == rail)
    )
    number = (last or 0) + 1
    ending = "csv" if form == "csv" else "txt"
    return BankFile(
        council_id=council_id,
        id=ids.new("fil"),
        rail=rail,
        number=number,
        form=form,
        name=f"{rail.replace('_', '-')}-{london_day(now).isoformat()}-{number:06}.{ending}",
        state="built",
        built_by=str(actor),
        built_at=now,
    )


def _keep(session: Session, row: BankFile, made: bytes, vault: Vault, lines: Sequence[BankFileLine]) -> None:
    row.sealed = vault.seal({"content": base64.b64encode(made).decode()})
    row.sha256, row.size = hashlib.sha256(made).hexdigest(), len(made)
    row.lines, row.total_pence = len(lines), sum(line.amount_pence for line in lines)
    session.add(row)
    session.flush()
    for number, line in enumerate(lines, start=1):
        line.number = number


def _finish(
    session: Session, row: BankFile, lines: Sequence[BankFileLine], actor: Actor, now: datetime
) -> None:
    session.flush()
    session.add_all(lines)
    session.flush()
    filing.tell_built(session, row=row, actor=actor, now=now)
