"""Is the first sign that money and records disagree seen, said, and said to whom it concerns?

Every check must first catch a breach that is planted for it, past every guard, by the database's own master.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.councils import actions as councils
from service.messages.protocol import Message
from service.rails import sandbox
from service.reports import books
from service.reports.tables import BookCheck
from service.tasks import hands, housekeeping
from tests.neighbours import Furnished
from tests.remembered import remembered
from tests.stage import Council, Stage


@pytest.fixture
def council(stage: Stage) -> Council:
    """A council with one claim paid, one agreed, and one offer that stands."""
    return with_books(stage).council


@remembered
def with_books(stage: Stage) -> Furnished:
    """What the fixture promises, made once by the process."""
    council = stage.council()
    council.ticked()
    council.ticked(account=sandbox.RETURNED)
    council.ticked(account=None)
    stage.drain()
    stage.sweep()
    council.invited(council.session(), council.person("Bo Example"))
    return Furnished(council, council.lead, {})


def found(council: Council, **given: Any) -> list[str]:
    with council.stage.hands.db.council(council.id) as session:
        return books.breaches(session, council_id=council.id, **given)


def one(council: Council, query: str) -> str:
    with council.stage.admin() as line:
        row = line.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def plant(council: Council, *statements: str) -> None:
    """Past walls and guards: triggers sleep for whoever calls the line a replica."""
    with council.stage.admin() as line:
        line.execute("SET session_replication_role = replica")
        for statement in statements:
            line.execute(statement)


PAID = "SELECT id FROM payouts WHERE state = 'paid'"
HELD = "SELECT id FROM payouts WHERE state = 'held'"
CAME_BACK = "SELECT id FROM payouts WHERE state = 'returned'"
PAID_CLAIM = "SELECT id FROM claims WHERE state = 'paid'"
HELD_CLAIM = "SELECT claim_id FROM payouts WHERE state = 'held'"
OFFER = "SELECT id FROM offers o WHERE NOT EXISTS (SELECT FROM claims c WHERE c.offer_id = o.id)"
TWICE = (
    "DROP INDEX one_live_payout",
    (
        'INSERT INTO payouts SELECT (jsonb_populate_record(p, \'{"id": "pay_twin"}\')).* FROM payouts p'
        " WHERE state = 'paid'"
    ),
)
ENTRY = (
    "INSERT INTO ledger_entries (council_id, id, kind, source_id, claim_id, at, period, posted_at,"
    " transaction)"
    " SELECT council_id, 'ent_x', '{kind}', '{source}', {claim}, now(), '2026-11', now(), 1 FROM councils"
)
SIDES = (
    "INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence,"
    " cost_centre, subjective)"
    " SELECT council_id, 'ent_x', n, account, pence, '', '' FROM councils,"
    " (VALUES (0, '{debit}', 5), (1, '{credit}', -5)) AS s (n, account, pence)"
)

# What is planted → the sentences that must be said of it. `{paid}` and the like stand for ids.
PLANTED: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "a side is changed": (
        (("UPDATE ledger_postings SET amount_pence = -1551 WHERE account = 'bank:sandbox'"
         " AND entry_id = '{settled}'"),),
        [
            "The ledger does not balance: {settled} has 2 sides, which differ by -1 pence.",
            "The ledger does not balance: 9300 pence debit, 9301 pence credit.",
            "{paid_claim} is paid, and -1 pence of it still stand as owed.",
            "{paid} is paid for 1550 pence, and the ledger has 1551 pence of it.",
        ],
    ),
    "an entry has no sides": (
        (ENTRY.format(kind="test", source="x", claim="NULL"),),
        ["The ledger does not balance: ent_x has 0 sides, which differ by 0 pence."],
    ),
    "what is promised loses its other side": (
        (("DELETE FROM ledger_postings WHERE account = 'commitments_contra' AND amount_pence < 0"
         " AND entry_id = '{promised}'"),),
        [
            "The ledger does not balance: {promised} has 1 sides, which differ by 1550 pence.",
            "The ledger does not balance: 10850 pence debit, 9300 pence credit in what is promised.",
        ],
    ),
    "a claim says paid": (
        ("UPDATE claims SET state = 'paid' WHERE id = '{held_claim}'",),
        ["{held_claim} is paid, and the ledger has 0 pence paid for it."],
    ),
    "a paid claim says approved": (
        ("UPDATE claims SET state = 'approved' WHERE id = '{paid_claim}'",),
        ["{paid_claim} is approved, and the ledger has 1550 pence paid for it."],
    ),
    "a claim comes to more": (
        ("UPDATE claims SET fee_pence = 1551 WHERE id = '{held_claim}'",),
        ["{held_claim} is approved and comes to 1551 pence, and the ledger has 1550 pence owed for it."],
    ),
    "a claim that is over still stands as owed": (
        ("UPDATE claims SET state = 'refused' WHERE id = '{held_claim}'",),
        ["{held_claim} is refused and comes to 0 pence, and the ledger has 1550 pence owed for it."],
    ),
    "an entry is about nothing": (
        (ENTRY.format(kind="test", source="x", claim="'clm_x'"), SIDES.format(debit="a", credit="b")),
        ["ent_x is about clm_x, and there is no such claim."],
    ),
    "paid twice": (
        (*TWICE,),
        [
            "{paid_claim} has 2 payments on their way for one thing owed, {owed}.",
            "{paid_claim} has 2 settled payments for one thing owed, {owed}.",
            "{paid_claim} was owed 1550 pence by {owed}, and 3100 pence were paid.",
            "pay_twin is paid, and the ledger has 0 settlements and 0 returns of it.",
        ],
    ),
    "two on their way": (
        (*TWICE, "UPDATE payouts SET state = 'sent' WHERE id = 'pay_twin'"),
        ["{paid_claim} has 2 payments on their way for one thing owed, {owed}."],
    ),
    "more was paid than owed": (
        ("UPDATE obligations SET fee_pence = 1549 WHERE id = '{owed}'",),
        ["{paid_claim} was owed 1549 pence by {owed}, and 1550 pence were paid."],
    ),
    "another sum left": (
        ("UPDATE payouts SET amount_pence = 1549 WHERE id = '{paid}'",),
        ["{paid} is paid for 1549 pence, and the ledger has 1550 pence of it."],
    ),
    "a payment says it came back": (
        ("UPDATE payouts SET state = 'returned' WHERE id = '{paid}'",),
        ["{paid} is returned, and the ledger has 1 settlements and 0 returns of it."],
    ),
    "a payment that came back says paid": (
        ("UPDATE payouts SET state = 'paid' WHERE id = '{came_back}'",),
        ["{came_back} is paid, and the ledger has 1 settlements and 1 returns of it."],
    ),
    "a settlement of nothing": (
        (ENTRY.format(kind="settlement", source="pay_x", claim="'{held_claim}'"),
         SIDES.format(debit="creditors", credit="bank:sandbox")),
        [
            "{held_claim} is approved, and the ledger has 5 pence paid for it.",
            "pay_x is not there, and the ledger has 1 settlements and 0 returns of it.",
        ],
    ),
    "another bank account": (
        ("UPDATE ledger_postings SET account = 'bank:stripe' WHERE entry_id = '{settled}' AND number = 1",),
        ["{paid} went by sandbox, and the ledger has it at another bank account."],
    ),
    "an offer that stands is not set aside": (
        ("UPDATE offers SET accept_pence = 7 WHERE id = '{offer}'",),
        ["{offer} is accepted, and the ledger has 1550 pence promised for it."],
    ),
    "an offer that is over stays set aside": (
        ("UPDATE offers SET state = 'declined' WHERE id = '{offer}'",),
        ["{offer} is declined and no longer open, and the ledger has 1550 pence promised for it."],
    ),
    "one key for two attempts": (
        ("ALTER TABLE attempts DROP CONSTRAINT attempts_council_id_key_key",
         "UPDATE attempts SET key = 'att_x'"),
        ["The key att_x stands for 2 attempts."],
    ),
    "two attempts paid": (
        (("INSERT INTO attempts SELECT (jsonb_populate_record(a, '{\"id\": \"att_x\", \"key\": \"att_x\","
         " \"number\": 2}')).* FROM attempts a WHERE payout_id = '{paid}'"),),
        ["{paid} was paid by 2 attempts."],
    ),
}  # fmt: skip


def ids(council: Council) -> dict[str, str]:
    paid = one(council, PAID)
    return {
        "paid": paid,
        "held": one(council, HELD),
        "came_back": one(council, CAME_BACK),
        "paid_claim": one(council, PAID_CLAIM),
        "held_claim": one(council, HELD_CLAIM),
        "offer": one(council, OFFER),
        "owed": one(council, f"SELECT obligation_id FROM payouts WHERE id = '{paid}'"),
        "settled": one(council, f"SELECT id FROM ledger_entries WHERE source_id = '{paid}'"),
        "promised": one(
            council, f"SELECT id FROM ledger_entries WHERE source_id = '{one(council, OFFER)}.1'"
        ),
    }


def filled(given: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        given = given.replace(f"{{{name}}}", value)
    return given


@pytest.mark.parametrize("name", PLANTED)
def test_catches_a_planted_breach(council: Council, name: str) -> None:
    statements, sentences = PLANTED[name]
    assert found(council) == []
    names = ids(council)
    schema = SCHEMA if any("DROP" in statement for statement in statements) else ()
    try:
        plant(council, *(filled(statement, names) for statement in statements))
        assert sorted(found(council)) == sorted(filled(sentence, names) for sentence in sentences)
    finally:
        with council.stage.admin() as line:
            for statement in schema:
                line.execute(statement)


# Puts back what some breaches can only be planted without.
SCHEMA = (
    "SET session_replication_role = replica",
    "DELETE FROM payouts WHERE id = 'pay_twin'",
    "UPDATE attempts SET key = id",
    (
        "CREATE UNIQUE INDEX IF NOT EXISTS one_live_payout ON payouts (council_id, obligation_id)"
        " WHERE state NOT IN ('failed', 'returned', 'cancelled')"
    ),
    "ALTER TABLE attempts DROP CONSTRAINT IF EXISTS attempts_council_id_key_key",
    "ALTER TABLE attempts ADD CONSTRAINT attempts_council_id_key_key UNIQUE (council_id, key)",
)


def test_every_check_has_a_breach_that_it_catches() -> None:
    """Each statement of the file has its words in a sentence above."""
    said = " ".join(sentence for _, sentences in PLANTED.values() for sentence in sentences)
    for name, words in {
        "every entry balances": "sides, which differ by",
        "the whole balances": "pence debit",
        "a claim is what the ledger says": "owed for it",
        "entries are about claims that are there": "no such claim",
        "nothing is paid twice, or too much": "were paid",
        "a payment is what the ledger says": "settlements and",
        "what was promised is what stands as promised": "promised for it",
        "every key went out once": "attempts",
    }.items():
        assert words in said, name
        assert words.split()[-1] in books.CHECKS[name]
    assert len(books.CHECKS) == 8


def test_what_changed_since_is_looked_at_and_nothing_else(council: Council) -> None:
    names = ids(council)
    plant(council, f"UPDATE claims SET fee_pence = 9 WHERE id = '{names['held_claim']}'")
    before, after = (council.stage.clock() + timedelta(minutes=step) for step in (-60, 60))
    assert len(found(council, since=before)) == 1
    assert found(council, since=after) == []


# The alarm


class Heard:
    """A way out for messages that remembers them."""

    name = "heard"

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)


def metrics(council: Council) -> dict[str, float]:
    answer = council.stage.app.test_client().get("/metrics").text
    return {s.name: s.value for family in text_string_to_metric_families(answer) for s in family.samples}


def checked(council: Council) -> tuple[list[str], bool, bool]:
    """Let the clock's job do its round. Answers what it kept: sentences, and whether all was looked at."""
    hands.use(council.stage.hands)
    housekeeping.check_books()
    with council.stage.hands.db.council(council.id) as session:
        row = session.get_one(BookCheck, council.id)
        return row.found, row.whole_at == row.checked_at, row.clean_at == row.checked_at


def test_the_first_breach_is_an_alarm_and_the_next_round_is_not(
    council: Council, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    heard = Heard()
    monkeypatch.setitem(vars(council.stage), "hands", _with_way(council.stage, heard))
    _staffed(council)
    assert checked(council) == ([], True, True)
    council.stage.clock.forward(timedelta(minutes=2))
    assert checked(council) == ([], False, True)
    assert metrics(council)["reciprocal_book_breaches"] == 0
    names = ids(council)
    plant(council, f"UPDATE payouts SET amount_pence = 9, changed_at = now() WHERE id = '{names['paid']}'")
    sentence = f"{names['paid']} is paid for 9 pence, and the ledger has 1550 pence of it."
    capfd.readouterr()
    for whole in (False, True):
        assert checked(council) == ([sentence], whole, False)
        council.stage.drain()
        logged = capfd.readouterr().err
        assert '"event": "books.breach"' in logged
        assert sentence in logged
        assert metrics(council)["reciprocal_book_breaches"] == 1
        assert council.stage.app.test_client().get("/readyz").json["books"] == "breaches: 1"  # type: ignore[index]
        assert [m.to for m in heard.messages] == ["fin@example.org", "oli@example.org"]
    assert heard.messages[0].subject == "Look at once: money and records disagree at Exampleshire"
    assert "do not agree: 1." in heard.messages[0].body
    plant(council, f"UPDATE payouts SET amount_pence = 1550 WHERE id = '{names['paid']}'")
    assert checked(council) == ([], True, True)
    assert metrics(council)["reciprocal_book_breaches"] == 0
    assert council.stage.app.test_client().get("/readyz").json["books"] == "ok"  # type: ignore[index]


def test_what_nobody_touched_is_found_within_the_hour(council: Council) -> None:
    assert checked(council) == ([], True, True)
    names = ids(council)
    old = "2020-01-01"
    plant(
        council,
        f"UPDATE payouts SET changed_at = '{old}' WHERE id = '{names['paid']}'",
        f"UPDATE claims SET changed_at = '{old}' WHERE id = '{names['paid_claim']}'",
        f"UPDATE ledger_entries SET posted_at = '{old}' WHERE claim_id = '{names['paid_claim']}'",
        f"UPDATE payouts SET amount_pence = 9 WHERE id = '{names['paid']}'",
    )
    council.stage.clock.forward(timedelta(minutes=20))
    assert checked(council) == ([], False, True)
    council.stage.clock.forward(timedelta(minutes=41))
    assert len(checked(council)[0]) == 1


def _with_way(stage: Stage, way: Heard) -> Any:
    return replace(stage.hands, way=way)


def _staffed(council: Council) -> None:
    people = {"fin": ("finance",), "lee": ("lead",), "oli": ("ops", "lead")}
    with council.stage.hands.db.council(council.id) as session:
        for name, roles in people.items():
            councils.add_staff(
                session,
                council_id=council.id,
                email=f"{name}@example.org",
                name=name.title(),
                roles=roles,
                now=council.stage.clock(),
            )
