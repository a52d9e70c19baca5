"""A council whose policy counts, and what its people do there on days that a test names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from service.events import SYSTEM
from service.policy import actions as policies
from service.policy.sources import Sources
from tests.stage import Council, Stage, told

POLICY = """
policy:
  slug: counting
  version: "{version}"
  name: A policy that counts
  status: illustrative
  source: Written for these tests.
  effective_from: {starts}
  review_by: not stated
  week_starts: {week_starts}
rounding: {{clause: "1", sentence: We round to the penny., step: 1p, direction: half up, each: line}}
wage_floor: {{none: a test}}
roles: {{member: Member}}
activities:
  talk: {{name: Talk, clause: "2", field: health, pays: {{member: hour}}}}
  course: {{name: Course, clause: "2", field: health, pays: {{member: stepped}}}}
  open: {{name: Open, clause: "2", field: health, pays: {{member: undecided}}}}
fees:
  hour: {{clause: "3", sentence: An hour., kind: hourly, rate: {rate}}}
  stepped: {stepped}
  undecided: {{clause: "5", sentence: Not settled., kind: flat, each: session, amount: {{undecided: a test}}}}
expenses:
  bus: {{name: Bus, clause: "6", sentence: We pay the bus., kind: actual, receipt: "no"}}
  car: {{name: Car, clause: "7", sentence: We pay a mile., kind: mileage, rate: 55p, receipt: "no"}}
{more}
approval:
  small: {{clause: "8", sentence: Nobody., up_to: £500.00, who: automatic}}
  large: {{clause: "9", sentence: Somebody., who: [approver]}}
payment:
  promise: {{clause: "10", sentence: Soon., within: 10 working days}}
  methods: {{bank_account: Bank transfer}}
examples: []
"""
PLAIN = "{clause: '4', sentence: An hour., kind: hourly, rate: £20.00}"
BY_HOURS = (
    "{clause: '4', sentence: It changes., kind: hourly, counter: year_hours,"
    " steps: [{up_to: 40h, rate: £20.00}, {rate: £16.00}]}"
)


def sources(
    more: str,
    *,
    week_starts: str = "monday",
    rate: str = "£20.00",
    stepped: str = PLAIN,
    starts: str = "2025-05-01",
) -> Sources:
    """The text of a policy that counts. `more`: its counters and limits."""
    text = POLICY.format(
        version=starts, more=more, week_starts=week_starts, rate=rate, stepped=stepped, starts=starts
    )
    return Sources("counting.yaml", {"counting.yaml": text})


def adopt(council: Council, more: str, **given: str) -> None:
    """Put such a policy in force."""
    with council.stage.hands.db.council(council.id) as session:
        policies.adopt(
            session,
            council_id=council.id,
            sources=sources(more, **given),
            actor=SYSTEM,
            now=council.stage.clock(),
        )


def counting(stage: Stage, more: str, **given: str) -> Council:
    """A council with such a policy."""
    council = stage.council(f"council-{len(stage.hands.db.council_ids())}", policy="exampleshire")
    adopt(council, more, **given)
    return council


def at(council: Council, day: str, *, hours: float = 1, activity: str = "talk") -> str:
    """A session that ends at noon of that day. Answers the id."""
    ends = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    return council.session(activity, minutes=round(hours * 60), ends=ends)


def offered(council: Council, session_id: str, person_id: str) -> dict[str, Any]:
    """An offer, whole."""
    body = {"person": person_id, "role": "member"}
    found: dict[str, Any] = told(council.lead.post(f"sessions/{session_id}/offers", body), 201)
    return found


def came(council: Council, session_id: str, person_id: str, **more: Any) -> dict[str, Any]:
    """The claim of somebody who is ticked, once all that follows is done."""
    told(council.tick(session_id, person_id, role="member", **more))
    council.stage.drain()
    return council.claim(session=session_id, person=person_id)


def stands(council: Council, person_id: str, on: str) -> dict[str, tuple[int, int]]:
    """Counter → (reserved, used) of a person, over the time around a day."""
    rows = told(council.lead.get(f"people/{person_id}/allowances", on=date.fromisoformat(on)))["data"]
    return {row["counter"]: (row["reserved"], row["used"]) for row in rows}


def assert_totals_are_what_is_held(council: Council) -> None:
    """Each row says what its live holdings come to; worked out by the database, not by the service."""
    query = """
        SELECT a.payee, a.counter, a.period, a.reserved, a.used,
          coalesce(sum(h.amount) FILTER (WHERE h.state = 'reserved'), 0),
          coalesce(sum(h.amount) FILTER (WHERE h.state = 'used'), 0)
        FROM allowances a LEFT JOIN allowance_holdings h
          USING (council_id, payee, counter, counts, period)
        WHERE a.council_id = %s AND a.counts <> 'times' GROUP BY a.council_id, a.payee, a.counter, a.counts,
          a.period
    """
    with council.stage.admin() as line:
        rows = line.execute(query, (council.id,)).fetchall()
    assert [row for row in rows if row[3:5] != row[5:7]] == []
