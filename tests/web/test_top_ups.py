"""Does somebody who is owed more see it, say yes or no with a button, and find the way to what came first?"""

from __future__ import annotations

import io

import pikepdf
from flask.testing import FlaskClient

from service.claims import actions as claims
from service.claims import topping
from service.claims.tables import Claim
from service.people import lines
from service.policy import actions as policies
from service.policy.life import Author
from service.reports import simulation
from tests.api.test_policy_life import text
from tests.reports.test_person_statement import words_of
from tests.web.test_paid import post
from tests.web.world import World


def published(world: World) -> None:
    """A version that pays £1.00 more for an hour online: written by Sam, put out by Ada."""
    key = {"council_id": world.council_id, "now": world.now}
    sam, ada = (Author("staff", world.staff[who], roles=("lead",)) for who in ("sam", "ada"))
    with world.db.council(world.council_id) as session:
        draft = policies.write(session, text=text(), author=sam, **key)
        on = world.now.date()
        simulation.ask(session, policy_id=draft.id, since=on, until=on, author=sam, **key)
        policies.publish(session, policy_id=draft.id, author=ada, **key)
    world.drain()


def owed_more(world: World) -> Claim:
    """Jo came to the brew and was paid; then the rate went up. Answers the top-up."""
    world.tick("jo")
    published(world)
    return next(claim for claim in world.claims_of("jo") if claim.kind == "top_up")


def press(client: FlaskClient, page: str, path: str) -> str:
    """Send the form of a page that posts to this path, as a browser without JavaScript does."""
    shown = client.get(page).text
    assert f'action="{path}"' in shown
    token = shown.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = client.post(path, data={"csrf_token": token}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_my_page_offers_it_and_a_yes_is_paid(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    mine = client.get(at).text
    assert "More for: Over a Brew: what helps?" in mine
    assert 'We owe you <span class="rcp-figure">£1.00</span> more.' in mine
    assert "It was £15.50 before. It is £16.50 now." in mine
    assert mine.index("Waiting for you") < mine.index("More for:") < mine.index("Your money so far")
    page = press(client, at, f"{at}/claims/{more.id}/yes")
    assert "Yes, please pay me" not in page
    world.drain()
    assert {claim.id: claim.state for claim in world.claims_of("jo")}[more.id] == "paid"
    assert "Yes, please pay me" not in client.get(at).text
    again = client.get(f"{at}/claims/{more.id}").text
    assert again.index("You said yes") < again.index("Our rules changed, and we offered you this")
    assert "You sent this claim" not in again


def test_somebody_is_asked_before_it_takes_them_past_their_own_line(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    with world.db.council(world.council_id) as session:
        lines.put(
            session,
            council_id=world.council_id,
            person_id=world.people["jo"],
            per="week",
            amount_pence=1600,
            starts=0,
            now=world.now,
        )
    page = press(client, at, f"{at}/claims/{more.id}/yes")
    assert "With this fee it would come to £16.50 in the week" in page
    assert {claim.id: claim.state for claim in world.claims_of("jo")}[more.id] == "draft"
    page = post(client, f"{at}/line/more/{more.id}", choice="first").text
    world.drain()
    payment = next(row for row in world.payments_of("jo") if row.claim_id == more.id)
    assert (payment.state, payment.held_because) == ("held", "ones_own_choice")
    assert payment.own_day is not None
    assert 0 < (payment.own_day - world.now.date()).days <= 7
    assert payment.own_day.weekday() == 0


def test_a_no_thank_you_is_kept(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    page = press(client, at, f"{at}/claims/{more.id}/take-back")
    assert "Not taken" in page
    world.drain()
    assert {claim.id: claim.state for claim in world.claims_of("jo")}[more.id] == "withdrawn"
    mine, again = client.get(at).text, client.get(f"{at}/claims/{more.id}").text
    assert "Yes, please pay me" not in mine + again
    assert "We owe you" not in mine + again
    assert "What we offered on top, and why" in again
    assert "You said no" in again
    screen = client.get(f"{at}/statement").text.split("What you did not take")[1]
    (row,) = [one for one in screen.split("<tr") if "More for: Over a Brew" in one]
    assert ("You said no to the offer" in row, "£1.00" in row) == (True, True)
    easy = client.get(f"{at}/statement/easy").text
    assert "You said no to £1.00. It was for More for: Over a Brew: what helps?" in easy
    printed = words_of(pikepdf.open(io.BytesIO(client.get(f"{at}/statement.pdf").data)))
    after = printed.split("What you did not take")[1]
    assert ("More for: Over a Brew" in after, "£1.00" in after) == (True, True)


def test_what_the_rule_took_back_or_is_still_offered_is_nothing_that_was_not_taken(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "jo"), f"/{world.slug}/me/statement"
    assert "What you did not take" not in client.get(at).text
    with world.db.council(world.council_id) as session:
        claim = claims.locked(session, council_id=world.council_id, claim_id=more.id)
        below = claims.locked(session, council_id=world.council_id, claim_id=claim.tops_up_id or "")
        topping.take_back_offers(session, claim=below, now=world.now)
        assert claim.state == "withdrawn"
    assert "What you did not take" not in client.get(at).text


def test_both_claims_lead_to_each_other(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "jo"), f"/{world.slug}/me/claims"
    assert f'href="{at}/{more.tops_up_id}"' in client.get(f"{at}/{more.id}").text
    assert f'href="{at}/{more.id}"' in client.get(f"{at}/{more.tops_up_id}").text
    staff, desk = world.client("staff", "ada"), f"/{world.slug}/staff/claims"
    shown = staff.get(f"{desk}/{more.id}").text
    assert "This is more money for a claim of £15.50 that was agreed before." in shown
    assert "The policy pays this much more" in shown
    assert f'href="{desk}/{more.tops_up_id}"' in shown
    assert f'href="{desk}/{more.id}"' in staff.get(f"{desk}/{more.tops_up_id}").text


def test_nobody_else_says_yes_for_somebody(world: World) -> None:
    more = owed_more(world)
    client, at = world.client("person", "wei"), f"/{world.slug}/me"
    token = client.get(f"{at}/payment-method/choose").text.split('name="csrf_token" value="', 1)[1]
    answer = client.post(
        f"{at}/claims/{more.id}/yes", data={"csrf_token": token.split('"', 1)[0]}, follow_redirects=True
    )
    assert answer.status_code == 404
    assert {claim.id: claim.state for claim in world.claims_of("jo")}[more.id] == "draft"
