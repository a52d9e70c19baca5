"""Is somebody paid by Stripe exactly once, whatever goes wrong? The pretend Stripe's own book says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.rails.protocol import Asked, NoAnswer
from service.tasks import reconciling
from tests.fake_stripe import Faults
from tests.fake_stripe.faults import REQUESTS
from tests.rails.paid_by_stripe import MONEY, SECRET, Paying, keep, own_account, paying
from tests.stage import Council, Stage, refused, told

FEE = 1550


def _owed(at: Paying, council: Council, number: str = "00012345") -> str:
    """Somebody whom Stripe knows came to a session; nothing is sent yet. Answers the person."""
    person_id = at.person(council, number=number)
    at.stage.drain()
    at.came(council, person_id)
    return person_id


def test_a_payment_goes_to_stripe_is_posted_and_settles(at: Paying, council: Council) -> None:
    _owed(at, council)
    at.stage.drain()
    sent = at.payment(council)
    assert (sent["rail"], sent["status"], sent["held_because"]) == ("stripe", "sent", None)
    assert at.moved() == [(FEE, "processing")]
    (one,) = at.fake.money()[sent["id"]]
    made = at.fake.world.objects[one.id]
    assert made["metadata"] == {"payment_id": sent["id"], "key": one.key}
    assert made["to"]["payout_method_options"] == {"bank_account": {"preferred_networks": ["fps"]}}
    assert (made["statement_descriptor"], made["from"]["financial_account"]) == (sent["reference"], MONEY)
    at.fake.pass_time()
    at.stage.sweep()
    paid = at.payment(council)
    assert (paid["status"], paid["bank_reference"]) == ("paid", one.id)
    assert council.claim()["status"] == "paid"
    assert council.balance() == {"fees": FEE, "bank:stripe": -FEE}


@pytest.mark.parametrize(
    ("fault", "done_at_once"),
    [
        ("answer_lost", 1),
        ("error_500_after", 1),
        ("truncated", 1),
        ("bad_json", 1),
        ("error_500", 0),
        ("stored_500", 0),
        ("busy_429", 0),
        ("busy_429_retry", 0),
        ("refused_connection", 0),
    ],
)
def test_no_answer_leaves_one_payment(at: Paying, council: Council, fault: str, done_at_once: int) -> None:
    _owed(at, council)
    at.fake.dice.once(fault, path="outbound_payments")
    at.stage.drain()
    assert at.payment(council)["status"] == "unknown"
    assert len(at.moved()) == done_at_once
    for _ in range(4):
        at.stage.sweep()
    at.fake.pass_time()
    at.stage.sweep()
    assert at.payment(council)["status"] == "paid"
    assert at.moved() == [(FEE, "posted")]


def test_a_time_out_that_commits_late_is_one_payment(at: Paying, council: Council) -> None:
    _owed(at, council)
    at.fake.dice.faults = Faults(hang_seconds=0.0, late_seconds=0.0)
    at.fake.late_may_commit.clear()
    at.fake.dice.once("late_commit", path="outbound_payments")
    at.stage.drain()
    # Sent again under the same key while the first still works: Stripe says that the key is in use.
    at.stage.sweep()
    assert (at.payment(council)["status"], at.moved()) == ("unknown", [])
    at.fake.late_may_commit.set()
    at.until(lambda: at.moved() == [(FEE, "processing")])
    at.fake.pass_time()
    at.stage.sweep()
    assert at.payment(council)["status"] == "paid"
    assert at.moved() == [(FEE, "posted")]


def test_too_little_money_makes_a_payment_wait_and_not_fail(at: Paying, council: Council) -> None:
    person_id = _owed(at, council)
    at.fake.world.credit(financial_account=MONEY, pence=FEE - 1 - 100_000)
    at.stage.drain()
    for _ in range(3):
        at.stage.sweep()
    # Stripe was asked before, and never called.
    assert (at.payment(council)["status"], at.payment(council)["held_because"]) == ("held", "no_funds")
    assert at.moved() == []
    assert at.stage.hands.stripe.funds(council.id) == FEE - 1
    at.fake.world.credit(financial_account=MONEY, pence=1)
    at.stage.sweep()
    assert at.payment(council)["status"] == "sent"
    assert at.moved() == [(FEE, "processing")]
    assert at.stage.hands.stripe.funds(council.id) == 0
    assert not [m for m in council.messages(person_id) if "did not go through" in m]


class Raced:
    """Stripe, where somebody else takes all the money as soon as we have asked how much there is."""

    name = "stripe"

    def __init__(self, at: Paying) -> None:
        self._at, self._rail = at, at.stage.hands.stripe
        self.pay, self.find = self._rail.pay, self._rail.find

    def funds(self, council_id: str) -> int | None:
        pence = self._rail.funds(council_id)
        self._at.fake.world.credit(financial_account=MONEY, pence=-(pence or 0))
        return pence


def test_money_that_goes_after_we_asked_leaves_a_payment_to_be_sent_again(
    at: Paying, council: Council
) -> None:
    person_id = _owed(at, council)
    at.stage.hands.rails["stripe"] = Raced(at)
    at.stage.drain()
    for _ in range(3):
        at.stage.sweep()
    assert (at.payment(council)["status"], at.moved()) == ("unknown", [])
    at.fake.world.credit(financial_account=MONEY, pence=FEE)
    at.stage.sweep()
    assert at.payment(council)["status"] == "sent"
    assert at.moved() == [(FEE, "processing")]
    assert not [m for m in council.messages(person_id) if "did not go through" in m]


def test_what_the_bank_refuses_is_told_plainly_and_paid_again_by_new_details(
    at: Paying, council: Council
) -> None:
    person_id = _owed(at, council, "00000002")
    at.stage.drain()
    at.fake.pass_time()
    at.stage.sweep()
    first = at.payment(council)
    assert (first["status"], first["failure"]) == ("failed", "The bank says there is no such account.")
    told(at.chooses(council, person_id, number="00012345"), 202)
    council.confirms(person_id)
    at.stage.drain()
    at.fake.pass_time()
    at.stage.sweep()
    assert [row["status"] for row in council.payments()] == ["failed", "paid"]
    assert at.moved() == [(FEE, "failed"), (FEE, "posted")]


def test_posted_is_not_final(at: Paying, council: Council) -> None:
    _owed(at, council, "00000003")
    at.stage.drain()
    at.fake.pass_time()
    at.stage.sweep()
    assert at.payment(council)["status"] == "paid"
    at.fake.pass_time()
    (event,) = at.events("outbound_payment.returned")
    assert at.tells(at.as_sent(event)).status_code == 200
    at.stage.drain()
    came_back = at.payment(council)
    assert (came_back["status"], came_back["failure"]) == ("returned", "The account has been closed.")
    assert council.claim()["status"] == "approved"
    assert council.balance() == {"fees": FEE, "creditors": -FEE}


@pytest.mark.parametrize("days", [1, 34])
def test_a_return_whose_notice_was_lost_is_heard_by_the_daily_comparison(
    at: Paying, council: Council, days: int
) -> None:
    _owed(at, council, "00000003")
    at.stage.drain()
    at.fake.pass_time()
    at.stage.sweep()
    assert at.payment(council)["status"] == "paid"
    at.fake.pass_time()
    at.stage.clock.forward(timedelta(days=days))
    reconciling.compare_rails(at.stage.hands, council_id=council.id)
    at.stage.drain()
    came_back = at.payment(council)
    assert (came_back["status"], came_back["failure"]) == ("returned", "The account has been closed.")
    assert council.balance() == {"fees": FEE, "creditors": -FEE}
    # The notice that comes late after all changes nothing more.
    (event,) = at.events("outbound_payment.returned")
    told(at.tells(at.as_sent(event)))
    at.stage.drain()
    assert council.history(council.claim()["id"]).count("payout.returned") == 1


def test_a_payment_refused_outright_is_refused_only_when_the_list_shows_none(
    at: Paying, council: Council
) -> None:
    _owed(at, council)
    method = next(iter(at.fake.world.recipient_of))
    at.fake.world.objects[method]["archived"] = True
    at.stage.drain()
    at.stage.sweep()
    row = at.payment(council)
    assert (row["status"], row["failure"]) == ("failed", "Stripe cannot use these bank details.")
    assert at.moved() == []


def test_a_refusal_is_not_believed_where_the_list_cannot_be_read(at: Paying, council: Council) -> None:
    _owed(at, council)
    method = next(iter(at.fake.world.recipient_of))
    at.fake.world.objects[method]["archived"] = True
    # The first request to pay passes; the one for the list, to the same address, does not.
    at.fake.dice.after("outbound_payments", "error_500", skip=1)
    at.stage.drain()
    assert at.payment(council)["status"] == "unknown"


def test_two_councils_pay_each_from_its_own(at: Paying) -> None:
    here, there = at.stage.council(), at.stage.council("demoford")
    own_account(here, at.fake, "here")
    own_account(there, at.fake, "there", pence=FEE - 1)
    for council in (here, there):
        person_id = at.person(council)
        at.stage.drain()
        at.came(council, person_id)
    at.stage.drain()
    assert at.payment(here)["status"] == "sent"
    # Its own is too little, and nobody else's is touched.
    short = at.payment(there)
    assert (short["status"], short["held_because"]) == ("held", "no_funds")
    assert [p.available for p in at.fake.world.platforms.values()] == [100_000, 100_000 - FEE, FEE - 1]
    (own,) = at.stage.hands.stripe.lines(council_id=here.id, since=at.stage.clock() - timedelta(days=1))
    assert (own.payment_id, own.amount_pence, own.stands) == (at.payment(here)["id"], FEE, "accepted")
    assert at.stage.hands.stripe.lines(council_id=there.id, since=at.stage.clock() - timedelta(days=1)) == []


def test_what_may_have_left_from_one_account_is_never_sent_from_another(at: Paying, council: Council) -> None:
    _owed(at, council)
    at.fake.dice.once("answer_lost", path="outbound_payments")
    at.stage.drain()
    own_account(council, at.fake, "new")
    for _ in range(3):
        at.stage.sweep()
    assert at.payment(council)["status"] == "unknown"
    assert at.moved() == [(FEE, "processing")]
    row = at.payment(council)
    (one,) = at.fake.money()[row["id"]]
    with pytest.raises(NoAnswer):
        at.stage.hands.stripe.find(Asked(council.id, row["id"], one.key, FEE, called_at=at.stage.clock()))


def test_another_account_has_everybody_made_known_there(at: Paying, council: Council) -> None:
    person_id = at.person(council)
    at.stage.drain()
    own_account(council, at.fake, "new")
    at.stage.drain()
    at.came(council, person_id)
    at.stage.drain()
    assert at.payment(council)["status"] == "sent"
    made = next(o for o in at.fake.world.objects.values() if o["object"].endswith("outbound_payment"))
    assert made["from"]["financial_account"] == "fa_test_new"


def test_without_an_account_nobody_is_paid_by_stripe(stage: Stage) -> None:
    with paying(stage, default=False) as at:
        council = stage.council()
        person_id = council.person(account=None)
        before = stage.picture("events", "event_outbox")
        refused(at.chooses(council, person_id), 422, "/kind")
        assert stage.picture("events", "event_outbox") == before
        assert at.stage.hands.stripe.funds(council.id) == 0


@pytest.mark.parametrize("key", ["sk_live_of_the_demo", "rk_live_of_the_demo", "nonsense", ""])
def test_a_live_key_in_the_settings_serves_nobody(stage: Stage, key: str) -> None:
    with paying(stage) as at:
        settings = replace(at.stage.hands.settings, stripe_api_key=key)
        stage.app.extensions["settings"] = settings
        council = stage.council()
        refused(at.chooses(council, council.person(account=None)), 422, "/kind")


def test_a_test_key_does_not_reach_a_council_s_real_account(at: Paying, council: Council) -> None:
    keep(council, "secret_key", {"secret": "sk_live_of_the_council"})
    keep(council, "financial_account", {"id": "fa_live"})
    refused(at.chooses(council, council.person(account=None)), 422, "/kind")


def test_half_of_a_council_s_own_account_is_not_filled_up_from_the_default(
    at: Paying, council: Council
) -> None:
    keep(council, "secret_key", {"secret": "sk_test_of_the_council"})
    refused(at.chooses(council, council.person(account=None)), 422, "/kind")


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_goes_wrong_at_once_everybody_is_paid_exactly_once(
    at: Paying, council: Council, seed: int
) -> None:
    at.fake.dice.faults = Faults(
        seed=seed, hang_seconds=0.0, late_seconds=0.05, **dict.fromkeys(REQUESTS, 0.05)
    )
    for number in range(8):
        person_id = at.person(council, f"Ada Fenn {number}")
        at.came(council, person_id)
        at.came(council, person_id)
    for _ in range(80):
        at.stage.hand_again()
        at.stage.sweep()
        at.fake.pass_time()
        if all(row["status"] == "paid" for row in council.payments()):
            break
    rows = council.payments()
    money = at.fake.money()
    assert [row["status"] for row in rows] == ["paid"] * 16
    assert {name: [(m.pence, m.status) for m in made] for name, made in money.items()} == {
        row["id"]: [(FEE, "posted")] for row in rows
    }
    assert sum(council.balance().values()) == 0
    assert at.fake.dice.faults.happened.total() > 20


def test_secrets_and_bank_details_stay_out_of_sight(
    at: Paying, council: Council, capsys: pytest.CaptureFixture[str]
) -> None:
    _owed(at, council)
    at.fake.dice.once("error_500", path="outbound_payments")
    at.stage.drain()
    access = at.stage.hands.stripe.access(council_id=council.id)
    shown = f"{access} {at.stage.hands} {at.stage.hands.settings} {at.stage.hands.stripe.__dict__.keys()}"
    said = "".join(capsys.readouterr())
    assert "stripe.no_answer" in said
    for secret in (SECRET, "whsec_of_the_demo", "00012345", "Ada Fenn"):
        assert secret not in shown + said
