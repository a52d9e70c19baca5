"""The ledger for finance: what stands where, what moved, which months are closed, and under which codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.councils import queries as councils
from service.days import LONDON, london_day
from service.errors import Conflict, Invalid
from service.ledger import codes, periods, queries, statements
from service.ledger.model import ACCOUNTS, KINDS
from service.ledger.tables import LedgerPeriod
from service.rails.protocol import RAILS
from service.reports import books
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff import books_reading
from service.web.staff.shapes import Choice
from service.web.typed_times import read_day

pages = Blueprint("ledger", __name__, url_prefix="/ledger")
PAGE = 50


@dataclass(frozen=True)
class Month:
    """An accounting month in the list. `state`: open, closed, or open again."""

    period: str
    state: str
    note: str


@pages.before_request
def _place() -> None:
    g.place = "ledger"


@pages.get("")
@needs("ledger:read")
def show() -> str:
    """The balance of every account, the months, and what the last check found."""
    return _show(Answers())


def _show(answers: Answers) -> str:
    council_id = here.council_id()
    with here.room() as session:
        balance = queries.trial_balance(session, council_id=council_id)
        promised = queries.trial_balance(session, council_id=council_id, memorandum=True)
        known = {row.period: row for row in periods.listed(session, council_id=council_id)}
        names = {f"staff:{one.id}": one.name for one in councils.staff(session, council_id=council_id)}
        months = periods.months(session, council_id=council_id, now=here.now())
        check = books.last_check(session, council_id=council_id)
        told = books_reading.told(session, check.found if check else ())
    return render_template(
        "staff/ledger.html",
        answers=answers,
        balance=balance,
        total=sum(row.debit_pence for row in balance),
        promised=sum(row.debit_pence for row in promised) - sum(row.debit_pence for row in balance),
        months=[_month(period, known.get(period), names) for period in sorted({*months, *known})[::-1]],
        check=check,
        told=told,
        account_name=account_name,
        may_write=here.may("ledger:write"),
    )


def _month(period: str, row: LedgerPeriod | None, names: dict[str, str]) -> Month:
    if row is None:
        return Month(period, "open", "")
    who = names.get(row.closed_by, row.closed_by)
    if row.state == periods.CLOSED:
        return Month(period, "closed", f"Closed by {who}.")
    again = names.get(row.reopened_by or "", row.reopened_by)
    return Month(period, "open again", f"Closed by {who}, opened again by {again}.")


def account_name(account: str) -> str:
    """An account in plain words."""
    kind, _, rail = account.partition(":")
    if kind == "bank" and rail:
        return f"Bank: {RAILS[rail].name if rail in RAILS else rail}"
    return ACCOUNTS.get(account, account)


@pages.get("/months/<period>/close")
@needs("ledger:write")
def ask_to_close(period: str) -> str:
    """Is it meant? Only somebody else can open the month again."""
    return render_template("staff/ledger_close.html", period=period)


@pages.post("/months/<period>/close")
@needs("ledger:write")
def close(period: str) -> Response | tuple[str, int]:
    """Take no more entries for a month."""
    try:
        with here.room() as session:
            periods.close(
                session,
                council_id=here.council_id(),
                period=period,
                actor=here.staff_actor(),
                now=here.now(),
            )
    except Invalid as refusal:
        answers = Answers()
        answers.learn(refusal, {})
        return _show(answers), 422
    return redirect(f"{here.at()}/staff/ledger#months", 303)


@pages.get("/months/<period>/reopen")
@needs("ledger:write")
def ask_to_reopen(period: str) -> str:
    """Why must a closed month be opened again?"""
    return render_template("staff/ledger_month.html", answers=Answers(), period=period)


@pages.post("/months/<period>/reopen")
@needs("ledger:write")
def reopen(period: str) -> Response | tuple[str, int]:
    """Open a closed month again, with the reason."""
    answers = Answers(request.form)
    try:
        with here.room() as session:
            periods.reopen(
                session,
                council_id=here.council_id(),
                period=period,
                reason=answers["reason"],
                actor=here.staff_actor(),
                now=here.now(),
            )
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, {"/reason": "reason"})
        status = 422 if isinstance(refusal, Invalid) else 409
        return render_template("staff/ledger_month.html", answers=answers, period=period), status
    return redirect(f"{here.at()}/staff/ledger#months", 303)


@pages.get("/statement")
@needs("ledger:read")
def statement() -> str:
    """What stood, what moved and what stands, on an account or a cost centre."""
    council_id, answers = here.council_id(), Answers(request.args)
    since, until = (_day(answers, name) for name in ("since", "until"))
    with here.room() as session:
        now = queries.moment(session, council_id=council_id, as_of=_midnight(until, 1) if until else None)
        wanted = statements.Wanted(
            answers["account"], answers["cost_centre"], _midnight(since, 0) if since else None, now
        )
        found = statements.statement(
            session, council_id=council_id, wanted=wanted, after=_after(answers["after"]), limit=PAGE + 1
        )
        accounts = statements.accounts(session, council_id=council_id)
        centres = statements.cost_centres(session, council_id=council_id)
    more = found.movements[PAGE - 1].place if len(found.movements) > PAGE else None
    return render_template(
        "staff/ledger_statement.html",
        answers=answers,
        found=found,
        movements=found.movements[:PAGE],
        accounts=[Choice(one, account_name(one)) for one in accounts],
        centres=[Choice(one, one) for one in centres],
        kinds=KINDS,
        account_name=account_name,
        more={**request.args, "after": f"{more[0].isoformat()} {more[1]}"} if more else None,
    )


def _day(answers: Answers, name: str) -> date | None:
    if not any(answers[f"{name}-{part}"] for part in ("day", "month", "year")):
        return None
    return read_day(answers, name)


def _midnight(day: date, after: int) -> datetime:
    return datetime.combine(day + timedelta(days=after), time(), tzinfo=LONDON)


def _after(given: str) -> statements.Place | None:
    moment, _, place = given.partition(" ")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found, place) if found.tzinfo is not None else None


@pages.get("/codes")
@needs("ledger:read")
def list_codes() -> str:
    """Under which codes each line is posted, and since when."""
    return _codes(Answers())


@pages.post("/codes")
@needs("ledger:write")
def set_code() -> Response | tuple[str, int]:
    """Post a line under these codes from today on."""
    answers = Answers(request.form)
    try:
        with here.room() as session:
            codes.set_code(
                session,
                council_id=here.council_id(),
                line=answers["line"],
                subjective=answers["subjective"],
                vat_code=answers["vat_code"],
                starts_on=london_day(here.now()),
                actor=here.staff_actor(),
                now=here.now(),
            )
    except Invalid as refusal:
        answers.learn(refusal, {f"/{name}": name for name in ("line", "subjective", "vat_code")})
        return _codes(answers), 422
    return redirect(f"{here.at()}/staff/ledger/codes", 303)


def _codes(answers: Answers) -> str:
    with here.room() as session:
        found = codes.listed(session, council_id=here.council_id(), on=london_day(here.now()))
    return render_template(
        "staff/ledger_codes.html", answers=answers, codes=found, may_write=here.may("ledger:write")
    )
