"""Whatever happens in whatever order, is everybody paid once, and what is right? Would we notice if not?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session

from service import ids
from service.claims import queries as claims
from service.events import Event
from service.payouts import correcting
from service.rails.protocol import Answer, Asked, Order, Rail
from service.tasks.delivery import TASKS
from tests.journeys.whole import Whole
from tests.stage import Stage

SETTINGS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


def run(stage: Stage, *, through: Callable[[Rail], Rail] | None = None, given: settings) -> None:
    run_state_machine_as_test(lambda: Whole(stage, through=through), settings=given)


def test_everybody_is_paid_once_and_what_is_right(stage: Stage) -> None:
    run(stage, given=settings(SETTINGS, max_examples=6, stateful_step_count=16, derandomize=True))


# Would it be noticed?


class NewKeyEachTime:
    """A payer that makes up a key for each call, so that the bank cannot know a payment again."""

    name = "sandbox"

    def __init__(self, bank: Rail) -> None:
        self._bank = bank

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        return self._bank.pay([replace(order, key=ids.new("att")) for order in orders])

    def find(self, asked: Asked) -> Answer:
        return self._bank.find(asked)


class NoAnswerIsANo:
    """A payer that takes silence for a refusal, so that the same is paid again."""

    name = "sandbox"

    def __init__(self, bank: Rail) -> None:
        self._bank = bank

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        found = self._bank.pay(orders)
        return [Answer("refused", reason="No answer.") if a.outcome == "lost" else a for a in found]

    def find(self, asked: Asked) -> Answer:
        return self._bank.find(asked)


@contextmanager
def paying_the_whole_again() -> Iterator[None]:
    """A correction that owes all that is right, and not only what was not paid yet."""
    name = "corrections.follow"
    sound = TASKS[name]

    def whole(*, session: Session, event: Event, now: datetime) -> None:
        key = {"council_id": event.council_id, "claim_id": event.claim_id or ""}
        correcting.follow(session, **key, now=now)
        for more in claims.differences(session, **key):
            if more.state == "submitted" and more.difference:
                more.fee_pence = more.difference.get("fee", {}).get("after_pence", 0)
                more.expenses_pence = more.difference.get("expense", {}).get("after_pence", 0)

    TASKS[name] = replace(sound, work=whole)
    try:
        yield
    finally:
        TASKS[name] = sound


def test_what_each_fault_does_breaks_a_promise_at_once(stage: Stage) -> None:
    """The shortest way to each fault, by hand."""
    with paying_the_whole_again():
        machine = Whole(stage)
        machine.tick(0, 0, attended=True, minutes=60)
        machine.all_work()
        machine.nobody_has_more_than_was_ever_right()
        machine.tick(0, 0, attended=True, minutes=100)
        machine.all_work()
        with pytest.raises(AssertionError, match="More was paid than was ever right"):
            machine.nobody_has_more_than_was_ever_right()
        machine.fuse.remove()
    for broken in (NewKeyEachTime, NoAnswerIsANo):
        machine = Whole(stage, through=broken)
        machine.tick(1, 0, attended=True, minutes=None)
        machine.all_work()
        with pytest.raises(AssertionError):
            _look_sweep_and_look(machine)
        machine.fuse.remove()


def _look_sweep_and_look(machine: Whole) -> None:
    machine.status_is_what_happened()
    machine.sweep()
    machine.nothing_is_paid_twice()
