"""The words of `realistic.yaml` by hand. What does not change within a period is put together once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from benchmarks.policy.rates import PERIODS

Facts = dict[str, Any]
Line = dict[str, Any]
Step = tuple[int, str, str]
Late = tuple[date, str] | None
NEEDS_PERSON, NOT_PAYABLE, PAYABLE = "needs_person", "not_payable", "payable"
MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
HOURLY = {
    "member": ("4.1", "fees.member_hour", "for your time"),
    "stall_host": ("4.1", "fees.member_hour", "for your time"),
    "online_member": ("4.2", "fees.online_hour", "when you join online"),
    "co_chair": ("4.3", "fees.chair_hour", "when you chair"),
    "coach": ("4.4", "fees.coach_hour", "for coaching"),
    "trainer": ("4.5", "fees.trainer_hour", "for training others"),
}

BY_THE_HOUR = {"replacement_care": "6.12", "childcare": "6.14", "personal_assistant": "6.15"}


def reason(clause: str, rule: str, text: str, figures: dict[str, Any] | None = None) -> dict[str, Any]:
    """One reason of the trace."""
    return {"clause": clause, "rule": rule, "text": text, "figures": figures or {}}


def money(pence: int) -> str:
    """`2250` → `£22.50`; under a pound `45p`."""
    if 0 < pence < 100:
        return f"{pence}p"
    return f"£{pence // 100:,}.{pence % 100:02d}"


def say_time(minutes: int) -> str:
    """`90` → `1 hour 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    said = "" if not hours else "1 hour" if hours == 1 else f"{hours} hours"
    if rest or not hours:
        said += " " if hours else ""
        said += "1 minute" if rest == 1 else f"{rest} minutes"
    return said


def say_miles(tenths: int) -> str:
    """`184` → `18.4 miles`."""
    whole, rest = divmod(tenths, 10)
    if rest:
        return f"{whole}.{rest} miles"
    return "1 mile" if whole == 1 else f"{whole} miles"


def say_day(day: date) -> str:
    """`6 April 2026`."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def too_late(late: tuple[date, str]) -> dict[str, Any]:
    """The reason for a claim after its deadline."""
    last, claimed = late
    text = f"Please claim within 90 days of the day. The last day was {say_day(last)}."
    figures = {"last_day": last.isoformat(), "claimed_on": claimed}
    return reason("7.1", "deadlines.usual", text, figures)


@dataclass(frozen=True, slots=True)
class Words:
    """One period's figures, and the sentences that hold them."""

    rates: dict[str, int]
    hourly: dict[str, tuple[str, str, str, str]]
    flat: dict[str, tuple[str, str, str]]
    day: tuple[str, str]
    panel: dict[str, str]
    block: tuple[str, str]
    an_hour_is: str
    reading: str
    training: str
    receipt: str
    costs: dict[str, str]
    weekly_limit: str
    approval: tuple[Step, Step, Step]


def _costs(rates: dict[str, int]) -> dict[str, str]:
    """The sentence of each rule of costs that holds a figure."""
    said = {key: money(pence) for key, pence in rates.items()}
    hour = {key: f"We pay up to {said[key]} an hour for" for key in BY_THE_HOUR}
    return {
        "car": (
            f"We pay {said['car']} a mile by car, "
            f"and {said['passenger']} a mile more for each person who shares it. "
        ),
        "motorcycle": f"We pay {said['motorcycle']} a mile by motorcycle. ",
        "bicycle": f"We pay {said['bicycle']} a mile by bicycle. ",
        "overnight": f"We pay up to {said['night']} a night if you have to stay away. For ",
        "replacement_care": f"{hour['replacement_care']} someone to take over your caring role. For ",
        "childcare": f"{hour['childcare']} childcare. For ",
        "personal_assistant": (
            f"{hour['personal_assistant']} a personal assistant who helps you take part. For "
        ),
        "internet": f"We add {said['internet']} for internet and phone when you join online.",
    }


def _approval(rates: dict[str, int]) -> tuple[Step, Step, Step]:
    most = {key: money(rates[key]) for key in ("automatic", "approver", "senior")}
    return (
        (rates["automatic"], "7.3", f"A claim of up to {most['automatic']} needs no one to approve it."),
        (rates["approver"], "7.4", f"An approver looks at claims of up to {most['approver']}."),
        (rates["senior"], "7.5", f"A senior approver looks at claims of up to {most['senior']}."),
    )


def _words(rates: dict[str, int]) -> Words:
    said = {key: money(pence) for key, pence in rates.items()}
    panel = {"panel_short": "a short panel", "panel_half": "a half day", "panel_full": "a full day"}
    return Words(
        rates=rates,
        hourly={
            role: (clause, rule, f"We pay {said[role]} an hour {what}. ", f" at {said[role]} an hour is ")
            for role, (clause, rule, what) in HOURLY.items()
        },
        flat={
            "speaker": ("4.8", "fees.speaker_fee", f"We pay {said['speaker']} for a short contribution."),
            "workshop_lead": (
                "4.9",
                "fees.workshop_fee",
                f"We pay {said['workshop_lead']} for leading a workshop.",
            ),
        },
        day=(f"We pay {said['day']} for each day of a peer challenge. ", f" at {said['day']} is "),
        panel={key: f" counts as {name}, so it is {said[key]}." for key, name in panel.items()},
        block=(
            f"We pay {said['block']} for each 3 hours of review, or part of them. ",
            f" at {said['block']}, which is ",
        ),
        an_hour_is=f" at {said['member']} an hour is ",
        reading="Reading before a peer challenge is paid by the hour, up to 4 hours. ",
        training="Training for the role is paid by the hour. ",
        receipt=f"Please send a receipt for anything over {said['receipt_over']}.",
        costs=_costs(rates),
        weekly_limit=f"Some benefits have a weekly limit of {said['weekly_limit']}.",
        approval=_approval(rates),
    )


WORDS = tuple(_words(rates) for _, rates in PERIODS)
