"""What may not leave now: is it kept out of a file, and is a file with it kept back?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.people import stopping
from tests.bacs import THURSDAY, at, bacs_council, built, content, due
from tests.exports.test_exports import nothing_left
from tests.payouts.holding import let_go, place
from tests.people.changes import STAFF, about
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Iterator[Council]:
    with at(THURSDAY):
        yield bacs_council(stage)


def not_me(council: Council, person_id: str) -> None:
    """Somebody says that a change was not theirs, and no worker has followed yet."""
    with council.stage.hands.db.council(council.id) as session:
        stopping.stop(session, actor=STAFF, **about(council, person_id))


def builds_nothing(council: Council, rail: str) -> None:
    before = council.stage.picture()
    refused(council.finance.post("files", {"rail": rail}), 409)
    assert council.stage.picture() == before


def test_what_is_stopped_is_in_no_bacs_file(council: Council) -> None:
    stopped, free = due(council, 2)
    not_me(council, stopped["person"])
    assert built(council)["lines"] == 1
    stands = {row["id"]: row["status"] for row in council.payments()}
    assert stands == {stopped["id"]: "ready", free["id"]: "sending"}
    builds_nothing(council, "bacs")


def test_an_account_that_was_overtaken_is_in_no_bacs_file(council: Council) -> None:
    (payment,) = due(council)
    council.confirmed(payment["person"], "99887766")
    builds_nothing(council, "bacs")
    council.stage.drain()
    assert b"10880099887766" in content(council, built(council)["id"])


@pytest.mark.parametrize("talked", [False, True])
def test_what_is_stopped_or_was_to_go_to_a_strangers_account_is_in_nothing_for_finance(
    stage: Stage, talked: bool
) -> None:
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    (payment,) = council.payments()
    not_me(council, payment["person"])
    if talked:
        with stage.hands.db.council(council.id) as session:
            stopping.lift(session, was_theirs=False, actor=STAFF, **about(council, payment["person"]))
    builds_nothing(council, "finance_system")
    stage.clock.forward(timedelta(minutes=1))
    assert nothing_left(council, "accounts_payable", "accounts-payable")


@pytest.mark.parametrize("scope", ["payment", "person", "rail", "council"])
def test_a_file_that_nobody_has_saved_stays_here_under_a_hold(council: Council, scope: str) -> None:
    (payment,) = due(council)
    file = built(council)
    subject = {"payment": payment["id"], "person": payment["person"], "rail": "bacs", "council": ""}[scope]
    hold_id = place(council, scope, subject)
    before = council.stage.picture()
    problem = refused(council.finance.get(f"files/{file['id']}/content"), 409)
    assert problem["detail"].startswith("1 payment in this file may not leave now")
    refused(council.finance.post(f"files/{file['id']}/submitted", {}), 409)
    assert council.stage.picture() == before
    let_go(council, hold_id)
    first = content(council, file["id"])
    place(council, scope, subject)
    assert content(council, file["id"]) == first
    assert told(council.finance.post(f"files/{file['id']}/submitted", {}))["status"] == "submitted"


def test_a_file_that_nobody_has_saved_stays_here_while_its_person_is_stopped(council: Council) -> None:
    (payment,) = due(council)
    file = built(council)
    not_me(council, payment["person"])
    refused(council.finance.get(f"files/{file['id']}/content"), 409)


def test_what_is_on_hold_stays_out_of_the_file_that_is_built_anew(council: Council) -> None:
    held, free = due(council, 2)
    file = built(council)
    place(council, "person", held["person"])
    told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Never sent: one is on hold"}))
    council.stage.drain()
    again = built(council)
    assert again["lines"] == 1
    assert content(council, again["id"])
    stands = {row["id"]: row["status"] for row in council.payments()}
    assert stands == {held["id"]: "held", free["id"]: "sending"}
