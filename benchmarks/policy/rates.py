"""The figures of `realistic.yaml`, copied out by hand for everybody who does not read that file."""

from __future__ import annotations

FIRST_YEAR: dict[str, int] = {
    "member": 1750,
    "online_member": 1500,
    "co_chair": 2400,
    "coach": 2600,
    "trainer": 3000,
    "stall_host": 1750,
    "day": 14500,
    "panel_short": 3800,
    "panel_half": 7200,
    "panel_full": 14000,
    "speaker": 2450,
    "workshop_lead": 6800,
    "block": 4800,
    "car": 45,
    "passenger": 5,
    "motorcycle": 24,
    "bicycle": 20,
    "meal": 750,
    "meal_long": 1900,
    "night": 10500,
    "replacement_care": 2300,
    "childcare": 1300,
    "personal_assistant": 2100,
    "internet": 450,
    "receipt_over": 500,
    "automatic": 4500,
    "approver": 24000,
    "senior": 48000,
    "weekly_limit": 19550,
}
APRIL: dict[str, int] = {
    **FIRST_YEAR,
    "member": 1800,
    "online_member": 1550,
    "co_chair": 2500,
    "coach": 2700,
    "trainer": 3150,
    "stall_host": 1800,
    "day": 15000,
    "panel_short": 4000,
    "panel_half": 7500,
    "panel_full": 14600,
    "speaker": 2550,
    "workshop_lead": 7000,
    "block": 5000,
    "meal": 800,
    "meal_long": 2000,
    "night": 11000,
    "replacement_care": 2450,
    "childcare": 1400,
    "personal_assistant": 2200,
    "internet": 500,
    "receipt_over": 600,
    "automatic": 5000,
    "approver": 25000,
    "senior": 50000,
}
SECOND_YEAR: dict[str, int] = {
    **APRIL,
    "car": 55,
    "passenger": 6,
    "motorcycle": 26,
    "bicycle": 21,
    "weekly_limit": 20350,
}
PERIODS = (("2026-04-06", SECOND_YEAR), ("2026-04-01", APRIL), ("2025-04-01", FIRST_YEAR))


def period_of(on: str) -> int:
    """Which of the periods a day falls into, newest first."""
    return 0 if on >= "2026-04-06" else 1 if on >= "2026-04-01" else 2
