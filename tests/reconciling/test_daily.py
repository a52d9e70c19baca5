"""Is every way in which our record and the bank's can differ found, told, and closed by a person?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.councils import actions as councils
from service.messages.protocol import Message
from service.payouts.model import STATES
from service.rails.protocol import BookLine
from service.rails.sandbox import SLOW
from service.reconciling.model import AGREES, KINDS, WHAT_TO_DO
from service.tasks import reconciling
from tests.stage import Council, Stage, refused, told

LATER = timedelta(minutes=15)


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def paid_one(council: Council, account: str = "00012345") -> dict[str, Any]:
    session_id = council.ticked(account=account)
    council.stage.drain()
    payment: dict[str, Any] = council.claim(session=session_id)["payments"][0]
    return payment


def compared(council: Council) -> list[str]:
    return reconciling.compare_rails(council.stage.hands, council_id=council.id)


def a_day_later(council: Council) -> None:
    council.stage.clock.forward(timedelta(days=1))
    assert compared(council) == ["sandbox"]


def newest(council: Council) -> dict[str, Any]:
    found: dict[str, Any] = told(council.finance.get("reconciliations"))["data"][0]
    return found


def findings(council: Council, **query: Any) -> list[tuple[str, str, str, str]]:
    found = told(council.finance.get("reconciliation_findings", **query))["data"]
    return [(row["kind"], row["payment"], row["ours"], row["theirs"]) for row in found]


def planted(council: Council, statement: str, *given: Any) -> None:
    """Change the pretend bank's own book, or ours, behind everybody's back."""
    with council.stage.admin() as line:
        line.execute("SET session_replication_role = replica")
        line.execute(statement, given)


def test_a_clean_day_says_so(council: Council) -> None:
    paid_one(council)
    council.stage.clock.forward(LATER)
    assert compared(council) == ["sandbox"]
    assert compared(council) == [], "once a day"
    row = newest(council)
    assert (row["ours"], row["theirs"], row["agreed"], row["mismatches"]) == (1, 1, 1, 0)
    assert findings(council) == []
    assert told(council.finance.get(f"reconciliations/{row['id']}")) == row


def test_a_day_without_payments_is_clean(council: Council) -> None:
    assert compared(council) == ["sandbox"]
    assert newest(council)["mismatches"] == 0


def test_what_moved_a_moment_ago_is_left_for_tomorrow(council: Council) -> None:
    payment = paid_one(council)
    planted(council, "DELETE FROM sandbox_payments")
    compared(council)
    assert findings(council) == []
    a_day_later(council)
    assert findings(council) == [("paid_here_not_there", payment["id"], "paid", "absent")]


def test_paid_here_and_not_there(council: Council) -> None:
    payment = paid_one(council)
    planted(council, "UPDATE sandbox_payments SET stands = 'refused'")
    a_day_later(council)
    assert findings(council) == [("paid_here_not_there", payment["id"], "paid", "refused")]


def test_paid_there_and_not_here(council: Council) -> None:
    payment = paid_one(council, account=SLOW)
    assert payment["status"] == "sent"
    planted(council, "UPDATE sandbox_payments SET stands = 'paid', becomes_at = NULL")
    a_day_later(council)
    assert findings(council) == [("paid_there_not_here", payment["id"], "sent", "paid")]
    council.stage.settle()
    a_day_later(council)
    assert findings(council, open="true") == [], "closed by itself when both agree again"
    assert len(findings(council)) == 1


def test_the_amounts_differ(council: Council) -> None:
    payment = paid_one(council)
    planted(council, "UPDATE sandbox_payments SET amount_pence = amount_pence + 1")
    a_day_later(council)
    assert findings(council) == [("amounts_differ", payment["id"], "paid", "paid")]
    (row,) = told(council.finance.get("reconciliation_findings"))["data"]
    assert row["theirs_pence"] - row["ours_pence"] == 1
    assert row["what_to_do"] == WHAT_TO_DO["amounts_differ"]


COPIED = """
INSERT INTO sandbox_payments SELECT (jsonb_populate_record(s, jsonb_build_object('key', 'another',
'payment_id', CAST(%s AS text)))).* FROM sandbox_payments s
"""


def test_a_payment_that_nobody_here_asked_for(council: Council) -> None:
    paid_one(council)
    planted(council, COPIED, "pay_nobody")
    a_day_later(council)
    assert findings(council) == [("unknown_here", "pay_nobody", "absent", "paid")]


def test_paid_twice(council: Council) -> None:
    payment = paid_one(council)
    planted(council, COPIED, payment["id"])
    a_day_later(council)
    assert findings(council) == [("paid_twice", payment["id"], "paid", "paid")]
    (row,) = told(council.finance.get("reconciliation_findings"))["data"]
    assert row["theirs_pence"] == 2 * row["ours_pence"]


@pytest.mark.parametrize("days", [1, 34])
def test_what_came_back_there_is_heard_here(council: Council, days: int) -> None:
    payment = paid_one(council)
    council.stage.clock.forward(timedelta(days=days - 1))
    planted(council, "UPDATE sandbox_payments SET stands = 'returned'")
    a_day_later(council)
    council.stage.drain()
    row = told(council.lead.get(f"payments/{payment['id']}"))
    assert (row["status"], row["failure"]) == ("returned", "The bank sent the money back.")
    assert council.balance() == {"fees": 1550, "creditors": -1550}
    assert council.history(council.claim()["id"]).count("payout.returned") == 1
    a_day_later(council)
    assert (newest(council)["mismatches"], findings(council)) == (0, [])


def test_a_return_of_which_the_rail_says_something_else_when_asked_is_put_to_a_person(
    council: Council,
) -> None:
    payment = paid_one(council)
    bank = council.stage.hands.sandbox

    class Wavering:
        """Its record says that the payment came back; asked after it, it says that it was paid."""

        name, pay, find = "sandbox", bank.pay, bank.find

        def lines(self, *, council_id: str, since: datetime) -> list[BookLine]:
            found = bank.lines(council_id=council_id, since=since)
            return [replace(line, stands="returned") for line in found]

    council.stage.hands.rails["sandbox"] = Wavering()
    a_day_later(council)
    assert told(council.lead.get(f"payments/{payment['id']}"))["status"] == "paid"
    assert findings(council) == [("paid_here_not_there", payment["id"], "paid", "returned")]


def test_every_kind_and_state_has_words() -> None:
    assert set(KINDS) == set(WHAT_TO_DO)
    assert set(AGREES) == set(STATES)


def test_is_found_once_told_to_finance_and_closed_with_a_note(council: Council) -> None:
    sent: list[Message] = []

    class Way:
        """Keeps what would leave."""

        name = "test"

        def send(self, message: Message) -> None:
            """Keep it."""
            sent.append(message)

    stage = council.stage
    stage.hands = replace(stage.hands, way=Way())
    with stage.hands.db.council(council.id) as session:
        councils.add_staff(
            session,
            council_id=council.id,
            email="kim@example.org",
            name="Kim",
            roles=("finance",),
            now=stage.clock(),
        )
    paid_one(council)
    planted(council, "UPDATE sandbox_payments SET stands = 'refused'")
    a_day_later(council)
    stage.drain()
    a_day_later(council)
    stage.drain()
    told_of = [m.subject for m in sent if m.to == "kim@example.org"]
    assert told_of == ["Payments that do not agree with the bank's record"]
    assert newest(council)["mismatches"] == 1
    (row,) = told(council.finance.get("reconciliation_findings"))["data"]
    path = f"reconciliation_findings/{row['id']}/close"
    refused(council.finance.post(path, {"note": " "}), 422, "/note")
    refused(council.lead.post(path, {"note": "Mine"}), 403)
    closed = told(council.finance.post(path, {"note": "The bank mended its book on Monday."}))
    assert closed["note"] == "The bank mended its book on Monday."
    refused(council.finance.post(path, {"note": "Again"}), 409)
    a_day_later(council)
    assert findings(council, open="true") == [], "a person has settled it, while nothing changes"
    planted(council, "UPDATE sandbox_payments SET amount_pence = 1")
    a_day_later(council)
    assert {kind for kind, *_ in findings(council, open="true")} == {"amounts_differ", "paid_here_not_there"}


def test_a_record_that_we_cannot_read_is_handed_in(stage: Stage) -> None:
    council = stage.council(rail="finance_system")
    payment = paid_one(council)
    body = {"bank_reference": "B1", "paid_on": stage.clock().date().isoformat()}
    told(council.finance.post(f"payments/{payment['id']}/paid", body))
    with stage.admin() as line:
        line.execute("UPDATE payouts SET changed_at = changed_at - interval '1 hour'")
    since = (stage.clock() - timedelta(days=1)).isoformat()
    line_of = {"payment": payment["id"], "amount_pence": payment["amount_pence"], "status": "paid"}
    given = {"rail": "finance_system", "since": since, "lines": [line_of]}
    clean = told(council.finance.post("reconciliations", given), 201)
    assert (clean["agreed"], clean["mismatches"]) == (1, 0)
    other = told(council.finance.post("reconciliations", {**given, "lines": []}), 201)
    assert (other["agreed"], other["mismatches"]) == (0, 1)
    assert findings(council) == [("paid_here_not_there", payment["id"], "paid", "absent")]
    refused(council.finance.post("reconciliations", {**given, "rail": "pigeon"}), 422, "/rail")


def test_the_other_councils_payments_are_nobodys_here(council: Council) -> None:
    payment = paid_one(council)
    other = council.stage.council("demoford")
    line = {"payment": payment["id"], "amount_pence": payment["amount_pence"], "status": "paid"}
    since = (council.stage.clock() - timedelta(days=1)).isoformat()
    told(other.finance.post("reconciliations", {"rail": "sandbox", "since": since, "lines": [line]}), 201)
    assert findings(other) == [("unknown_here", payment["id"], "absent", "paid")]
    assert findings(council) == []
