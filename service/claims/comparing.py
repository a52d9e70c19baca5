"""How much more does one answer of a policy come to than another, line by line? Rules only, no storage.

Fee and costs are two parts: neither's fall is set against the other's rise. A line that a person decided, or
that the new answer leaves to a person, stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.money import pounds
from service.policy import wording

PARTS = ("fee", "expense")
OPEN = "needs_person"
TOO_NEAR = "The day is too near for us to promise this. It may not come in time."


@dataclass(frozen=True)
class Rise:
    """One line of the new answer that comes to another sum than the person had, or was offered."""

    line: int
    before_pence: int
    after_pence: int

    @property
    def more_pence(self) -> int:
        """The difference. Below nothing for a cost that fell beside one that rose more."""
        return self.after_pence - self.before_pence

    def to_json(self) -> dict[str, int]:
        """As it is stored with a top-up."""
        return {"line": self.line, "before_pence": self.before_pence, "after_pence": self.after_pence}


def rises(
    old: Mapping[str, Any], new: Mapping[str, Any], *, offered: Sequence[Mapping[str, Any]] = ()
) -> list[Rise]:
    """The lines of each part that comes to more, as a whole, than `old` and what was `offered` on top of it.

    `offered`: the stored top-ups of the same old answer, oldest first. Empty when nothing is due.
    """
    if [line["kind"] for line in old["lines"]] != [line["kind"] for line in new["lines"]]:
        return []
    before = [line["amount_pence"] for line in old["lines"]]
    for top_up in offered:
        for row in top_up["lines"]:
            before[row["line"]] = row["after_pence"]
    found = []
    for part in PARTS:
        of_part = [
            Rise(number, before[number], line["amount_pence"])
            for number, line in enumerate(new["lines"])
            if line["kind"] == part and OPEN not in (line["outcome"], old["lines"][number]["outcome"])
        ]
        if sum(rise.more_pence for rise in of_part) > 0:
            found += [rise for rise in of_part if rise.more_pence]
    return found


def more_pence(answer: Mapping[str, Any], found: Sequence[Rise], part: str) -> int:
    """What the rises of one part come to together."""
    return sum(rise.more_pence for rise in found if answer["lines"][rise.line]["kind"] == part)


def shown(answer: Mapping[str, Any], top_up: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer of the new version as the difference that it makes: what a person or a decider reads.

    The day that the policy promised for the first payment says nothing about this one, and is left out.
    """
    found = [Rise(**row) for row in top_up["lines"]]
    fee, costs = (more_pence(answer, found, part) for part in PARTS)
    return {
        **answer,
        "outcome": "payable",
        "fee_pence": fee,
        "expenses_pence": costs,
        "total_pence": fee + costs,
        "lines": [_difference(answer["lines"][rise.line], rise) for rise in found],
        "reasons": [one for one in answer["reasons"] if not str(one["rule"]).startswith("payment.")],
        "pay_by": None,
    }


def corrected(answer: Mapping[str, Any], difference: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The answer to corrected facts as what it comes to more than was paid, a line for each part.

    `difference`: part → `{before_pence, after_pence}`. Lines that are left to a person stay as they are: what
    is decided for them is paid on top.
    """
    lines, sums = [], dict.fromkeys(PARTS, 0)
    for part in PARTS:
        own = [line for line in answer["lines"] if line["kind"] == part]
        settled = [line for line in own if line["outcome"] != OPEN]
        if part in difference and settled:
            change = Rise(0, **difference[part])
            reasons = [reason for line in settled for reason in line["reasons"]]
            lines.append(_difference({**settled[0], "reasons": reasons}, change, then="paid before"))
            sums[part] = change.more_pence
        lines += [line for line in own if line["outcome"] == OPEN]
    left_open = any(line["outcome"] == OPEN for line in lines)
    return {
        **answer,
        "outcome": OPEN if left_open else "payable",
        "fee_pence": sums["fee"],
        "expenses_pence": sums["expense"],
        "total_pence": sum(sums.values()),
        "lines": lines,
        "reasons": [one for one in answer["reasons"] if not str(one["rule"]).startswith("payment.")],
        "pay_by": None,
    }


def ahead(answer: Mapping[str, Any], *, by: date | None) -> dict[str, Any]:
    """The answer to money for before the day: nothing is spent yet, and it is promised `by` a day before it.

    None: the policy promises no day, or the day is too near. That is said where the policy promises one.
    """
    reasons = list(answer["reasons"])
    for place, one in enumerate(reasons):
        if one["rule"] == "payment.promise":
            soon = f"We promise to pay this before the day. That is by {wording.day(by)}." if by else TOO_NEAR
            reasons[place] = {**one, "text": soon}
    lines = [
        {**line, "reasons": [_not_yet_spent(reason) for reason in line["reasons"]]}
        for line in answer["lines"]
    ]
    return {**answer, "lines": lines, "reasons": reasons, "pay_by": by.isoformat() if by else None}


def _not_yet_spent(reason: Mapping[str, Any]) -> dict[str, Any]:
    return {**reason, "text": str(reason["text"]).replace(" The cost was ", " The cost will be about ")}


def first_part(answer: Mapping[str, Any], *, pence: int, put_off_pence: int) -> dict[str, Any]:
    """The answer as the part of the fee that comes first, with all costs."""
    told = _told("This is the first part", pence, put_off_pence)
    return _part(answer, answer["lines"], pence=pence, told=told)


def rest(answer: Mapping[str, Any], *, pence: int, first_pence: int) -> dict[str, Any]:
    """The answer as the part of the fee that comes later: the end of its fee, and no costs."""
    fee = [line for line in answer["lines"] if line["kind"] == "fee"]
    told = _told("This is the later part", pence, first_pence)
    found = _part(answer, fee[::-1], pence=pence, told=told)
    return {**found, "lines": found["lines"][::-1]}


def _told(which: str, pence: int, other_pence: int) -> dict[str, Any]:
    text = (
        f"You chose to have this fee in two parts. {which}: {pounds(pence)}. "
        f"The other part is {pounds(other_pence)}."
    )
    figures = {"pence": pence, "other_pence": other_pence}
    return {"clause": "", "rule": "two_parts", "text": text, "figures": figures}


def _part(
    answer: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, pence: int, told: Mapping[str, Any]
) -> dict[str, Any]:
    """So much of the fee lines, from the first of them on, and all other lines."""
    left, found = pence, []
    for line in lines:
        if line["kind"] != "fee" or not line["amount_pence"]:
            found.append(dict(line))
            continue
        share = min(left, line["amount_pence"])
        left -= share
        found.append({**line, "amount_pence": share, "reasons": [*line["reasons"], told]})
    costs = sum(line["amount_pence"] or 0 for line in found if line["kind"] != "fee")
    sums = {"fee_pence": pence, "expenses_pence": costs, "total_pence": pence + costs}
    return {**answer, **sums, "lines": found}


def _difference(line: Mapping[str, Any], rise: Rise, *, then: str = "") -> dict[str, Any]:
    new = {key: value for key, value in line.items() if key not in ("claimed_pence", "would_change")}
    last = line["reasons"][-1] if line["reasons"] else {"clause": "", "rule": "top_up"}
    text = (
        f"In all this comes to {pounds(rise.after_pence)} now. {pounds(rise.before_pence)} was {then}. "
        f"The difference is {pounds(rise.more_pence)}."
        if then
        else f"This comes to {pounds(rise.after_pence)} now. It was {pounds(rise.before_pence)} before. "
        f"The difference is {pounds(abs(rise.more_pence))}{'' if rise.more_pence > 0 else ' less'}."
    )
    figures = {"before_pence": rise.before_pence, "after_pence": rise.after_pence}
    told = {"clause": last["clause"], "rule": last["rule"], "text": text, "figures": figures}
    return {
        **new,
        "outcome": "payable",
        "amount_pence": rise.more_pence,
        "reasons": [*line["reasons"], told],
    }
