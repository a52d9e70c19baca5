"""What staff do: plan, ask, tick, agree, refuse, ask a question, hold a payment, mend a stopped job."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from playwright.sync_api import Browser

from service import deliveries
from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.errors import Refused
from service.events import Actor
from service.payouts import queries as payouts
from service.rails.protocol import Answer, Order
from service.sessions import queries as sessions
from tests.browser.conftest import Visitor
from tests.web.world import World

HELP = {
    "category": "personal_assistant",
    "amount_pence": 9900,
    "hours": 4,
    "in_care_package": False,
    "receipt": True,
}


def _ask_for_help(world: World) -> str:
    """Jo asks for more than the rule may agree by itself. Answers the claim's id."""
    world.tick("jo")
    with world.db.council(world.council_id) as session:
        claim = claims.submit(
            session,
            council_id=world.council_id,
            given=NewClaim(world.people["jo"], world.sessions["brew"], expenses=(HELP,), with_fee=False),
            actor=Actor("person", world.people["jo"]),
            now=datetime.now(UTC),
        )
    world.drain()
    return claim.id


def test_a_lead_plans_a_session_and_asks_somebody(anywhere: Visitor) -> None:
    anywhere.sign_in("staff", "sam")
    anywhere.press("Plan a session")
    anywhere.press("Save the session")
    assert anywhere.sees("Enter a title that people will recognise")
    anywhere.look("staff-session-new-error")
    page = anywhere.page
    page.get_by_label("What is it called?").fill("Recruitment panel")
    page.get_by_label("What kind of session is it?").select_option("Recruitment panel")
    for part, typed in (("Day", "2"), ("Month", "2"), ("Year", "2027")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("When does it start?").fill("10am")
    page.get_by_label("When does it end?").fill("9:30")
    page.get_by_label("At a place").check()
    page.get_by_label("Where?", exact=True).fill("Town Hall")
    anywhere.press("Save the session")
    assert anywhere.sees("The end must be after the start")
    assert page.get_by_label("Where?", exact=True).input_value() == "Town Hall"
    page.get_by_label("When does it end?").fill("1:30pm")
    anywhere.press("Save the session")
    assert anywhere.sees("Tuesday 2 February 2027, 10am to 1:30pm")
    anywhere.press("Ask somebody")
    anywhere.press("Send the offer")
    assert anywhere.sees("Choose a person")
    anywhere.look("staff-session-ask-error")
    page.get_by_label("Who?").select_option("Tom Price")
    page.get_by_label("In which role?").select_option("Panel member")
    page.get_by_role("group", name="Has done the training?").get_by_label("Yes").check()
    anywhere.press("Send the offer")
    assert anywhere.sees("Tom Price")
    assert anywhere.sees("No answer yet")
    anywhere.world.drain()
    anywhere.open("/staff/messages")
    assert anywhere.sees("Would you like to join us? Recruitment panel")


def test_a_facilitator_ticks_the_register_twice_and_nobody_is_paid_twice(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "fay")
    visitor.open(f"/staff/sessions/{world.sessions['brew']}/register")
    visitor.tick("Jo Marsh").check()
    visitor.tick("Wei Chen").check()
    visitor.press("Save the register")
    assert visitor.sees("2 people came.")
    visitor.press("Save the register")
    world.drain()
    assert [claim.total_pence for claim in world.claims_of("jo")] == [1550]
    visitor.tick("Wei Chen").uncheck()
    visitor.press("Save the register")
    assert visitor.sees("1 person came.")
    world.drain()
    assert [claim.state for claim in world.claims_of("wei")] == ["withdrawn"]
    assert [claim.state for claim in world.claims_of("jo")] == ["paid"]


def test_two_facilitators_at_once_keep_each_others_ticks(visitor: Visitor, browser: Browser) -> None:
    world = visitor.world
    register = f"/staff/sessions/{world.sessions['brew']}/register"
    visitor.sign_in("staff", "fay")
    visitor.open(register)
    context = browser.new_context()
    other = Visitor(context.new_page(), world, visitor.url, 1280)
    other.sign_in("staff", "sam")
    other.open(register)
    other.tick("Wei Chen").check()
    other.press("Save the register")
    context.close()
    visitor.tick("Jo Marsh").check()
    visitor.press("Save the register")
    assert visitor.sees("2 people came.")
    with world.db.council(world.council_id) as session:
        rows = sessions.register(session, council_id=world.council_id, session_id=world.sessions["brew"])
    assert {row.person_id for row in rows if row.attended} == {world.people["jo"], world.people["wei"]}


def test_an_approver_agrees_and_the_money_goes(anywhere: Visitor) -> None:
    world = anywhere.world
    claim_id = _ask_for_help(world)
    anywhere.sign_in("staff", "ada")
    anywhere.follow("Approvals") if anywhere.width > 900 else anywhere.open("/staff/approvals")
    anywhere.look("staff-approvals-waiting")
    anywhere.follow("Jo Marsh, £88.00")
    assert anywhere.sees("For 4 hours that is up to £88.00.")
    anywhere.look("staff-claim-to-decide")
    anywhere.press("Agree: pay £88.00")
    world.drain()
    anywhere.open(f"/staff/claims/{claim_id}")
    assert anywhere.sees("Paid: £88.00")
    assert world.claims_of("jo")[0].state == "paid"


def test_an_approver_refuses_only_with_a_rule_and_a_reason(visitor: Visitor) -> None:
    world = visitor.world
    claim_id = _ask_for_help(world)
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/claims/{claim_id}")
    visitor.page.get_by_text("Do not agree", exact=True).click()
    why = "Your support that day was already booked by us."
    visitor.page.get_by_label("Why?").fill(why)
    visitor.press("Do not agree to this claim")
    assert visitor.sees("Choose the rule of the policy that this rests on")
    assert visitor.page.get_by_label("Why?").input_value() == why
    visitor.look("staff-claim-refuse-error")
    visitor.page.get_by_label("Which rule is it?").select_option("6.13")
    visitor.press("Do not agree to this claim")
    assert world.claims_of("jo")[0].state == "refused"
    visitor.sign_in("person", "jo")
    visitor.open(f"/me/claims/{claim_id}")
    assert visitor.sees(why)
    assert visitor.sees("another person will look again")
    visitor.look("claim-refused")


def test_an_approver_asks_and_the_person_answers(visitor: Visitor) -> None:
    world = visitor.world
    claim_id = _ask_for_help(world)
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/claims/{claim_id}")
    visitor.page.get_by_text("Ask a question first", exact=True).click()
    visitor.page.get_by_label("Your question").fill("Was it the same helper all day?")
    visitor.press("Send the question")
    assert world.claims_of("jo")[0].state == "asked"
    visitor.sign_in("person", "jo")
    visitor.follow("Answer our question")
    visitor.press("Send my answer")
    visitor.look("claim-answer-error")
    visitor.page.get_by_label("Your answer").fill("Yes, Maria.")
    visitor.press("Send my answer")
    assert visitor.sees("Yes, Maria.")
    assert world.claims_of("jo")[0].state == "waiting"


def test_an_approver_learns_that_the_claim_moved_while_they_looked(visitor: Visitor) -> None:
    world = visitor.world
    claim_id = _ask_for_help(world)
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/claims/{claim_id}")
    with world.db.council(world.council_id) as session:
        claims.edit(
            session,
            council_id=world.council_id,
            claim_id=claim_id,
            expenses=({**HELP, "amount_pence": 8500},),
            seen=world.claims_of("jo")[0].tag,
            actor=Actor("person", world.people["jo"]),
            now=datetime.now(UTC),
        )
    world.drain()
    visitor.press("Agree: pay £88.00")
    assert visitor.sees("This changed while you were looking")
    assert visitor.sees("Agree: pay £85.00")
    assert world.claims_of("jo")[0].state == "waiting"
    visitor.look("staff-claim-moved", status=412)


def test_finance_holds_a_payment_and_lets_it_go(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("wei")
    visitor.sign_in("staff", "kim")
    assert visitor.sees("We do not know yet how this person would like to be paid.")
    visitor.press("Call it off")
    with world.db.council(world.council_id) as session:
        states = [p.state for p in payouts.newest(session, council_id=world.council_id)]
    assert states == ["cancelled"]


def test_an_approver_settles_what_the_policy_leaves_open(visitor: Visitor) -> None:
    world = visitor.world
    with world.db.council(world.council_id) as session:
        claim = claims.submit(
            session,
            council_id=world.council_id,
            given=NewClaim(
                world.people["tom"],
                facts={
                    "activity": "recruitment_panel",
                    "role": "panel_member",
                    "on": world.now.date().isoformat(),
                    "minutes": 180,
                },
            ),
            actor=Actor("key", "key_1"),
            now=datetime.now(UTC),
        )
    world.drain()
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/claims/{claim.id}")
    assert visitor.sees("The policy does not settle this. Say what is right, and why.")
    visitor.press("Agree to this claim")
    assert visitor.sees("Enter how much is right, like 4.10")
    visitor.look("staff-claim-open-error")
    visitor.page.get_by_label("How much is right?").fill("70")
    visitor.page.get_by_label("Why?").first.fill("Tom did the training in May.")
    visitor.press("Agree to this claim")
    assert [(c.state, c.total_pence) for c in world.claims_of("tom")] == [("approved", 7000)]
    visitor.sign_in("person", "tom")
    visitor.open(f"/me/claims/{claim.id}")
    assert visitor.sees("£70.00")
    assert visitor.sees("Tom did the training in May.")


class _Refusing:
    """A rail that is closed for good."""

    name = "sandbox"

    def pay(self, order: Order) -> Answer:
        """No."""
        raise Refused("This bank has closed.")

    def find(self, *, council_id: str, key: str) -> Answer:
        """It has nothing."""
        return Answer("absent")


def test_operations_see_who_waits_and_try_a_stopped_job_again(visitor: Visitor) -> None:
    world = visitor.world
    working = world.hands
    world.hands = replace(working, rails={"sandbox": _Refusing()})
    world.tick("jo")
    visitor.sign_in("staff", "oli")
    assert visitor.sees("This bank has closed.")
    assert visitor.sees("Jo Marsh waits behind it, for £15.50.")
    visitor.look("staff-machine-stopped")
    world.hands = working
    visitor.press("Try again")
    assert visitor.sees("Everything that was started has finished or is under way.")


def test_operations_set_a_stopped_job_aside(visitor: Visitor) -> None:
    world = visitor.world
    world.hands = replace(world.hands, rails={"sandbox": _Refusing()})
    world.tick("jo")
    visitor.sign_in("staff", "oli")
    visitor.press("Dismiss")
    assert visitor.sees("Everything that was started has finished or is under way.")
    with world.db.council(world.council_id) as session:
        assert deliveries.failed(session, council_id=world.council_id) == []
