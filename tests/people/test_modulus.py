"""Can an account number belong to its sort code? Invented tables here; the published cases where they are.

The publisher's tables may not be handed on, so none of their rows stands in this project. Each exception is
tried with weights made up for it, and everything is held equal to a second, slow reading of the rules.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.people.modulus import (
    INVALID,
    NO_TABLE,
    NOT_CHECKED,
    VALID,
    BadTable,
    Modulus,
    Weights,
    read_tables,
)

# Beside the project, where whoever holds the licence may put them.
SHARED = Path(__file__).parents[3] / "shared" / "reference"
TABLE, SUBSTITUTIONS = SHARED / "valacdos-v890.txt", SHARED / "scsubtab-v890.txt"
CASES = SHARED / "modulus-test-cases-v770.csv"

A_TO_H = (8, 7, 6, 5, 4, 3, 2, 1)
ACCOUNT_ONLY = (0,) * 6 + A_TO_H
TWICE = (2, 1) * 7


def row(method: str, weights: tuple[int, ...], exception: int = 0, at: str = "700000") -> Weights:
    return Weights(at, at, method, weights, exception)


def check(number: str, *rows: Weights, sort_code: str = "700000", **substitutes: str) -> str:
    pairs = {name[1:]: value for name, value in substitutes.items()}
    return Modulus(rows, pairs).check(sort_code=sort_code, account_number=number)


def test_what_no_row_covers_is_not_checked() -> None:
    assert check("12345678") == NOT_CHECKED
    assert check("12345678", row("MOD11", ACCOUNT_ONLY, at="700001")) == NOT_CHECKED
    assert NO_TABLE.check(sort_code="700000", account_number="12345678") == NOT_CHECKED


def test_an_exception_of_a_later_edition_is_not_checked() -> None:
    assert check("00000001", row("MOD11", ACCOUNT_ONLY, 15)) == NOT_CHECKED


@pytest.mark.parametrize(
    ("method", "number", "answer"),
    [
        ("MOD10", "00000055", INVALID),  # 5×2 + 5×1 = 15
        ("MOD10", "00000082", INVALID),  # 18
        ("MOD10", "00000050", VALID),  # 10
        ("MOD11", "00000051", VALID),  # 11
        ("MOD11", "00000050", INVALID),  # 10
        ("DBLAL", "00000900", INVALID),  # 27 → 2 + 7 = 9
        ("DBLAL", "00000901", VALID),  # 9 + 1 = 10
    ],
)
def test_the_three_ways_of_adding_up(method: str, number: str, answer: str) -> None:
    assert check(number, row(method, ACCOUNT_ONLY)) == answer


def test_both_rows_must_pass() -> None:
    eleven, ten = row("MOD11", ACCOUNT_ONLY), row("MOD10", ACCOUNT_ONLY)
    assert check("00000051", eleven) == VALID
    assert check("00000051", eleven, ten) == INVALID
    assert check("00000050", eleven, ten) == INVALID
    assert check("00000000", eleven, ten) == VALID


def test_exception_1_adds_27() -> None:
    plain, first = row("DBLAL", ACCOUNT_ONLY), row("DBLAL", ACCOUNT_ONLY, 1)
    assert check("00000003", plain) == INVALID  # 3
    assert check("00000003", first) == VALID  # 30
    assert check("00000000", first) == INVALID


def test_exceptions_2_and_9_have_weights_and_a_sort_code_of_their_own() -> None:
    last, sort_code_alone, at = (0,) * 13 + (1,), (1,) * 6 + (0,) * 8, "000000"
    # On the second row the sort code is 309634 whatever was given: 25, which is no multiple of eleven.
    never = Weights(at, at, "MOD11", sort_code_alone, 9)
    always = Weights(at, at, "MOD11", (0,) * 14, 9)
    second = Weights(at, at, "MOD11", last, 2)
    assert check("00000001", second, never, sort_code=at) == INVALID
    assert check("00000001", second, always, sort_code=at) == VALID
    only = (second, never)
    # a = 0: the weights of the table. a <> 0: 8 7 10 9 3 1 with 6 4 before them, or without where g is 9.
    assert check("00000000", *only, sort_code=at) == VALID
    assert check("10000005", *only, sort_code=at) == VALID  # 6×1 + 1×5 = 11
    assert check("10000000", *only, sort_code=at) == INVALID
    assert check("10000096", *only, sort_code=at) == VALID  # 3×9 + 6 = 33: a no longer counts
    assert check("10000090", *only, sort_code=at) == INVALID


@pytest.mark.parametrize(("c", "answer"), [("6", VALID), ("9", VALID), ("5", INVALID), ("0", INVALID)])
def test_exception_3_leaves_the_second_row_out(c: str, answer: str) -> None:
    last_digit, always_odd = (0,) * 13 + (1,), (0,) * 12 + (1, 0)
    number = f"00{c}00010"
    assert check(number, row("MOD11", last_digit), row("DBLAL", always_odd, 3)) == answer


def test_exception_4_compares_the_remainder_with_the_last_two_digits() -> None:
    fourth = row("MOD11", (0,) * 11 + (1, 0, 0), 4)
    assert check("00000707", fourth) == VALID
    assert check("00000708", fourth) == INVALID
    assert check("00000000", fourth) == VALID
    tenth = row("MOD11", (0,) * 11 + (2, 0, 0), 4)
    assert check("00000510", tenth) == VALID  # 10


def test_exception_5_looks_at_check_digits_under_another_sort_code() -> None:
    f_only = (0,) * 11 + (1, 0, 0)
    fifth = (row("MOD11", f_only, 5), row("DBLAL", f_only, 5))
    assert check("00000265", fifth[0]) == INVALID  # remainder 2 asks for g = 9
    assert check("00000298", *fifth) == VALID  # g = 9, h = 8
    assert check("00000297", *fifth) == INVALID
    assert check("00000288", *fifth) == INVALID
    assert check("00000000", *fifth) == VALID  # both remainders 0
    assert check("00000100", fifth[0]) == INVALID  # remainder 1 never passes
    z_only = row("MOD11", (0,) * 5 + (1,) + (0,) * 8, 5)
    assert check("00000090", z_only, sort_code="700000", _700000="700002") == VALID
    assert check("00000090", z_only) == INVALID


def test_exception_6_lets_foreign_currency_accounts_through() -> None:
    sixth = row("MOD11", (0,) * 13 + (1,), 6)
    assert check("40000011", sixth) == VALID
    assert check("80000011", sixth) == VALID
    for number in ("30000011", "90000011", "40000021"):
        assert check(number, sixth) == INVALID, number


def test_exception_7_counts_from_c_where_g_is_9() -> None:
    seventh = row("MOD11", (1,) * 8 + (0,) * 4 + (0, 1), 7)
    assert check("00000000", seventh) == INVALID  # 7
    assert check("00000090", seventh) == VALID
    assert check("00000091", seventh) == INVALID


def test_exception_8_checks_another_sort_code() -> None:
    eighth = row("MOD10", (1,) * 6 + (0,) * 7 + (1,), 8)
    assert check("00000002", eighth) == VALID  # 0 + 9 + 0 + 1 + 2 + 6 = 18, and 2
    assert check("00000003", eighth) == INVALID


def test_exceptions_10_and_11_need_one_of_two() -> None:
    tenth = row("MOD11", (0,) * 6 + (1, 1, 0, 0, 0, 0, 0, 1), 10)
    eleventh = row("DBLAL", (0,) * 11 + (1, 0, 0), 11)
    assert check("00000100", tenth, eleventh) == VALID  # the first
    assert check("10000000", tenth, eleventh) == VALID  # the second
    assert check("10000100", tenth, eleventh) == INVALID
    for number in ("09000190", "99000190"):
        assert check(number, tenth, eleventh) == VALID, number
    for number in ("19000190", "98000190", "09000180"):
        assert check(number, tenth, eleventh) == INVALID, number


def test_exceptions_12_and_13_need_one_of_two() -> None:
    twelfth, thirteenth = row("MOD11", ACCOUNT_ONLY, 12), row("MOD10", ACCOUNT_ONLY, 13)
    assert check("00000051", twelfth, thirteenth) == VALID
    assert check("00000050", twelfth, thirteenth) == VALID
    assert check("00000052", twelfth, thirteenth) == INVALID


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("00000101", INVALID),  # 3 + 1; without its last digit: 00000010, 2
        ("00000050", INVALID),  # 10; then 00000005: 5
        ("00000510", VALID),  # 17; then 00000051: 11
        ("00000512", INVALID),  # 19, and 2 is no digit that may be dropped
    ],
)
def test_exception_14_tries_again_without_the_last_digit(number: str, answer: str) -> None:
    assert check(number, row("MOD11", ACCOUNT_ONLY, 14)) == answer


# A second reading, slow and straight: each exception told on its own, digits by their letters.

LETTERS = "uvwxyzabcdefgh"


def told_slowly(rows: list[Weights], substitutes: dict[str, str], sort_code: str, number: str) -> str:
    mine = [one for one in rows if int(one.first) <= int(sort_code) <= int(one.last)]
    if not mine:
        return "not_checked"
    results = [_one_row(one, substitutes, sort_code, number) for one in mine]
    kinds = [one.exception for one in mine]
    if kinds in ([2, 9], [10, 11], [12, 13]):
        good = results[0] or results[1]
    elif len(mine) == 2 and kinds[1] == 3 and number[2] in ("6", "9"):
        good = results[0]
    else:
        good = False not in results
    return "valid" if good else "invalid"


def _one_row(one: Weights, substitutes: dict[str, str], sort_code: str, number: str) -> bool:
    if one.exception == 5 and sort_code in substitutes:
        sort_code = substitutes[sort_code]
    if one.exception == 8:
        sort_code = "090126"
    if one.exception == 9:
        sort_code = "309634"
    d = {letter: int(digit) for letter, digit in zip(LETTERS, sort_code + number, strict=True)}
    w = dict(zip(LETTERS, one.weights, strict=True))
    if one.exception == 2 and d["a"] != 0 and d["g"] != 9:
        w = dict(zip(LETTERS, [0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1], strict=True))
    if one.exception == 2 and d["a"] != 0 and d["g"] == 9:
        w = dict(zip(LETTERS, [0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1], strict=True))
    if one.exception == 7 and d["g"] == 9:
        w |= dict.fromkeys("uvwxyzab", 0)
    if one.exception == 10 and number[:2] in ("09", "99") and number[6] == "9":
        w |= dict.fromkeys("uvwxyzab", 0)
    if one.exception == 6 and number[0] in "45678" and number[6] == number[7]:
        return True
    total = 0
    for letter in LETTERS:
        product = d[letter] * w[letter]
        if one.method == "DBLAL":
            while product:
                total, product = total + product % 10, product // 10
        else:
            total += product
    if one.exception == 1:
        total += 27
    rest = total - (total // 11) * 11 if one.method == "MOD11" else total - (total // 10) * 10
    if one.exception == 4:
        return f"{rest:02}" == number[6:]
    if one.exception == 5 and one.method == "MOD11":
        return d["g"] == 0 if rest == 0 else rest != 1 and d["g"] == 11 - rest
    if one.exception == 5:
        return d["h"] == 0 if rest == 0 else d["h"] == 10 - rest
    if rest != 0 and one.exception == 14 and number[7] in "019":
        plain = Weights(one.first, one.last, one.method, one.weights, 0)
        return _one_row(plain, substitutes, sort_code, "0" + number[:7])
    return rest == 0


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Weights], dict[str, str]]:
    """One or two rows for one sort code, with exceptions as they may stand together."""
    weights = st.tuples(*[st.integers(0, 13)] * 14)
    pair = draw(
        st.sampled_from(
            [
                (("MOD10", 0),), (("MOD11", 0),), (("DBLAL", 0),), (("DBLAL", 1),), (("MOD11", 4),),
                (("MOD11", 7),), (("MOD11", 8),), (("MOD11", 14),), (("MOD11", 5), ("DBLAL", 5)),
                (("MOD11", 0), ("DBLAL", 3)), (("MOD11", 2), ("MOD11", 9)), (("MOD11", 6), ("DBLAL", 6)),
                (("MOD11", 10), ("DBLAL", 11)), (("MOD11", 12), ("MOD10", 13)), (("MOD11", 0), ("DBLAL", 1)),
            ]
        )
    )  # fmt: skip
    rows = [Weights("600000", "699999", method, draw(weights), kind) for method, kind in pair]
    return rows, draw(st.sampled_from([{}, {"612345": "600001"}]))


@settings(max_examples=400)
@given(
    tables(),
    st.sampled_from(["612345", "600000", "699999", "700000"]),
    st.from_regex("[0-9]{8}", fullmatch=True),
)
@example(([Weights("600000", "699999", "MOD11", TWICE, 14)], {}), "600000", "00000190")
def test_two_readings_of_the_rules_say_the_same(
    table: tuple[list[Weights], dict[str, str]], sort_code: str, number: str
) -> None:
    rows, substitutes = table
    found = Modulus(tuple(rows), substitutes).check(sort_code=sort_code, account_number=number)
    assert found == told_slowly(rows, substitutes, sort_code, number)


# Files

INVENTED = (
    "700000 700009 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1\r\n"
    "700000 700009 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   3\r\n"
)


def test_reads_the_files_as_they_are_laid_out(tmp_path: Path) -> None:
    (tmp_path / "weights.txt").write_text(INVENTED)
    (tmp_path / "others.txt").write_text("700001 700002\r\n")
    tables = read_tables(table=str(tmp_path / "weights.txt"), substitutions=str(tmp_path / "others.txt"))
    assert tables.rows == (
        Weights("700000", "700009", "MOD11", ACCOUNT_ONLY),
        Weights("700000", "700009", "DBLAL", TWICE, 3),
    )
    assert tables.substitutes == {"700001": "700002"}
    assert len(tables.version) == 12
    alone = read_tables(table=str(tmp_path / "weights.txt"))
    assert alone.rows == tables.rows
    assert alone.version != tables.version


def test_a_table_that_is_not_there_checks_nothing(tmp_path: Path) -> None:
    assert read_tables(table="") is NO_TABLE
    assert read_tables(table=str(tmp_path / "none.txt")) is NO_TABLE
    assert NO_TABLE.version == ""


@pytest.mark.parametrize(
    "wrong", ["<html>", INVENTED.replace("MOD11", "MOD12"), INVENTED.replace("   8", "   x")]
)
def test_a_file_that_is_no_table_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "weights.txt").write_text(wrong)
    with pytest.raises(BadTable, match=r"weights\.txt"):
        read_tables(table=str(tmp_path / "weights.txt"))


# The published cases and tables, where they may be used

absent = pytest.mark.skipif(
    not (TABLE.is_file() and CASES.is_file()),
    reason="the published tables are not here: they may not be handed on (see RUNBOOK.md)",
)


@pytest.mark.may_be_absent
@absent
def test_the_published_cases_come_out_as_published() -> None:
    tables = read_tables(table=str(TABLE), substitutions=str(SUBSTITUTIONS))
    with CASES.open(newline="") as lines:
        cases = list(csv.DictReader(lines))
    assert len(cases) == 34
    found = {
        case["number"]: tables.check(sort_code=case["sort_code"], account_number=case["account_number"])
        for case in cases
    }
    assert found == {case["number"]: case["expected"] for case in cases}


@pytest.mark.may_be_absent
@absent
@given(st.data())
@settings(max_examples=300)
def test_two_readings_say_the_same_over_the_published_tables(data: st.DataObject) -> None:
    tables = read_tables(table=str(TABLE), substitutions=str(SUBSTITUTIONS))
    sort_code = data.draw(st.sampled_from([code for one in tables.rows for code in (one.first, one.last)]))
    number = data.draw(st.from_regex("[0-9]{8}", fullmatch=True))
    found = tables.check(sort_code=sort_code, account_number=number)
    assert found == told_slowly(list(tables.rows), tables.substitutes, sort_code, number)
