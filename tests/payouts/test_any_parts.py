"""Whatever is chosen, ticked, corrected, sent and sent back, in whatever order: does each part come once?

A program makes up the order. After each step the books balance and no part is paid twice; at the end the
person has what is right for their minutes on the register, to the penny, but for what is noted as too much.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.errors import ReciprocalError
from service.people.lines_model import MONTH, WEEK, Counted, Line
from service.rails import sandbox
from service.reports.own_money import Fee as FeeOfLine
from service.reports.own_money import OwnMoney
from tests.claims.top_ups import in_order, policy, sources
from tests.payouts.parts import Fee
from tests.stage import Council, Stage, TooManyCodes, told

ACCOUNTS = st.sampled_from(["00012345", "00012346", sandbox.RETURNED, sandbox.LOST_ANSWER])
LOST = st.sets(st.sampled_from(["payouts.open", "payouts.send", "corrections.follow", "payouts.stop"]))
TODAY = date(2027, 3, 1)


class Divided(RuleBasedStateMachine):
    """One person, one session of an hour, and a fee that they may have in two parts."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.council: Council = stage.council(
            f"council-{len(stage.hands.db.council_ids())}", sources=sources(policy())
        )
        self.fee = Fee.promised(self.council)
        self.minutes: int | None = None

    @rule(minutes=st.integers(1, 120), lost=LOST)
    def is_ticked(self, minutes: int, lost: set[str]) -> None:
        self.fee.tick(minutes=minutes, leaving=tuple(lost))
        self.minutes = minutes

    @rule(lost=LOST)
    def is_taken_off(self, lost: set[str]) -> None:
        self.fee.tick(attended=False, leaving=tuple(lost))
        self.minutes = None

    @rule(pence=st.integers(1, 2000), days=st.integers(1, 20))
    def splits(self, pence: int, days: int) -> None:
        with suppress(ReciprocalError):
            self.fee.splits(pence, days=days)

    @rule(days=st.integers(1, 20), later=st.booleans())
    def chooses_otherwise(self, days: int, later: bool) -> None:
        with suppress(ReciprocalError):
            self.fee.chooses("later" if later else "now", day=self.fee.in_days(days) if later else None)

    @rule(days=st.integers(1, 20), later=st.booleans())
    def chooses_about_the_rest(self, days: int, later: bool) -> None:
        for rest in self.fee.rests if self.minutes is not None else []:
            with suppress(ReciprocalError):
                day = self.fee.in_days(days) if later else None
                self.fee.chooses("later" if later else "now", day=day, about=rest["id"])

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        self.stage.clock.forward(timedelta(days=days))
        self.stage.settle()

    @rule(account=ACCOUNTS)
    def is_paid_into(self, account: str) -> None:
        with suppress(TooManyCodes):
            if self.council.pays_into(self.fee.person_id, account).status_code == 202:
                self.council.confirms(self.fee.person_id)
        self.stage.drain()

    @invariant()
    def the_books_balance(self) -> None:
        assert self.council.breaches() == []

    @invariant()
    def two_parts_are_one_fee(self) -> None:
        if self.minutes is None or not told(self.council.lead.get("claims"))["data"]:
            return
        claim, rests = self.fee.claim, self.fee.rests
        assert len(rests) <= 1
        if claim["put_off_pence"]:
            assert claim["fee_pence"] > 0
            assert [rest["fee_pence"] <= claim["put_off_pence"] for rest in rests] == [True]

    def teardown(self) -> None:
        """In the end every day has come, and every bank account takes what is sent to it."""
        for account in ("00733445", "00012345"):
            self.stage.clock.forward(timedelta(days=30))
            self.is_paid_into(account)
            for _ in range(2):
                self.stage.settle()
        right = 25 * self.minutes if self.minutes is not None else 0
        assert self.fee.paid - self.fee.over == right
        in_order(self.council)


@pytest.mark.long
def test_both_parts_come_once_and_come_to_what_is_right(stage: Stage) -> None:
    run_state_machine_as_test(
        lambda: Divided(stage),
        settings=settings(
            phases=[Phase.generate],
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


LINES = st.lists(
    st.one_of(
        st.builds(Line, st.just(WEEK), st.integers(0, 9000), st.integers(0, 6)),
        st.builds(Line, st.just(MONTH), st.integers(0, 20000), st.integers(1, 31)),
    ),
    max_size=2,
)
DAYS = st.integers(0, 60).map(lambda number: TODAY + timedelta(days=number))
OTHERS = st.lists(st.tuples(DAYS, st.integers(1, 4000)), max_size=6)


@given(lines=LINES, others=OTHERS, day=DAYS, pence=st.integers(1, 9000))
@settings(max_examples=200, deadline=None, database=None)
def test_what_is_proposed_passes_no_line_and_is_as_much_as_that(
    lines: list[Line], others: list[tuple[date, int]], day: date, pence: int
) -> None:
    fees = [FeeOfLine(Counted(f"c{number}", *one), "") for number, one in enumerate(others)]
    money, one = OwnMoney(tuple(lines), tuple(fees), TODAY), Counted("it", day, pence)
    found = money.parts_within(one)
    if found is None:
        return
    first, later = found
    assert 0 < first < pence
    assert day < later <= TODAY + timedelta(days=182)
    assert money.past_in_parts(one, now_pence=first, day=later) == ((), ())
    assert money.with_more(replace(one, pence=first + 1)) != ()
