"""What does a payment wait for before it may leave, beside holds? A second person; the next payment run.

One after the other: what comes after a reason is asked when that reason has gone. Writes nothing.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.days import london_day
from service.payouts.model import FIRST_WAITS, IN_RUNS, RELEASED_BY_US
from service.payouts.timetable import next_run
from service.policy import queries as policies
from service.policy.leaving import AT_ONCE, Leaving, leaving

Wait = tuple[str | None, datetime | None]


def next_wait(
    session: Session,
    *,
    council_id: str,
    rail: str,
    amount_pence: int,
    pay_by: date | None,
    over: str | None,
    now: datetime,
) -> Wait:
    """Why a payment waits on, and until when, once the reason `over` has gone: None when it may leave.

    One whose promised day would pass before the next run waits for no run.
    """
    if over not in (None, *FIRST_WAITS, "second_release"):
        return None, None
    says = how(session, council_id=council_id, now=now)
    limit = says.payment_above_pence
    if over != "second_release" and limit is not None and amount_pence > limit and rail in RELEASED_BY_US:
        return "second_release", None
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
