"""Does the power going off between any two steps ever pay twice, or never?

The steps are not typed here: the database driver and the rail tell of each as it is about to happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from service.rails import sandbox
from service.rails.protocol import Answer, Asked, Order, Rail
from service.tasks import hands, housekeeping
from tests.remembered import put_back, rows
from tests.stage import A_WHILE, Council, Crash, Stage, told

# What changes something for good. A process that ends between two of these leaves all as the first left it.
LASTING = ("COMMIT", "CALL", "ANSWER", "ASK")


class Fuse:
    """Counts the steps that happen while it is lit, and ends the process before the one that it is set to.

    `every`: each statement is a step; else only what lasts, and what comes next after it.
    """

    def __init__(self, stage: Stage) -> None:
        self.steps: list[str] = []
        self.blows_at: int | None = None
        self.lit = False
        self.every = True
        self._last = ""
        engine = stage.hands.db.engine
        self._listening = [
            (engine, "before_cursor_execute", lambda *args: self.step(args[2].split()[0])),
            (engine, "commit", lambda _: self.step("COMMIT")),
        ]
        for heard in self._listening:
            event.listen(*heard)
        stage.hands.rails["sandbox"] = Stepped(stage.hands.rails["sandbox"], self.step)

    def step(self, name: str) -> None:
        """Something is about to happen."""
        if not self.lit:
            return
        before, self._last = self._last, name
        if not (self.every or name in LASTING or before in LASTING):
            return
        self.steps.append(name)
        if self.blows_at is not None and len(self.steps) > self.blows_at:
            self.lit = False
            raise Crash

    @contextmanager
    def lighting(self, blows_at: int | None) -> Iterator[None]:
        """Within this, steps count."""
        self.steps, self.blows_at, self.lit, self._last = [], blows_at, True, LASTING[0]
        try:
            yield
        finally:
            self.lit = False

    def remove(self) -> None:
        """Stop listening."""
        for heard in self._listening:
            event.remove(*heard)


class Stepped:
    """A rail whose calls are steps too: one before each call, and one before its answer is heard."""

    name = "sandbox"

    def __init__(self, rail: Rail, step: Callable[[str], None]) -> None:
        self._rail, self._step = rail, step

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self._step("CALL")
        try:
            return self._rail.pay(orders)
        finally:
            self._step("ANSWER")

    def find(self, asked: Asked) -> Answer:
        self._step("ASK")
        return self._rail.find(asked)


@pytest.fixture
def fuse(stage: Stage) -> Iterator[Fuse]:
    made = Fuse(stage)
    yield made
    made.remove()


UNDECIDED = "SELECT count(*) FROM payouts WHERE state NOT IN ('paid', 'failed', 'returned', 'cancelled')"


def decided(stage: Stage) -> None:
    """What was broken off is handed over again; the sweeper comes until all is decided, and once more."""
    stage.hand_again()
    with stage.admin() as line:
        for _ in range(3):
            nothing_waits = line.execute(UNDECIDED).fetchone() == (0,)
            swept(stage)
            if nothing_waits:
                return


def swept(stage: Stage) -> None:
    """The sweeper comes round, and what follows from that is done."""
    stage.clock.forward(A_WHILE)
    hands.use(stage.hands)
    housekeeping.sweep_payouts()
    stage.drain()


def blows(
    stage: Stage,
    fuse: Fuse,
    emptied: Callable[[], None],
    *,
    act: Callable[[Stage], None],
    check: Callable[[], None],
) -> int:
    """From what stands in the database now, the work is begun again and again. Each time the power goes off a
    step later, and all is decided and checked. Answers after how many blows the work came to its end.
    """
    with stage.admin() as line:
        before, ahead = rows(line), stage.clock.ahead
        crashes = 0
        while True:
            try:
                with fuse.lighting(crashes):
                    act(stage)
            except Crash:
                # The lines of a dead process to the database break off.
                stage.hands.db.close()
                crashes += 1
                decided(stage)
                check()
            else:
                stage.settle()
                check()
                return crashes
            emptied()
            put_back(line, before)
            stage.clock.ahead = ahead


# What is being done when the power goes off: whose account, the work that is left for then, and the work.
WORKS: dict[str, tuple[str, tuple[str, ...], Callable[[Stage], None]]] = {
    "sending": (sandbox.PAID, ("payouts.send",), lambda stage: stage.carry_again("payouts.send")),
    "sending without an answer": (
        sandbox.LOST_ANSWER,
        ("payouts.send",),
        lambda stage: stage.carry_again("payouts.send"),
    ),
    "hearing": (sandbox.PAID, ("payouts.hear",), lambda stage: stage.carry_again("payouts.hear")),
    "sweeping": (sandbox.LOST_ANSWER, (), swept),
}


@pytest.mark.long
@pytest.mark.parametrize("work", WORKS)
def test_a_crash_between_any_two_steps_pays_once(
    stage: Stage, fuse: Fuse, emptied: Callable[[], None], work: str
) -> None:
    account, leaving, act = WORKS[work]
    fuse.every = work in ("sending", "hearing")
    council = stage.council()
    council.ticked(account=account)
    stage.drain(leaving=leaving)
    stage.clock.forward(A_WHILE)
    crashes = blows(stage, fuse, emptied, act=act, check=lambda: check_books(council))
    assert crashes == len(fuse.steps) > (15 if fuse.every else 6)
    assert fuse.steps.count("CALL") + fuse.steps.count("ASK") == 1


# One call holds them all. Account → how its payment ends, and its lines in the bank's book.
FATES = {
    sandbox.PAID: ("paid", 1),
    sandbox.NO_ACCOUNT: ("failed", 0),
    sandbox.LOST_ANSWER: ("paid", 1),
    sandbox.LOST_PAYMENT: ("failed", 0),
}

# Of a batch: the work that is left for when the power goes off, and the work.
BATCHES: dict[str, tuple[tuple[str, ...], Callable[[Stage], None]]] = {
    "sending": (("payouts.send",), lambda stage: stage.carry_again("payouts.send")),
    "sweeping": ((), swept),
}


@pytest.mark.long
@pytest.mark.parametrize("work", BATCHES)
def test_a_crash_between_any_two_steps_of_a_batch_leaves_each_decidable(
    stage: Stage, fuse: Fuse, emptied: Callable[[], None], work: str
) -> None:
    """Four people at a time, each with another fate."""
    leaving, act = BATCHES[work]
    fuse.every = False
    council = stage.council()
    people = {council.person(account=account): account for account in FATES}
    told(council.tick(council.session(), *people, role="participant"))
    stage.drain(leaving=leaving)
    stage.clock.forward(A_WHILE)
    crashes = blows(stage, fuse, emptied, act=act, check=lambda: check_fates(council, people))
    assert fuse.steps.count("CALL") == 1
    assert crashes == len(fuse.steps) > 12


def check_fates(council: Council, people: dict[str, str]) -> None:
    """Each of these, by their account, had one payment, which ended as it had to."""
    query = (
        "SELECT p.person_id, p.state, count(s.key) FROM payouts p"
        " LEFT JOIN sandbox_payments s ON s.payment_id = p.id GROUP BY p.id, p.person_id, p.state"
    )
    with council.stage.admin() as line:
        found = line.execute(query).fetchall()
    assert sorted(found) == sorted((person_id, *FATES[account]) for person_id, account in people.items())
    # Two of the four were paid, and two are owed still.
    half = 1550 * 2
    assert council.balance() == {"fees": 2 * half, "bank:sandbox": -half, "creditors": -half}


def check_books(council: Council) -> None:
    """The one payment was paid once, as the bank, the ledger and our own records say alike."""
    (payment,) = council.payments(limit=100)
    assert payment["status"] == "paid"
    assert council.stage.hands.sandbox.book(council_id=council.id) == {payment["id"]: (1550, "paid")}
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}
