"""Can a council's feeder be described as data: order, widths, dates, signs, letters, totals?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.errors import Invalid
from service.exports.mapping import presets, read
from service.exports.model import FIELDS, KINDS, MOVES_OF, Batch, Item, Line, rails_of
from service.exports.writing import DoesNotFit, write
from service.rails.protocol import RAILS

DAY = date(2026, 3, 5)


def batch(*items: Item) -> Batch:
    return Batch("AP000001", date(2026, 11, 27), "November", items or (item(1, 2500), item(2, 1550)))


def item(number: int, pence: int, **facts: Any) -> Item:
    lines = (
        Line("fees", pence - 500, "CC1", subjective="4100", description="Fee"),
        Line("expenses", 500, "CC2", subjective="3200", description="Costs"),
    )
    given = {
        "supplier_reference": f"S{number}",
        "payee_name": f"Zoë Ŵyn {number}",
        "invoice_reference": f"R{number}",
        "invoice_date": DAY,
    }
    return Item(f"pay_{number}", pence, {**given, **facts}, lines)


def content(text: str, *items: Item) -> bytes:
    return write(batch(*items), read(text)).content


FIXED = """
name: Fixed
kinds: [accounts_payable]
format: fixed
line_end: lf
dates: DDMMYYYY
amounts: pence
each: payment
header:
  - {constant: H, width: 1}
  - {field: batch, width: 10}
  - {field: batch_date, width: 8}
columns:
  - {constant: D, width: 1}
  - {field: supplier_reference, width: 6}
  - {field: invoice_date, width: 8}
  - {field: gross, width: 9, pad: 0}
  - {field: payee_name, width: 8}
trailer:
  - {constant: T, width: 1}
  - {field: count_payments, width: 6, pad: 0}
  - {field: total, width: 11, pad: 0}
"""


def test_fixed_widths_with_header_trailer_and_control_totals() -> None:
    assert content(FIXED).decode() == (
        "HAP000001  27112026\n"
        "DS1    05032026000002500Zoë Ŵyn \n"
        "DS2    05032026000001550Zoë Ŵyn \n"
        "T00000200000004050\n"
    )


def test_a_minus_stands_before_the_noughts() -> None:
    given = Item("ent_1", -2500, {"supplier_reference": "S1", "invoice_date": DAY}, ())
    assert "05032026-00002500" in content(FIXED, given).decode()


def test_money_that_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(DoesNotFit):
        content(FIXED, item(1, 12_345_678_901))


DELIMITED = """
name: Delimited
kinds: [journal]
encoding: cp1252
separator: "|"
quote: always
line_end: crlf
dates: DD.MM.YY
each: group
group_by: [cost_centre, subjective]
headings: true
columns:
  - {heading: Centre, field: cost_centre, values: {CC1: Adult care}}
  - {heading: Account, field: subjective}
  - {heading: Sum, field: amount, sign: reversed}
  - {heading: Debit, field: debit, amounts: pence}
  - {heading: On, field: batch_date}
trailer:
  - {field: count_lines}
  - {field: total_debits}
  - {field: total_credits}
"""


def test_lines_that_are_alike_become_one_with_their_sum() -> None:
    assert content(DELIMITED).decode("cp1252") == (
        '"Centre"|"Account"|"Sum"|"Debit"|"On"\r\n'
        '"Adult care"|"4100"|"-30.50"|"3050"|"27.11.26"\r\n'
        '"CC2"|"3200"|"-10.00"|"1000"|"27.11.26"\r\n'
        '"2"|"40.50"|"0.00"\r\n'
    )


NAMES = """
name: Names
kinds: [payroll]
encoding: {encoding}
each: payment
line_end: lf
columns: [{{field: payee_name}}, {{field: gross}}]
"""


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "Zoë Ŵyn 1,25.00\n".encode()),
        ("utf-8-bom", b"\xef\xbb\xbf" + "Zoë Ŵyn 1,25.00\n".encode()),
        ("cp1252", b"Zo\xeb Wyn 1,25.00\n"),
    ],
)
def test_encodings(encoding: str, expected: bytes) -> None:
    assert content(NAMES.format(encoding=encoding), item(1, 2500)) == expected


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_is_never_a_formula(name: str) -> None:
    found = content(NAMES.format(encoding="utf-8"), item(1, 2500, payee_name=name)).decode()
    assert found.startswith("'") or not found.lstrip('"').startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_negative_sum_stays_a_number() -> None:
    assert content(NAMES.format(encoding="utf-8"), item(1, -2500)).decode() == "Zoë Ŵyn 1,-25.00\n"


def test_line_breaks_in_a_name_do_not_break_the_line() -> None:
    found = content(NAMES.format(encoding="utf-8"), item(1, 2500, payee_name="A\r\nB;C\x00D")).decode()
    assert found == "A B;C D,25.00\n"


@pytest.mark.parametrize("name", presets())
def test_every_preset_reads_and_writes_the_same_bytes_twice(name: str) -> None:
    mapping = read(presets()[name])
    assert write(batch(), mapping).content == write(batch(), mapping).content


WRONG = [
    ("name: A", {"/kinds", "/columns"}),
    ("[]", {"/text", "/kinds", "/name", "/columns"}),
    ("name: A\nkinds: [gold]\ncolumns: [{field: gross}]", {"/kinds"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{field: gros}]", {"/columns/0/field"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{field: gross, constant: 1}]", {"/columns/0"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{}]", {"/columns/0"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{field: gross, dates: DDMM}]", {"/columns/0/dates"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{field: batch, sign: reversed}]", {"/columns/0"}),
    ("name: A\nkinds: [payroll]\nformat: fixed\ncolumns: [{field: gross}]", {"/columns/0/width"}),
    ("name: A\nkinds: [payroll]\nseparator: x\ncolumns: [{field: gross}]", {"/separator"}),
    ("name: A\nkinds: [payroll]\ndates: tomorrow\ncolumns: [{field: gross}]", {"/dates"}),
    ("name: A\nkinds: [payroll]\nencoding: ebcdic\ncolumns: [{field: gross}]", {"/encoding"}),
    ("name: A\nkinds: [payroll]\neach: group\ncolumns: [{field: amount}]", {"/group_by"}),
    ("name: A\nkinds: [payroll]\neach: payment\ncolumns: [{field: cost_centre}]", {"/columns/0/field"}),
    ("name: A\nkinds: [payroll]\ntrailer: [{field: gross}]\ncolumns: [{field: gross}]", {"/trailer/0/field"}),
    ("name: A\nkinds: [payroll]\nfiles: [{name: ../../x, columns: [{field: gross}]}]", {"/files/0/name"}),
    ("name: A\nkinds: [payroll]\ncolour: red\ncolumns: [{field: gross}]", {"/colour"}),
    ("name: A\nkinds: [payroll]\nformat: json", {"/template"}),
    ("name: A\nkinds: [payroll]\nformat: json\ntemplate: {a: {field: amount}}", {"/template/a/field"}),
    ("name: A\nkinds: [payroll]\nformat: json\ntemplate: {a: 1.5}", {"/template/a"}),
    ("name: !!python/object:os.system A", {"/text"}),
    ("a: &a [*a]", {"/text", "/a", "/kinds", "/name", "/columns"}),
    ("\tname: A", {"/text"}),
    ("name: A\nkinds: [payroll]\ncolumns: [{field: [gross]}]", {"/columns/0/field"}),
    ("0001-01-01T00:00:00+14:00", {"/text", "/kinds", "/name", "/columns"}),
]


@pytest.mark.parametrize(("text", "pointers"), WRONG, ids=[text[:60] for text, _ in WRONG])
def test_each_slip_is_told_at_its_place(text: str, pointers: set[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        read(text)
    assert {fault.pointer for fault in refusal.value.errors} <= pointers
    assert refusal.value.errors
    assert all(fault.detail.endswith(".") for fault in refusal.value.errors)


def test_no_rail_is_in_two_kinds_and_none_is_left_out() -> None:
    found = [rail for kind in KINDS for rail in rails_of(kind)]
    assert sorted(found) == sorted(set(RAILS) - {"none"})
    assert set(MOVES_OF) == set(KINDS)


def test_the_fields_that_nearly_every_feeder_needs_are_there() -> None:
    needed = {
        "batch", "line_number", "supplier_reference", "invoice_reference", "invoice_date", "gross", "net",
        "vat_code", "cost_centre", "subjective", "description", "method", "count_lines", "total",
    }  # fmt: skip
    assert needed <= set(FIELDS)


def test_a_short_text_that_names_itself_many_times_over_is_refused_at_once() -> None:
    parts = ["a0: &a0 {x: 1}"] + [
        f"a{n}: &a{n} {{" + ", ".join(f"k{i}: *a{n - 1}" for i in range(9)) + "}" for n in range(1, 9)
    ]
    text = "name: A\nkinds: [payroll]\nformat: json\ntemplate:\n" + "\n".join(f"  {part}" for part in parts)
    with pytest.raises(Invalid) as refusal:
        read(text)
    assert "too large" in refusal.value.errors[0].detail
    assert len(refusal.value.errors) < 20_000
