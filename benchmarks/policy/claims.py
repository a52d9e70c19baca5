"""Random claims on `realistic.yaml`: seeded, 1 to 8 lines each, mostly payable and sometimes not."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

FIRST = date(2025, 4, 1)
DAYS = 730
ROLES = {
    "board": ("member", "online_member", "co_chair", "observer"),
    "network": ("member", "co_chair"),
    "coaching": ("coach", "trainer"),
    "challenge": ("team_member",),
    "panel": ("panel_member",),
    "festival": ("speaker", "workshop_lead", "stall_host", "observer"),
    "review": ("reviewer",),
}
ACTIVITIES = tuple(ROLES)
HOURLY = frozenset({"member", "online_member", "co_chair", "coach", "trainer", "stall_host"})
COSTS = (
    *("bus", "bus", "train", "taxi", "parking", "car", "car", "motorcycle", "bicycle", "meal", "overnight"),
    *("replacement_care", "childcare", "personal_assistant", "internet"),
)
Facts = dict[str, Any]


def claims(count: int, *, seed: int = 20260401) -> list[Facts]:
    """That many claims, the same ones every time."""
    dice = random.Random(seed)
    return [_claim(dice) for _ in range(count)]


def _claim(dice: random.Random) -> Facts:
    activity = dice.choice(ACTIVITIES)
    on = FIRST + timedelta(days=dice.randrange(DAYS))
    lines = dice.randint(1, 8)
    claim: Facts = {"activity": activity, "on": on.isoformat()}
    if dice.random() < 0.8:
        late = dice.randint(91, 120) if dice.random() < 0.03 else dice.randint(0, 90)
        claim["claimed_on"] = (on + timedelta(days=late)).isoformat()
    _circumstances(claim, dice)
    parts = 1
    if lines > 1 and dice.random() < (0.5 if activity in ("festival", "review") else 0.1):
        parts = dice.randint(2, min(lines, 3))
    if parts > 1:
        claim["contributions"] = [_part(activity, dice) for _ in range(parts)]
    else:
        claim.update(_part(activity, dice))
    if lines > parts:
        claim["expenses"] = [_cost(dice) for _ in range(lines - parts)]
        if dice.random() < 0.03:
            claim["fee"] = False
    return claim


def _circumstances(claim: Facts, dice: random.Random) -> None:
    if dice.random() < 0.2:
        claim["by_register"] = True
    if dice.random() < 0.08:
        claim["paid_by_employer"] = dice.random() < 0.5
    if dice.random() < 0.85:
        claim["online"] = dice.random() < 0.6
    if claim["activity"] in ("panel", "coaching") and dice.random() < 0.95:
        claim["trained"] = dice.random() < 0.93
    if dice.random() < 0.06:
        claim["notice_hours"] = dice.choice((3, 23, 24, 36.5, 71, 72, 100))
    if dice.random() < 0.06:
        claim["accept_pence"] = dice.choice((0, 1, 1000, 2500, 9999))


def _part(activity: str, dice: random.Random) -> Facts:
    role = dice.choice(ROLES[activity])
    part: Facts = {"role": role}
    if role in HOURLY or activity in ("panel", "review"):
        part["minutes"] = dice.choice((30, 45, 51, 60, 75, 90, 120, 121, 180, 181, 240, 241, 360, 433))
    if activity == "challenge":
        part["days"] = dice.randint(1, 3)
    for name, chance in (("preparation", 0.3), ("travel", 0.2), ("training", 0.1), ("correspondence", 0.01)):
        if dice.random() < chance:
            part[f"{name}_minutes"] = dice.choice((15, 30, 47, 60, 90, 300))
    return part


def _cost(dice: random.Random) -> Facts:
    kind = dice.choice(COSTS)
    cost: Facts = {"category": kind}
    if kind in ("car", "motorcycle", "bicycle"):
        cost["miles"] = dice.choice((dice.randint(1, 90), dice.randint(10, 900) / 10))
        if kind == "car" and dice.random() < 0.3:
            cost["passengers"] = dice.randint(1, 5)
        if dice.random() < 0.1:
            cost["amount_pence"] = dice.randint(50, 2000)
        return cost
    if kind == "internet":
        return cost
    cost["amount_pence"] = dice.randint(100, 3000)
    if dice.random() < 0.85:
        cost["receipt"] = True
    if kind in ("taxi", "overnight") and dice.random() < 0.85:
        cost["agreed_before"] = True
    if kind == "meal":
        cost["hours_away"] = dice.choice((3, 4.5, 5, 6.25, 9.75, 10, 12))
    if kind == "overnight":
        cost["nights"] = dice.randint(1, 3)
        cost["amount_pence"] = dice.randint(6000, 40000)
    if kind in ("replacement_care", "childcare", "personal_assistant"):
        cost["hours"] = dice.choice((1, 1.5, 2, 2.25, 3, 5))
        cost["amount_pence"] = dice.randint(1000, 9000)
    if kind == "replacement_care" and dice.random() < 0.95:
        cost["in_care_package"] = dice.random() < 0.1
    return cost
