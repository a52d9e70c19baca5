"""Are days, times, sums and answers read and written as people do?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from service.errors import Fault, Invalid
from service.web import typed_times, wording
from service.web.answers import Answers
from service.web.person import questions
from service.web.person.shapes import Ask


def _at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_times_are_londons_in_the_style_of_gov_uk() -> None:
    assert wording.span(_at(14), _at(15, 30)) == "Tuesday 3 March 2026, 2pm to 3:30pm"
    assert (
        wording.span(_at(9), _at(12, 0, 4)) == "Tuesday 3 March 2026, 9am, to Wednesday 4 March 2026, midday"
    )
    assert wording.clock(datetime(2026, 7, 1, 13, 5, tzinfo=UTC)) == "2:05pm"
    assert wording.day_and_time(datetime(2026, 6, 30, 23, 0, tzinfo=UTC)) == "1 July 2026 at midnight"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 minutes"), (1, "1 minute"), (60, "1 hour"), (61, "1 hour 1 minute"), (150, "2 hours 30 minutes")],
)
def test_lengths_of_time(minutes: int, words: str) -> None:
    assert wording.length(minutes) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 seconds"), (59, "59 seconds"), (3_600, "1 hour"), (200_000, "2 days")]
)
def test_ages(seconds: int, words: str) -> None:
    assert wording.age(seconds) == words


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("2pm", time(14)),
        ("2:30 PM", time(14, 30)),
        ("14:00", time(14)),
        ("9.15", time(9, 15)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("midday", time(12)),
        ("0:30", time(0, 30)),
    ],
)
def test_clock_times_that_people_write(typed: str, clock: time) -> None:
    assert typed_times.read_clock(Answers({"t": typed}), "t", "no") == clock


@pytest.mark.parametrize("typed", ["", "2", "25:00", "13pm", "0pm", "2:60pm", "soon", "٢pm"])
def test_clock_times_that_are_none(typed: str) -> None:
    answers = Answers({"t": typed})
    assert typed_times.read_clock(answers, "t", "Enter a time") is None
    assert answers.faults == {"t": "Enter a time"}


def test_days_in_three_boxes() -> None:
    boxes = {"d-day": "27", "d-month": "3", "d-year": "26"}
    assert typed_times.read_day(Answers(boxes), "d") == date(2026, 3, 27)
    for wrong, parts in (
        ({"d-day": "31", "d-month": "2"}, ["day"]),
        ({"d-month": "x"}, ["month"]),
        ({"d-month": "13"}, ["month"]),
        ({"d-year": ""}, ["year"]),
        ({"d-year": "12345"}, ["year"]),
        ({"d-day": "", "d-year": "now"}, ["year", "day"]),
    ):
        answers = Answers({**boxes, **wrong})
        assert typed_times.read_day(answers, "d") is None
        assert answers.faults == {"d": "Enter a real day, like 27 3 2026"}
        assert answers.parts == {"d": parts}


def test_the_example_of_a_day_to_come_is_one() -> None:
    assert typed_times.example_to_come(date(2026, 3, 26)) == "27 3 2026"
    assert typed_times.example_to_come(date(2026, 3, 27)) == "27 3 2027"


def test_a_london_summer_evening_is_an_hour_earlier_in_utc() -> None:
    assert typed_times.moment(date(2026, 7, 1), time(18)) == datetime(2026, 7, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("money", "£4.10", 410),
        ("money", "4.1", 410),
        ("number", "12.5", 12.5),
        ("number", "1,200", 1200),
        ("yes_no", "no", False),
    ],
)
def test_answers_become_facts(kind: str, typed: str, value: object) -> None:
    assert questions.read(Ask("x", kind, "?"), Answers({"x": typed})) == value


@pytest.mark.parametrize(
    ("kind", "typed"), [("money", "4.123"), ("number", "-3"), ("number", ""), ("yes_no", "perhaps")]
)
def test_answers_that_are_none_say_what_to_type(kind: str, typed: str) -> None:
    answers = Answers({"x": typed})
    assert questions.read(Ask("x", kind, "?"), answers) is None
    assert list(answers.faults) == ["x"]


def test_a_rooms_sentence_without_a_field_is_not_lost() -> None:
    answers = Answers()
    faults = (Fault("/a", "Mend a"), Fault("/elsewhere", "Mend that"))
    answers.learn(Invalid("Two things.", errors=faults), {"/a": "first"})
    assert answers.problems == [{"text": "Mend a", "href": "#first"}, {"text": "Mend that"}]
