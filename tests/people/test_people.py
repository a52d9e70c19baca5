"""Who may be written down, and how may they say that they want to be paid?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import Invalid
from service.events import Actor
from service.people import actions, confirming
from service.people.model import read_bank_details, read_email, read_phone
from tests.stage import Council, Stage, bank_account, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def test_somebody_with_a_name_alone_is_somebody(council: Council) -> None:
    person = told(council.lead.post("people", {"name": "  Ada   Example "}), 201)
    shown = {key: person[key] for key in ("name", "email", "phone", "external_reference", "payment_method")}
    assert shown == {
        "name": "Ada Example",
        "email": None,
        "phone": None,
        "external_reference": None,
        "payment_method": None,
    }
    assert told(council.lead.get(f"people/{person['id']}")) == person


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": ["Ada"]}, "/name"),
        ({"name": "Ada", "email": "ada"}, "/email"),
        ({"name": "Ada", "email": "a b@example.org"}, "/email"),
        ({"name": "Ada", "phone": "call me"}, "/phone"),
        ({"name": "Ada", "nickname": "A"}, "/nickname"),
    ],
)
def test_refuses_what_is_no_person(council: Council, body: dict[str, Any], pointer: str) -> None:
    before = council.stage.picture()
    problem = refused(council.lead.post("people", body), 422, pointer)
    assert problem["errors"][0]["detail"]
    assert council.stage.picture() == before


def test_a_reference_of_the_caller_is_one_person_also_at_once(council: Council) -> None:
    body = {"name": "Ada Example", "external_reference": "CRM-1"}
    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(lambda _: council.lead.post("people", body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    other = council.stage.council("demoford")
    told(other.lead.post("people", body), 201)


@pytest.mark.parametrize(
    ("text", "tidy"),
    [("", None), (" Ada@Example.ORG ", "ada@example.org"), ("o'neil+x@sub.example.co.uk",) * 2],
)
def test_reads_an_email_address(text: str, tidy: str | None) -> None:
    assert read_email(text) == tidy


@pytest.mark.parametrize(
    ("text", "tidy"),
    [("", None), ("07700 900 982", "07700900982"), ("+44 (0)1632-960.001", "+4401632960001")],
)
def test_reads_a_phone_number(text: str, tidy: str | None) -> None:
    assert read_phone(text) == tidy


@pytest.mark.parametrize(
    ("sort_code", "number", "read"),
    [
        ("108800", "00012345", ("108800", "00012345")),
        ("10-88-00", "0001 2345", ("108800", "00012345")),
        ("10 88 00", "123456", ("108800", "00123456")),
        ("10–88–00", "1234567", ("108800", "01234567")),
        ("60-00-01", "12-34567890", ("600001", "34567890")),
        ("08-99-99", "1234567890", ("089999", "12345678")),
        ("09-01-26", "712345678", ("090127", "12345678")),
    ],
)
def test_reads_bank_details_as_people_write_them(sort_code: str, number: str, read: tuple[str, str]) -> None:
    found = read_bank_details(account_name=" A  Example ", sort_code=sort_code, account_number=number)
    assert (found.account_name, found.sort_code, found.account_number) == ("A Example", *read)


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"account_name": ""}, ["/account_name"]),
        ({"sort_code": ""}, ["/sort_code"]),
        ({"sort_code": "12345"}, ["/sort_code"]),
        ({"sort_code": "10880O"}, ["/sort_code"]),
        ({"account_number": ""}, ["/account_number"]),
        ({"account_number": "12345"}, ["/account_number"]),
        ({"account_number": "123456789"}, ["/account_number"]),
        ({"account_number": "1234567890"}, ["/account_number"]),
        ({"account_number": "12345678901", "sort_code": "600001"}, ["/account_number"]),
        ({"account_number": "1234567x"}, ["/account_number"]),
        ({"account_number": "١٢٣٤٥٦٧٨"}, ["/account_number"]),
        ({"roll_number": "x" * 19}, ["/roll_number"]),
        ({"roll_number": "a_b"}, ["/roll_number"]),
        (
            {"account_name": " ", "sort_code": "1", "account_number": "1"},
            ["/account_name", "/sort_code", "/account_number"],
        ),
    ],
)
def test_says_which_bank_detail_needs_another_look(
    council: Council, wrong: dict[str, str], pointers: list[str]
) -> None:
    person_id = council.person(account=None)
    before = council.stage.picture()
    answer = council.lead.put(f"people/{person_id}/payment_method", bank_account("00012345") | wrong)
    refused(answer, 422, *pointers)
    assert council.stage.picture() == before


SORT_CODES = st.one_of(
    st.text(max_size=12), st.from_regex(r"[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{2}", fullmatch=True)
)
NUMBERS = st.one_of(st.text(max_size=14), st.from_regex(r"[0-9 ]{6,12}", fullmatch=True))
ROLLS = st.one_of(st.just(""), st.text(max_size=20))


@given(st.text(max_size=30), SORT_CODES, NUMBERS, ROLLS)
@example("Ada Example", "10-88-00", "0001 2345", "")
@example("Ada Example", "600001", "34567890", "AB/12")
def test_bank_details_are_read_or_refused_and_nothing_else(
    name: str, sort_code: str, number: str, roll: str
) -> None:
    try:
        found = read_bank_details(
            account_name=name, sort_code=sort_code, account_number=number, roll_number=roll
        )
    except Invalid:
        return
    assert found.sort_code.isascii()
    assert (len(found.sort_code), len(found.account_number)) == (6, 8)


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        ("exampleshire", {"bank_account", "stripe", "voucher", "charity", "none"}),
        ("demoford", {"bank_account", "stripe", "voucher", "charity", "none"}),
        ("samplebury", {"bank_account", "stripe", "voucher", "cash_desk", "none"}),
    ],
)
def test_people_are_paid_in_the_ways_that_the_policy_allows(
    stage: Stage, policy: str, kinds: set[str]
) -> None:
    council = stage.council(policy)
    known = told(council.lead.get("policies/in_force"))["payment_methods"]
    assert {row["kind"] for row in known} == kinds
    for kind in ("bank_account", "voucher", "charity", "cash_desk", "none", "payroll", "gold", ""):
        person_id = council.person(account=None)
        body = bank_account("00012345") if kind == "bank_account" else {"kind": kind, "charity": "A charity"}
        answer = council.lead.put(f"people/{person_id}/payment_method", body)
        if kind in kinds:
            assert told(answer)["kind"] == kind
        else:
            refused(answer, 422, "/kind")


def test_a_charity_needs_its_name(council: Council) -> None:
    person_id = council.person(account=None)
    refused(council.lead.put(f"people/{person_id}/payment_method", {"kind": "charity"}), 422, "/charity")


def test_the_first_way_counts_at_once_and_a_change_waits_for_the_person(council: Council) -> None:
    person_id = council.person()
    council.stage.drain()
    assert council.messages(person_id) == ["How we pay you has been written down"]
    changed = council.pays_into(person_id, "00733445")
    assert (told(changed, 202)["status"], changed.json["shown"]) == ("proposed", "account ending 3445")
    council.stage.drain()
    assert council.messages(person_id)[-1] == "Did you ask for this change?"
    assert told(council.lead.get(f"people/{person_id}"))["payment_method"]["shown"] == "account ending 2345"
    council.confirms(person_id)
    assert told(council.lead.get(f"people/{person_id}"))["payment_method"]["shown"] == "account ending 3445"


def test_a_no_leaves_everything_as_it_was(council: Council) -> None:
    person_id = council.person()
    told(council.pays_into(person_id, "00733445"), 202)
    with council.stage.hands.db.council(council.id) as session:
        own = Actor("person", person_id)
        key = {"council_id": council.id, "person_id": person_id, "actor": own, "now": council.stage.clock()}
        declined = confirming.decline(session, **key)
        assert declined is not None
        assert declined.state == "declined"
        assert confirming.decline(session, **key) is None
    assert told(council.lead.get(f"people/{person_id}"))["payment_method"]["shown"] == "account ending 2345"


def test_two_first_ways_at_once_are_one_and_a_question(council: Council) -> None:
    person_id = council.person(account=None)
    with ThreadPoolExecutor(4) as several:
        numbers = ["00733445", "00733446", "00733447", "00733448"]
        answers = list(several.map(lambda number: council.pays_into(person_id, number), numbers))
    assert sorted(answer.status_code for answer in answers) == [200, 202, 202, 202]
    with council.stage.admin() as line:
        states = line.execute("SELECT state FROM payment_methods ORDER BY state").fetchall()
    assert [state for (state,) in states] == ["current", "proposed", "replaced", "replaced"]


def test_a_link_to_sign_in_is_asked_for_once_a_minute(
    council: Council,
) -> None:
    person_id = council.person(email="ada@example.org")
    now = council.stage.clock()
    for address in ("ada@example.org", "ADA@example.org ", "nobody@example.org"):
        with council.stage.hands.db.council(council.id) as session:
            actions.ask_for_link(session, council_id=council.id, email=address, now=now)
    council.stage.drain()
    assert council.messages(person_id).count("Your link to sign in") == 1
