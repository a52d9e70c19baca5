"""What does somebody get whose place was cancelled, or who could not come after all? What the policy says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.claims import cancelling as due_by_policy
from service.days import utc_now
from service.events import SYSTEM, Actor
from service.policy import actions as policies
from service.policy.sources import Sources
from service.sessions import cancelling
from service.sessions import queries as sessions
from tests.stage import Council, Stage, refused, told
from tests.web.cookies import sign_in

# This policy speaks of it: whoever cannot come gets what they would get if the council had cancelled.
SPEAKS = """
facts:
  cancelled_by_person: {name: The person could not come, unit: yes or no, about: claim}
"""


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def policy(*, speaks: bool, version: str = "1.0", starts: str = "2025-04-01") -> Sources:
    """The policy, with or without a word about people who cannot come."""
    sources = Sources.from_path("policies/councils/exampleshire.yaml")
    text = sources.files[sources.main].replace('version: "1.0"', f'version: "{version}"', 1)
    text = text.replace("effective_from: 2025-04-01", f"effective_from: {starts}")
    return replace(sources, files={**sources.files, sources.main: text + (SPEAKS if speaks else "")})


@pytest.fixture
def kind(stage: Stage) -> Council:
    return stage.council("kindshire", sources=policy(speaks=True))


def said_yes(council: Council, *, hours: int) -> tuple[str, str, str]:
    """A session in so many hours, a person who said yes to it, and their offer."""
    starts = utc_now().replace(microsecond=0) + timedelta(hours=hours, minutes=1)
    session_id = council.session("advisory_network", minutes=120, ends=starts + timedelta(hours=2))
    person_id = council.person()
    return session_id, person_id, council.invited(session_id, person_id, "member")


def place_cancelled(council: Council, offer_id: str) -> None:
    with council.stage.hands.db.council(council.id) as session:
        given = {"council_id": council.id, "offer_id": offer_id, "now": council.stage.clock()}
        cancelling.cancel_place(session, **given, actor=Actor("staff", "stf_1"))
    council.stage.drain()


def declines(council: Council, offer_id: str) -> None:
    told(council.lead.post(f"offers/{offer_id}/decline"))
    council.stage.drain()


def foreseen(council: Council, offer_id: str, *, by_person: bool) -> int | None:
    with council.stage.hands.db.council(council.id) as session:
        offer = sessions.offer(session, council_id=council.id, offer_id=offer_id)
        at = council.stage.clock()
        answer = due_by_policy.due(session, council_id=council.id, offer=offer, by_person=by_person, at=at)
        return answer["total_pence"] if answer else None


@pytest.mark.parametrize(("hours", "pence"), [(1, 3600), (47, 1800), (100, 0)])
def test_a_place_that_the_council_cancels_pays_what_was_foreseen(
    council: Council, hours: int, pence: int
) -> None:
    session_id, _, offer_id = said_yes(council, hours=hours)
    assert foreseen(council, offer_id, by_person=False) == pence
    place_cancelled(council, offer_id)
    assert council.balance() == ({"fees": pence, "bank:sandbox": -pence} if pence else {})
    assert told(council.lead.get(f"sessions/{session_id}"))["status"] == "planned"


def test_where_the_policy_is_silent_nothing_is_due_to_who_cannot_come(council: Council) -> None:
    _, person_id, offer_id = said_yes(council, hours=1)
    assert foreseen(council, offer_id, by_person=True) is None
    declines(council, offer_id)
    assert council.balance() == {}
    assert told(council.lead.get("claims"))["data"] == []
    assert council.messages(person_id).count("You told us that you cannot come: Over a Brew") == 1


def test_a_no_before_any_yes_needs_no_message(council: Council) -> None:
    session_id, person_id = council.session(ends=utc_now() + timedelta(days=2)), council.person()
    declines(council, council.offer(session_id, person_id))
    assert not [subject for subject in council.messages(person_id) if "cannot come" in subject]


def test_where_the_policy_speaks_of_it_it_is_followed(kind: Council) -> None:
    session_id, _, offer_id = said_yes(kind, hours=47)
    assert foreseen(kind, offer_id, by_person=True) == 1800
    declines(kind, offer_id)
    claim = kind.claim(session=session_id)
    assert (claim["kind"], claim["status"], claim["total_pence"]) == ("cancellation", "paid", 1800)
    assert claim["facts"]["cancelled_by_person"] is True


def test_a_yes_after_all_takes_back_what_was_due_and_the_register_pays_once(kind: Council) -> None:
    session_id, person_id, offer_id = said_yes(kind, hours=47)
    told(kind.lead.post(f"offers/{offer_id}/decline"))
    kind.stage.drain(leaving=("payouts.send",))
    assert kind.claim(session=session_id)["status"] == "approved"
    told(kind.lead.post(f"offers/{offer_id}/accept", {}))
    kind.stage.drain(leaving=("payouts.send",))
    assert kind.claim(session=session_id)["status"] == "withdrawn"
    told(kind.tick(session_id, person_id))
    kind.stage.settle()
    claim = kind.claim(session=session_id)
    assert (claim["kind"], claim["status"], claim["total_pence"]) == ("attendance", "paid", 3600)
    assert kind.balance() == {"fees": 3600, "bank:sandbox": -3600}


def test_who_came_although_their_place_was_cancelled_is_paid_for_coming(council: Council) -> None:
    session_id, person_id, offer_id = said_yes(council, hours=100)
    place_cancelled(council, offer_id)
    ticks = {"entries": [{"person": person_id, "attended": True, "role": "member"}]}
    told(council.lead.put(f"sessions/{session_id}/register", ticks))
    council.stage.settle()
    assert council.claim(session=session_id)["total_pence"] == 3600


def test_a_yes_that_was_cancelled_can_be_declined_by_nobody(council: Council) -> None:
    _, _, offer_id = said_yes(council, hours=1)
    place_cancelled(council, offer_id)
    before = council.stage.picture("kept_answers")
    refused(council.lead.post(f"offers/{offer_id}/decline"), 409)
    assert council.stage.picture("kept_answers") == before


def page(council: Council, person_id: str, offer_id: str, *, slug: str) -> str:
    """The offer, as its person reads it."""
    client = sign_in(council.stage.app.test_client(), council.id, "person", person_id)
    found = client.get(f"/{slug}/me/offers/{offer_id}")
    assert found.status_code == 200
    return found.get_data(as_text=True)


@pytest.mark.parametrize("first", [True, False])
def test_either_version_may_speak_of_who_cannot_come(stage: Stage, first: bool) -> None:
    """The one that an offer was made under, or the newer one: the page stays, and what one gives is due."""
    council = stage.council("kindshire", sources=policy(speaks=first))
    session_id, person_id, offer_id = said_yes(council, hours=47)
    with stage.hands.db.council(council.id) as session:
        newer = policy(speaks=not first, version="1.1", starts="2025-05-01")
        policies.adopt(session, council_id=council.id, sources=newer, actor=SYSTEM, now=stage.clock())
    assert "£18.00" in page(council, person_id, offer_id, slug="kindshire")
    assert foreseen(council, offer_id, by_person=True) == 1800
    assert foreseen(council, offer_id, by_person=False) == 1800
    declines(council, offer_id)
    assert "£18.00" in page(council, person_id, offer_id, slug="kindshire")
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"], claim["total_pence"]) == ("cancellation", "paid", 1800)


def test_a_place_that_was_cancelled_in_time_is_worth_no_more_when_the_session_is_cancelled_later(
    council: Council,
) -> None:
    session_id, person_id, offer_id = said_yes(council, hours=120)
    place_cancelled(council, offer_id)
    before = page(council, person_id, offer_id, slug="exampleshire")
    council.stage.clock.forward(timedelta(hours=119))
    with council.stage.hands.db.council(council.id) as session:
        given = {"council_id": council.id, "session_id": session_id, "now": council.stage.clock()}
        cancelling.cancel(session, **given, actor=Actor("staff", "stf_1"))
    council.stage.drain()
    after = page(council, person_id, offer_id, slug="exampleshire")
    assert after.count("£36.00") == before.count("£36.00")
    assert "What is due to you, and why" in after
    assert told(council.lead.get("claims"))["data"] == []
