"""Is a changed, missing or slipped-in event found, and may words be erased without breaking the chain?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import events
from service.cli import main
from service.events import SYSTEM
from service.tasks import hands, housekeeping
from tests.stage import Council, Stage, told


@pytest.fixture
def council(stage: Stage) -> Council:
    """A council in which somebody was asked something, and everything so far is sealed."""
    made = stage.council()
    session_id = made.ticked("practice_review", role="team_member", minutes=300)
    stage.drain()
    claim = made.claim(session=session_id)
    seen = made.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(made.approver.post(f"claims/{claim['id']}/ask", {"question": "Which day?"}, seen=seen))
    seal(stage)
    return made


def seal(stage: Stage) -> None:
    hands.use(stage.hands)
    housekeeping.seal_events()


def broken(council: Council) -> list[str]:
    with council.stage.hands.db.council(council.id) as session:
        return events.broken_links(session, council_id=council.id)


def as_a_thief(council: Council, statement: str) -> None:
    """Change the past with every right there is, past every trigger."""
    with council.stage.admin() as line:
        line.execute("SET session_replication_role = replica")
        line.execute(statement)


def test_a_chain_that_nobody_touched_holds(council: Council) -> None:
    assert broken(council) == []
    with council.stage.admin() as line:
        counts = line.execute(
            "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM event_seals),"
            " (SELECT count(*) FROM event_unsealed)"
        ).fetchone()
    assert counts is not None
    written, sealed, waiting = counts
    assert written == sealed > 10
    assert waiting == 0


COLUMNS = {
    "name": "'claim.refused'",
    "subject_id": "'clm_other'",
    "person_id": "'per_other'",
    "session_id": "'ses_other'",
    "claim_id": "'clm_other'",
    "amount_pence": "1",
    "refs": """'{"a": 1}'""",
    "actor_kind": "'person'",
    "actor_id": "'stf_other'",
    "request_id": "'other'",
    "text_digest": "'other'",
    "at": "at + interval '1 second'",
}


def test_every_column_of_an_event_is_sealed(council: Council) -> None:
    with council.stage.admin() as line:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'events'"
        assert {name for (name,) in line.execute(query).fetchall()} == {"council_id", "id", *COLUMNS}
        first = line.execute("SELECT id, name FROM events ORDER BY id LIMIT 1").fetchone()
    assert first is not None
    event_id, name = first
    for column, other in COLUMNS.items():
        with council.stage.admin() as line:
            before = line.execute(f"SELECT {column} FROM events WHERE id = %s", (event_id,)).fetchone()
        assert before is not None
        as_a_thief(council, f"UPDATE events SET {column} = {other} WHERE id = {event_id}")
        shown = "claim.refused" if column == "name" else name
        assert broken(council) == [f"Event {event_id} ({shown}) is not what was sealed."], column
        restore(council, column, event_id, before[0])
        assert broken(council) == []


def restore(council: Council, column: str, event_id: int, value: Any) -> None:
    with council.stage.admin() as line:
        line.execute("SET session_replication_role = replica")
        kept = Jsonb(value) if isinstance(value, dict) else value
        line.execute(f"UPDATE events SET {column} = %s WHERE id = %s", (kept, event_id))


SLIPPED_IN = """
INSERT INTO events OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(e, '{"id": 999}')).* FROM events e WHERE id = 1
"""
THEFTS: dict[str, tuple[str, str]] = {
    "an event taken out": (
        "DELETE FROM events WHERE id = 2",
        "was sealed and is gone",
    ),
    "an event and its seal taken out": (
        "DELETE FROM event_seals WHERE number = 2; DELETE FROM events WHERE id = 2",
        "Link 2 is missing",
    ),
    "an event slipped in": (
        SLIPPED_IN,
        "was never sealed",
    ),
    "two events swapped": (
        "UPDATE event_seals SET event_id = 5 - event_id WHERE event_id IN (2, 3)",
        "is not what was sealed",
    ),
    "a seal made up": (
        "UPDATE event_seals SET hash = repeat('0', 64) WHERE number = 1",
        "is not what was sealed",
    ),
    "words changed": ("UPDATE event_texts SET words = 'Which year?'", "words said with event"),
}


@pytest.mark.parametrize("theft", THEFTS)
def test_finds(council: Council, theft: str) -> None:
    statement, sentence = THEFTS[theft]
    as_a_thief(council, statement)
    found = broken(council)
    assert any(sentence in line for line in found), found


def test_erasing_words_leaves_the_chain_whole(council: Council) -> None:
    with council.stage.hands.db.council(council.id) as session:
        session.execute(text("DELETE FROM event_texts"))
    assert broken(council) == []
    assert not any("Which day?" in row for row in council.stage.picture("notices")["events"])


def test_no_event_holds_words_or_names(council: Council) -> None:
    kept = str(council.stage.picture()["events"])
    for said in ("Which day?", "Ada Example", "example.org", "00012345"):
        assert said not in kept


def test_sealing_goes_on_where_it_stopped_and_councils_do_not_mix(council: Council) -> None:
    other = council.stage.council("demoford")
    council.person("Bo Example")
    other.person("Cy Example")
    for one in (council, other):
        with council.stage.hands.db.council(one.id) as session:
            while events.seal(session, council_id=one.id, limit=1):
                pass
    assert broken(council) == broken(other) == []


def test_an_event_that_commits_late_is_sealed_late_and_not_left_out(council: Council) -> None:
    """Its number is lower than that of events that are sealed already: order of numbers is not of commits."""
    db, now = council.stage.hands.db, council.stage.clock()
    with db.council(council.id) as slow:
        early = events.record(slow, council_id=council.id, name="slow", subject_id="x", actor=SYSTEM, at=now)
        council.person("Bo Example")
        seal(council.stage)
        assert broken(council) == []
    seal(council.stage)
    assert broken(council) == []
    with council.stage.admin() as line:
        last = line.execute("SELECT event_id FROM event_seals ORDER BY number DESC LIMIT 1").fetchone()
    assert last == (early.id,)


def test_two_who_seal_at_once_take_turns(council: Council) -> None:
    for n in range(6):
        council.person(f"Person {n}")

    def one_seals(_: int) -> int:
        with council.stage.hands.db.council(council.id) as session:
            return events.seal(session, council_id=council.id)

    with ThreadPoolExecutor(4) as several:
        assert sum(several.map(one_seals, range(8))) >= 12
    assert broken(council) == []


def test_a_command_verifies_every_chain_and_the_books(
    council: Council,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "Exampleshire: all is well\n"
    as_a_thief(council, "UPDATE events SET amount_pence = 1 WHERE name = 'claim.submitted'")
    assert main(["verify"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Exampleshire: 1 faults"
    assert said[1].endswith("(claim.submitted) is not what was sealed.")


def test_only_the_service_adds_and_nobody_changes(council: Council) -> None:
    for statement in (
        "UPDATE events SET name = 'x'",
        "DELETE FROM events",
        "UPDATE event_seals SET hash = 'x'",
        "UPDATE event_texts SET words = 'x'",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            council.stage.hands.db.council(council.id) as session,
        ):
            session.execute(text(statement))
    assert broken(council) == []
