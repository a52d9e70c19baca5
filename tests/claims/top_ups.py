"""A small policy for the tests of top-ups: one rate an hour, one a mile, and a limit for a bus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from service.claims import queries as claims
from service.policy import queries as policies
from service.policy.sources import Sources
from tests.stage import Council, Stage, told

DAY = "2026-05-12"
MAIN = "councils/exampleshire.yaml"
MILEAGE = "reference/mileage.yaml"
POLICY = """\
policy:
  slug: small
  version: "{version}"
  name: A small policy
  status: illustrative
  source: Written for a test.
  effective_from: {starts}
  review_by: not stated
uses: [reference/mileage]
rounding: {{clause: "1", sentence: We round to the penny., step: 1p, direction: half up, each: line}}
wage_floor: {{none: a test needs none.}}
roles: {{member: Member}}
activities:
  meeting: {{name: Meeting, clause: "2", field: social care, pays: {{member: by_hour}}}}
fees:
  by_hour: {{clause: "3", sentence: "We pay {{rate}} an hour.", kind: hourly, rate: {hour}p}}
expenses:
  car:
    name: Car
    clause: "4"
    sentence: We pay {{rate}} a mile.
    kind: mileage
    rate: {mile}
    receipt: "no"
  bus:
    name: Bus
    clause: "5"
    sentence: We pay up to {{at_most}}.
    kind: actual
    at_most: {cap}p
    receipt: "no"
choice: {{clause: "6", sentence: You may always take less.}}
approval:
  small: {{clause: "7", sentence: "Up to {{up_to}}, nobody needs to agree.", up_to: £{limit}, who: automatic}}
  large: {{clause: "8", sentence: An approver looks at the rest., who: [approver]}}
payment:
  promise: {{clause: "9", sentence: "We pay within {{within}}.", within: 10 days}}
  methods: {{bank_account: Bank transfer, charity: A gift}}

examples:
  - name: An hour
    facts: {{activity: meeting, on: {on}, minutes: 1h}}
    expect: {{fee: {hour}p}}
    worked: One hour.
  - name: Ten miles and a bus
    facts:
      activity: meeting
      on: {on}
      fee: false
      expenses: [{{category: car, miles: 10 miles}}, {{category: bus, amount_pence: {cap}p}}]
    expect: {{fee: £0.00}}
    worked: Costs only.
  - name: A great many hours
    facts: {{activity: meeting, on: {on}, minutes: 99h}}
    expect: {{fee: {many}p, approval: approver}}
    worked: 99 hours, which is more than anybody may agree alone.
  - name: A pound is enough
    facts: {{activity: meeting, on: {on}, minutes: 1h, accept_pence: £1.00}}
    expect: {{fee: £1.00, rules: [choice]}}
    worked: They chose £1.00.
"""


def policy(
    *,
    version: str = "1.0",
    hour: int = 1500,
    mile: int | str = 45,
    cap: int = 500,
    limit: str = "200.00",
    starts: str = "2026-01-01",
) -> str:
    """The text of one version. Sums in pence; `mile` may name a rate of the tables."""
    return POLICY.format(
        version=version,
        hour=hour,
        mile=f"{mile}p" if isinstance(mile, int) else mile,
        cap=cap,
        limit=limit,
        starts=starts,
        on=max(starts, DAY),
        many=99 * hour,
    )


def sources(text: str, *, table: str = "") -> Sources:
    """A text with the mileage table of the library, or another one."""
    return Sources(MAIN, {MAIN: text, MILEAGE: table or Path(f"policies/{MILEAGE}").read_text()})


def small(stage: Stage, **first: Any) -> Council:
    """A council whose policy is the small one."""
    return stage.council(sources=sources(policy(**first)))


def publish(council: Council, text: str) -> str:
    """A second version, drafted, tried and published by two people. What follows waits. Answers its id."""
    draft = told(council.lead.post("policies", {"text": text, "by": "ada"}), 201)
    assert draft["faults"] == []
    told(council.lead.post(f"policies/{draft['id']}/simulations", {}), 201)
    told(council.key("policy_owner").post(f"policies/{draft['id']}/publish", {"by": "bo"}))
    found: str = draft["id"]
    return found


def asked(council: Council, person_id: str, *costs: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A claim for a meeting in May: an hour, unless told."""
    body = {
        "person": person_id,
        "facts": {"activity": "meeting", "on": DAY, "minutes": 60, **facts},
        "expenses": list(costs),
    }
    found: dict[str, Any] = told(council.lead.post("claims", body), 201)
    return found


def now_is(council: Council, claim: dict[str, Any]) -> dict[str, Any]:
    """A claim as it stands now, whole."""
    found: dict[str, Any] = told(council.lead.get(f"claims/{claim['id']}"))
    return found


def top_ups(council: Council, **query: Any) -> list[dict[str, Any]]:
    """Every top-up, whole, oldest first."""
    rows = told(council.lead.get("claims", **query))["data"]
    found = [told(council.lead.get(f"claims/{row['id']}")) for row in rows if row["kind"] == "top_up"]
    return sorted(found, key=lambda row: str(row["id"]))


def yes(council: Council, top_up: dict[str, Any]) -> dict[str, Any]:
    """The person says yes, and what follows is done."""
    told(council.lead.post(f"claims/{top_up['id']}/submit"))
    council.stage.drain()
    return now_is(council, top_up)


def left_open(text: str) -> str:
    """The same policy, where nobody has said what is paid for a mile."""
    found = text.replace("rate: 45p", "rate: {undecided: nobody has said.}")
    found = found.replace("We pay {rate} a mile", "We pay for miles")
    return found.replace("expect: {fee: £0.00}", "expect: {outcome: needs_person}")


def in_order(council: Council) -> None:
    """The books balance, every payment is in them once, and every stored answer can be given again."""
    assert council.breaches() == []
    with council.stage.hands.db.council(council.id) as session:
        for stored in claims.assessments(session, council_id=council.id):
            judge = policies.by_id(session, council_id=council.id, policy_id=stored.policy_id)
            assert judge.assess(stored.facts) == stored.answer


def held(council: Council, **more: Any) -> tuple[str, str]:
    """A session of an hour that somebody said yes to and came to. Answers session and person."""
    session_id, person_id = council.session("meeting"), council.person()
    offer_id = council.offer(session_id, person_id, "member")
    told(council.lead.post(f"offers/{offer_id}/accept", more))
    told(council.tick(session_id, person_id))
    return session_id, person_id
