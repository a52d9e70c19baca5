"""What does one line of a report mean for a payment? One reader for each kind; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from service.errors import NotFound
from service.events import Actor
from service.payouts import file_queries, filing, moving, queries, reporting, settling, stopping
from service.payouts.file_model import ALREADY, DONE, UNKNOWN
from service.payouts.file_tables import BankFileLine
from service.payouts.tables import Payout
from service.people import actions as people_actions
from service.people import queries as people
from service.people.actions import MethodGiven
from service.people.model import BankDetails
from service.rails import bacs_words
from service.rails.bank_reports import Row, digits, read_day
from service.vault import Vault

ACCEPTED = frozenset(("accepted", "accept", "ok", "processed"))
REJECTED = frozenset(("rejected", "reject"))
PAID = frozenset(("paid", "settled"))
NOT_PAID = frozenset(("failed", "not paid", "rejected"))
CAME_BACK = frozenset(("returned", "came back"))


@dataclass(frozen=True)
class Context:
    """For whom a report is read, by whom, and when."""

    council_id: str
    vault: Vault = field(repr=False)
    terms: Mapping[str, int]
    actor: Actor
    now: datetime


@dataclass(frozen=True)
class Result:
    """What became of one line: `did` is one of DONE, ALREADY, UNKNOWN, REFUSED. Holds no bank details."""

    number: int
    did: str
    words: str
    payout_id: str | None = None
    file_id: str | None = None


def _unknown(words: str, **more: str) -> Result:
    return Result(0, UNKNOWN, words, **more)


def _match(session: Session, context: Context, row: Row) -> BankFileLine | str:
    """The one line of ours that this is about, or why there is none."""
    sort_code, number = digits(row["sort_code"]), digits(row["account_number"])
    if row.amount_pence is None or not row["reference"] or not sort_code or not number:
        return "This line lacks an amount, a reference or an account, so we cannot tell whose it is."
    told = bacs_words.written(row["reference"]).strip()
    fitting = [
        line
        for line in file_queries.lines_like(
            session, council_id=context.council_id, amount_pence=row.amount_pence, reference=told
        )
        if _is_account(session, context, line, told, sort_code, number)
    ]
    if len(fitting) == 1:
        return fitting[0]
    return (
        "Several payments of ours fit this line. Decide by hand." if fitting else "No payment of ours fits."
    )


def _is_account(
    session: Session, context: Context, line: BankFileLine, told: str, sort_code: str, number: str
) -> bool:
    details = _details(session, context, line.method_id)
    if details is None or (details.sort_code, details.account_number) != (sort_code, number.zfill(8)):
        return False
    roll = bacs_words.written(details.roll_number)[:18].strip()
    return told == (roll if line.by_roll else line.reference)


def _details(session: Session, context: Context, method_id: str | None) -> BankDetails | None:
    if method_id is None:
        return None
    method = people.method(session, council_id=context.council_id, method_id=method_id)
    return BankDetails(**context.vault.open(method.details_sealed)) if method.details_sealed else None


def _order(session: Session, context: Context, row: Row) -> tuple[str, str]:
    line = _match(session, context, row)
    return ("", "") if isinstance(line, str) else _order_of(session, context, line.payout_id)


def _order_of(session: Session, context: Context, payout_id: str) -> tuple[str, str]:
    row = queries.get(session, council_id=context.council_id, payout_id=payout_id)
    return row.claim_id, row.id


def _returned(session: Session, context: Context, row: Row) -> Result:
    """ARUCS: the receiving bank sent the money back."""
    line = _match(session, context, row)
    if isinstance(line, str):
        return _unknown(line)
    about = {"payout_id": line.payout_id, "file_id": line.file_id}
    payout = moving.locked(session, council_id=context.council_id, payout_id=line.payout_id)
    if payout.state == "returned":
        return Result(0, ALREADY, "This payment was recorded as returned before.", **about)
    if payout.state not in ("paid", "sent"):
        return _unknown("Its file is not recorded as sent. Record that first, then read this again.", **about)
    reason = _reason(row["reason"])
    settling.take_back(session, payout=payout, reason=reason, actor=_bank(), now=context.now)
    filing.answer_line(session, line=line, outcome="returned", now=context.now)
    return Result(0, DONE, "Returned. The person is asked to check their details.", **about)


def _wrong_account(session: Session, context: Context, row: Row) -> Result:
    """AWACS: the bank paid it into another account, and tells us which. The person decides."""
    line = _match(session, context, row)
    if isinstance(line, str):
        return _unknown(line)
    about = {"payout_id": line.payout_id, "file_id": line.file_id}
    payout = queries.get(session, council_id=context.council_id, payout_id=line.payout_id)
    old = _details(session, context, line.method_id)
    current = people.current_method(session, council_id=context.council_id, person_id=payout.person_id)
    if old is None or current is None or current.id != line.method_id:
        return Result(0, ALREADY, "The person is paid another way by now. Nothing is proposed.", **about)
    sort_code, number = digits(row["new_sort_code"]), digits(row["new_account_number"])
    if not sort_code and not number:
        return _unknown("The line names no new account.", **about)
    given = MethodGiven(
        kind="bank_account",
        account_name=row["new_name"] or old.account_name,
        sort_code=sort_code or old.sort_code,
        account_number=number or old.account_number,
    )
    waiting = people.proposed_method(session, council_id=context.council_id, person_id=payout.person_id)
    method = people_actions.set_method(
        session,
        council_id=context.council_id,
        person_id=payout.person_id,
        given=given,
        allowed=["bank_account"],
        hold_hours=context.terms.get("hold_hours", 0),
        vault=context.vault,
        actor=_bank(),
        now=context.now,
    )
    if method.state != "proposed" or (waiting is not None and waiting.id == method.id):
        return Result(0, ALREADY, "The person has been asked about this account already.", **about)
    return Result(
        0, DONE, "Shown to the person, who decides. Nothing is changed until they say yes.", **about
    )


def _input(session: Session, context: Context, row: Row) -> Result:
    """Input report: what Bacs made of a file, or of one line in it."""
    if row.amount_pence is not None:
        return _rejected_line(session, context, row)
    status = row["status"].lower()
    found = file_queries.file_by_serial(session, council_id=context.council_id, serial=row["serial"])
    if found is None:
        return _unknown("No file of ours has this serial number.")
    about = {"file_id": found.id}
    if status in ACCEPTED:
        return _accepted(session, context, found.id)
    if status not in REJECTED:
        return _unknown("We do not know this status. Look at it in the report.", **about)
    if found.state == "rejected":
        return Result(0, ALREADY, "This file was recorded as rejected before.", **about)
    reason = _words(row["reason"]) or "The input report says that the file was rejected."
    filing.reject(
        session,
        council_id=context.council_id,
        file_id=found.id,
        reason=reason,
        actor=context.actor,
        now=context.now,
        reported=True,
    )
    return Result(0, DONE, f"Rejected whole: {found.lines} payments wait for a new file.", **about)


def _accepted(session: Session, context: Context, file_id: str) -> Result:
    row = filing.locked(session, council_id=context.council_id, file_id=file_id)
    if row.state == "rejected":
        return _unknown("We have this file as rejected, and its payments may be in a new one. Ask the bank.")
    if row.accepted_at is not None:
        return Result(0, ALREADY, "This file was recorded as accepted before.", file_id=file_id)
    filing.note_accepted(session, row=row, now=context.now)
    more = "" if row.state == "submitted" else " Who sent it is not recorded yet: record that too."
    return Result(0, DONE, f"Accepted by Bacs.{more}", file_id=file_id)


def _rejected_line(session: Session, context: Context, row: Row) -> Result:
    line = _match(session, context, row)
    if isinstance(line, str):
        return _unknown(line)
    about = {"payout_id": line.payout_id, "file_id": line.file_id}
    payout = moving.locked(session, council_id=context.council_id, payout_id=line.payout_id)
    if row["status"].lower() not in REJECTED:
        return _unknown("We do not know this status. Look at it in the report.", **about)
    if payout.state in ("failed", "returned"):
        return Result(0, ALREADY, "This payment was recorded as rejected before.", **about)
    if payout.state not in ("sent", "paid"):
        return _unknown("Its file is not recorded as sent. Record that first, then read this again.", **about)
    reason = f"The bank did not take this payment{_because(row['reason'])}."
    if payout.state == "paid":
        settling.take_back(session, payout=payout, reason=reason, actor=_bank(), now=context.now)
    else:
        _refuse(session, context, payout, reason)
    filing.answer_line(session, line=line, outcome="refused", now=context.now)
    return Result(0, DONE, "Not paid. The person is asked to check their details.", **about)


def _refuse(session: Session, context: Context, payout: Payout, reason: str) -> None:
    key = {"council_id": payout.council_id, "payout_id": payout.id}
    moving.move(session, **key, verb="refused", actor=_bank(), now=context.now)
    payout.failure = reason
    stopping.give_up_if_not_owed(session, payout=payout, now=context.now)
    settling.mind_new_details(session, payout=payout, now=context.now)


def _settled(session: Session, context: Context, row: Row) -> Result:
    """The council's finance system says what it has paid, could not pay, or got back."""
    found = _settled_payment(session, context, row)
    if isinstance(found, str):
        return _unknown(found)
    about = {"payout_id": found.id}
    before = found.state
    key = {"council_id": context.council_id, "payout_id": found.id}
    actor, now = context.actor, context.now
    status = row["status"].lower()
    paid_on = read_day(row["paid_on"])
    if status in PAID or (not status and row["bank_reference"] and paid_on):
        if paid_on is None:
            return _unknown("This line does not say on which day it was paid.", **about)
        now_is = settling.report_paid(
            session, **key, bank_reference=row["bank_reference"][:100], paid_on=paid_on, actor=actor, now=now
        )
    elif status in NOT_PAID:
        now_is = reporting.report_not_paid(session, **key, reason=row["reason"][:300], actor=actor, now=now)
    elif status in CAME_BACK:
        now_is = reporting.report_returned(session, **key, reason=row["reason"][:300], actor=actor, now=now)
    else:
        return _unknown("We do not know this status. Look at it in the report.", **about)
    if now_is.state == before:
        return Result(0, ALREADY, "This was reported before.", **about)
    words = {"paid": "Paid.", "failed": "Not paid. The person is told.", "returned": "Came back."}
    return Result(0, DONE, words[now_is.state], **about)


def _settled_payment(session: Session, context: Context, row: Row) -> Payout | str:
    if not row["payment_id"]:
        return _by_reference(session, context, row)
    try:
        found = queries.get(session, council_id=context.council_id, payout_id=row["payment_id"])
    except NotFound:
        return "No payment of ours has this id."
    if row.amount_pence is not None and row.amount_pence != found.amount_pence:
        return "The amount is not that of this payment."
    if row["reference"] and row["reference"] != found.reference:
        return "The reference is not that of this payment."
    return found


def _by_reference(session: Session, context: Context, row: Row) -> Payout | str:
    if row.amount_pence is None or not row["reference"]:
        return "This line does not say which payment it is about: give its payment_id."
    fitting = [
        payout
        for line in file_queries.lines_like(
            session,
            council_id=context.council_id,
            amount_pence=row.amount_pence,
            reference=row["reference"],
        )
        for payout in [queries.get(session, council_id=context.council_id, payout_id=line.payout_id)]
        if payout.rail == "finance_system" and payout.reference == row["reference"]
    ]
    if len(fitting) == 1:
        return fitting[0]
    return (
        "Several payments of ours fit this line. Decide by hand." if fitting else "No payment of ours fits."
    )


def _settled_order(session: Session, context: Context, row: Row) -> tuple[str, str]:
    found = _settled_payment(session, context, row)
    return ("", "") if isinstance(found, str) else (found.claim_id, found.id)


def _bank() -> Actor:
    return Actor("rail", "bacs")


def _words(text: str) -> str:
    """A bank's own words, short and in plain letters."""
    return " ".join(bacs_words.written(text).split())[:80].lower()


def _because(text: str) -> str:
    words = _words(text)
    return f". It says: {words}" if words else ""


def _reason(text: str) -> str:
    return f"The bank sent the money back{_because(text)}."


@dataclass(frozen=True)
class Reader:
    """How a kind of report is read: the order in which its payments are locked, and what a line does."""

    order: Callable[[Session, Context, Row], tuple[str, str]]
    do: Callable[[Session, Context, Row], Result]


READERS = {
    "arucs": Reader(_order, _returned),
    "awacs": Reader(_order, _wrong_account),
    "input_report": Reader(_order, _input),
    "settlement": Reader(_settled_order, _settled),
}
