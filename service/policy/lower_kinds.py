"""How do the other kinds of fee become steps? Blocks, plateaus, items, formulas, rates in steps."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm

from service.policy.facts import USED
from service.policy.formulas import Joined, Known, Term, Worth
from service.policy.lower_conditions import gap
from service.policy.model import Blocks, Formula, Items, Plateau, Rule, SetFirst, Tier, Undecided
from service.policy.resolve import OnDay
from service.policy.steps import (
    NEEDS_PERSON,
    Arithmetic,
    Compare,
    Divides,
    Expression,
    Fact,
    Given,
    Mark,
    Not,
    Number,
    Number_,
    OrZero,
    Part,
    Pick,
    Rounded,
    Say,
    Set,
    Shown,
    Slot,
    Step,
    StopIfMarked,
    When,
)

COUNTED, AMOUNT, MAIN, UNITS = Slot("counted"), Slot("amount"), Slot("main"), Slot("units")
ITEMS, SET_SUM, DAYS = Fact("line", "items"), Fact("line", "set_pence"), Fact("line", "days")
HOURS, MILES = ("time", " an hour", 60, "minutes"), ("miles", " a mile", 10, "tenths_of_a_mile")
BEFORE = Fact("line", "_before")
SCALE = {"minutes": 60, "tenths of a mile": 10, "hundredths of a percent": 10_000}
Timing = Callable[[bool], list[Step]]
Figures = tuple[tuple[str, Expression], ...]


def kind_needs(fee: Blocks | Plateau | Items | SetFirst | Formula) -> tuple[str, ...]:
    """The measures without which there is no sum."""
    if isinstance(fee, Items):
        return ("items",)
    if isinstance(fee, SetFirst):
        return {"hour": ("minutes",), "day": ("days",), "item": ("items",)}.get(fee.each, ())
    if isinstance(fee, Formula):
        return facts_in(fee.sum)
    return ("minutes",)


def lower_kind(at: OnDay, fee: Blocks | Plateau | Items | SetFirst | Formula, time: Timing) -> list[Step]:
    """Steps that add this kind's sum to the amount."""
    if isinstance(fee, Blocks):
        inner = _blocks(at, fee)
    elif isinstance(fee, Plateau):
        inner = _plateau(at, fee)
    elif isinstance(fee, Items):
        inner = _items(at, fee)
    elif isinstance(fee, SetFirst):
        inner = _set_first(at, fee)
    else:
        line = {name: Fact("line", name) for name in facts_in(fee.sum)}
        inner = formula(at, fee.rule, fee, line)
    by_time = isinstance(fee, (Blocks, Plateau)) or (isinstance(fee, SetFirst) and fee.each == "hour")
    return [
        *time(by_time),
        StopIfMarked(),
        *inner,
        StopIfMarked(),
        Set("amount", Arithmetic("+", AMOUNT, MAIN)),
    ]


def _open(at: OnDay, rule: Rule, undecided: Undecided) -> list[Step]:
    return [*gap(rule.clause, rule.key, at.sentence(rule), undecided)]


def _said(at: OnDay, rule: Rule, *words: Part, figures: Figures = ()) -> Say:
    return Say(rule.clause, rule.key, at.said(rule, *words), (*figures, ("amount_pence", MAIN)))


def _blocks(at: OnDay, fee: Blocks) -> list[Step]:
    pay = at.number(fee.pay)
    if isinstance(pay, Undecided):
        return _open(at, fee.rule, pay)
    count: Number_ = Rounded(COUNTED, fee.block, 1, "up" if fee.part_counts else "down")
    if fee.at_most is not None:
        count = Pick("min", count, Number(fee.at_most))
    words: tuple[Part, ...] = (
        " ", Shown(COUNTED, "time"), " makes ", Shown(UNITS, "count"), " at ", Shown(Number(pay), "money"),
        ", which is ", Shown(MAIN, "money"), ".",
    )  # fmt: skip
    figures: Figures = (("minutes", COUNTED), ("blocks", UNITS), ("rate_pence", Number(pay)))
    return [
        Set("units", count),
        Set("main", Arithmetic("*", UNITS, Number(pay))),
        _said(at, fee.rule, *words, figures=figures),
    ]


def _plateau(at: OnDay, fee: Plateau) -> list[Step]:
    rate, then = at.number(fee.rate), at.number(fee.then)
    if isinstance(rate, Undecided):
        return _open(at, fee.rule, rate)
    if isinstance(then, Undecided):
        beyond = _open(at, fee.rule, then)
    else:
        words: tuple[Part, ...] = (
            " ", Shown(COUNTED, "time"), " is longer than ", Shown(Number(fee.up_to), "time"), ", so it is ",
            Shown(MAIN, "money"), ".",
        )  # fmt: skip
        beyond = [Set("main", Number(then)), _said(at, fee.rule, *words, figures=(("minutes", COUNTED),))]
    hourly: list[Step] = [
        *rounded(at, "main", Arithmetic("*", COUNTED, Number(rate)), 60, fee.rule.clause),
        _said(
            at, fee.rule, " ", Shown(COUNTED, "time"), " at ", Shown(Number(rate), "money"), " an hour is ",
            Shown(MAIN, "money"), ".", figures=(("minutes", COUNTED), ("rate_pence", Number(rate))),
        ),
    ]  # fmt: skip
    return [When(Compare(">", COUNTED, Number(fee.up_to)), tuple(beyond), tuple(hourly))]


def _items(at: OnDay, fee: Items) -> list[Step]:
    pay = at.number(fee.pay)
    if isinstance(pay, Undecided):
        return _open(at, fee.rule, pay)
    words: tuple[Part, ...]
    if fee.per == "request":
        words = (" It is ", Shown(MAIN, "money"), " for the whole request.")
        return [Set("main", Number(pay)), _said(at, fee.rule, *words, figures=(("items", ITEMS),))]
    count: Number_ = ITEMS if fee.at_most is None else Pick("min", ITEMS, Number(fee.at_most))
    words = (
        " ", Shown(UNITS, "count"), " at ", Shown(Number(pay), "money"), " is ", Shown(MAIN, "money"), ".",
    )  # fmt: skip
    figures: Figures = (("items", ITEMS), ("rate_pence", Number(pay)))
    steps: list[Step] = [
        Set("units", count),
        Set("main", Arithmetic("*", UNITS, Number(pay))),
        _said(at, fee.rule, *words, figures=figures),
    ]
    if fee.per == "item":
        return steps
    why = Undecided("it does not say whether this is for each item or for the whole request.")
    return [When(Compare(">", ITEMS, Number(1)), tuple(_open(at, fee.rule, why))), StopIfMarked(), *steps]


def _set_first(at: OnDay, fee: SetFirst) -> list[Step]:
    low = at.number(fee.at_least) if fee.at_least is not None else 0
    high = at.number(fee.at_most) if fee.at_most is not None else None
    for limit in (low, high):
        if isinstance(limit, Undecided):
            return _open(at, fee.rule, limit)
    rate: Number_ = SET_SUM
    if isinstance(high, int):
        rate = Pick("min", rate, Number(high))
    if isinstance(low, int) and low:
        rate = Pick("max", rate, Number(low))
    counts: dict[str, tuple[Number_, int, str, str]] = {
        "session": (Number(1), 1, "count", "."),
        "hour": (COUNTED, 60, "time", " an hour."),
        "day": (DAYS, 1, "days", " a day."),
        "item": (ITEMS, 1, "count", " each."),
    }
    count, bottom, _, per = counts[fee.each]
    words: tuple[Part, ...] = (" The sum set for this is ", Shown(Slot("rate"), "money"), per)
    if fee.each != "session":
        words = (*words, " That comes to ", Shown(MAIN, "money"), ".")
    paid: list[Step] = [
        Set("rate", rate),
        *rounded(at, "main", Arithmetic("*", count, Slot("rate")), bottom, fee.rule.clause),
        _said(at, fee.rule, *words, figures=(("set_pence", SET_SUM), ("rate_pence", Slot("rate")))),
    ]
    unset = _open(at, fee.rule, Undecided("the project has not set the sum yet."))
    return [When(Given(SET_SUM), tuple(paid), tuple(unset))]


def started(counter: str) -> Number_:
    """How much of a counter was used before this line."""
    if counter == "line":
        return Number(0)
    if counter == "claim":
        return OrZero(BEFORE)
    return Arithmetic("+", OrZero(Fact("claim", f"{USED}{counter}")), OrZero(BEFORE))


def tiered(
    at: OnDay,
    rule: Rule,
    tiers: tuple[Tier, ...],
    count: Number_,
    start: Number_,
    how: tuple[str, str, int, str],
    more: Number_ | None = None,
) -> list[Step]:
    """`main` = the count split over the steps of a rate, each part at its own; rounded once."""
    shown, per, size, figure = how
    steps: list[Step] = [
        Set("start", start),
        Set("end", Arithmetic("+", Slot("start"), count)),
        Set("top", Number(0) if more is None else Arithmetic("*", count, more)),
    ]
    low = 0
    for tier in tiers:
        end: Number_ = Slot("end") if tier.up_to is None else Pick("min", Slot("end"), Number(tier.up_to))
        here = Slot("here")
        part = Arithmetic("-", end, Pick("max", Slot("start"), Number(low)))
        rate = at.number(tier.rate)
        inner: list[Step]
        if isinstance(rate, Undecided):
            inner = _open(at, rule, rate)
        else:
            words = (Shown(here, shown), " at ", Shown(Number(rate), "money"), f"{per}.")
            figures: Figures = ((figure, here), ("rate_pence", Number(rate)))
            inner = [
                Set("top", Arithmetic("+", Slot("top"), Arithmetic("*", here, Number(rate)))),
                Say(rule.clause, f"{rule.key}.steps", words, figures),
            ]
        steps += [Set("here", part), When(Compare(">", here, Number(0)), tuple(inner))]
        low = tier.up_to or 0
    words_ = (" Together that is ", Shown(MAIN, "money"), ".")
    return [
        *steps,
        StopIfMarked(),
        *rounded(at, "main", Slot("top"), size, rule.clause),
        StopIfMarked(),
        _said(at, rule, *words_, figures=((figure, count), ("used_before", Slot("start")))),
    ]


def facts_in(term: Term) -> tuple[str, ...]:
    """The facts that a formula needs, in order."""
    if isinstance(term, Known):
        return (term.name,)
    if isinstance(term, Joined):
        return tuple(dict.fromkeys((*facts_in(term.left), *facts_in(term.right))))
    return ()


def formula(at: OnDay, rule: Rule, fee: Formula, known: dict[str, Fact]) -> list[Step]:
    """`main` = the formula, never below nothing, rounded once."""
    found = _ratio(at, fee.sum, known)
    low = at.number(fee.at_least) if fee.at_least is not None else 0
    high = at.number(fee.at_most) if fee.at_most is not None else None
    for one in (found, low, high):
        if isinstance(one, Undecided):
            return _open(at, rule, one)
    if isinstance(found, Undecided) or isinstance(low, Undecided):
        return []
    top, bottom = found
    sum_: Number_ = Pick("max", MAIN, Number(low))
    if isinstance(high, int):
        sum_ = Pick("min", sum_, Number(high))
    figures: Figures = tuple((name, fact) for name, fact in known.items())
    return [
        Set("top", Pick("max", top, Number(0))),
        *rounded(at, "main", Slot("top"), bottom, rule.clause),
        Set("main", sum_),
        _said(at, rule, " It comes to ", Shown(MAIN, "money"), ".", figures=figures),
    ]


def _ratio(at: OnDay, term: Term, known: dict[str, Fact]) -> tuple[Number_, int] | Undecided:
    """The term as a whole number over a whole number."""
    if isinstance(term, Worth):
        number = at.number(term.value)
        return number if isinstance(number, Undecided) else (Number(number), 1)
    if isinstance(term, Known):
        return known[term.name], 1
    left, right = _ratio(at, term.left, known), _ratio(at, term.right, known)
    if isinstance(left, Undecided):
        return left
    if isinstance(right, Undecided):
        return right
    if term.sign == "*":
        units = (term.left.unit, term.right.unit)
        size = max(SCALE.get(unit, 1) for unit in units) if "pence" in units else 1
        return Arithmetic("*", left[0], right[0]), left[1] * right[1] * size
    bottom = lcm(left[1], right[1])
    one, two = (
        Arithmetic("*", side[0], Number(bottom // side[1])) if side[1] != bottom else side[0]
        for side in (left, right)
    )
    return Arithmetic(term.sign, one, two), bottom


def rounded(at: OnDay, slot: str, top: Number_, bottom: int, clause: str) -> list[Step]:
    """`slot = top / bottom`, rounded as the policy states; a person decides where it states nothing."""
    rounding = at.tree.rounding
    if rounding is not None and rounding.undecided is None:
        step = rounding.step if rounding.each == "line" else 1
        return [Set(slot, Rounded(top, bottom, step, rounding.direction))]
    why = rounding.undecided.why if rounding and rounding.undecided else "it does not state any rounding."
    clause = rounding.clause if rounding else clause
    left = Say(
        clause, "rounding", (f"There is a part of a penny left over. The policy leaves this open: {why}",)
    )
    return [
        When(Not(Divides(top, bottom)), (left, Mark(NEEDS_PERSON))),
        Set(slot, Rounded(top, bottom, 1, "down")),
    ]
