"""What does a payment wait for before it may leave, beside holds? A second person; its day; the next run.

One after the other: what comes after a reason is asked when that reason has gone. Writes nothing.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.days import london_day
from service.payouts.choosing import begins, promised
from service.payouts.model import FIRST_WAITS, IN_RUNS, ONES_OWN_CHOICE, RELEASED_BY_US
from service.payouts.timetable import next_run
from service.policy import queries as policies
from service.policy.leaving import AT_ONCE, Leaving, leaving

Wait = tuple[str | None, datetime | None]


def next_wait(
    session: Session,
    *,
    council_id: str,
    rail: str,
    in_all_pence: int,
    pay_by: date | None,
    over: str | None,
    now: datetime,
    own_day: date | None = None,
) -> Wait:
    """Why a payment waits on, and until when, once the reason `over` has gone: None when it may leave.

    One whose promised day would pass before the next run waits for no run. `own_day`: the day that the person
    chose, before which it does not go in any case. `in_all_pence`: of a fee in two parts both together, so
    that no limit is stepped under.
    """
    says = how(session, council_id=council_id, now=now)
    limit = says.payment_above_pence
    first = over in (None, *FIRST_WAITS)
    if first and limit is not None and in_all_pence > limit and rail in RELEASED_BY_US:
        return "second_release", None
    if own_day is not None and begins(own_day) > now:
        return ONES_OWN_CHOICE, begins(own_day)
    if not first and over not in ("second_release", ONES_OWN_CHOICE):
        return None, None
    pay_by = promised(pay_by, own_day)
    if says.runs is not None and rail in IN_RUNS:
        nation = councils.get(session, council_id=council_id).nation
        goes_at = next_run(says.runs, after=now, nation=nation)
        if pay_by is None or london_day(goes_at) <= pay_by:
            return "next_run", goes_at
    return None, None


def how(session: Session, *, council_id: str, now: datetime) -> Leaving:
    """What the policy of today says about leaving. Where none counts today, payments leave at once."""
    try:
        judge = policies.in_force(session, council_id=council_id, on=london_day(now))
    except policies.NoPolicy:
        return AT_ONCE
    return leaving(judge.policy.tree, on=london_day(now))
