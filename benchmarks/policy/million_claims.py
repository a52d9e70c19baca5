"""Which claims is a council given? Sessions, who came and what it cost, answered by the engine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from service import ids
from service.policy.engine import Policy

FIRST, LAST = date(2025, 4, 1), date(2026, 11, 20)

# Activity, role, how many in a hundred sessions, and what its facts may say.
SESSIONS: tuple[tuple[str, str, int, dict[str, tuple[Any, ...]]], ...] = (
    ("over_a_brew", "participant", 30, {"minutes": (60, 60, 90), "online": (True,)}),
    ("making_it_real_board", "member", 22, {"minutes": (120, 150), "preparation_minutes": (0, 30, 60)}),
    ("advisory_network", "member", 18, {"minutes": (90, 120), "online": (True, False)}),
    ("practice_review", "team_member", 10, {"minutes": (180, 360), "travel_minutes": (0, 40)}),
    ("recruitment_panel", "panel_member", 6, {"minutes": (120, 240, 300), "trained": (True,)}),
    ("festival_workshop", "speaker", 4, {"minutes": (60,)}),
    ("peer_challenge", "team_member", 4, {"minutes": (420,), "days": (1, 2, 3)}),
    ("director_coaching", "coach", 3, {"minutes": (60, 90), "trained": (True,)}),
    ("making_it_real_board", "co_chair", 3, {"minutes": (120, 180)}),
)
COSTS: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({"category": "bus", "amount_pence": (200, 410, 500)}, ()),
    ({"category": "train", "amount_pence": (740, 1260, 2380), "receipt": (True, True, True, False)}, ()),
    ({"category": "car", "miles": (4, 7.5, 22), "passengers": (0, 1)}, ()),
    ({"category": "parking", "amount_pence": (150, 320)}, ()),
    ({"category": "taxi", "amount_pence": (850, 1420), "receipt": (True,), "agreed_before": (True,)}, ()),
    (
        {"category": "replacement_care", "amount_pence": (3600, 5200), "hours": (2, 2.5), "receipt": (True,)},
        (),
    ),
    ({"category": "internet"}, ("online",)),
)


def claims_of(chance: random.Random, on: date) -> Iterator[dict[str, Any]]:
    """One session and what its people were asked about: the register first, then costs claimed afterwards."""
    activity, role, _, may = chance.choices(SESSIONS, [row[2] for row in SESSIONS])[0]
    shared = {"activity": activity, "on": on.isoformat()}
    shared |= {key: chance.choice(values) for key, values in may.items()}
    for _ in range(chance.choice((1, 4, 6, 8, 8, 12))):
        facts = {**shared, "role": role, "by_register": True}
        facts["claimed_on"] = (on + timedelta(days=chance.choice((0, 0, 0, 1)))).isoformat()
        if chance.random() < 0.3:
            facts["expenses"] = costs_of(chance, facts)
        if chance.random() < 0.02:
            facts["accept_pence"] = chance.choice((500, 1000))
        yield facts
        if chance.random() < 0.1:
            late = on + timedelta(days=chance.choice((3, 9, 30, 120)))
            yield {
                **shared,
                "fee": False,
                "claimed_on": late.isoformat(),
                "expenses": costs_of(chance, facts),
            }


def costs_of(chance: random.Random, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """One to three costs of a kind that fits."""
    fitting = [cost for cost, needs in COSTS if all(facts.get(need) for need in needs)]
    return [
        {key: chance.choice(value) if isinstance(value, tuple) else value for key, value in cost.items()}
        for cost in chance.sample(fitting, chance.choice((1, 1, 1, 2, 3)))
    ]


def ordered_id(prefix: str, moment: datetime, number: int) -> str:
    """An id as `service.ids` makes them, for another moment: what was made later sorts later."""
    whole = int(moment.timestamp() * 1000) << 80 | number << 40 | random.Random(number).getrandbits(40)
    return f"{prefix}_" + "".join(ids._ALPHABET[whole >> shift & 31] for shift in range(125, -1, -5))


def batch(
    policy: Policy, stamp: tuple[str, str], first: int, count: int, of: int, people: int
) -> tuple[str, str]:
    """Rows for COPY, of `claims` and of `claim_assessments`: the claims from number `first` on."""
    council_id, policy_id = stamp
    chance = random.Random(first)
    claims, assessments = [], []
    number = first
    while number < first + count:
        on = FIRST + timedelta(days=(LAST - FIRST).days * number // of)
        for facts in claims_of(chance, on):
            if number == first + count:
                break
            answer = policy.assess(facts)
            answer["policy"] = {**answer["policy"], "id": policy_id}
            at = datetime.fromisoformat(f"{facts['claimed_on']}T18:00:00+00:00")
            claim_id, assessment_id = ordered_id("clm", at, number), ordered_id("asm", at, number)
            own = {key: value for key, value in facts.items() if key not in ("expenses", "claimed_on")}
            person = f"per_{chance.randrange(people):026}"
            state = "needs_person" if answer["outcome"] == "needs_person" else "paid"
            costs = facts.get("expenses", [])
            sums = (answer["fee_pence"], answer["expenses_pence"])
            kind, with_fee = ("attendance", True) if "by_register" in facts else ("expenses", False)
            claims.append(
                _row(council_id, claim_id, person, None, None, kind, with_fee, own, costs, state, 1)
                + _row("", assessment_id, *sums, None, answer["pay_by"], 0, at, at)
            )
            row = (council_id, assessment_id, claim_id, 1, facts, answer, policy_id, policy.hash, "1.0", at)
            assessments.append(_row(*row))
            number += 1
    return "\n".join(claims) + "\n", "\n".join(assessments) + "\n"


def _row(*values: Any) -> str:
    return "\t".join(_field(value) for value in values)


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")
    return str(value)
