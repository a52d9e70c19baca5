"""Is a list of people read as it was meant, whatever program it came from?"""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Invalid
from service.sessions.invited_list import MOST_LINES, Line, decoded, kept, read

ROLES = {"member", "Co-chair", "co_chair", "Member"}


def lines(text: str) -> list[Line]:
    return read(text, roles=ROLES)


def first(text: str) -> tuple[str, str, str, str, str]:
    one = lines(text)[0]
    return one.name, one.email, one.phone, one.role, one.reference


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jo Marsh, jo@example.org, member", ("Jo Marsh", "jo@example.org", "", "member", "")),
        ("jo@example.org\tJo Marsh\tCo-chair", ("Jo Marsh", "jo@example.org", "", "Co-chair", "")),
        ("Jo Marsh;07700 900 982;;R-17", ("Jo Marsh", "", "07700 900 982", "", "R-17")),
        ("Jo Marsh <jo@example.org>", ("Jo Marsh", "jo@example.org", "", "", "")),
        ("jo@example.org", ("", "jo@example.org", "", "", "")),
        ("Jo Marsh, '+447700900982", ("Jo Marsh", "", "+447700900982", "", "")),
    ],
)
def test_a_pasted_line(text: str, found: tuple[str, ...]) -> None:
    assert first(text) == found


def test_headings_in_any_order_and_of_any_program() -> None:
    text = "\ufeffRef;First name;Surname;E-mail;Notes\r\n17;Jo;Marsh;jo@example.org;x\r\n\r\n18;Wei;;;\r\n"
    assert [(one.number, one.name, one.email, one.reference) for one in lines(text)] == [
        (2, "Jo Marsh", "jo@example.org", "17"),
        (4, "Wei", "", "18"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Name,Email\r\nZoë O’Brien,zoe@example.org\r\n"
    (one,) = lines(decoded(text.encode(encoding)))
    assert (one.name, one.email) == ("Zoë O’Brien", "zoe@example.org")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "This is a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a workbook"),
        (b"a\x00b", "We cannot read this file as text"),
    ],
)
def test_files_that_are_no_list_say_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        decoded(content)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_formula_is_never_taken_for_a_name(sign: str) -> None:
    for typed in (f"{sign}cmd|' /C calc'!A0", f"'{sign}HYPERLINK(1)"):
        text = f'name,email\n"{typed}",jo@example.org'
        (one,) = lines(text)
        assert f"begins with {sign}, as a formula does" in one.wrong
    (fine,) = lines("name,phone\nJo Marsh,+44 7700 900 982")
    assert fine.wrong == ""


def test_nothing_and_too_much_are_refused() -> None:
    for text in ("", "\n \n", "name,email\n"):
        with pytest.raises(Invalid, match="Write one person on each line"):
            lines(text)
    with pytest.raises(Invalid, match="1,000 people at most at once"):
        lines("\n".join(f"P{n}" for n in range(MOST_LINES + 1)))


def test_what_is_left_to_be_mended_keeps_its_headings_and_its_commas() -> None:
    text = 'Email;Name\r\na@example.org;Ada\r\n;"Marsh; Jo"\r\nb@example.org;Bo\r\n'
    left = kept(text, numbers={3})
    assert left == 'Email;Name\n;"Marsh; Jo"'
    assert [(one.name, one.email) for one in lines(left)] == [("Marsh; Jo", "")]
    assert kept("Ada\nBo\nCy", numbers={1, 3}) == "Ada\nCy"


WORD = st.text(st.characters(codec="utf-8", categories=["L", "Nd"]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_whatever_a_spreadsheet_writes_comes_back(people: list[tuple[str, str]], sign: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sign)
    writer.writerow(["name", "reference"])
    writer.writerows(people)
    assert [(one.name, one.reference) for one in lines(decoded(out.getvalue().encode()))] == people


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        assert all(one.typed for one in lines(text))
    except Invalid as refusal:
        assert [fault.pointer for fault in refusal.errors] == ["/list"]  # noqa: PT017 - either is right
