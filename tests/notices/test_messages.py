"""Is a person told of all that matters to them, once, in words without a gap, with a link that opens?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from service.approvals import actions as approvals
from service.claims import actions as claims
from service.claims import advancing, answering, entering
from service.claims.drafting import NewClaim
from service.days import utc_now
from service.events import SYSTEM, Actor
from service.messages.protocol import Message
from service.notices import reaching
from service.notices.model import WORDINGS
from service.notices.reaching import Choice
from service.own_data import actions as own_data
from service.payouts import overpaying
from service.people import actions as people
from service.people import authorities, helping, signing_in, stopping
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from service.rails import sandbox
from service.receipts import actions as receipts
from service.receipts.keeping import Taken
from service.receipts.model import HARMFUL, WAITING
from service.sessions import actions as sessions
from service.sessions import asking, cancelling
from service.tasks import NEXT, housekeeping
from service.tasks import hands as in_use
from tests.api.test_policy_life import text as better_rate
from tests.approvals import in_part
from tests.claims.top_ups import publish
from tests.fake_stripe.calls import REFUSED
from tests.letterbox import Letterbox
from tests.notices.figures import check_all
from tests.rails.paid_by_stripe import paying
from tests.stage import Council, Stage, told

EMAIL = "ada@example.org"


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
    same = council.claim(session=came(council, sandbox.PAID))
    meal = {"category": "meal", "amount_pence": 700, "hours_away": 1, "receipt": True}
    asked = {"expenses": [meal], "reason": "I had to eat."}
    told(council.lead.post(f"claims/{same['id']}/corrections", asked), 202)
    stage.sweep()
    stopped = came(council, None)
    told(council.tick(stopped, council.claim(session=stopped)["person"], attended=False))
    stage.drain()
    gone = council.session(ends=utc_now() + timedelta(days=30))
    person_id = council.person(email=EMAIL)
    council.offer(gone, person_id)
    told(council.lead.post(f"sessions/{gone}/cancel"))
    told(council.pays_into(person_id, "00733445"), 202)
    booked = {"person": person_id, "session": council.session(), "category": "bus", "amount_pence": 500}
    told(council.lead.post("booked_costs", {**booked, "reason": "A ticket."}), 201)
    (live,) = told(council.lead.get("policies"))["data"]
    text = told(council.lead.get(f"policies/{live['id']}"))["text"].replace("(illustrative)", "(a draft)")
    draft = told(council.lead.post("policies", {"text": text}), 201)["id"]
    told(council.lead.post(f"policies/{draft}/simulations", {}), 201)
    told(council.lead.post(f"policies/{draft}/sign_offs", {"people": [person_id]}), 201)
    with stage.hands.db.council(council.id) as session:
        people.ask_for_link(session, council_id=council.id, email=EMAIL, now=stage.clock())
        about: dict[str, Any] = {"council_id": council.id, "kind": "person", "subject_id": person_id}
        signing_in.ask(session, **about, way="email", now=stage.clock())
        me, who = Actor("person", person_id), {"council_id": council.id, "person_id": person_id}
        reaching.choose(session, **who, given=Choice("email"), actor=me, now=stage.clock())
    what_keeps_money_safe_happens(council, person_id)
    stage.drain()
    about_a_claim(council)
    at_stripe(council)
    paid_too_much(council)
    too_much_no_longer(council)
    asks_about_an_offer(council)
    publish(council, better_rate())
    stage.drain()
    stage.sweep()
    stage.clock.forward(timedelta(days=60))
    in_use.use(stage.hands)
    housekeeping.own_up_to_late()
    stage.drain()


def asks_about_an_offer(council: Council) -> None:
    """A question is answered, costs are met or not, a place is cancelled; one cannot come, one takes less."""
    stage, starts = council.stage, utc_now().replace(microsecond=0) + timedelta(days=1)
    session_id = council.session(ends=starts + timedelta(hours=1))
    about: dict[str, Any] = {"council_id": council.id, "now": stage.clock()}
    for number in range(2):
        person_id = council.person(email=EMAIL)
        offer_id = council.invited(session_id, person_id)
        me, staff = Actor("person", person_id), Actor("staff", "stf_1")
        with stage.hands.db.council(council.id) as session:
            row = asking.ask_question(session, offer_id=offer_id, words="Is there a lift?", actor=me, **about)
            asking.answer(session, ask_id=row.id, words="Yes, there is.", actor=staff, **about)
            for category, how in (("bus", "book"), ("train", "hand_over"), ("taxi", "")):
                given = asking.CostAsk(category, 1000, "book")
                row = asking.ask_for_cost(session, offer_id=offer_id, given=given, actor=me, **about)
                done: dict[str, Any] = {
                    "ask_id": row.id,
                    "words": "It is at the desk.",
                    "actor": staff,
                    **about,
                }
                if how:
                    answering.meet(session, how=how, amount_pence=1000, **done)
                else:
                    asking.refuse(session, **done)
            if number:
                cancelling.cancel_place(session, offer_id=offer_id, actor=staff, **about)
            else:
                sessions.decline(session, offer_id=offer_id, actor=me, **about)
    person_id = council.person(email=EMAIL)
    offer_id, me = council.invited(session_id, person_id), Actor("person", person_id)
    with stage.hands.db.council(council.id) as session:
        sessions.take_less(session, offer_id=offer_id, accept_pence=1000, actor=me, **about)
    stage.drain()


def about_a_claim(council: Council) -> None:
    """A no is not agreed with, and the check for harmful files stops a receipt that waited for it."""
    now, (row,) = council.stage.clock(), told(council.lead.get("claims", status="refused"))["data"]
    key: dict[str, Any] = {"council_id": council.id, "now": now}
    me = Actor("person", row["person"])
    waits = Taken("rct_waits", "image/jpeg", 1, 10, WAITING, "mark", "sealed")
    with council.stage.hands.db.council(council.id) as session:
        approvals.look_again(session, claim_id=row["id"], actor=me, words="I was there.", **key)
        receipts.add(session, person_id=row["person"], taken=waits, actor=me, **key)
        receipts.check_again(session, receipt_id=waits.id, found=HARMFUL, actor=SYSTEM, **key)
    in_part.looked_at_again(council, row["person"])


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
        own_data.ask(session, person_id=person_id, actor=own, **about)


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


def too_much_no_longer(council: Council) -> None:
    """Once it was not too much after all; and once it came off two later fees, half of each."""
    stage = council.stage
    first, second = came(council, sandbox.PAID), came(council, sandbox.PAID)
    for session_id in (first, second):
        told(council.tick(session_id, council.claim(session=session_id)["person"], attended=False))
        stage.drain()
    told(council.tick(first, council.claim(session=first)["person"]))
    stage.drain()
    person_id = council.claim(session=second)["person"]
    rows = told(council.lead.get("overpayments", status="noted"))["data"]
    (row,) = [row for row in rows if row["person"] == person_id]
    told(council.finance.post(f"overpayments/{row['id']}/ask"))
    with stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "overpayment_id": row["id"]}
        me = Actor("person", person_id)
        overpaying.answer(session, **key, most_pence=row["left_pence"], actor=me, now=stage.clock())
    for _ in range(2):
        later = council.session()
        council.invited(later, person_id)
        told(council.tick(later, person_id))
        stage.drain()


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
        where = check_whole(message)
        # A code that signs somebody in has no link beside it: whoever reads both needs only one.
        assert urls.match(where) if where else message.subject == "Your code to sign in"
    for words in ("en", "cy", "easy"):
        check_all(council, words, least=40)
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
    wanted = 0 if "Your code is " in message.body else 1
    assert len(links) == message.body.count("http") == wanted + stops, text
    assert len(set(links)) == len(links)
    return str(links[0]) if links else ""


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


def test_somebody_whom_nothing_reaches_by_itself_gets_a_letter_to_print(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(account=None)
    council.offer(council.session(), person_id)
    council.stage.drain()
    assert post.messages == []
    with council.stage.admin() as line:
        rows = line.execute("SELECT sent_by, sent_at IS NOT NULL FROM notices").fetchall()
        letters = line.execute("SELECT reached_by, state FROM message_sendings").fetchall()
    assert rows == [("letter", True)]
    assert letters == [("letter", "to_print")]


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
