"""While a hold stands nothing that it covers is sent; nothing is lost, and all goes on when it ends."""

from __future__ import annotations

import itertools

import pytest

from service.events import SYSTEM
from service.payouts import covering, gates, holdbook
from service.payouts.gates import Hold
from service.payouts.model import HOLD_SCOPES
from tests.payouts.holding import BECAUSE, let_go, now, place, ready, ready_or_held, sent, switch
from tests.stage import Council, Stage, refused, told

pytestmark = pytest.mark.usefixtures("in_the_environment")

# scope → what a hold of it is placed on, of a payment
SUBJECTS = {
    "payment": lambda payment: payment["id"],
    "person": lambda payment: payment["person"],
    "rail": lambda payment: payment["rail"],
    "council": lambda payment: "",
}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


@pytest.mark.parametrize("scope", SUBJECTS)
def test_what_a_hold_covers_waits_and_goes_on_by_itself(council: Council, scope: str) -> None:
    payment = ready(council)
    hold_id = place(council, scope, SUBJECTS[scope](payment))
    assert now(council, payment) == ("held", BECAUSE[scope])
    council.stage.settle()
    assert now(council, payment) == ("held", BECAUSE[scope])
    assert sent(council) == set()
    let_go(council, hold_id)
    assert now(council, payment) == ("ready", None)
    council.stage.drain()
    assert now(council, payment) == ("paid", None)
    assert sent(council) == {payment["id"]}


@pytest.mark.parametrize("scope", ["person", "rail", "council"])
def test_what_is_laid_out_under_a_hold_waits_too(council: Council, scope: str) -> None:
    person_id = council.person()
    hold_id = place(council, scope, {"person": person_id, "rail": "sandbox", "council": ""}[scope])
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.payments()
    assert (payment["status"], payment["held_because"]) == ("held", BECAUSE[scope])
    assert "Your payment is waiting" not in council.messages(person_id)
    let_go(council, hold_id)
    council.stage.drain()
    assert now(council, payment) == ("paid", None)


def test_a_hold_touches_nothing_beside_it(council: Council) -> None:
    payment = ready(council)
    others = {
        "person": council.person("Bo Example"),
        "rail": "finance_system",
        "payment": ready(council)["id"],
    }
    for scope, subject in others.items():
        place(council, scope, subject)
    council.stage.hand_again()
    assert now(council, payment) == ("paid", None)
    assert sent(council) == {payment["id"]}


def test_a_hold_on_one_council_never_touches_another(stage: Stage, council: Council) -> None:
    other = stage.council("demoford", policy="exampleshire")
    mine, theirs = ready(council), ready(other)
    hold_id = place(council, "council")
    stage.hand_again()
    assert now(council, mine) == ("held", "hold_council")
    assert now(other, theirs) == ("paid", None)
    refused(other.lead.get(f"holds/{hold_id}"), 404)
    refused(other.lead.post(f"holds/{hold_id}/release", {}), 404)
    assert told(other.lead.get("holds"))["data"] == []
    assert now(council, mine) == ("held", "hold_council")


def test_the_switch_stops_every_council_and_one_that_comes_later(
    stage: Stage, council: Council, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = ready(council)
    switch("stop", "The bank has told us to wait", "--by", "ada")
    assert "Stopped." in capsys.readouterr().out
    later = stage.council("demoford", policy="exampleshire")
    theirs = ready_or_held(later)
    stage.settle()
    assert now(council, payment) == ("held", "hold_everything")
    assert now(later, theirs) == ("held", "hold_everything")
    assert sent(council) | sent(later) == set()
    (hold,) = told(council.finance.get("holds"))["data"]
    assert (hold["scope"], hold["reason"], hold["placed_for"]) == (
        "everything",
        "The bank has told us to wait",
        "ada",
    )
    before = stage.picture("kept_answers")
    refused(council.lead.post(f"holds/{hold['id']}/release", {}), 403)
    refused(council.lead.post("holds", {"scope": "everything", "reason": "Stop"}), 422, "/scope")
    assert stage.picture("kept_answers") == before
    switch("go")
    stage.settle()
    assert now(council, payment) == ("paid", None)
    assert now(later, theirs) == ("paid", None)
    capsys.readouterr()
    switch("go")
    assert capsys.readouterr().out == "Nothing was stopped.\n"


# What others pull


def test_a_finance_system_finds_nothing_ready_under_a_hold_and_all_of_it_after(stage: Stage) -> None:
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    first = told(council.finance.get("payments", status="ready", rail="finance_system"))
    (payment,) = first["data"]
    hold_id = place(council, "rail", "finance_system")
    assert council.payments(status="ready") == []
    (held,) = council.payments(status="held")
    assert (held["id"], held["held_because"]) == (payment["id"], "hold_rail")
    let_go(council, hold_id)
    (again,) = council.payments(status="ready")
    # Who follows by the moment of change sees it once more.
    assert again["updated_at"] > payment["updated_at"]
    stage.drain()
    report = {"bank_reference": "F1", "paid_on": str(stage.clock().date())}
    assert told(council.finance.post(f"payments/{payment['id']}/paid", report))["status"] == "paid"


def test_payments_follow_in_pages(council: Council) -> None:
    several = [ready(council) for _ in range(5)]
    hold = holdbook.Hand(SYSTEM)

    def page() -> bool:
        with council.stage.hands.db.council(council.id) as session:
            return covering.follow(session, council_id=council.id, now=council.stage.clock(), limit=2)

    with council.stage.hands.db.council(council.id) as session:
        whole = {"council_id": council.id, "scope": "council", "subject": "", "reason": "Year end"}
        hold_id = holdbook.write(session, **whole, hand=hold, now=council.stage.clock()).id
    assert [page() for _ in range(4)] == [True, True, False, False]
    assert [now(council, one) for one in several] == [("held", "hold_council")] * 5
    let_go(council, hold_id)
    council.stage.drain()
    assert [now(council, one) for one in several] == [("paid", None)] * 5


# What is refused


def test_what_makes_no_sense_is_refused_and_changes_nothing(council: Council) -> None:
    payment = ready(council)
    place(council, "council")
    other = council.person("Bo Example")
    before = council.stage.picture()
    for body, status, pointers in (
        ({"scope": "galaxy", "reason": "x"}, 422, ["/scope"]),
        ({"scope": "everything", "reason": "x"}, 422, ["/scope"]),
        ({"scope": "council", "reason": "  "}, 422, ["/reason"]),
        ({"scope": "council", "subject": "cou_1", "reason": "x"}, 422, ["/subject"]),
        ({"scope": "rail", "subject": "pigeon", "reason": "x"}, 422, ["/subject"]),
        ({"scope": "person", "reason": "x"}, 422, ["/subject"]),
        ({"scope": "person", "subject": "per_nobody", "reason": "x"}, 404, []),
        ({"scope": "payment", "subject": "pay_none", "reason": "x"}, 404, []),
        ({"scope": "council", "reason": "Again"}, 409, []),
    ):
        refused(council.finance.post("holds", body), status, *pointers)
    refused(council.approver.post("holds", {"scope": "person", "subject": other, "reason": "x"}), 403)
    refused(council.ops.get("holds"), 403)
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    refused(council.lead.post(f"payments/{payment['id']}/release", {}, seen=seen), 409)
    assert council.stage.picture() == before


def test_a_hold_ends_once_and_what_is_paid_cannot_be_held(council: Council) -> None:
    payment = ready(council)
    hold_id = place(council, "person", payment["person"])
    let_go(council, hold_id)
    council.stage.settle()
    before = council.stage.picture()
    refused(council.lead.post(f"holds/{hold_id}/release", {}), 409)
    refused(council.lead.post("holds", {"scope": "payment", "subject": payment["id"], "reason": "x"}), 409)
    assert council.stage.picture() == before


def test_history_says_who_placed_and_who_ended_each(council: Council) -> None:
    payment = ready(council)
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.lead.post(f"payments/{payment['id']}/hold", {}, seen=seen))
    (hold,) = told(council.lead.get("holds"))["data"]
    assert (hold["scope"], hold["subject"], hold["ended_at"]) == ("payment", payment["id"], None)
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.lead.post(f"payments/{payment['id']}/release", {}, seen=seen))
    assert told(council.lead.get("holds"))["data"] == []
    wide = place(council, "council", reason="Year end")
    let_go(council, wide)
    newest, first = told(council.lead.get("holds", standing="false"))["data"]
    assert (newest["id"], newest["reason"], newest["ended_for"]) == (wide, "Year end", "Bo")
    assert first["id"] == hold["id"]
    assert first["ended_by"].startswith("key:")
    page = told(council.lead.get("holds", standing="false", limit=1))
    rest = told(council.lead.get("holds", standing="false", limit=1, cursor=page["next_cursor"]))
    assert [row["id"] for row in page["data"] + rest["data"]] == [wide, hold["id"]]
    with council.stage.admin() as line:
        names = line.execute("SELECT name FROM events WHERE name LIKE 'hold.%' ORDER BY id").fetchall()
    assert [name for (name,) in names] == ["hold.placed", "hold.ended"] * 2


# Every combination of scopes

OWN = {"payment": "pay_1", "person": "per_1", "rail": "bacs", "council": "", "everything": ""}
ELSE = {"payment": "pay_2", "person": "per_2", "rail": "stripe"}


@pytest.mark.parametrize("standing", list(itertools.product((False, True), repeat=len(HOLD_SCOPES))))
def test_the_widest_hold_that_covers_it_is_named_whatever_else_stands(standing: tuple[bool, ...]) -> None:
    chosen = [scope for scope, stands in zip(HOLD_SCOPES, standing, strict=True) if stands]
    beside = [Hold(scope, subject) for scope, subject in ELSE.items()]
    for order in (1, -1):
        holds = (beside + [Hold(scope, OWN[scope]) for scope in chosen])[::order]
        found = gates.covering(holds, rail="bacs", person_id="per_1", payout_id="pay_1")
        assert found == (chosen[0] if chosen else None)


def test_holds_that_overlap_keep_a_payment_until_the_last_is_released(council: Council) -> None:
    payment = ready(council)
    own = place(council, "payment", payment["id"])
    person = place(council, "person", payment["person"])
    whole = place(council, "council")
    assert now(council, payment) == ("held", "by_hand")
    let_go(council, own)
    assert now(council, payment) == ("held", "hold_council")
    let_go(council, whole)
    council.stage.settle()
    assert now(council, payment) == ("held", "hold_person")
    assert sent(council) == set()
    let_go(council, person)
    council.stage.settle()
    assert now(council, payment) == ("paid", None)
