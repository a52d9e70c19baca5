"""Does the statement in Easy Read and in Welsh say what the ordinary one says, figure by figure?"""

from __future__ import annotations

import re
from datetime import date

import pytest

from service.days import london_day
from service.events import SYSTEM
from service.money import pounds
from service.notices import reviews
from service.notices.reviews import FILES
from service.rails import sandbox
from tests.claims.top_ups import small
from tests.payouts.test_overpayments import again, overpaid, says
from tests.reports.test_person_statement import claimed, statement
from tests.stage import Council, Stage, told
from tests.web.cookies import sign_in

CHARITY = "Shelter by the Sea"
ALWAYS = "?since=2000-01-01&until=2099-12-31"


def page(
    council: Council,
    person_id: str,
    words: str = "easy",
    *,
    of: str = "statement",
    days: str = ALWAYS,
    slug: str = "exampleshire",
) -> list[str]:
    """The lines of the statement of all days, or of another page, once everybody has read these words."""
    with council.stage.hands.db.council(council.id) as session:
        for file in FILES[words]:
            reviews.record(
                session,
                council_id=council.id,
                file=file,
                seen=reviews.hash_of(file)[:12],
                reviewed_by="A group",
                reviewed_on=date(2026, 1, 2),
                actor=SYSTEM,
                now=council.stage.clock(),
            )
    client = sign_in(council.stage.app.test_client(), council.id, "person", person_id)
    answer = client.get(f"/{slug}/me/{of}/{words}{days}")
    assert answer.status_code == 200
    found = re.findall(r'rcp-easy__words">(.*?)</p>|govuk-heading-l">(.*?)</h2>', answer.text)
    return [line or heading for line, heading in found]


def sums_in(lines: list[str]) -> list[str]:
    return sorted(re.findall(r"£[\d,]+\.\d\d", " ".join(lines)))


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def everything(council: Council) -> str:
    """A fee, a cost and a flat sum; a gift, less, a no; money that came back, and money that is to come."""
    person_id = council.person()
    claimed(council, person_id, expenses=[{"category": "internet"}], online=True)
    claimed(council, person_id)
    given, less, no = (council.session() for _ in range(3))
    for session_id, answer in ((given, {"give_to": CHARITY}), (less, {"accept_pence": 500}), (no, None)):
        offer_id = council.offer(session_id, person_id)
        if answer is None:
            told(council.lead.post(f"offers/{offer_id}/decline"))
            continue
        told(council.lead.post(f"offers/{offer_id}/accept", answer))
        told(council.tick(session_id, person_id))
    council.stage.drain()
    (gift,) = [p for p in council.payments() if p["rail"] == "charity"]
    body = {"bank_reference": "GIFT 1", "paid_on": london_day(council.stage.clock()).isoformat()}
    told(council.finance.post(f"payments/{gift['id']}/paid", body))
    council.confirmed(person_id, sandbox.RETURNED)
    council.invited(back := council.session(), person_id)
    told(council.tick(back, person_id))
    council.stage.drain()
    council.stage.settle()
    return person_id


@pytest.mark.parametrize("words", ["easy", "cy"])
def test_every_part_stands_apart_and_every_sum_is_the_statements(council: Council, words: str) -> None:
    person_id = everything(council)
    found, lines = statement(council, person_id), page(council, person_id, words)
    sums = found.sums
    expected = [
        *(sums.total_pence, sums.fee_pence, sums.costs_pence, sums.flat_pence, found.given_sums.total_pence),
        *(abs(line.amount_pence) for line in (*found.paid, *found.given)),
        *(found.due_pence, *(one.amount_pence for one in found.due)),
        *(one.amount_pence for one in found.not_taken),
    ]
    assert all(expected)
    assert sums_in(lines) == sorted(pounds(pence) for pence in expected)
    assert (len(found.given), len(found.due), len(found.not_taken)) == (1, 1, 2)
    if words == "cy":
        return
    assert f"In all we paid you {pounds(sums.total_pence)}." in lines
    assert f"{pounds(sums.fee_pence)} was for your time." in lines
    assert f"{pounds(sums.costs_pence)} was for costs that you had." in lines
    assert f"{pounds(sums.flat_pence)} was set money for costs." in lines
    (gift,) = found.given
    to_charity = [line for line in lines if CHARITY in line]
    assert [
        f"paid {pounds(gift.amount_pence)} to {CHARITY}. You gave it away." in one for one in to_charity
    ] == [True]
    assert len([line for line in lines if "came back to us" in line]) == 1
    assert sorted(line for line in lines if line.startswith(("You took", "You said no to"))) == [
        "You said no to £15.50. It was for Over a Brew.",
        "You took £10.50 less. It was for Over a Brew.",
    ]
    assert len([line for line in lines if line.startswith("You get £15.50 by ")]) == 1


def test_what_came_off_a_fee_is_said(stage: Stage) -> None:
    council = small(stage)
    _, person_id, overpayment = overpaid(council)
    says(council, person_id, overpayment, 500)
    again(council, person_id)
    lines = page(council, person_id)
    assert "In all we paid you £25.00." in lines
    assert "£30.00 was for your time." in lines
    assert "We took off £5.00. You said yes to this." in lines


def test_a_claim_whose_money_a_charity_gets_says_so_before_and_after(council: Council) -> None:
    person_id, session_id = council.person(), council.session()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    told(council.tick(session_id, person_id))
    council.stage.drain()
    claim = council.claim(session=session_id)
    lines = page(council, person_id, of=f"claims/{claim['id']}", days="")
    assert f"We said yes. The money goes to {CHARITY}. You gave it away." in lines
    assert [
        line for line in lines if "Your money is on its way" in line or "You get your money" in line
    ] == []
    (gift,) = claim["payments"]
    body = {"bank_reference": "GIFT 1", "paid_on": london_day(council.stage.clock()).isoformat()}
    told(council.finance.post(f"payments/{gift['id']}/paid", body))
    lines = page(council, person_id, of=f"claims/{claim['id']}", days="")
    assert f"We have paid the money to {CHARITY}. You gave it away." in lines
    assert "We have paid you." not in lines


def test_nothing_is_said_to_be_nothing(council: Council) -> None:
    lines = page(council, council.person())
    assert "We paid you nothing in this time." in lines
    assert sums_in(lines) == []
