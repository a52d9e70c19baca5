"""Is a Bacs file right to the byte? Compared with files typed by hand from the table of fields.

`bacs_files/` was written position by position, never by this code; each end of line there is the file's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from service.errors import Invalid
from service.rails import bacs, bacs_csv, bacs_words
from service.rails.bacs import Account, CannotBeWritten, Credit, Profile, Submission

USUAL = Profile()
FILES = Path(__file__).parent / "bacs_files"
COUNCIL = Account("200000", "55779911", "Exampleshire CC")
PARTNERS = Account("601613", "31926819", "Care Partnership")
ADA, JO = Account("309430", "00733445", "A Example"), Account("108800", "00012345", "Jo Marsh")
THURSDAY, FRIDAY, MONDAY = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)


def credit(to: Account, pence: int, reference: str, day: date = FRIDAY, origin: Account = COUNCIL) -> Credit:
    return Credit(to, origin, pence, reference, day)


def submission(serial: str, *credits_: Credit, profile: Profile = USUAL) -> Submission:
    return Submission(serial, "123456", "Exampleshire CC", THURSDAY, credits_, profile)


FIRST, SECOND = credit(ADA, 1550, "exshire abc123"), credit(JO, 8800, "EXSHIRE DEF456")
ROLL = bacs.reference_field(reference="EXSHIRE ABC123", roll_number="d/12345678-9.a")
OTHER_BUREAU = bacs.read_profile(
    '{"line_end": "lf", "block_count": "", "record_length": "00100", "offset": "", "kept_days": "2",'
    ' "receiver": "service_user", "print_id": "print01", "system_code": "payroll1",'
    ' "narrative": "Involvement"}'
)
BY_HAND = {
    "one_day": submission("000001", FIRST, SECOND),
    "two_days": submission(
        "000002",
        FIRST,
        replace(SECOND, processing_day=MONDAY),
        credit(ADA, 50, "EXSHIRE GHJ789", MONDAY),
    ),
    "roll_number": submission("000003", credit(Account("201053", "03093202", "Tom Price"), 2500, ROLL)),
    "outside_the_letters": submission(
        "000004",
        credit(replace(ADA, name="Zoë Sørensen-O’Brien"), 1550, "EXSHIRE ABC123"),
        credit(replace(JO, name="Ŵ.ty & Groß æ"), 1550, "EXSHIRE *DEF'456"),
    ),
    "largest_amount": submission("000005", credit(ADA, 99_999_999_999, "EXSHIRE ABC123")),
    "two_accounts": submission(
        "999999", FIRST, replace(SECOND, origin=PARTNERS), credit(JO, 1, "EXSHIRE GHJ789")
    ),
    "another_bureau": submission(
        "000006", FIRST, replace(SECOND, processing_day=MONDAY), profile=OTHER_BUREAU
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_is_the_file_made_by_hand(name: str) -> None:
    by_hand = (FILES / f"{name}.txt").read_bytes()
    assert bacs.build(BY_HAND[name]) == by_hand


@pytest.mark.parametrize("name", BY_HAND)
def test_the_files_made_by_hand_keep_to_the_lengths_and_add_up(name: str) -> None:
    """The hand can slip as well: what it typed is added up here, from the positions alone."""
    lines = (FILES / f"{name}.txt").read_bytes().decode("ascii").splitlines()
    labels = [line for line in lines if line[:3] in ("VOL", "HDR", "UHL", "EOF", "UTL")]
    data = [line for line in lines if line not in labels]
    assert [line[:4] for line in labels] == ["VOL1", "HDR1", "HDR2", "UHL1", "EOF1", "EOF2", "UTL1"]
    assert {len(line) for line in labels} == {80}
    assert {len(line) for line in data} == {106 if "MULTI" in lines[3] else 100}
    credits_ = [int(line[35:46]) for line in data if line[15:17] == "99"]
    debits = [int(line[35:46]) for line in data if line[15:17] == "17"]
    total = lines[-1]
    assert (int(total[4:17]), int(total[17:30])) == (sum(debits), sum(credits_))
    assert sum(debits) == sum(credits_)
    assert (int(total[30:37]), int(total[37:44])) == (len(debits), len(credits_))


def test_is_the_bureaus_csv_made_by_hand() -> None:
    given = submission("000001", FIRST, credit(replace(JO, name="Zoë Sørensen-O’Brien"), 5, "EXSHIRE DEF456"))
    assert bacs_csv.build(given) == (FILES / "bureau.csv").read_bytes()
    on_entry = replace(given, profile=Profile(csv_day="entry"))
    assert bacs_csv.build(on_entry).decode().count("30/11/2026") == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (submission("000001"), "nothing to pay"),
        (submission("000000", FIRST), "serial number"),
        (submission("1", FIRST), "serial number"),
        (replace(submission("000001", FIRST), user_number="12345A"), "service user"),
        (submission("000001", replace(FIRST, amount_pence=0)), "a penny"),
        (submission("000001", replace(FIRST, amount_pence=-1)), "a penny"),
        (submission("000001", replace(FIRST, amount_pence=100_000_000_000)), "a penny"),
        (submission("000001", replace(FIRST, amount_pence=99_999_999_999), SECOND), "a penny"),
        (submission("000001", replace(FIRST, to=replace(ADA, number="733445"))), "account number eight"),
        (submission("000001", replace(FIRST, to=replace(ADA, sort_code="٣٠٩٤٣٠"))), "six digits"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(given: Submission, words: str) -> None:
    with pytest.raises(CannotBeWritten, match=words):
        bacs.build(given)


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("Siân Llŷr", "SIAN LLYR"),
        ("Łukasz Đorđe", "LUKASZ DORDE"),
        ("Anne—Marie", "ANNE-MARIE"),
        ("o'neill", "O NEILL"),
        ("A+B (C)", "A B  C "),
        ("李 Wei", "  WEI"),
        ("a.b&c/d-e 9", "A.B&C/D-E 9"),
    ],
)
def test_letters(text: str, inside: str) -> None:
    assert bacs_words.written(text) == inside


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ("[]", "/settings"),
        ("{", "/settings"),
        ('{"offset": 0}', "/settings"),
        ('{"offsett": "00"}', "/settings/offsett"),
        ('{"offset": "01"}', "/settings/offset"),
        ('{"kept_days": "soon"}', "/settings/kept_days"),
    ],
)
def test_a_profile_that_is_none_is_refused(settings: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        bacs.read_profile(settings)
    assert [fault.pointer for fault in refusal.value.errors] == [pointer]
