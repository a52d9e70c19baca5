"""Does a change of how somebody is paid count only once they typed the code that went to their contact?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.errors import Invalid
from service.people import queries, signing_in, stopping
from service.people.confirming import NothingToConfirm, WrongCode
from service.people.stopping import PaymentsStopped
from tests.letterbox import Letterbox
from tests.people.changes import OTHER, STAFF, about, gives, newest_code, shown, types
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def test_a_change_counts_once_the_code_is_typed(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    assert gives(council, person_id, OTHER) == "proposed"
    assert shown(council, person_id) == "account ending 2345"
    asked = post.messages[-1]
    assert (asked.to, asked.subject) == ("ada@example.org", "Your code to change how we pay you")
    assert "account ending 3445" in asked.body
    assert "Before, it was: Into a bank account account ending 2345." in asked.body
    types(council, person_id, f" {newest_code(post)[:3]} {newest_code(post)[3:]}")
    assert shown(council, person_id) == "account ending 3445"
    assert post.messages[-1].subject == "How we pay you has been written down"
    with pytest.raises(NothingToConfirm):
        types(council, person_id, newest_code(post))


def test_the_code_stands_nowhere(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    assert newest_code(post) not in re.findall(r"\d{6,}", str(council.stage.picture()["notices"]))
    assert "{code}" in str(council.stage.picture()["notices"])


def test_a_wrong_code_is_counted_and_the_fifth_ends_it(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    right = newest_code(post)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        with pytest.raises(WrongCode):
            types(council, person_id, wrong)
    with pytest.raises(Invalid, match="no longer works"):
        types(council, person_id, right)
    assert shown(council, person_id) == "account ending 2345"
    with council.stage.hands.db.council(council.id) as session:
        waits = queries.proposed_method(session, council_id=council.id, person_id=person_id)
        assert waits is not None
        assert waits.masked == "account ending 3445"  # Nothing that was typed is lost.
    council.confirms(person_id)
    assert shown(council, person_id) == "account ending 3445"


def test_an_empty_answer_is_no_try(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    before = council.stage.picture()
    with pytest.raises(Invalid, match="Enter the code"):
        types(council, person_id, " ")
    assert council.stage.picture() == before


def test_a_code_lives_fifteen_minutes(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    council.stage.clock.forward(timedelta(minutes=15))
    with pytest.raises(Invalid, match="no longer works"):
        types(council, person_id, newest_code(post))
    assert shown(council, person_id) == "account ending 2345"


def test_codes_are_sent_once_a_minute_and_five_times_an_hour(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    for _ in range(3):
        gives(council, person_id, OTHER)
    codes = [m for m in post.messages if m.subject == "Your code to change how we pay you"]
    assert len(codes) == 1
    for _ in range(8):
        council.stage.clock.forward(timedelta(minutes=1))
        gives(council, person_id, OTHER)
    codes = [m for m in post.messages if m.subject == "Your code to change how we pay you"]
    assert len(codes) == 5
    types(council, person_id, newest_code(post))
    assert shown(council, person_id) == "account ending 3445"


def test_the_code_of_one_change_is_none_for_another(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    first = newest_code(post)
    gives(council, person_id, "00733446")
    assert newest_code(post) != first
    with pytest.raises(WrongCode):
        types(council, person_id, first)
    types(council, person_id, newest_code(post))
    assert shown(council, person_id) == "account ending 3446"


def test_what_a_council_wrote_down_needs_the_persons_code_too(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    told(council.pays_into(person_id, OTHER), 202)
    council.stage.drain()
    assert "Your code to change how we pay you" not in [m.subject for m in post.messages]
    assert "account ending 3445" in post.messages[-1].body
    council.confirms(person_id)
    assert shown(council, person_id) == "account ending 3445"


def test_new_details_rest_as_long_as_the_policy_says_from_the_yes_on(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER, hold=2)
    council.stage.clock.forward(timedelta(minutes=10))
    types(council, person_id, newest_code(post), hold=2)
    usable = told(council.lead.get(f"people/{person_id}"))["payment_method"]["usable_from"]
    assert usable[:16] == (council.stage.clock() + timedelta(hours=2)).isoformat()[:16]
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    assert [(p["status"], p["held_because"]) for p in council.payments()] == [("held", "new_details")]
    council.stage.sweep(after=timedelta(hours=2))
    assert [p["status"] for p in council.payments()] == ["paid"]


# The contact before


def moves(council: Council, person_id: str, email: str) -> None:
    with council.stage.hands.db.council(council.id) as session:
        stopping.change_contact(session, email=email, phone="", actor=STAFF, **about(council, person_id))
    council.stage.drain()


def test_a_contact_that_was_changed_hears_of_it_and_of_all_that_follows(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(email="ada@example.org")
    council.stage.drain()
    post.messages.clear()
    moves(council, person_id, "new@example.org")
    assert [(m.to, m.subject) for m in post.messages] == [
        (to, "How we reach you has changed") for to in ("new@example.org", "ada@example.org")
    ]
    gives(council, person_id, OTHER)
    assert [m.to for m in post.messages[2:]] == ["new@example.org", "ada@example.org"]
    to_new, to_old = (m.body for m in post.messages[2:])
    assert len(re.findall(r"code: \d{6}", to_new)) == 1
    # The old contact may be somebody else's by now. It hears what would change and can stop everything; but
    # whoever reads it there neither signs in by it nor confirms the change: so it has no code.
    assert post.messages[3].subject == "Did you ask for this change?"
    assert re.findall(r"\b\d{6}\b|[Cc]ode", to_old) == []
    assert "account ending 3445" in to_old
    assert to_new.count("/link/") == 2
    assert to_old.count("http") == to_old.count("/link/") == 1
    assert "stop it here" in to_old
    types(council, person_id, newest_code(post))
    usable = told(council.lead.get(f"people/{person_id}"))["payment_method"]["usable_from"]
    assert usable[:16] == (council.stage.clock() + timedelta(hours=24)).isoformat()[:16]


def test_a_change_is_told_however_much_has_happened_since_the_first_one(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(email="ada@example.org")
    with council.stage.hands.db.council(council.id) as session:
        for _ in range(201):
            signing_in.sign_out_everywhere(session, **about(council, person_id))
    gives(council, person_id, OTHER)
    types(council, person_id, newest_code(post))
    changed = post.messages[-1]
    assert (changed.to, changed.subject) == ("ada@example.org", "How we pay you has been written down")
    press_stop(council, changed.body)


def test_after_two_weeks_a_contact_is_no_longer_new(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    moves(council, person_id, "new@example.org")
    council.stage.clock.forward(timedelta(days=14))
    post.messages.clear()
    gives(council, person_id, OTHER)
    types(council, person_id, newest_code(post))
    assert {m.to for m in post.messages} == {"new@example.org"}
    usable = told(council.lead.get(f"people/{person_id}"))["payment_method"]["usable_from"]
    assert usable[:16] == council.stage.clock().isoformat()[:16]


def test_a_code_that_went_to_the_old_contact_ends_with_it(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    moves(council, person_id, "new@example.org")
    with pytest.raises(Invalid, match="no longer works"):
        types(council, person_id, newest_code(post))


# This was not me


def press_stop(council: Council, body: str) -> None:
    """Follow the link in a message that says so, and press its button."""
    (path,) = re.findall(r"top it here\..*?http://localhost:8000(/link/[\w-]{43})", body, re.DOTALL)
    client = council.stage.app.test_client()
    before = council.stage.picture()
    page = client.get(path)
    assert "This was not me" in page.text
    assert council.stage.picture() == before  # Opening it does nothing, as mail scanners do.
    token = re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page.text)[0]
    done = client.post(path, data={"csrf_token": token}, headers={"Referer": "http://localhost/"})
    assert "We have stopped it" in done.text
    with client.session_transaction() as cookie:
        assert not cookie.get("person")  # Nobody was signed in by it.
    council.stage.drain()


@pytest.mark.parametrize("was_theirs", [True, False])
def test_one_press_stops_everything_until_staff_have_talked(
    council: Council, post: Letterbox, was_theirs: bool
) -> None:
    session_id = council.session()
    person_id = council.person(email="ada@example.org")
    gives(council, person_id, OTHER)
    types(council, person_id, newest_code(post))
    changed = post.messages[-1]
    gives(council, person_id, "00733446")
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain(leaving=("payouts.send",))
    (ready,) = council.payments()
    assert ready["status"] == "ready"
    press_stop(council, changed.body)
    council.stage.settle()
    (held,) = council.payments()
    assert (held["status"], held["held_because"]) == ("held", "stopped")
    # Nothing moves it: no code, no new details, no member of staff.
    with pytest.raises(PaymentsStopped):
        types(council, person_id, newest_code(post))
    with pytest.raises(PaymentsStopped):
        gives(council, person_id, "00733447")
    refused(council.pays_into(person_id, "00733447"), 409)
    seen = council.lead.get(f"payments/{held['id']}").headers["ETag"]
    refused(council.lead.post(f"payments/{held['id']}/release", seen=seen), 409)
    council.stage.sweep(after=timedelta(days=3))
    assert [p["status"] for p in council.payments()] == ["held"]
    with council.stage.hands.db.council(council.id) as session:
        stopping.lift(session, was_theirs=was_theirs, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    if was_theirs:
        assert [p["status"] for p in council.payments()] == ["cancelled", "paid"]
        return
    assert [(p["status"], p["held_because"]) for p in council.payments()][-1] == ("held", "no_method")
    # It is no first method: what is given now needs a code too.
    assert gives(council, person_id, "00012345") == "proposed"
    types(council, person_id, newest_code(post))
    assert council.payments()[-1]["status"] == "paid"
