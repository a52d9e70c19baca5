"""Does somebody get all that is kept about them, and is none of their words left once they were erased?"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest

from service import events
from service.errors import Invalid
from service.events import SYSTEM, Actor
from service.own_data import actions, packing, queries, retention
from service.own_data.model import FACTS, HELD, LEFT_OUT, STEPS
from service.people import lost, stopping
from service.people.stopping import PaymentsStopped
from service.sessions import queries as sessions
from service.tasks import hands, housekeeping
from tests.neighbours import neighbours
from tests.own_data.life import (
    ACCOUNT,
    CHARITY,
    EMAIL,
    NAME,
    OF_OTHERS,
    OLD_EMAIL,
    PHONE,
    STREET,
    a_life,
    key_of,
    letters_that_wait,
)
from tests.stage import Council, Stage, refused, told

# Columns of letters that hold no words: ids, states, days, kinds, figures and names of things of ours.
PLAIN = {
    "attempts": {"key", "outcome", "rail_reference"},
    "bank_file_lines": {"reference", "origin", "outcome"},
    "bank_import_lines": {"did"},
    "claim_assessments": {"policy_hash", "engine_version", "outcome", "line_pence"},
    "claim_corrections": {"because", "state", "asked_by", "sums"},
    "decisions": {"kind", "role", "decider_kind", "decider_by", "clause", "sums"},
    "payment_run_lines": {"cost_centre"},
    "attendances": {"role", "ticked_by"},
    "authorities": {"kind", "recorded_by", "checked_by", "ended_by"},
    "booked_costs": {"category", "cost_centre", "booked_by"},
    "claims": {"kind", "state", "cost_code", "day", "decided_lines"},
    "events": {"name", "refs", "actor_kind", "actor_id", "request_id", "text_digest"},
    "former_contacts": {"changed_by"},
    "ledger_entries": {"kind", "period"},
    "method_confirmations": {"asked_by"},
    "notices": {"name", "goes_to", "sent_by"},
    "obligations": {"cost_centre"},
    "offers": {"role", "state", "made_by"},
    "overpayments": {"part", "cost_centre", "state", "because", "noticed_by"},
    "payment_methods": {"kind", "state", "recorded_by"},
    "payouts": {"rail", "reference", "state", "held_because", "bank_reference", "goes_with"},
    "stripe_recipients": {"financial_account", "state", "check_result", "decided_by"},
    "erasures": {"state"},
    "helpers": {"kind", "consent", "recorded_by", "confirmed_by"},
    "message_sendings": {"key", "reached_by", "via", "posted_by"},
    "offer_asks": {"kind", "category", "wish", "state", "asked_by", "answered_by"},
    "own_lines": {"per"},
    "payment_choices": {"answer", "chosen_by"},
    # The mark is made with a key of ours from a picture that nobody can see any more.
    "receipts": {"state", "kind", "scan", "mark"},
    # A link is known by its hash alone, and a code by its id.
    "sign_in_codes": {"kind", "purpose", "way"},
    "sign_in_links": {"kind", "hash", "goes_to"},
}
# What a verb of its own room lets go of.
BY_ITS_ROOM = {"receipts": {"key_sealed"}}
TEXTS = (
    "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
    " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
    " AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY') ORDER BY 1, 2"
)
WITH_A_PERSON = (
    "SELECT table_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND column_name = 'person_id' ORDER BY 1"
)
# What hangs on a claim, an offer, a payment or a message is about its person too.
ABOUT_A_PERSON = (
    "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND column_name IN ('person_id', 'claim_id', 'offer_id', 'payout_id', 'notice_id', 'subject_id')"
    " ORDER BY 1"
)


def asks(council: Council, person_id: str) -> None:
    with council.stage.hands.db.council(council.id) as session:
        me = Actor("person", person_id)
        actions.ask(session, **key_of(council, person_id), actor=me, now=council.stage.clock())


def round_of_erasing(council: Council) -> None:
    hands.use(council.stage.hands)
    housekeeping.erase()


def open_matters(council: Council, person_id: str) -> list[str]:
    with council.stage.hands.db.council(council.id) as session:
        key = key_of(council, person_id)
        found = queries.still_open(session, **key, now=council.stage.clock())
    return [one.what for one in found]


def where_is(stage: Stage, *words: str) -> list[str]:
    """Every column of the whole database that still holds one of these words, in any letters."""
    found = []
    with stage.admin() as line:
        for table, column in line.execute(TEXTS).fetchall():
            for word in words:
                query = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s'
                row = line.execute(query, (f"%{word}%",)).fetchone()
                if row != (0,):
                    found.append(f"{table}.{column}: {word}")
    return found


def what_still_opens(council: Council, person_id: str) -> dict[str, int]:
    """How many pictures, links, codes, helpers and lines of somebody's still open or say something."""
    queries_of = {
        "keys": "receipts WHERE person_id = %(who)s AND key_sealed IS NOT NULL",
        "links": "sign_in_links WHERE subject_id = ANY(%(all)s) AND used_at IS NULL",
        "codes": "sign_in_codes WHERE subject_id = ANY(%(all)s) AND ended_at IS NULL",
        "helpers": "helpers WHERE person_id = %(who)s AND ended_at IS NULL",
        "lines": "own_lines WHERE person_id = %(who)s AND amount_pence IS NOT NULL",
    }
    with council.stage.admin() as line:
        found = line.execute("SELECT id FROM helpers WHERE person_id = %s", (person_id,)).fetchall()
        given = {"who": person_id, "all": [person_id, *(one for (one,) in found)]}
        counted = {
            name: line.execute(f"SELECT count(*) FROM {rows}", given).fetchone()  # type: ignore[arg-type]
            for name, rows in queries_of.items()
        }
    return {name: row[0] for name, row in counted.items() if row}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def test_every_table_with_a_person_in_it_is_handed_out_or_says_why_not(stage: Stage) -> None:
    known = {held.table for held in HELD} | set(LEFT_OUT)
    with stage.admin() as line:
        line.execute("CREATE TABLE hole (council_id text, person_id text)")
        try:
            planted = {table for (table,) in line.execute(ABOUT_A_PERSON).fetchall()}
        finally:
            line.execute("DROP TABLE hole")
        found = {table for (table,) in line.execute(ABOUT_A_PERSON).fetchall()}
    assert planted - known == {"hole"}
    assert found - known == set()
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


def test_every_column_of_letters_about_a_person_is_erased_or_holds_no_words(stage: Stage) -> None:
    with stage.admin() as line:
        tables = {table for (table,) in line.execute(ABOUT_A_PERSON).fetchall()}
        columns = [(t, c) for t, c in line.execute(TEXTS).fetchall() if t in tables]
    forgotten = [
        f"{table}.{column}"
        for table, column in columns
        if not column.endswith("_id")
        and column != "id"
        and column not in PLAIN.get(table, set())
        and column not in FACTS.get(table, ((), ""))[0]
        and column not in BY_ITS_ROOM.get(table, set())
        and f"{column} =" not in STEPS.get(table, "")
        and not STEPS.get(table, "").startswith("DELETE ")
    ]
    assert forgotten == []
    unreal = [(t, c) for t, cs in PLAIN.items() for c in cs if (t, c) not in columns]
    assert unreal == []


def test_the_copy_holds_everything_for_people_and_for_machines(stage: Stage) -> None:
    one, _ = neighbours(stage)
    council, person_id = one.council, one.ids["person_id"]
    with stage.hands.db.council(council.id) as session:
        about: dict[str, Any] = {"actor": Actor("person", person_id), "now": stage.clock()}
        made = packing.packed(session, **key_of(council, person_id), keeping=stage.hands.receipts, **about)
    archive = zipfile.ZipFile(io.BytesIO(made))
    whole = json.loads(archive.read(packing.MACHINE))
    (receipt,) = [row for part in whole["parts"] if part["table"] == "receipts" for row in part["rows"]]
    picture = f"receipts/{receipt['id']}.jpg"
    assert archive.namelist() == [packing.READABLE, packing.MACHINE, picture]
    assert archive.read(picture).startswith(b"\xff\xd8\xff")
    rows = {part["table"]: part["rows"] for part in whole["parts"]}
    assert set(rows) == {held.table for held in HELD}
    with stage.admin() as line:
        for (table,) in line.execute(WITH_A_PERSON).fetchall():
            # What was looked at for this very copy was noted after it was read.
            query = f"SELECT count(*) FROM {table} WHERE person_id = %s"
            assert (len(rows[table]),) == line.execute(query, (person_id,)).fetchone(), table
    assert rows["payment_methods"][0]["masked"] == "account ending 2345"
    page = archive.read(packing.READABLE).decode()
    assert "Ada Example" in page
    both = page + archive.read(packing.MACHINE).decode()
    assert "00012345" not in both
    assert "details_sealed" not in both


def test_nobody_elses_things_are_in_the_copy(stage: Stage) -> None:
    council = stage.council()
    mine, other = a_life(council), council.person("Olga Other", email="olga@other.example")
    with stage.hands.db.council(council.id) as session:
        found = str(queries.everything(session, **key_of(council, mine)))
    assert NAME in found
    assert "Olga" not in found
    assert other not in found


def test_nothing_goes_before_the_week_is_over_and_all_is_settled(council: Council) -> None:
    person_id = a_life(council)
    asks(council, person_id)
    council.stage.drain()
    with council.stage.admin() as line:
        query = "SELECT count(*) FROM notices WHERE name = 'erasure.asked' AND person_id = %s"
        assert line.execute(query, (person_id,)).fetchone() == (1,)
    round_of_erasing(council)
    council.stage.clock.forward(actions.WAITS)
    assert set(open_matters(council, person_id)) == {"A payment that the bank could still send back"}
    before = council.stage.picture()
    round_of_erasing(council)
    assert council.stage.picture() == before


def test_afterwards_no_word_of_theirs_is_left_and_the_books_balance(council: Council) -> None:
    person_id = a_life(council)
    words = (NAME, "Zebedee", EMAIL, OLD_EMAIL, PHONE, ACCOUNT, "ZQ-1966", CHARITY, "ending 3445")
    words += (*OF_OTHERS, STREET, "EX1 9ZQ", "01632 960 777")
    there = {found.split(".")[0] for found in where_is(council.stage, *words)}
    first = what_still_opens(council, person_id)
    assert {name for name, many in first.items() if many} == {"keys", "links", "codes", "helpers", "lines"}
    assert {"people", "former_contacts", "payment_methods", "notices", "claim_assessments", "offers"} <= there
    assert {"event_texts", "kept_answers", "payouts"} <= there
    assert {"helpers", "authorities", "message_choices", "unsent_claims", "contact_requests"} <= there
    assert letters_that_wait(council) > 0
    books, asked_for = council.balance(), council.payments()
    asks(council, person_id)
    council.stage.clock.forward(timedelta(days=20))
    round_of_erasing(council)
    assert where_is(council.stage, *words) == []
    assert what_still_opens(council, person_id) == {
        "keys": 0,
        "links": 0,
        "codes": 0,
        "helpers": 0,
        "lines": 0,
    }
    assert letters_that_wait(council) == 0
    assert council.balance() == books
    assert [(p["id"], p["amount_pence"], p["status"]) for p in council.payments()] == [
        (p["id"], p["amount_pence"], p["status"]) for p in asked_for
    ]
    assert told(council.lead.get(f"people/{person_id}"))["name"] == "(erased)"
    hands.use(council.stage.hands)
    housekeeping.seal_events()
    with council.stage.hands.db.council(council.id) as session:
        assert events.broken_links(session, council_id=council.id) == []
        assert sessions.asks_waiting(session, council_id=council.id) == []
        assert [one.name for one in lost.waiting(session, council_id=council.id)] == ["Olga Other"]
    written = len(council.messages(person_id))
    council.stage.drain()
    assert len(council.messages(person_id)) == written


def test_open_money_is_never_lost(council: Council) -> None:
    session_id = council.ticked(account=None)
    council.stage.drain()
    person_id = council.claim(session=session_id)["person"]
    asks(council, person_id)
    council.stage.clock.forward(timedelta(days=60))
    assert open_matters(council, person_id) == ["Money that we owe you and have not paid"]
    round_of_erasing(council)
    assert told(council.lead.get(f"people/{person_id}"))["name"] == "Ada Example"
    told(council.pays_into(person_id, "00012345"))
    council.stage.settle()
    assert open_matters(council, person_id) == ["A payment that the bank could still send back"]
    council.stage.clock.forward(timedelta(days=20))
    round_of_erasing(council)
    assert told(council.lead.get(f"people/{person_id}"))["name"] == "(erased)"


def test_it_can_be_taken_back(council: Council) -> None:
    person_id = council.person(NAME, email=EMAIL)
    asks(council, person_id)
    with council.stage.hands.db.council(council.id) as session:
        me = Actor("person", person_id)
        actions.take_back(session, **key_of(council, person_id), actor=me, now=council.stage.clock())
    council.stage.clock.forward(timedelta(days=30))
    round_of_erasing(council)
    assert told(council.lead.get(f"people/{person_id}"))["name"] == NAME


def test_a_thief_cannot_erase_what_happened(council: Council) -> None:
    """Whoever presses "This was not me" holds the erasing too, and nobody can ask for it meanwhile."""
    person_id = council.person(NAME, email=EMAIL)
    asks(council, person_id)
    with council.stage.hands.db.council(council.id) as session:
        me = Actor("person", person_id)
        stopping.stop(session, **key_of(council, person_id), actor=me, now=council.stage.clock())
    council.stage.clock.forward(timedelta(days=30))
    round_of_erasing(council)
    assert told(council.lead.get(f"people/{person_id}"))["name"] == NAME
    other = council.person("Olga Other")
    with council.stage.hands.db.council(council.id) as session:
        me = Actor("person", other)
        stopping.stop(session, **key_of(council, other), actor=me, now=council.stage.clock())
    with pytest.raises(PaymentsStopped):
        asks(council, other)


def test_what_the_policy_answered_changes_for_nobody_else(council: Council) -> None:
    person_id = a_life(council)
    with council.stage.admin() as line:
        change = "UPDATE claim_assessments SET answer = answer || '{\"x\": 1}' WHERE council_id = %s"
        with pytest.raises(Exception, match="is kept for ever"):
            line.execute(change, (council.id,))
    asks(council, person_id)
    council.stage.clock.forward(timedelta(days=20))
    round_of_erasing(council)
    with council.stage.admin() as line:
        change = (
            "UPDATE claim_assessments SET answer = answer || '{\"total_pence\": 1}' WHERE council_id = %s"
        )
        with pytest.raises(Exception, match="only words go"):
            line.execute(change, (council.id,))


def test_how_long_things_stay_is_a_dated_setting(council: Council) -> None:
    paid, today = date(2026, 11, 26), date(2026, 12, 1)
    with council.stage.hands.db.council(council.id) as session:
        asked: dict[str, Any] = {"council_id": council.id, "last_paid_on": paid, "today": today}
        first = retention.kept(session, **asked)
        assert {one.until for one in first} == {date(2033, 3, 31)}
        change: dict[str, Any] = {
            "council_id": council.id,
            "record_class": "payments",
            "starts_on": today,
            "actor": SYSTEM,
            "now": council.stage.clock(),
        }
        retention.keep_for(session, **change, years=12)
        retention.keep_for(session, **change, years=12)
        then = {one.record_class: one.until for one in retention.kept(session, **asked)}
        assert (then["payments"], then["reasons"]) == (date(2039, 3, 31), date(2033, 3, 31))
        before = retention.kept(session, **{**asked, "today": today - timedelta(days=1)})
        assert before == first
        with pytest.raises(Invalid):
            retention.keep_for(session, **change, years=0)
        with pytest.raises(Invalid):
            retention.keep_for(session, **{**change, "record_class": "tea"}, years=6)
    assert retention.end_of_financial_year(date(2026, 3, 31)) == date(2026, 3, 31)
    assert retention.end_of_financial_year(date(2026, 4, 1)) == date(2027, 3, 31)


def test_nobody_offers_anything_to_somebody_who_was_erased(council: Council) -> None:
    person_id = council.person(NAME, email=EMAIL)
    asks(council, person_id)
    council.stage.clock.forward(timedelta(days=8))
    round_of_erasing(council)
    body = {"person": person_id, "role": "participant"}
    refused(council.lead.post(f"sessions/{council.session()}/offers", body), 409)
    refused(council.pays_into(person_id, ACCOUNT), 409)
