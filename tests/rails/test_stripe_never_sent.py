"""Is a payment that never left for Stripe soon decided, and paid once, whatever became of the way there?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from service.events import SYSTEM
from service.payouts import sending
from service.rails import credentials
from service.rails.protocol import Answer, Asked
from service.tasks import payouts
from tests.fake_stripe import Faults
from tests.rails.paid_by_stripe import MONEY, Paying, keep, own_account, paying
from tests.stage import A_WHILE, Council, Stage, told

FEE = 1550


def _unknown(at: Paying, council: Council) -> dict[str, Any]:
    """A payment that got no further than the check of its name."""
    at.ready(council)
    at.fake.dice.once("error_500", path="recipient_verifications")
    at.stage.hand_again()
    row = at.payment(council)
    assert (row["status"], at.moved()) == ("unknown", [])
    return row


def _state(at: Paying, council: Council) -> tuple[str, str | None]:
    row = at.payment(council)
    return row["status"], row["held_because"]


def _tries(at: Paying) -> list[tuple[Any, ...]]:
    """How each attempt ended, and under which account Stripe was asked to pay for it."""
    query = (
        "SELECT a.outcome, split_part(s.place, '|', 1) FROM attempts a"
        " LEFT JOIN stripe_calls s ON s.key = a.key ORDER BY a.number"
    )
    with at.stage.admin() as line:
        return [tuple(row) for row in line.execute(query).fetchall()]


def _away(at: Paying, path: str) -> None:
    """Stripe answers nothing to calls of this kind, until further notice."""
    at.fake.dice.faults = Faults(only=path, error_500=1.0)


def _back(at: Paying) -> None:
    at.fake.dice.faults = Faults()


def test_a_payment_waits_until_its_person_is_known_at_a_new_account(at: Paying, council: Council) -> None:
    at.ready(council)
    own_account(council, at.fake, "new")
    _away(at, "core/accounts")
    at.stage.drain()
    at.stage.clock.forward(A_WHILE)
    at.stage.carry_again("payouts.send")
    assert (_state(at, council), _tries(at), at.moved()) == (("held", "name_check"), [], [])
    _back(at)
    at.stage.hand_again()
    at.stage.drain()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])
    assert _tries(at) == [("accepted", "fa_test_new")]


def test_a_council_that_goes_back_to_its_account_pays_from_that(at: Paying, council: Council) -> None:
    own_account(council, at.fake, "old")
    at.ready(council)
    mistaken = keep(council, "financial_account", {"id": "fa_test_mistaken"})
    at.stage.drain()
    at.stage.clock.forward(A_WHILE)
    at.stage.carry_again("payouts.send")
    at.stage.sweep()
    assert (at.payment(council)["status"] in ("held", "ready"), at.moved()) == (True, [])
    with at.stage.hands.db.council(council.id) as session:
        credentials.end(
            session, council_id=council.id, credential_id=mistaken, actor=SYSTEM, now=at.stage.clock()
        )
    at.stage.hand_again()
    for _ in range(2):
        at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])
    assert _tries(at)[-1] == ("accepted", "fa_test_old")


def test_an_account_that_changes_between_key_and_call_leaves_no_doubt(at: Paying, council: Council) -> None:
    row = at.ready(council)
    hands = at.stage.hands
    with hands.db.council(council.id) as session:
        calls = sending.prepare(
            session,
            council_id=council.id,
            rail="stripe",
            requests={row["id"]: ""},
            vault=hands.vault,
            now=hands.clock(),
        )
    own_account(council, at.fake, "new")
    payouts.place(hands, council_id=council.id, calls=calls)
    assert (_state(at, council), at.moved()) == (("ready", None), [])
    at.stage.drain()
    at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])
    assert _tries(at) == [("withdrawn", None), ("accepted", "fa_test_new")]


def test_what_was_only_looked_at_is_sent_again_under_its_key(at: Paying, council: Council) -> None:
    _unknown(at, council)
    assert _tries(at) == [(None, None)]
    at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])
    assert _tries(at) == [("accepted", MONEY)]


def test_what_never_left_the_old_account_goes_from_the_new_one(at: Paying, council: Council) -> None:
    _unknown(at, council)
    own_account(council, at.fake, "new")
    _away(at, "core/accounts")
    at.stage.drain()
    for _ in range(2):
        at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("held", "name_check"), [])
    _back(at)
    at.stage.hand_again()
    at.stage.drain()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])
    assert _tries(at) == [("withdrawn", None), ("accepted", "fa_test_new")]


def test_what_never_left_goes_by_the_new_details_at_once(at: Paying, council: Council) -> None:
    row = _unknown(at, council)
    told(at.chooses(council, row["person"], number="00733445"), 202)
    council.confirms(row["person"])
    for _ in range(3):
        at.stage.sweep()
    rows = council.payments()
    assert [one["status"] for one in rows] == ["cancelled", "sent"]
    assert at.moved() == [(FEE, "processing")]
    newest = list(at.fake.world.recipient_of)[-1]
    made = next(o for o in at.fake.world.objects.values() if o["object"].endswith("outbound_payment"))
    assert made["to"]["payout_method"] == newest


def test_a_sweep_during_a_slow_check_of_the_name_pays_once(at: Paying, council: Council) -> None:
    """After 8 seconds the sweeper took it for lost. Who comes back from the check sends nothing."""
    at.ready(council)
    done: list[object] = []

    def ticks() -> float:
        if at.name_checked() and not done:
            done.append(None)
            at.stage.clock.forward(timedelta(seconds=8))
            payouts.sweep(replace(at.stage.hands, ticks=lambda: 0.0), council_id=council.id, now=clock())
        return 8.0 if done else 0.0

    clock = at.stage.clock
    before = at.stage.hands
    at.stage.hands = replace(before, ticks=ticks)
    at.stage.hand_again()
    at.stage.hands = before
    for _ in range(3):
        at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])


def test_without_an_account_a_payment_waits_for_money(stage: Stage) -> None:
    with paying(stage, default=False) as at:
        council = stage.council()
        own_account(council, at.fake, "old")
        at.ready(council)
        with stage.hands.db.council(council.id) as session:
            for one in credentials.listed(session, council_id=council.id, rail="stripe"):
                credentials.end(
                    session, council_id=council.id, credential_id=one.id, actor=SYSTEM, now=stage.clock()
                )
        for _ in range(3):
            stage.hand_again()
        assert (_state(at, council), at.moved(), _tries(at)) == (("held", "no_funds"), [], [])
        keep(council, "secret_key", {"secret": "sk_test_old"})
        keep(council, "financial_account", {"id": "fa_test_old"})
        stage.sweep()
        assert (_state(at, council), at.moved()) == (("sent", None), [(FEE, "processing")])


def test_the_rail_says_that_it_was_asked_for_nothing_only_where_that_is_so(
    at: Paying, council: Council
) -> None:
    row = _unknown(at, council)
    asked = Asked(council.id, row["id"], _key(at), FEE, called_at=at.stage.clock())
    assert at.stage.hands.stripe.find(asked) == Answer("not_sent")
    at.fake.dice.once("error_500", path="outbound_payments")
    at.stage.sweep()
    assert (_state(at, council), at.moved()) == (("unknown", None), [])
    assert at.stage.hands.stripe.find(asked) == Answer("absent")


def _key(at: Paying) -> str:
    with at.stage.admin() as line:
        ((key,),) = line.execute("SELECT key FROM attempts").fetchall()
    return str(key)
