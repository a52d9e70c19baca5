"""Does a statement come to what the ledger says, to the penny, or not come at all?"""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from service.days import london_day, utc_now
from service.errors import Invalid
from service.money import pounds
from service.reports import papers, periods, person_statement
from service.reports.periods import Period
from service.reports.person_statement import ALARM, StatementDiffers
from service.reports.statement_shapes import PersonStatement
from tests.claims.top_ups import small
from tests.journeys.whole import Whole
from tests.payouts.test_overpayments import again, overpaid, says
from tests.stage import Council, Stage, told

ALWAYS = Period(date(2000, 1, 1), date(2099, 12, 31))


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def statement(council: Council, person_id: str, period: Period = ALWAYS) -> PersonStatement:
    with council.stage.hands.db.council(council.id) as session:
        return person_statement.statement(
            session, council_id=council.id, person_id=person_id, period=period, now=council.stage.clock()
        )


BUS = {"category": "bus", "amount_pence": 410, "receipt": True}


def claimed(council: Council, person_id: str, *, expenses: Any = (BUS,), **more: Any) -> None:
    """Two hours and a cost, agreed and paid."""
    facts = {"activity": "advisory_network", "role": "member", "minutes": 120}
    body = {
        "person": person_id,
        "facts": {**facts, "on": london_day(utc_now()).isoformat(), **more},
        "expenses": list(expenses),
    }
    claim = told(council.lead.post("claims", body), 201)
    council.stage.drain()
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    if told(council.lead.get(f"claims/{claim['id']}"))["status"] == "waiting":
        told(council.approver.post(f"claims/{claim['id']}/approve", {}, seen=seen))
        council.stage.drain()


def test_fees_and_costs_stand_apart_with_every_day(council: Council) -> None:
    person_id = council.person()
    claimed(council, person_id)
    found = statement(council, person_id)
    (line,) = found.paid
    assert (line.fee_pence, line.costs_pence, line.flat_pence) == (3600, 410, 0)
    assert line.amount_pence == found.sums.total_pence == found.left_pence == 4010
    assert -council.balance()["bank:sandbox"] == 4010
    today = london_day(utc_now())
    assert (line.worked_on, line.on) == (today, today)
    assert line.due_on is not None
    assert line.due_on > today
    assert (found.given, found.due, found.not_taken) == ((), (), ())


def test_a_flat_sum_is_neither_fee_nor_cost(council: Council) -> None:
    person_id = council.person()
    claimed(council, person_id, expenses=[{"category": "internet"}], online=True)
    found = statement(council, person_id)
    assert (found.sums.fee_pence, found.sums.costs_pence, found.sums.flat_pence) == (3600, 0, 500)
    assert found.sums.total_pence == -council.balance()["bank:sandbox"] == 4100


def test_what_came_back_is_taken_off_and_is_due_again(council: Council) -> None:
    session_id = council.ticked(account="00000003")
    council.stage.drain()
    council.stage.settle()
    claim = council.claim(session=session_id)
    found = statement(council, claim["person"])
    there, back = found.paid
    assert (there.came_back, back.came_back) == (False, True)
    assert there.amount_pence == -back.amount_pence == claim["total_pence"]
    assert (found.sums.fee_pence, found.sums.total_pence) == (0, 0)
    (due,) = found.due
    assert due.amount_pence == claim["total_pence"]
    assert "Came back to us" in str(papers.statement_paper(found).blocks)


def test_only_what_was_paid_in_these_days(council: Council) -> None:
    person_id = council.person()
    claimed(council, person_id)
    today = london_day(utc_now())
    before = Period(today - timedelta(days=30), today - timedelta(days=1))
    assert statement(council, person_id, before).paid == ()
    assert statement(council, person_id, Period(today, today)).sums.total_pence == 4010


def test_money_given_away_and_money_not_taken_stand_apart(council: Council) -> None:
    person_id = council.person()
    given, less, no = (council.session() for _ in range(3))
    for session_id, answer in (
        (given, {"give_to": "Shelter by the Sea"}),
        (less, {"accept_pence": 500}),
        (no, None),
    ):
        offer_id = council.offer(session_id, person_id)
        if answer is None:
            told(council.lead.post(f"offers/{offer_id}/decline"))
            continue
        told(council.lead.post(f"offers/{offer_id}/accept", answer))
        told(council.tick(session_id, person_id))
    council.stage.drain()
    (gift,) = [p for p in council.payments() if p["rail"] == "charity"]
    body = {"bank_reference": "GIFT 1", "paid_on": london_day(utc_now()).isoformat()}
    told(council.finance.post(f"payments/{gift['id']}/paid", body))
    found = statement(council, person_id)
    assert [line.given_to for line in found.given] == ["Shelter by the Sea"]
    assert found.sums.total_pence == 500
    assert found.left_pence == 500 + gift["amount_pence"]
    said = {one.why for one in found.not_taken}
    assert said == {"You chose to take less", "You said no to the offer"}
    letter = str(papers.letter_paper(found).blocks)
    assert pounds(500) in letter
    assert "Shelter" not in letter


def test_money_that_somebody_refused_stands_once_and_is_not_still_to_come(council: Council) -> None:
    person_id = council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "none"}))
    claimed(council, person_id)
    found = statement(council, person_id)
    assert [(one.why, one.amount_pence) for one in found.not_taken] == [("You asked not to be paid", 4010)]
    assert (found.due, found.due_pence, found.paid) == ((), 0, ())
    assert "still to come" not in str(papers.statement_paper(found).blocks)


def test_what_came_off_a_fee_with_a_yes_stands_apart(stage: Stage) -> None:
    council = small(stage)
    _, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    again(council, person_id)
    made = statement(council, person_id)
    assert (made.sums.fee_pence, made.sums.taken_pence) == (3000, 500)
    assert made.sums.total_pence == -council.balance()["bank:sandbox"] == 2500
    assert pounds(-500) in str(papers.statement_paper(made).blocks)


def test_a_sum_that_was_changed_behind_the_books_shows_nothing_and_rings(council: Council) -> None:
    person_id = council.person()
    claimed(council, person_id)
    with council.stage.admin() as line:
        line.execute("UPDATE payouts SET amount_pence = amount_pence + 1 WHERE person_id = %s", (person_id,))
    for _ in range(2):
        with pytest.raises(StatementDiffers):
            statement(council, person_id)
    with council.stage.admin() as line:
        rung = line.execute("SELECT count(*) FROM events WHERE name = %s", (ALARM,)).fetchone()
    assert rung == (1,)


class Statements(Whole):
    """Whatever happens, in whatever order: each person's statement is what the ledger says.

    `seen` keeps every sum that was compared.
    """

    def __init__(self, stage: Stage, seen: list[int]) -> None:
        super().__init__(stage)
        self.seen = seen

    @invariant()
    def every_statement_is_what_the_ledger_says(self) -> None:
        for person_id in self.people:
            found = statement(self.council, person_id)
            assert found.left_pence == self._by_ledger(person_id)
            self.seen.append(found.left_pence)
            sums = found.sums
            apart = sums.fee_pence + sums.costs_pence + sums.flat_pence - sums.taken_pence
            assert apart == sums.total_pence

    def _by_ledger(self, person_id: str) -> int:
        query = (
            "SELECT coalesce(-sum(p.amount_pence), 0)::bigint FROM ledger_entries e JOIN ledger_postings p"
            " ON p.council_id = e.council_id AND p.entry_id = e.id"
            " WHERE e.person_id = %s AND p.account LIKE 'bank:%%'"
        )
        with self.stage.admin() as line:
            row = line.execute(query, (person_id,)).fetchone()
        assert row is not None
        return int(row[0])


def test_whatever_happens_a_statement_is_what_the_ledger_says(stage: Stage) -> None:
    seen: list[int] = []
    run_state_machine_as_test(
        lambda: Statements(stage, seen),
        settings=settings(
            phases=[Phase.generate],
            # The first example does nothing but the smallest steps.
            max_examples=3,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert any(seen)


def test_tax_years_begin_on_6_april() -> None:
    assert periods.tax_year(date(2026, 4, 5)) == Period(date(2025, 4, 6), date(2026, 4, 5))
    assert periods.tax_year(date(2026, 4, 6)) == Period(date(2026, 4, 6), date(2027, 4, 5))
    day = date(2026, 11, 26)
    assert periods.named("last_tax_year", today=day) == Period(date(2025, 4, 6), date(2026, 4, 5))
    assert periods.named("last_month", today=day) == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert periods.named("this_week", today=day) == Period(date(2026, 11, 23), day)
    assert periods.named("this_tax_year", today=day) == Period(date(2026, 4, 6), day)
    assert periods.named("last_week", today=day) == Period(date(2026, 11, 16), date(2026, 11, 22))
    with pytest.raises(Invalid):
        periods.named("next_year", today=day)
    with pytest.raises(Invalid):
        periods.between(date(2026, 2, 1), date(2026, 1, 1))


# The PDF


def told_in(document: pikepdf.Pdf) -> tuple[list[str], str]:
    """Every structure tag of a tagged PDF, and every word of its text."""
    tags: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                tags.append(str(node["/S"]))
            walk(node.get("/K"))
        elif isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)

    walk(document.Root.StructTreeRoot.get("/K"))
    return tags, words_of(document)


def words_of(document: pikepdf.Pdf) -> str:
    """The text of every page, by the fonts' own tables of letters."""
    said: list[str] = []
    for page in document.pages:
        letters = {name: letters_of(font) for name, font in page.Resources.Font.items()}
        font = ""
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                font = str(operands[0])
            elif str(operator) in ("Tj", "TJ"):
                parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                said += [spelled(bytes(p), letters[font]) for p in parts if isinstance(p, pikepdf.String)]
        said.append(" ")
    return "".join(said)


def letters_of(font: Any) -> dict[int, str]:
    table: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(font.ToUnicode):
        rows = [bytes(one) for one in operands if isinstance(one, pikepdf.String)]
        if str(operator) == "endbfchar":
            for code, letter in zip(rows[::2], rows[1::2], strict=True):
                table[int.from_bytes(code)] = letter.decode("utf-16-be")
        elif str(operator) == "endbfrange":
            for first, last, letter in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
                begins = int.from_bytes(letter)
                for n, code in enumerate(range(int.from_bytes(first), int.from_bytes(last) + 1)):
                    table[code] = chr(begins + n)
    return table


def spelled(raw: bytes, letters: dict[int, str]) -> str:
    codes = (int.from_bytes(raw[n : n + 2]) for n in range(0, len(raw), 2))
    return "".join(letters.get(code, "?") for code in codes)


@pytest.mark.parametrize("make", [papers.statement_paper, papers.letter_paper])
def test_a_pdf_is_tagged_and_says_what_the_page_says(council: Council, make: Any) -> None:
    person_id = council.person()
    claimed(council, person_id)
    council.ticked(account="00000003")
    paper = make(statement(council, person_id))
    made = papers.pdf(paper, made_at=council.stage.clock())
    document = pikepdf.open(io.BytesIO(made))
    assert document.Root.MarkInfo.Marked == True  # noqa: E712 - a name of the PDF's own
    assert str(document.Root.Lang) == "en-GB"
    assert document.Root.ViewerPreferences.DisplayDocTitle == True  # noqa: E712
    assert str(document.docinfo["/Title"]) == paper.title
    tags, words = told_in(document)
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == sum(block.kind == "heading" for block in paper.blocks)
    tables = [block for block in paper.blocks if block.kind == "table"]
    assert tags.count("/Table") == len(tables) > 0
    assert tags.count("/TH") >= sum(len(block.columns) for block in tables)
    plain = "".join(words.split())
    for block in paper.blocks:
        for row in (*block.rows, block.columns, block.last, (block.text,)):
            for word in row:
                assert "".join(word.split()) in plain, word


def test_a_name_cannot_write_on_the_paper(council: Council) -> None:
    person_id = council.person('#panic("no") *Ada* $x$ <b>')
    claimed(council, person_id)
    made = papers.pdf(papers.letter_paper(statement(council, person_id)), made_at=council.stage.clock())
    _, words = told_in(pikepdf.open(io.BytesIO(made)))
    assert '#panic("no")*Ada*$x$<b>' in "".join(words.split())
