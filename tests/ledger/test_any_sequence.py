"""Does the trial balance sum to zero at every commit, whatever is posted, repeated, refused or broken off?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.days import utc_now
from service.events import SYSTEM
from service.ledger import actions, periods, queries
from service.ledger.model import ACCOUNTS, MEMORANDUM, DoesNotBalance, Entry, Posting, difference
from tests.stage import Council, Stage

# Commitments are posted in pairs by their own verbs only.
NAMES = st.sampled_from([*sorted(set(ACCOUNTS) - set(MEMORANDUM)), "bank:sandbox", "bank:bacs"])
SIDES = st.lists(st.tuples(NAMES, st.integers(-500, 500).filter(bool)), min_size=1, max_size=4)
CLAIMS = st.sampled_from(["clm_1", "clm_2"])
OWED = st.dictionaries(
    st.tuples(st.sampled_from(["fees", "expenses"]), st.sampled_from(["a", "b", "c"])),
    st.integers(-300, 300),
    max_size=4,
)
STEPS = st.one_of(
    st.tuples(st.just("post"), st.sampled_from("abcd"), SIDES),
    st.tuples(st.just("break off"), st.sampled_from("abcd"), SIDES),
    st.tuples(st.just("lopsided"), st.integers(1, 9)),
    st.tuples(st.just("accrue"), CLAIMS, OWED, st.sampled_from(["C1", "C2"])),
    st.tuples(st.just("promise"), st.sampled_from(["off_1", "off_2"]), st.integers(0, 400)),
    st.tuples(st.just("release"), st.sampled_from(["off_1", "off_2"])),
    st.tuples(st.just("close")),
)


class BrokenOff(Exception):
    """A process ends before it commits."""


def post(session: Any, council: Council, source: str, sides: list[tuple[str, int]]) -> None:
    rest = -sum(pence for _, pence in sides)
    made = [Posting(account, pence, "C") for account, pence in sides] + [Posting("creditors", rest, "C")]
    actions.post(session, council_id=council.id, entry=Entry("test", source, tuple(made)), at=utc_now())


def step(council: Council, verb: str, *given: Any) -> None:
    """One transaction. Raises what refused or broke it."""
    key = {"council_id": council.id}
    with council.stage.hands.db.council(council.id) as session:
        if verb in ("post", "break off"):
            post(session, council, *given)
        if verb == "break off":
            raise BrokenOff
        if verb == "lopsided":
            query = "INSERT INTO ledger_entries (council_id, id, kind, source_id, at)"
            query += " VALUES (:c, :i, 'x', :i, now())"
            session.execute(text(query), {"c": council.id, "i": f"ent_{given[0]}"})
            query = (
                "INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence,"
                " cost_centre, subjective) VALUES"
                " (:c, :i, 0, 'fees', :p, '', ''), (:c, :i, 1, 'fees', :p, '', '')"
            )
            session.execute(text(query), {"c": council.id, "i": f"ent_{given[0]}", "p": given[0]})
        if verb == "accrue":
            claim_id, owed, centre = given
            actions.accrue(
                session, **key, claim_id=claim_id, person_id="p", cost_centre=centre, owed=owed, at=utc_now()
            )
        if verb == "promise":
            actions.set_aside(
                session,
                **key,
                offer_id=given[0],
                person_id="p",
                cost_centre="C",
                pence=given[1],
                at=utc_now(),
            )
        if verb == "release":
            actions.release(session, **key, offer_ids=[given[0]], at=utc_now())
        if verb == "close":
            periods.close(session, **key, period=periods.month_of(utc_now()), actor=SYSTEM, now=utc_now())


@given(steps=st.lists(STEPS, min_size=1, max_size=10))
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_the_balance_is_nothing_after_every_commit(stage: Stage, steps: list[tuple[Any, ...]]) -> None:
    council = stage.council(f"council-{len(stage.hands.db.council_ids())}", policy="exampleshire")
    owed: dict[str, dict[tuple[str, str], int]] = {}
    for verb, *more in steps:
        try:
            step(council, verb, *more)
        except (BrokenOff, DoesNotBalance):
            assert verb in ("post", "break off")
        except DBAPIError as refusal:
            refused_as = str(refusal)
            assert (verb, "does not balance" in refused_as) == ("lopsided", True)
        else:
            assert verb not in ("lopsided", "break off")
            if verb == "accrue":
                owed[more[0]] = {what: pence for what, pence in more[1].items() if pence}
        agrees(council, owed)


def agrees(council: Council, owed: dict[str, dict[tuple[str, str], int]]) -> None:
    with council.stage.hands.db.council(council.id) as session:
        for memorandum in (False, True):
            rows = queries.trial_balance(session, council_id=council.id, memorandum=memorandum)
            assert sum(row.debit_pence for row in rows) == sum(row.credit_pence for row in rows)
        for claim_id, wanted in owed.items():
            standing = queries.accrued(session, council_id=council.id, claim_id=claim_id)
            found: dict[tuple[str, str], int] = {}
            for side in standing:
                what = (side.account, side.category)
                found[what] = found.get(what, 0) + side.amount_pence
            assert {what: pence for what, pence in found.items() if pence} == wanted


@given(before=OWED, after=OWED)
def test_the_difference_makes_the_books_say_what_is_owed(
    before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]
) -> None:
    standing = [Posting(a, pence, "C", "1", c, "OS") for (a, c), pence in before.items() if pence]
    sides = difference(after, standing, cost_centre="C")
    assert sum(side.amount_pence for side in sides) == 0
    found = dict(before)
    for side in sides:
        if side.account != "creditors":
            what = (side.account, side.category)
            found[what] = found.get(what, 0) + side.amount_pence
    assert {w: p for w, p in found.items() if p} == {w: p for w, p in after.items() if p}
    assert not any(side.amount_pence == 0 for side in sides)
    if {w: p for w, p in before.items() if p} == {w: p for w, p in after.items() if p}:
        assert sides == ()


@pytest.mark.parametrize("centre", ["C", "D"])
def test_what_is_called_off_goes_where_it_stood(centre: str) -> None:
    standing = [
        Posting("fees", 500, "C", "4410", "board", "OS"),
        Posting("expenses", 20, "C", "1", "bus", "EX"),
    ]
    assert difference({}, standing, cost_centre=centre) == (
        Posting("fees", -500, "C", "4410", "board", "OS"),
        Posting("expenses", -20, "C", "1", "bus", "EX"),
        Posting("creditors", 520, centre),
    )
