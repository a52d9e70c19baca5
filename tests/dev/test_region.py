"""Does the demonstration have something true to show on every page, and is it sound?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy.orm import Session

from service import deliveries, events
from service.app import create_app
from service.approvals import queries as approvals
from service.claims import model as claim_model
from service.claims import queries as claims
from service.councils import queries as councils
from service.dev.cast import REGION
from service.notices.model import WORDINGS
from service.payouts import model as payout_model
from service.policy import queries as policies
from service.rails.sandbox import SORT_CODE
from service.reports import books, regional
from service.sessions import queries as sessions
from tests.dev.conftest import NAME, Told
from tests.servers import Cluster

SLUGS = ["exampleshire", "samplebury", "demoford"]

# What does not happen there → the messages that would tell of it.
UNSAID = {
    "somebody takes less after their yes": {"offer.less_taken"},
    "somebody signs in by message": {"person.link_asked", "person.sign_in_code_asked"},
    "a version of a policy follows another": {
        "claim.top_up_offered",
        "policy.sign_off_asked",
        "top_up.declined",
        "top_up.gone",
    },
    "money is paid too much, or before it is spent": {
        "advance.spent_asked",
        "ask.handed_over",
        "overpayment.agreed",
        "overpayment.asked",
        "overpayment.gone",
        "overpayment.noted",
        "overpayment.settled",
        "overpayment.written_off",
    },
    "money that was promised is late": {"payment.late"},
    "a message of another name is said in these words": {
        "claim.approved_away",
        "claim.approved_waits",
        "claim.waiting_away",
        "offer.accepted_unpaid",
        "payout.gift_came_back",
        "payout.given_away",
        "offer.given_away",
        "offer.place_cancelled",
        "offer.on_the_day",
    },
    "a no is not agreed with, or a receipt is harmful": {
        "claim.look_again_asked",
        "claim.looked_again",
        "receipt.refused",
    },
    "somebody helps another, or sends a claim for them": {
        "claim.entered",
        "helper.confirmed",
        "helper.did",
        "helper.ended",
        "helper.recorded",
    },
    "somebody acts for another": {
        "attorney.asked",
        "authority.checked",
        "authority.ended",
        "authority.recorded",
    },
    "a change is not theirs": {
        "person.contact_changed",
        "person.payments_go_on",
        "person.payments_stopped",
    },
    "a bank or Stripe has something to say": {
        "method.told_by_bank",
        "payout.not_handed_over",
        "payout.waits",
        "recipient.doubtful",
        "recipient.form",
        "recipient.refused",
    },
    "something is put right and comes to the same, or all of somebody is to be erased": {
        "claim.corrected",
        "erasure.asked",
    },
    "the books or the funds are in trouble": {"books.breach", "rail.short_of_funds"},
}


@dataclass(frozen=True)
class Place:
    """One council of the region, with its walls open."""

    slug: str
    council_id: str
    session: Session


@contextmanager
def place(region: Told, slug: str) -> Iterator[Place]:
    with region.db.crossing() as outside:
        council_id = councils.council_id_of(outside, slug=slug)
    assert council_id is not None
    with region.db.council(council_id) as session:
        yield Place(slug, council_id, session)


def everywhere(region: Told, look: Callable[[Place], list[Any]]) -> list[Any]:
    """What `look` finds in each council, in one list."""
    found: list[Any] = []
    for slug in SLUGS:
        with place(region, slug) as here:
            found += look(here)
    return found


def all_claims(here: Place) -> list[Any]:
    return claims.page(
        here.session, council_id=here.council_id, wanted=claims.Filter(), after=None, limit=1000
    )


def all_sessions(here: Place) -> list[Any]:
    return sessions.newest(here.session, council_id=here.council_id)


def all_offers(here: Place) -> list[Any]:
    return [
        offer
        for occasion in all_sessions(here)
        for offer in sessions.offers(here.session, council_id=here.council_id, session_id=occasion.id)
    ]


@pytest.fixture
def rows(cluster: Cluster, region: Told) -> Iterator[Callable[[str], list[Any]]]:
    """A line past every wall, to look with."""
    with psycopg.connect(cluster.driver_url(database=NAME), autocommit=True) as line:
        yield lambda statement: line.execute(statement).fetchall()


def test_says_where_it_is_to_us_alone(region: Told) -> None:
    assert region.file.stat().st_mode & 0o777 == 0o600
    assert list(region.says) == ["api_keys", "demo", "pages"]
    assert list(region.says["api_keys"]) == SLUGS
    assert {path.name for path in region.file.parent.iterdir()} == {"demo.json", "ended"}


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("role", ["lead", "finance", "ops"])
def test_hands_out_test_keys_for_each_role(region: Told, slug: str, role: str) -> None:
    secret = region.says["api_keys"][slug][role]
    with region.db.crossing() as outside:
        home = councils.key_home(outside, secret=secret)
    with place(region, slug) as here:
        assert home is not None
        caller = councils.caller_by_key(
            here.session, council_id=here.council_id, key_id=home[1], now=region.ended_at
        )
    assert caller is not None
    assert (caller.council_id, caller.roles, caller.test) == (here.council_id, (role,), True)


@pytest.mark.parametrize("slug", SLUGS)
def test_names_an_activity_and_role_that_every_council_pays_for(region: Told, slug: str) -> None:
    demo = region.says["demo"]
    with place(region, slug) as here:
        judge = policies.in_force(here.session, council_id=here.council_id, on=region.ended_at.date())
    facts = {"on": region.ended_at.date(), "minutes": 60, "online": True, **demo}
    assert judge.assess(facts)["outcome"] == "payable"


def test_names_pages_that_open(region: Told) -> None:
    app = create_app(region.settings)
    asks_to_sign_in = set()
    for name, path in region.says["pages"].items():
        answer = app.test_client().get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        if answer.request.path.endswith("/staff/sign-in"):
            asks_to_sign_in.add(name)
    app.extensions["db"].close()
    assert asks_to_sign_in == {*(f"{slug} staff" for slug in (*SLUGS, "middleshire")), "outbox", "queues"}


def test_has_a_region_that_publishes_what_its_three_councils_build_on(region: Told) -> None:
    with place(region, "middleshire") as own:
        assert councils.get(own.session, council_id=own.council_id).kind == "region"
        staff = councils.staff(own.session, council_id=own.council_id)
    assert [(one.name, one.roles) for one in staff] == [
        ("Ravi Region", ["policy_owner"]),
        ("Rosalind Region", ["policy_owner"]),
    ]
    found = regional.members(
        region.db, region_id=own.council_id, base="region/middleshire.yaml", today=region.ended_at.date()
    )
    assert [(one.slug, one.pinned) for one in found] == [(slug, "1.0") for slug in sorted(SLUGS)]


@pytest.mark.parametrize("slug", SLUGS)
def test_balances_and_holds_together(region: Told, slug: str) -> None:
    with place(region, slug) as here:
        while events.seal(here.session, council_id=here.council_id):
            pass
        assert events.broken_links(here.session, council_id=here.council_id) == []
        assert books.breaches(here.session, council_id=here.council_id) == []
        assert deliveries.failed(here.session, council_id=here.council_id) == []


def test_leaves_no_work_behind(rows: Callable[[str], list[Any]]) -> None:
    assert rows("SELECT * FROM deliveries WHERE state <> 'done'") == []
    # The keys come last, and nothing follows from one.
    waiting = "SELECT DISTINCT name FROM event_outbox JOIN events ON events.id = event_outbox.event_id"
    assert rows(waiting) == [("key.added",)]


def test_has_claims_in_every_state_that_lasts(region: Told) -> None:
    passing = {"draft", "submitted"}
    assert {claim.state for claim in everywhere(region, all_claims)} == set(claim_model.STATES) - passing


def test_has_payments_in_every_state_that_lasts(rows: Callable[[str], list[Any]]) -> None:
    found = {state for (state,) in rows("SELECT DISTINCT state FROM payouts")}
    assert found == set(payout_model.STATES) - {"sending"}


def test_holds_payments_for_every_reason_that_its_policies_know(rows: Callable[[str], list[Any]]) -> None:
    found = {reason for (reason,) in rows("SELECT DISTINCT held_because FROM payouts WHERE state = 'held'")}
    assert found == {"no_method", "not_wanted", "by_hand"}


def test_pays_by_every_way(rows: Callable[[str], list[Any]]) -> None:
    found = {rail for (rail,) in rows("SELECT DISTINCT rail FROM payouts WHERE state = 'paid'")}
    assert found == {"sandbox", "finance_system", "voucher", "charity", "cash_desk"}


def test_has_sessions_of_every_kind_past_and_to_come(region: Told) -> None:
    found = everywhere(region, all_sessions)
    with place(region, "exampleshire") as here:
        judge = policies.in_force(here.session, council_id=here.council_id, on=region.ended_at.date())
    known = {row["key"] for row in judge.policy.catalogue(on=region.ended_at.date())["activities"]}
    assert {occasion.activity for occasion in found} == known
    to_come = {occasion.activity for occasion in found if occasion.starts_at > region.ended_at}
    assert len(to_come) >= 5
    assert sum(occasion.cancelled_at is not None for occasion in found) == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_leaves_a_register_to_tick_in_every_council(region: Told, slug: str) -> None:
    with place(region, slug) as here:
        (last,) = [o for o in all_sessions(here) if o.title == "Over a Brew: an evening hour"]
        register = sessions.register(here.session, council_id=here.council_id, session_id=last.id)
        offers = sessions.offers(here.session, council_id=here.council_id, session_id=last.id)
    assert last.ends_at < region.ended_at
    assert register == []
    assert [offer.state for offer in offers] == ["accepted"] * 5


def test_has_every_answer_to_an_offer(region: Told) -> None:
    offers = everywhere(region, all_offers)
    assert {offer.state for offer in offers} == {"made", "accepted", "declined", "cancelled"}
    taken = [offer for offer in offers if offer.accept_pence is not None]
    assert sorted(offer.accept_pence for offer in taken) == [0, 1000, 2000]
    assert [offer.give_to for offer in offers if offer.give_to] == ["The Invented Trust"]


def test_decides_by_rule_by_one_person_and_by_two(region: Told) -> None:
    def look(here: Place) -> list[Any]:
        decided = []
        for claim in all_claims(here):
            made = approvals.decisions(here.session, council_id=here.council_id, claim_id=claim.id)
            decided.append(tuple((d.kind, d.decider_kind, bool(d.clause), bool(d.sums)) for d in made))
        return decided

    found = Counter(everywhere(region, look))
    by_rule, by_person = ("agreed", "rule", False, False), ("agreed", "staff", False, False)
    assert found[(by_rule,)] > 20
    assert found[(by_person,)] > 5
    assert found[by_person, by_person] == 4
    assert found[(("agreed", "staff", False, True),)] == 1
    assert found[(("refused", "rule", True, False),)] == 2
    assert found[(("refused", "staff", True, False),)] == 1
    assert found[("asked", "staff", False, False), by_person] == 1


def test_writes_every_message_of_what_happens_there(rows: Callable[[str], list[Any]]) -> None:
    found = {name for (name,) in rows("SELECT DISTINCT name FROM notices")}
    assert found == set(WORDINGS) - {name for names in UNSAID.values() for name in names}
    # Nothing leaves a demonstration; who asked for letters has them waiting for somebody to print them.
    assert {by for (by,) in rows("SELECT DISTINCT sent_by FROM notices")} == {"outbox", "letter"}


def test_does_nothing_before_its_time(region: Told, rows: Callable[[str], list[Any]]) -> None:
    ((first, last),) = rows("SELECT min(at), max(at) FROM events")
    assert date(2025, 4, 1) < first.date()
    assert last <= region.ended_at
    assert rows("SELECT * FROM payouts WHERE paid_on > changed_at::date") == []


@pytest.mark.parametrize("cast", REGION, ids=SLUGS)
def test_is_about_nobody(region: Told, cast: Any) -> None:
    with place(region, cast.council.slug) as here:
        staff = councils.staff(here.session, council_id=here.council_id)
    assert [m.email.rpartition("@")[2] for m in staff] == [f"{cast.council.slug}.test"] * len(staff)
    assert re.fullmatch(r"01632 960 \d{3}", cast.council.contact_phone)
    first = [who.name.split()[0] for who in (*cast.people, *cast.staff)]
    assert len(set(first)) == len(first)
    for who in cast.people:
        assert re.fullmatch(r"(07700 900\d{3})?", who.phone)
        assert who.method is None or who.method.sort_code in ("", SORT_CODE)
        assert who.emailed or who.phone
