"""Is somebody asked exactly when a fee would take them past their own line, whatever their week or month?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Invalid
from service.people.lines_model import (
    MONTH,
    WEEK,
    Counted,
    Line,
    Window,
    first_day_within,
    passing,
    passing_in_order,
    read_line,
)

DAYS = st.dates(date(2026, 10, 1), date(2027, 3, 31))
LINES = st.one_of(
    st.builds(Line, st.just(WEEK), st.integers(0, 30_000), st.integers(0, 6)),
    st.builds(Line, st.just(MONTH), st.integers(0, 90_000), st.integers(1, 31)),
)


@pytest.mark.parametrize(
    ("per", "starts", "day", "first", "last"),
    [
        (WEEK, 0, "2026-12-02", "2026-11-30", "2026-12-06"),
        (WEEK, 2, "2026-12-02", "2026-12-02", "2026-12-08"),
        (WEEK, 3, "2026-12-02", "2026-11-26", "2026-12-02"),
        (MONTH, 1, "2026-12-31", "2026-12-01", "2026-12-31"),
        (MONTH, 14, "2026-12-13", "2026-11-14", "2026-12-13"),
        (MONTH, 14, "2026-12-14", "2026-12-14", "2027-01-13"),
        # A month without that day starts on its last day.
        (MONTH, 31, "2027-02-27", "2027-01-31", "2027-02-27"),
        (MONTH, 31, "2027-02-28", "2027-02-28", "2027-03-30"),
        (MONTH, 30, "2027-01-29", "2026-12-30", "2027-01-29"),
    ],
)
def test_a_week_or_month_begins_on_the_day_that_the_person_named(
    per: str, starts: int, day: str, first: str, last: str
) -> None:
    window = Line(per, 0, starts).window(date.fromisoformat(day))
    assert (window.first.isoformat(), window.last.isoformat()) == (first, last)


@given(LINES, DAYS)
def test_every_day_lies_in_one_week_or_month_and_they_join(line: Line, day: date) -> None:
    window = line.window(day)
    assert window.holds(day)
    assert line.window(window.first) == line.window(window.last) == window
    assert line.window(window.end).first == window.end


def by_hand(line: Line, fees: list[Counted], one: Counted) -> bool:
    """Day by day: what is there on the days of the same week or month, one's own included."""
    if one.pence == 0:
        return False
    total = one.pence
    for back in range(-40, 41):
        day = one.day + timedelta(days=back)
        if _began(line, day) == _began(line, one.day):
            total += sum(fee.pence for fee in fees if fee.day == day)
    return total > line.amount_pence


def _began(line: Line, day: date) -> date:
    """Walk back to the day on which the week or month began."""
    while not (
        day.weekday() == line.starts
        if line.per == WEEK
        else day.day == line.starts or (day.day < line.starts and (day + timedelta(days=1)).day == 1)
    ):
        day -= timedelta(days=1)
    return day


FEES = st.lists(st.tuples(DAYS, st.integers(0, 12_000)), max_size=12)


@settings(max_examples=150)
@given(LINES, FEES, DAYS, st.integers(0, 12_000))
def test_asked_exactly_when_the_sum_would_pass_the_line(
    line: Line, fees: list[tuple[date, int]], day: date, pence: int
) -> None:
    others = [Counted(f"fee-{number}", *fee) for number, fee in enumerate(fees)]
    one = Counted("this", day, pence)
    found = passing([line], others, one)
    assert bool(found) == by_hand(line, others, one)
    assert passing([line], [*others, one], one) == found
    for each in found:
        assert each.total_pence > line.amount_pence
        assert each.window == line.window(day)


@settings(max_examples=100)
@given(LINES, FEES)
def test_of_what_comes_those_are_asked_about_with_which_the_line_is_passed(
    line: Line, fees: list[tuple[date, int]]
) -> None:
    counted = [Counted(f"fee-{number:02}", *fee) for number, fee in enumerate(fees)]
    sums: dict[Window, int] = {}
    for one in sorted(counted, key=lambda fee: fee.order):
        window = line.window(one.day)
        sums[window] = sums.get(window, 0) + one.pence
        past = one.pence > 0 and sums[window] > line.amount_pence
        assert bool(passing_in_order([line], counted, one)) == past


@settings(max_examples=60)
@given(st.lists(LINES, min_size=1, max_size=2), FEES, DAYS, st.integers(1, 12_000))
def test_the_first_later_day_is_within_every_line_and_no_earlier_one_is(
    lines: list[Line], fees: list[tuple[date, int]], day: date, pence: int
) -> None:
    others = [Counted(f"fee-{number}", *fee) for number, fee in enumerate(fees)]
    one, until = Counted("this", day, pence), day + timedelta(days=120)
    found = first_day_within(lines, others, one, after=day, until=until)
    later = [day + timedelta(days=number) for number in range(1, 121)]
    within = [each for each in later if not passing(lines, others, Counted("this", each, pence))]
    assert found == (within[0] if within else None)


@pytest.mark.parametrize(
    ("per", "pence", "starts", "pointer"),
    [
        ("year", 100, 0, "/per"),
        (WEEK, 100, 7, "/starts"),
        (WEEK, 100, -1, "/starts"),
        (MONTH, 100, 0, "/starts"),
        (MONTH, 100, 32, "/starts"),
        (WEEK, -1, 0, "/amount"),
    ],
)
def test_a_line_that_cannot_be_says_what_to_mend(per: str, pence: int, starts: int, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_line(per=per, amount_pence=pence, starts=starts)
    assert [fault.pointer for fault in refusal.value.errors] == [pointer]
