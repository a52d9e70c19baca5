"""Does every event reach its tasks, once, whatever becomes of the broker and of the workers?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis

from service import events
from service.events import SYSTEM
from service.messages.protocol import Message, NotSent
from service.settings import QUEUES
from service.tasks import NEXT, delivery, relay
from service.tasks.delivery import LONGEST_WAIT, TASKS, TRIES
from service.worker import create_worker
from tests.servers import Broker
from tests.stage import A_WHILE, Council, Stage, refused, told

Deliveries = list[tuple[str, int]]


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def hand_over(stage: Stage, publish: relay.Publish, **more: Any) -> int:
    """One look of the relay, now."""
    given = {"hand_again": timedelta(minutes=1), **more}
    return relay.hand_over(stage.hands.db, following=NEXT, publish=publish, at=stage.clock(), **given)


class Lost:
    """A broker that takes everything and keeps nothing."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Deliveries]] = []

    def __call__(self, task: str, queue: str, deliveries: Deliveries) -> None:
        self.calls.append((task, queue, deliveries))


def paid(council: Council) -> bool:
    return [p["status"] for p in council.payments()] == ["paid"]


def test_every_event_that_is_followed_names_tasks_that_exist() -> None:
    named = {task for tasks in NEXT.values() for task in tasks}
    assert named == set(TASKS)
    assert {task.queue for task in TASKS.values()} <= set(QUEUES)


def test_what_the_broker_lost_is_handed_over_again(council: Council) -> None:
    """Whatever is handed over first is lost, at each step of the way; the second time it arrives."""
    stage, lost = council.stage, Lost()
    council.ticked()
    for _ in range(12):
        hand_over(stage, lost)
        assert hand_over(stage, lost) == 0
        stage.clock.forward(A_WHILE)
        due: list[tuple[str, Deliveries]] = []
        hand_over(stage, lambda task, _, deliveries, due=due: due.append((task, deliveries)))
        for task, deliveries in due:
            relay.carry(stage.hands, task=task, deliveries=deliveries)
        if paid(council):
            break
    assert paid(council)
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_what_could_not_be_published_is_handed_over_again(council: Council) -> None:
    stage = council.stage
    council.ticked()

    def away(task: str, queue: str, deliveries: Deliveries) -> None:
        raise ConnectionError("The broker is away.")

    with pytest.raises(ConnectionError):
        hand_over(stage, away)
    stage.hand_again()
    assert paid(council)


def test_a_broker_wiped_at_any_moment_loses_nothing(council: Council, broker: Broker, stage: Stage) -> None:
    """The real broker, emptied after each batch; the relay sees the empty queue and hands over again."""
    council.ticked()
    celery = create_worker(stage.settings)
    line = redis.Redis.from_url(stage.settings.redis_url)

    def publish(task: str, queue: str, deliveries: Deliveries) -> None:
        celery.send_task(task, kwargs={"deliveries": [list(d) for d in deliveries]}, queue=queue, retry=False)

    for _ in range(20):
        hand_over(stage, publish)
        held = {queue: line.llen(queue) for queue in QUEUES}
        broker.empty()
        assert sum(line.llen(queue) for queue in QUEUES) == 0
        stage.clock.forward(timedelta(seconds=4))
        quiet = [queue for queue in QUEUES if not line.llen(queue)]
        again = Lost()
        hand_over(stage, again, quiet=quiet)
        assert {queue for _, queue, _ in again.calls} >= {queue for queue, count in held.items() if count}
        for task, _, deliveries in again.calls:
            relay.carry(stage.hands, task=task, deliveries=deliveries)
        if not again.calls:
            break
    line.close()
    celery.close()
    assert paid(council)
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_like_events_travel_together(council: Council) -> None:
    session_id = council.session()
    people = [council.person(f"Person {n}", account=None) for n in range(delivery.TO_ONE_WORKER + 3)]
    told(council.tick(session_id, *people, role="participant"))
    lost = Lost()
    assert hand_over(council.stage, lost) == len(people)
    assert [(task, queue, len(found)) for task, queue, found in lost.calls] == [
        ("claims.follow_register", "claims", delivery.TO_ONE_WORKER),
        ("claims.follow_register", "claims", 3),
    ]


def test_one_that_fails_leaves_the_others_of_its_batch_done(council: Council) -> None:
    session_id, stage = council.session(), council.stage
    people = [council.person(f"Person {n}") for n in range(3)]
    told(council.tick(session_id, *people, role="participant"))
    with stage.hands.db.council(council.id) as session:
        nobody = {"council_id": council.id, "subject_id": "clm_none", "actor": SYSTEM, "at": stage.clock()}
        events.record(session, name="claim.submitted", **nobody)
    stage.drain()
    assert [p["status"] for p in council.payments()] == ["paid"] * 3
    (stopped,) = told(council.ops.get("queues"))["failed"]
    assert (stopped["task"], stopped["event"], stopped["subject"]) == (
        "approvals.route",
        "claim.submitted",
        "clm_none",
    )
    assert stopped["error"].startswith("We cannot find that claim.")
    assert stopped["attempts"] == 1


def test_two_relays_at_once_do_not_hand_over_the_same(council: Council) -> None:
    council.ticked()
    stage = council.stage
    with stage.hands.db.crossing() as other:
        taken = other.execute(
            events.text("SELECT * FROM relay_fan_out(CAST(:next AS jsonb), 500, :at)"),
            {"next": relay.steps(NEXT), "at": stage.clock()},
        ).all()
        assert len(taken) > 3
        assert hand_over(stage, Lost()) == 0


def test_what_is_delivered_twice_is_done_once(council: Council) -> None:
    stage, twice = council.stage, []
    council.ticked()

    def publish(task: str, _: str, deliveries: Deliveries) -> None:
        for _ in range(2):
            relay.carry(stage.hands, task=task, deliveries=deliveries)
        twice.append(task)

    while hand_over(stage, publish):
        pass
    assert set(twice) >= {"claims.follow_register", "approvals.route", "payouts.open", "payouts.send"}
    assert paid(council)
    before = stage.picture("deliveries")
    with stage.admin() as line:
        line.execute("UPDATE deliveries SET state = 'waiting'")
    stage.hand_again()
    assert stage.picture("deliveries", "events", "event_unsealed", "notices") == {
        table: kept for table, kept in before.items() if table not in ("events", "event_unsealed", "notices")
    }


class Flaky:
    """A mail server that is away until it is not, or breaks in a way that nobody foresaw."""

    name = "email"

    def __init__(self) -> None:
        self.fault: Exception | None = RuntimeError("a fault of ours, with words that nobody should read")
        self.sent: list[Message] = []
        self.asked = 0

    def send(self, message: Message) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        self.sent.append(message)


@pytest.fixture
def mail(stage: Stage) -> Flaky:
    flaky = Flaky()
    stage.hands = replace(stage.hands, way=flaky)
    return flaky


def one_message(council: Council) -> None:
    """One message that is to leave by mail, and nothing else that waits."""
    person_id = council.person(email="ada@example.org", account=None)
    council.offer(council.session(), person_id)
    council.stage.drain()


def queue(council: Council, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        row for row in told(council.ops.get("queues"))["data"] if row["queue"] == name
    )
    return found


def test_a_task_that_fails_is_tried_later_and_later_and_then_stops(council: Council, mail: Flaky) -> None:
    stage = council.stage
    one_message(council)
    assert mail.asked == 1
    for tries in range(1, TRIES):
        wait = min(timedelta(seconds=2**tries), LONGEST_WAIT)
        stage.clock.forward(wait - timedelta(milliseconds=900))
        stage.drain()
        assert mail.asked == tries, "too early"
        stage.clock.forward(timedelta(seconds=1))
        stage.drain()
        assert mail.asked == tries + 1
    assert (queue(council, "notices")["failed"], queue(council, "notices")["waiting"]) == (1, 0)
    stage.clock.forward(timedelta(days=1))
    stage.hand_again()
    assert mail.asked == TRIES
    (stopped,) = told(council.ops.get("queues"))["failed"]
    assert (stopped["attempts"], stopped["error"]) == (TRIES, "RuntimeError")


def test_what_is_merely_out_of_reach_is_tried_for_as_long_as_it_takes(council: Council, mail: Flaky) -> None:
    mail.fault = NotSent("The mail server did not take the message. It will be tried again.")
    one_message(council)
    for tries in range(2, TRIES + 5):
        council.stage.clock.forward(LONGEST_WAIT)
        council.stage.drain()
        assert mail.asked == tries
    assert (queue(council, "notices")["failed"], queue(council, "notices")["waiting"]) == (0, 1)
    mail.fault = None
    council.stage.clock.forward(LONGEST_WAIT)
    council.stage.drain()
    assert len(mail.sent) == 1
    assert queue(council, "notices")["waiting"] == 0


def test_a_job_that_stopped_is_retried_and_works(council: Council, mail: Flaky) -> None:
    stopped = stop(council)
    mail.fault = None
    assert told(council.ops.post(f"queues/jobs/{stopped}/retry")) == {"id": stopped, "status": "waiting"}
    council.stage.drain()
    assert [message.subject for message in mail.sent] == ["Would you like to join us? Over a Brew"]
    assert told(council.ops.get("queues"))["failed"] == []
    refused(council.ops.post(f"queues/jobs/{stopped}/retry"), 404)
    assert "delivery.retried" in str(council.stage.picture()["events"])


def test_a_job_that_stopped_is_set_aside(council: Council, mail: Flaky) -> None:
    stopped = stop(council)
    assert told(council.ops.post(f"queues/jobs/{stopped}/dismiss"))["status"] == "dismissed"
    council.stage.hand_again()
    assert mail.sent == []
    assert queue(council, "notices")["failed"] == 0
    refused(council.ops.post(f"queues/jobs/{stopped}/dismiss"), 404)


def stop(council: Council) -> str:
    """A message that did not leave however often it was tried. Answers the job's id."""
    one_message(council)
    for _ in range(TRIES):
        council.stage.clock.forward(LONGEST_WAIT)
        council.stage.drain()
    (stopped,) = told(council.ops.get("queues"))["failed"]
    job_id: str = stopped["id"]
    return job_id


def test_nobody_sees_or_moves_the_jobs_of_another_council(council: Council, mail: Flaky) -> None:
    stopped = stop(council)
    other = council.stage.council("demoford")
    assert told(other.ops.get("queues"))["failed"] == []
    for verb in ("retry", "dismiss"):
        refused(other.ops.post(f"queues/jobs/{stopped}/{verb}"), 404)


def test_a_queue_says_how_many_people_and_how_much_money_wait_behind_it(council: Council) -> None:
    for _ in range(2):
        council.ticked()
    council.stage.drain(leaving=("payouts.open",))
    found = queue(council, "payouts")
    assert (found["waiting"], found["people_waiting"], found["pence_waiting"]) == (2, 2, 3100)
    assert found["oldest_seconds"] < 60
    council.stage.hand_again()
    assert (queue(council, "payouts")["waiting"], queue(council, "payouts")["pence_waiting"]) == (0, 0)
