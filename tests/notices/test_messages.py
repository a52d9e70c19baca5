"""Is a person told of all that matters to them, once, in words without a gap, with a link that opens?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.claims import advancing, entering
from service.claims.drafting import NewClaim
from service.days import utc_now
from service.events import Actor
from service.messages.protocol import Message
from service.notices.model import WORDINGS
from service.payouts import overpaying
from service.people import actions as people
from service.people import authorities, helping, stopping
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from service.rails import sandbox
from service.tasks import NEXT
from tests.api.test_policy_life import text as better_rate
from tests.claims.top_ups import publish
from tests.fake_stripe.calls import REFUSED
from tests.rails.paid_by_stripe import paying
from tests.stage import Council, Stage, told

EMAIL = "ada@example.org"


class Letterbox:
    """A way that keeps what it was given."""

    name = "email"

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)


@pytest.fixture
def post(stage: Stage) -> Letterbox:
    box = Letterbox()
    stage.hands = replace(stage.hands, way=box)
    return box


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def came(council: Council, account: str | None, activity: str = "over_a_brew", **more: Any) -> str:
    """A person with an address who was invited and came. Answers the session."""
    role = more.pop("role", "participant")
    session_id = council.session(activity, **more)
    person_id = council.person(account=account, email=EMAIL)
    council.invited(session_id, person_id, role)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    return session_id


def decide(council: Council, session_id: str, verb: str, **body: Any) -> None:
    claim_id = council.claim(session=session_id)["id"]
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    door = council.lead if verb == "withdraw" else council.approver
    told(door.post(f"claims/{claim_id}/{verb}", body, seen=seen))


def everything_happens(council: Council) -> None:
    """Each thing that a person is told of, at least once."""
    stage = council.stage
    for account in (sandbox.PAID, sandbox.NO_ACCOUNT, sandbox.RETURNED, None):
        came(council, account)
    review: dict[str, Any] = {"activity": "practice_review", "role": "team_member", "minutes": 300}
    decide(council, came(council, sandbox.PAID, **review), "refuse", clause="3.1", reason="Not this time.")
    decide(council, came(council, sandbox.PAID, **review), "ask", question="Which day?")
    decide(council, came(council, sandbox.PAID, **review), "withdraw")
    came(council, sandbox.PAID, "recruitment_panel", role="panel_member", minutes=120)
    stopped = came(council, None)
    told(council.tick(stopped, council.claim(session=stopped)["person"], attended=False))
    stage.drain()
    gone = council.session(ends=utc_now() + timedelta(days=30))
    person_id = council.person(email=EMAIL)
    council.offer(gone, person_id)
    told(council.lead.post(f"sessions/{gone}/cancel"))
    told(council.pays_into(person_id, "00733445"), 202)
    (live,) = told(council.lead.get("policies"))["data"]
    text = told(council.lead.get(f"policies/{live['id']}"))["text"].replace("(illustrative)", "(a draft)")
    draft = told(council.lead.post("policies", {"text": text}), 201)["id"]
    told(council.lead.post(f"policies/{draft}/simulations", {}), 201)
    told(council.lead.post(f"policies/{draft}/sign_offs", {"people": [person_id]}), 201)
    with stage.hands.db.council(council.id) as session:
        people.ask_for_link(session, council_id=council.id, email=EMAIL, now=stage.clock())
    what_keeps_money_safe_happens(council, person_id)
    stage.drain()
    at_stripe(council)
    paid_too_much(council)
    publish(council, better_rate())
    stage.drain()
    stage.sweep()


def at_stripe(council: Council) -> None:
    """One whom Stripe has to hear from, one whose name the bank doubts, one whose details Stripe refuses."""
    with paying(council.stage) as at:
        for given in ({"kind": "stripe"}, {"name": "Ada Close Match"}, {"number": REFUSED}):
            person_id = council.person(account=None, email=EMAIL)
            if "kind" in given:
                told(council.lead.put(f"people/{person_id}/payment_method", given))
            else:
                told(at.chooses(council, person_id, **given))
        council.stage.drain()


def what_keeps_money_safe_happens(council: Council, person_id: str) -> None:
    """A change is confirmed; somebody may act; a contact changes; all is stopped, and goes on."""
    council.confirms(person_id)
    now = council.stage.clock()
    about: dict[str, Any] = {"council_id": council.id, "now": now}
    one, other = Actor("staff", "stf_1"), Actor("staff", "stf_2")
    with council.stage.hands.db.council(council.id) as session:
        given = AuthorityGiven("attorney", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
        row = authorities.record(session, person_id=person_id, given=given, actor=one, **about)
        authorities.check(session, authority_id=row.id, actor=other, **about)
        authorities.end(session, authority_id=row.id, actor=one, **about)
        moved = {"email": EMAIL, "phone": "07700 900 982"}
        stopping.change_contact(session, person_id=person_id, **moved, actor=one, **about)
        own = Actor("person", person_id)
        helper_comes_and_goes(session, person_id, about, (one, other))
        stopping.stop(session, person_id=person_id, actor=own, **about)
        stopping.lift(session, person_id=person_id, was_theirs=True, actor=one, **about)


def helper_comes_and_goes(
    session: Session, person_id: str, about: dict[str, Any], staff: tuple[Actor, Actor]
) -> None:
    """One whom the person names, who stops it; and one whom staff write down, who asks for a cost."""
    own, last = Actor("person", person_id), about["now"].date()
    hal = HelperGiven("supporter", "Hal Helper", "hal@example.net", may_ask=True, until_day=last)
    row = helping.name(session, person_id=person_id, given=hal, actor=own, **about)
    helping.end(session, helper_id=row.id, actor=own, **about)
    given = replace(hal, consent="phone")
    row = helping.name(session, person_id=person_id, given=given, actor=staff[0], **about)
    helping.confirm(session, helper_id=row.id, actor=staff[1], **about)
    facts = {"activity": "over_a_brew", "role": "participant", "on": last.isoformat(), "minutes": 60}
    cost = NewClaim(person_id, facts=facts, expenses=({"category": "bus", "amount_pence": 300},))
    claims.submit(session, given=cost, actor=Actor("helper", row.id), **about)
    entering.enter(session, given=cost, how="paper", actor=staff[0], **about)
    helping.end(session, helper_id=row.id, actor=staff[0], **about)


def paid_too_much(council: Council) -> None:
    """Somebody is asked about it, says yes, and may keep it after all; and an advance that nobody settled."""
    stage, on = council.stage, utc_now().replace(microsecond=0) + timedelta(days=1)
    session_id = came(council, sandbox.PAID)
    person_id = council.claim(session=session_id)["person"]
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    path = f"overpayments/{told(council.lead.get('overpayments'))['data'][0]['id']}"
    told(council.finance.post(f"{path}/ask"))
    with stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "overpayment_id": path.partition("/")[2]}
        me = Actor("person", person_id)
        overpaying.answer(session, **key, most_pence=100, actor=me, now=stage.clock())
    seen = council.finance.get(path).headers["ETag"]
    told(council.finance.post(f"{path}/write_off", {"reason": "Our own slip."}, seen=seen))
    before = {
        "person": person_id,
        "session": council.session(ends=on),
        "category": "bus",
        "reason": "A fare.",
    }
    advance = told(council.lead.post("advances", {**before, "amount_pence": 400}), 201)
    stage.drain()
    seen = council.lead.get(f"claims/{advance['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{advance['id']}/approve", {}, seen=seen))
    stage.drain()
    with stage.hands.db.council(council.id) as session:
        later = stage.clock() + timedelta(days=40)
        assert advancing.ask_what_was_spent(session, council_id=council.id, now=later) == 1
    stage.drain()


def test_everything_that_has_words_is_said_whole_and_with_a_link_that_opens(
    council: Council, post: Letterbox
) -> None:
    everything_happens(council)
    with council.stage.admin() as line:
        said = {name for (name,) in line.execute("SELECT DISTINCT name FROM notices").fetchall()}
        pages = {page for (page,) in line.execute("SELECT goes_to FROM sign_in_links").fetchall()}
    assert said == {name for name in WORDINGS if "notices.write" in NEXT.get(name, ())}
    assert len(said) > 15
    assert len({message.key for message in post.messages}) == len(post.messages) > 40
    urls = council.stage.app.url_map.bind("localhost")
    for message in post.messages:
        assert urls.match(check_whole(message))
    for page in pages:
        assert page.startswith("/exampleshire/me")
        assert urls.match(page if page != "/exampleshire/me" else page + "/")


def check_whole(message: Message) -> str:
    """Nothing is left unfilled or doubled. Answers where its one link goes."""
    text = f"{message.subject}\n{message.body}"
    assert re.findall(r"[{}]|None|\[\]|£-|  \n|\n\n\n", text) == [], text
    assert message.body.startswith("Hello Ada Example,\n\n"), text
    assert message.body.endswith("Exampleshire\nInvolvement team"), text
    assert message.subject.strip() == message.subject != ""
    assert len(message.subject) < 90
    assert message.to == EMAIL
    links = re.findall(r"http://localhost:8000(/link/[\w-]{43})(?!\S)", message.body)
    stops = message.body.count("top it here")
    assert len(links) == message.body.count("http") == 1 + stops, text
    assert len(set(links)) == len(links)
    return str(links[0])


def test_a_message_waits_in_the_outbox_without_its_link(council: Council, post: Letterbox) -> None:
    """The link signs the person in, so no row holds it."""
    came(council, sandbox.PAID)
    with council.stage.admin() as line:
        bodies = [body for (body,) in line.execute("SELECT body FROM notices").fetchall()]
    assert bodies
    assert all("{link}" in body and "http" not in body for body in bodies)
    tokens = re.findall(r"/link/([\w-]{43})", "".join(message.body for message in post.messages))
    everything = str(council.stage.picture())
    assert tokens
    assert [token for token in tokens if token in everything] == []


def test_somebody_without_an_address_is_told_in_the_outbox(council: Council, post: Letterbox) -> None:
    person_id = council.person(account=None)
    council.offer(council.session(), person_id)
    council.stage.drain()
    assert post.messages == []
    with council.stage.admin() as line:
        rows = line.execute("SELECT sent_by, sent_at IS NOT NULL FROM notices").fetchall()
    assert rows == [("outbox", True)]


def test_what_is_delivered_twice_is_said_once(council: Council, post: Letterbox) -> None:
    came(council, sandbox.TWICE)
    said = [message.subject for message in post.messages]
    with council.stage.admin() as line:
        line.execute("UPDATE deliveries SET state = 'waiting', started_at = NULL")
    council.stage.hand_again()
    assert [message.subject for message in post.messages] == said
    assert said.count("We have paid you £15.50") == 1


def test_the_reason_for_every_penny_is_in_the_message(council: Council, post: Letterbox) -> None:
    came(council, sandbox.PAID)
    paid = next(m for m in post.messages if m.subject == "We have paid you £15.50")
    assert "£15.50 an hour for short online sessions" in paid.body
    assert re.search(r"On your statement it says: EXAMPLESHIR \w{6}", paid.body)


def test_nobody_is_told_of_their_own_first_way_of_being_paid(council: Council, post: Letterbox) -> None:
    person_id = council.person(account=None, email=EMAIL)
    with council.stage.hands.db.council(council.id) as session:
        people.set_method(
            session,
            council_id=council.id,
            person_id=person_id,
            given=people.MethodGiven("voucher"),
            allowed=["voucher"],
            hold_hours=0,
            vault=council.stage.hands.vault,
            actor=people.Actor("person", person_id),
            now=council.stage.clock(),
        )
    council.stage.drain()
    assert post.messages == []
