"""What may a policy say about how payments leave, and what does the checker say to what it may not?"""

from __future__ import annotations

from datetime import date

import pytest

from service.policy.diff import diff
from service.policy.engine import read_policy
from service.policy.leaving import AT_ONCE, Leaving, leaving
from service.policy.model import Runs
from tests.policy import texts
from tests.policy.texts import WAY

ON = date(2026, 5, 12)


def saying(words: str) -> str:
    """The small policy with these lines under `payment:`."""
    assert "payment:\n" in WAY
    return texts.text(way=WAY.replace("payment:\n", f"payment:\n  {words}\n", 1))


def read(words: str) -> Leaving:
    return leaving(read_policy(texts.sources(saying(words))).tree, on=ON)


def test_without_a_word_payments_leave_at_once_and_need_nobody() -> None:
    assert leaving(read_policy(texts.sources(texts.text())).tree, on=ON) == AT_ONCE
    assert read("runs: at once") == AT_ONCE


def test_days_come_in_the_order_of_the_week_and_the_time_in_minutes() -> None:
    assert read('runs: {on: [thursday, tuesday], at: "14:00"}') == Leaving(Runs(("tuesday", "thursday"), 840))
    assert read("runs: {on: friday, at: 09:30}") == Leaving(Runs(("friday",), 570))


def test_the_limits_of_a_second_person() -> None:
    assert read("second_release: {payment_above: £500.00, run_above: £5000.00}") == Leaving(
        None, 50_000, 500_000
    )
    assert read("second_release: {run_above: £1.00}") == Leaving(None, None, 100)
    # What nobody has decided is no limit: a second person releases everything.
    assert read("second_release: {payment_above: {undecided: Finance will say.}}") == Leaving(None, 0, None)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("runs: weekly", '"runs: weekly" of "payment" is not known.'),
        ('runs: {on: [sunday], at: "14:00"}', "There is no day on which payments go called 'sunday'."),
        ('runs: {on: [tuesdy], at: "14:00"}', "Did you mean 'tuesday'?"),
        ('runs: {at: "14:00"}', "The policy does not say on which days payments go."),
        ("runs: {on: [monday]}", '"payment.runs" has no at.'),
        ("runs: {on: [monday], at: 3h}", "3h"),
        ("runs: {on: [monday], at: {undecided: later}}", "The time of a payment run is not one time."),
        ('runs: {on: [monday], at: "14:00", by: hand}', 'has a key that means nothing: "by"'),
        ("second_release: {}", "The policy does not say above what sum."),
        ("second_release: {payment_above: 3h}", "3h"),
        ("second_release: £500.00", '"second_release" of "payment" holds no rule.'),
    ],
)
def test_what_makes_no_sense_is_a_mistake(words: str, what: str) -> None:
    (fault, *_) = texts.faults(saying(words))
    assert what in str(fault)
    assert fault.line == saying(words).splitlines().index(f"  {words}") + 1


def test_a_change_is_told_in_sentences() -> None:
    old = texts.sources(saying('runs: {on: [tuesday], at: "14:00"}'))
    new = texts.sources(saying('runs: {on: [tuesday, thursday], at: "10:00"}'))
    told = [one.sentence for one in diff(old=old, new=new)]
    assert told == [
        "From 1 January 2026 the payment rule 'runs': the days changes from tuesday to tuesday, thursday.",
        "From 1 January 2026 the payment rule 'runs': the time falls from 14:00 to 10:00.",
    ]
