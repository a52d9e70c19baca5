"""What is wrong with a policy that reads well? Gaps, floors, rounding and rules that nothing uses.

Everything here is found before any claim is made, from the typed tree alone, and stops a policy from being
compiled. What the worked examples do not reach is found in `proving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from service.policy.confirming import unconfirmed
from service.policy.faults import Fault, PolicyFaults
from service.policy.formulas import Joined, Term
from service.policy.language.fields import HOLE
from service.policy.language.literals import Quantity
from service.policy.language.tree import read_what_there_is
from service.policy.model import (
    Amount,
    Bands,
    Blocks,
    Cases,
    Fee,
    Flat,
    Formula,
    FromFact,
    Hourly,
    Items,
    Matrix,
    Named,
    PaidTime,
    Place,
    Plateau,
    Rule,
    SetFirst,
    Tree,
    Undecided,
    Value,
)
from service.policy.resolve import OnDay, change_days, used_amounts
from service.policy.sources import Sources
from service.policy.wording import money, time

MAX_CELLS, MAX_CATEGORIES, MAX_DAYS = 2000, 200, 200


def structure(tree: Tree) -> list[Fault]:
    """Every fault that the tree alone shows."""
    checks: tuple[Callable[[Tree], Iterator[Fault]], ...] = (
        _dates,
        _early_values,
        _inferred,
        _floor,
        _rounding,
        _approval,
        _plateaus,
        _unused,
        _time_of_flat_fees,
    )
    if len(change_days(tree)) > MAX_DAYS:
        return [
            _top(tree, f"Values change on more than {MAX_DAYS} days.", "Keep the days that still matter.")
        ]
    return sorted({fault for check in checks for fault in check(tree)})


def beside(sources: Sources) -> tuple[list[Fault], Tree | None]:
    """What else is wrong with a policy that has mistakes already, as far as one can know; and its tree."""
    try:
        tree, _ = read_what_there_is(sources)
    except PolicyFaults:
        return [], None
    known = {name for name, amount in tree.amounts.items() if amount.series}
    if any(name not in known or (one.at_least or name) not in known for name, one in tree.amounts.items()):
        return [], tree
    checks = (_early_values, _inferred, _floor, _rounding)
    return [fault for check in checks for fault in check(tree)], tree


def _fault(place: Place, clause: str, what: str, remedy: str) -> Fault:
    return Fault(place.file, place.line, clause, what, remedy)


def _top(tree: Tree, what: str, remedy: str) -> Fault:
    return Fault(tree.main, 1, "", what, remedy)


def _dates(tree: Tree) -> Iterator[Fault]:
    if tree.header.review_by and tree.header.review_by < tree.header.effective_from:
        yield _top(
            tree, "The policy is due for review before it starts.", "Check review_by and effective_from."
        )
    if len(tree.activities) * len(tree.roles) > MAX_CELLS or len(tree.expenses) > MAX_CATEGORIES:
        yield _top(
            tree, "There are too many activities, roles or kinds of cost.", "Keep those that people use."
        )
    if not tree.activities:
        yield _top(tree, "The policy names no activity.", 'Add "activities:" with what people are paid for.')


def _early_values(tree: Tree) -> Iterator[Fault]:
    """A value must be there from the day the policy starts, or say why not."""
    starts = tree.header.effective_from
    for name in used_amounts(tree):
        amount = tree.amounts[name]
        if amount.series and amount.series[0][0] > starts:
            yield _fault(
                amount.place,
                amount.clause,
                f"'{name}' has no value from {starts.isoformat()}, when the policy starts.",
                "Add the value that holds on that day, or '{undecided: why}' for it.",
            )


def _inferred(tree: Tree) -> Iterator[Fault]:
    """A live policy may not rest on a figure that nobody has confirmed."""
    for one in unconfirmed(tree) if tree.header.status == "live" else ():
        name, day = one.amount.key, one.day.isoformat()
        yield _fault(
            one.amount.place,
            one.amount.clause,
            f"The value of '{name}' from {day} is inferred or remembered, not read.",
            f"Look it up at its source. If it is right, write under sure: '{one.key}: where you read it'. "
            "Or mark it read in its table.",
        )


def _floor(tree: Tree) -> Iterator[Fault]:
    """No fee may fall below the wage floor on any day."""
    if tree.wage_floor is None:
        return
    for day in change_days(tree):
        at = OnDay(tree, day)
        floor = at.number(tree.wage_floor)
        if isinstance(floor, Undecided):
            yield _top(tree, f"The wage floor has no value on {day.isoformat()}: {floor.why}", "Add it.")
            continue
        for rule, pence, minutes in _hourly_sums(at):
            if pence * 60 < floor * minutes:
                yield _fault(
                    rule.place,
                    rule.clause,
                    f"{money(pence)} for {time(minutes)} is below the wage floor of {money(floor)} an hour "
                    f"from {day.isoformat()}.",
                    "Raise it, or say why no floor holds with 'wage_floor: {none: why}'.",
                )


def _hourly_sums(at: OnDay) -> Iterator[tuple[Rule, int, int]]:
    """Rules that pay for time, with pence and minutes at their least generous."""
    for fee in at.tree.fees.values():
        if isinstance(fee, Hourly):
            for rate in [tier.rate for tier in fee.tiers] or [fee.rate]:
                yield from _sum(at, fee.rule, rate, 60)
        elif isinstance(fee, Blocks):
            yield from _sum(at, fee.rule, fee.pay, fee.block)
        elif isinstance(fee, Plateau):
            yield from _sum(at, fee.rule, fee.rate, 60)
        elif isinstance(fee, Matrix):
            for row in fee.rows.values():
                for band in row.bands:
                    if band.high is not None and band.high > 1:
                        yield from _sum(at, fee.rule, band.pay, band.high - 1)
        elif isinstance(fee, Bands):
            for band in fee.bands:
                if band.high is not None and band.high > 1:
                    yield from _sum(at, fee.rule, band.pay, band.high - 1)
    for paid in at.tree.paid_time:
        if paid.rate is not None:
            yield from _sum(at, paid.rule, paid.rate, 60)


def _sum(at: OnDay, rule: Rule, value: Value, minutes: int) -> Iterator[tuple[Rule, int, int]]:
    pence = at.number(value)
    if not isinstance(pence, Undecided) and pence > 0:
        yield rule, pence, minutes


def _rounding(tree: Tree) -> Iterator[Fault]:
    """A part of a penny can be left over, and nothing says how to round it."""
    if tree.rounding is not None:
        return
    for rule, what, divides in _dividing(tree):
        if not divides:
            yield _fault(
                rule.place,
                rule.clause,
                f'"{rule.key}" can leave a part of a penny ({what}), and no rounding is stated.',
                "Add 'rounding:' with step and direction, or 'rounding: {undecided: why}'.",
            )


def _dividing(tree: Tree) -> Iterator[tuple[Rule, str, bool]]:
    """Rules whose sum is a division, an example of it, and whether it always comes out whole."""
    for day in change_days(tree):
        at = OnDay(tree, day)
        for fee in tree.fees.values():
            yield from _dividing_fee(at, fee)
        for paid in tree.paid_time:
            if paid.rate is not None:
                yield paid.rule, "one minute at this rate", _whole(at, paid.rate, 60)
        for expense in tree.expenses.values():
            if expense.kind == "mileage" and expense.rate is not None:
                yield expense.rule, "a tenth of a mile", _whole(at, expense.rate, 10)
            for tier in expense.tiers:
                yield expense.rule, "a tenth of a mile", _whole(at, tier.rate, 10)
            for band in expense.engine:
                yield expense.rule, "a tenth of a mile", _whole(at, band.pay, 10)
            if expense.only_while:
                yield expense.rule, "a part of the time", False
            if expense.sum is not None and not _whole_pence(expense.sum.sum):
                yield expense.rule, "this formula", False
            if expense.cap is not None and expense.cap.each == "hour":
                yield expense.rule, "one minute at this limit", _whole(at, expense.cap.amount, 60)
        for notice in tree.cancellation:
            yield notice.rule, "a share of the fee", _whole(at, notice.share, 10_000)


def _dividing_fee(at: OnDay, fee: Fee) -> Iterator[tuple[Rule, str, bool]]:
    if isinstance(fee, Hourly):
        for rate in [tier.rate for tier in fee.tiers] or [fee.rate]:
            yield fee.rule, "one minute at this rate", _whole(at, rate, 60)
    elif isinstance(fee, Plateau):
        yield fee.rule, "one minute at this rate", _whole(at, fee.rate, 60)
    elif isinstance(fee, SetFirst) and fee.each == "hour":
        yield fee.rule, "one minute at a rate set later", False
    elif isinstance(fee, Formula) and not _whole_pence(fee.sum):
        yield fee.rule, "this formula", False


def _whole_pence(term: Term) -> bool:
    """Whether a formula never multiplies by hours, miles or a percentage, so that pence stay whole."""
    if not isinstance(term, Joined):
        return True
    both = {term.left.unit, term.right.unit}
    divided = term.sign == "*" and both & {"minutes", "tenths of a mile", "hundredths of a percent"}
    return not divided and _whole_pence(term.left) and _whole_pence(term.right)


def _plateaus(tree: Tree) -> Iterator[Fault]:
    """A plateau may not pay less than the hours that lead up to it."""
    for day in change_days(tree):
        at = OnDay(tree, day)
        for fee in tree.fees.values():
            if isinstance(fee, Plateau):
                rate, then = at.number(fee.rate), at.number(fee.then)
                if isinstance(rate, int) and isinstance(then, int) and then * 60 < rate * fee.up_to:
                    yield _fault(
                        fee.rule.place,
                        fee.rule.clause,
                        f"{money(then)} for longer is less than {time(fee.up_to)} at {money(rate)} an hour.",
                        "Raise the sum, or shorten the time that is paid by the hour.",
                    )


def _whole(at: OnDay, value: Value | FromFact, bottom: int) -> bool:
    if isinstance(value, FromFact):
        return False
    number = at.number(value)
    return isinstance(number, Undecided) or number % bottom == 0


def _approval(tree: Tree) -> Iterator[Fault]:
    """Every total has exactly one answer to who must agree."""
    last = [step for step in tree.approval if step.up_to is None]
    if not tree.approval or len(last) != 1:
        yield _top(
            tree,
            "The policy does not say, exactly once, who agrees to the largest claims.",
            'Leave "up_to" out of one rule under "approval:".',
        )
    if last and last[0].who == ("automatic",):
        yield _fault(
            last[0].rule.place,
            last[0].rule.clause,
            "Claims of any size are approved by nobody.",
            "Name who looks at the largest claims.",
        )
    for day in change_days(tree):
        at = OnDay(tree, day)
        limits = [(at.number(step.up_to), step) for step in tree.approval if step.up_to is not None]
        seen: set[int] = set()
        for limit, step in limits:
            rule = step.rule
            if isinstance(limit, Undecided):
                yield _fault(
                    rule.place, rule.clause, "The limit of this approval is undecided.", "State a sum."
                )
            elif limit in seen:
                yield _fault(
                    rule.place, rule.clause, f"Two approvals both end at {money(limit)}.", "Keep one."
                )
            else:
                seen.add(limit)


def _unused(tree: Tree) -> Iterator[Fault]:
    """Rules and names that nothing uses are usually a slip of the pen."""
    cells = {fee for activity in tree.activities.values() for fee in activity.pays.values()}
    cells |= {case.pay for fee in tree.fees.values() if isinstance(fee, Cases) for case in fee.cases}
    roles = {role for activity in tree.activities.values() for role in activity.pays}
    for key, fee in tree.fees.items():
        if key not in cells:
            yield _fault(
                fee.rule.place,
                fee.rule.clause,
                f"No activity is paid by '{key}'.",
                "Name it under an activity's 'pays:', or remove it.",
            )
    for role in tree.roles:
        if role not in roles:
            yield _top(
                tree,
                f"No activity has the role '{role}'.",
                "Name it under an activity's 'pays:', or remove it.",
            )
    used = used_amounts(tree)
    for key, amount in tree.amounts.items():
        if key not in used and amount.place.file == tree.main:
            yield _fault(
                amount.place,
                amount.clause,
                f"No rule uses the amount '{key}'.",
                "Name it in a rule, or remove it.",
            )


def _time_of_flat_fees(tree: Tree) -> Iterator[Fault]:
    """Time cannot be added to a fee that is not worked out by time."""
    for activity in tree.activities.values():
        fees = [tree.fees[key] for key in activity.pays.values()]
        flat = any(_untimed(fee) for fee in fees)
        for paid in tree.paid_time:
            if flat and _adds(paid) and _covers(tree, paid, activity.key):
                yield _fault(
                    paid.rule.place,
                    paid.rule.clause,
                    f"{paid.time.capitalize()} time cannot be added: '{activity.key}' is not paid by time.",
                    "Give it a 'rate:', say 'pay: included', or name other activities.",
                )


def _untimed(fee: Fee) -> bool:
    """Whether a fee is a sum that time cannot be added to."""
    if isinstance(fee, SetFirst):
        return fee.each != "hour"
    return isinstance(fee, (Flat, Items, Formula)) or (isinstance(fee, Bands) and bool(fee.undecided))


def _adds(paid: PaidTime) -> bool:
    return paid.pay not in ("no", "included", "allowance") and paid.rate is None


def _covers(tree: Tree, paid: PaidTime, activity: str) -> bool:
    if paid.activities:
        return activity in paid.activities
    return not any(other.time == paid.time and activity in other.activities for other in tree.paid_time)


def names_in(rule: Rule) -> set[str]:
    """The amounts that a rule names in its values or its sentence."""
    named = {value.name for value in rule.values.values() if isinstance(value, Named)}
    return named | {hole for hole in HOLE.findall(rule.sentence) if hole not in rule.values}


def spans(amount: Amount, tree: Tree) -> list[tuple[date, date | None]]:
    """The stretches, within the policy's life, on which an amount keeps one stated figure."""
    starts, ends = tree.header.effective_from, tree.header.effective_to
    found: list[tuple[date, date | None]] = []
    for index, (day, cell) in enumerate(amount.series):
        after = amount.series[index + 1][0] if index + 1 < len(amount.series) else None
        if isinstance(cell, Quantity) and (after is None or after > starts) and (ends is None or day < ends):
            found.append((max(day, starts), after))
    return found
