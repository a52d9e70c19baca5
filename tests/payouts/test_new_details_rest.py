"""Does anybody let money go to details that are still new? They rest, whoever asks and however they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.councils import actions as councils
from service.days import utc_now
from service.people import stopping
from tests.letterbox import Letterbox
from tests.payouts import holding, leaving
from tests.payouts.holding import let_go, now, place, sent
from tests.people.changes import OTHER, STAFF, about, gives, newest_code, types
from tests.stage import Council, Stage, refused, told
from tests.web.cookies import sign_in

REST = timedelta(hours=24)


@pytest.fixture
def post(stage: Stage) -> Letterbox:
    box = Letterbox()
    stage.hands = replace(stage.hands, way=box)
    return box


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def moves(council: Council, person_id: str, email: str = "new@example.org") -> None:
    with council.stage.hands.db.council(council.id) as session:
        stopping.change_contact(session, email=email, phone="", actor=STAFF, **about(council, person_id))
    council.stage.drain()


def redirects(council: Council, person_id: str, post: Letterbox, *, hold: int = 0) -> datetime:
    """Whoever has the new contact changes where the money goes. Answers when the details may be used."""
    gives(council, person_id, OTHER, hold=hold)
    types(council, person_id, newest_code(post), hold=hold)
    usable = told(council.lead.get(f"people/{person_id}"))["payment_method"]["usable_from"]
    return datetime.fromisoformat(usable)


def release(council: Council, payment: dict[str, Any]) -> Any:
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    return council.lead.post(f"payments/{payment['id']}/release", {"by": "Bo"}, seen=seen)


def test_nobody_lets_a_payment_go_while_its_details_rest(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    until = redirects(council, person_id, post, hold=2)
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.payments()
    assert now(council, payment) == ("held", "new_details")
    before = council.stage.picture("kept_answers")
    problem = refused(release(council, payment), 409)
    assert "The bank details are new. To keep the money safe, we wait" in problem["detail"]
    assert f" {until.day} " in problem["detail"].rpartition("It goes by itself on ")[2]
    assert council.stage.picture("kept_answers") == before
    council.stage.sweep(after=timedelta(hours=2))
    assert now(council, payment) == ("paid", None)


@pytest.mark.parametrize("by", ["payment", "hold"])
def test_a_payment_held_by_hand_rests_for_the_details_that_came_meanwhile(
    council: Council, post: Letterbox, by: str
) -> None:
    """A new contact, new details by its code, and a release: the day between stays, whoever did all three."""
    payment = holding.ready(council)
    hold_id = place(council, "payment", payment["id"])
    moves(council, payment["person"])
    until = redirects(council, payment["person"], post)
    assert now(council, payment) == ("held", "by_hand")
    if by == "hold":
        let_go(council, hold_id)
    else:
        told(release(council, payment))
    shown = told(council.lead.get(f"payments/{payment['id']}"))
    assert (shown["status"], shown["held_because"]) == ("held", "new_details")
    assert datetime.fromisoformat(shown["held_until"]) == until
    refused(release(council, payment), 409)
    council.stage.sweep()
    assert now(council, payment) == ("held", "new_details")
    assert sent(council) == set()
    # The hold was struck when it was let go, so that nothing stands in the way on the day.
    council.stage.sweep(after=REST)
    assert now(council, payment) == ("paid", None)


def test_where_nobody_could_be_told_the_staff_see_it_and_the_details_rest_all_the_same(
    council: Council, post: Letterbox
) -> None:
    payment = holding.ready(council)
    assert told(council.lead.get(f"people/{payment['person']}"))["email"] is None
    moves(council, payment["person"])
    assert [message.to for message in post.messages] == ["new@example.org"]
    until = redirects(council, payment["person"], post)
    assert until - council.stage.clock() > timedelta(hours=23)
    with council.stage.hands.db.council(council.id) as session:
        member = councils.add_staff(
            session,
            council_id=council.id,
            email="lee@example.org",
            name="Lee",
            roles=("lead",),
            now=utc_now(),
        )
    client = sign_in(council.stage.app.test_client(), council.id, "staff", member.id)
    page = client.get(f"/exampleshire/staff/people/{payment['person']}").text
    assert "Contact is new" in page
    assert "nobody could be told at the old place" in page


def test_another_way_of_being_paid_is_looked_at_like_a_new_payment(stage: Stage) -> None:
    """Payroll asks no second person, so whoever moves from it to a bank account is asked about then."""
    plain = leaving.sources(runs="at once", second="{payment_above: £15.49}")
    with_payroll = plain.files[plain.main].replace("  methods:\n", "  methods:\n    payroll: With wages\n", 1)
    council = stage.council(sources=replace(plain, files={**plain.files, plain.main: with_payroll}))
    person_id = council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "payroll"}))
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()
    (payment,) = council.payments()
    assert payment["status"] == "ready"
    hold_id = place(council, "payment", payment["id"])
    council.confirmed(person_id, OTHER)
    stage.drain()
    let_go(council, hold_id)
    assert now(council, payment) == ("held", "second_release")
    stage.settle()
    assert sent(council) == set()
    told(release(council, payment))
    stage.drain()
    assert now(council, payment) == ("paid", None)
