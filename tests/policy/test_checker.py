"""Does the checker find each mistake, with file, line, clause and what to do?"""

from __future__ import annotations

from datetime import date

import pytest

from service.policy.engine import ask_policy, check_policy, read_policy
from service.policy.faults import Fault, PolicyFaults
from service.policy.sources import Sources
from tests.policy import texts
from tests.policy.texts import AMOUNTS, COSTS, FEES, FLOOR, HEADER, ROUNDING, WAY, WHO

BANDS = "      - {under: 4h, pay: £75.00}\n      - {at_least: 4h, pay: £150.00}\n"


OTHER = '{clause: "12b", sentence: Too., up_to: £50.00, who: [a]}'
FLAT = "    kind: flat\n    amount: £75.00\n"
READING = '{clause: "9", sentence: Reading., time: preparation, pay: included}'


def bands(rows: str) -> str:
    return FEES.replace(BANDS, "".join(f"      - {{{row}}}\n" for row in rows.split(" | ")))


def only_fault(**parts: str) -> Fault:
    found = texts.faults(texts.text(**parts))
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_the_small_policy_has_no_mistakes() -> None:
    assert texts.faults(texts.text()) == []


CASES = {
    "nothing at exactly four hours": (
        {"fees": bands("under: 4h, pay: £75.00 | over: 4h, pay: £150.00")},
        "by_length:",
        "5",
        'No band of "fees.by_length" says what happens at 4h.',
    ),
    "two bands claim the same value": (
        {"fees": bands("at_most: 4h, pay: £75.00 | at_least: 4h, pay: £150.00")},
        "by_length:",
        "5",
        'Two bands of "fees.by_length" both claim 4h.',
    ),
    "no band at the end": (
        {"fees": bands("under: 4h, pay: £75.00 | at_least: 4h, under: 8h, pay: £150.00")},
        "by_length:",
        "5",
        "says what happens from 8h on.",
    ),
    "a missing cell": (
        {"fees": bands("under: 4h | at_least: 4h, pay: £150.00")},
        "- {under: 4h}",
        "5",
        '"fees.by_length" has no pay.',
    ),
    "half and full day without hours": (
        {"fees": bands("name: half_day, pay: £75.00 | name: full_day, at_least: 4h, pay: £150.00")},
        "- {name: half_day",
        "5",
        "The band 'half_day' has no hours.",
    ),
    "a part of a penny for pence": (
        {"costs": COSTS.replace("45p", "0.45 p")},
        "0.45 p",
        "10",
        "'0.45 p' is a part of one penny.",
    ),
    "a number without a unit": (
        {"costs": COSTS.replace("45p", "45")},
        "rate: 45,",
        "10",
        "'45' has no unit.",
    ),
    "a wrong unit": (
        {"costs": COSTS.replace("45p", "45min")},
        "45min",
        "10",
        "'45min' is in minutes, but pence are needed here.",
    ),
    "a name that does not exist": (
        {"fees": FEES.replace("rate: hourly", "rate: hurly")},
        "by_hour: {",
        "4",
        "There is no amount called 'hurly'.",
    ),
    "a name in a sentence that does not exist": (
        {"fees": FEES.replace("We pay {rate} an hour", "We pay {rat} an hour")},
        "by_hour: {",
        "4",
        "There is no value called 'rat'.",
    ),
    "an unknown key": (
        {"costs": COSTS.replace("kind: mileage", "kind: mileage, colour: red")},
        "car: {",
        "10",
        '"expenses.car" has a key that means nothing: "colour".',
    ),
    "a key one level too high": (
        {"more": "receipts_rule: usual\n"},
        "receipts_rule: usual\n",
        "",
        '"main.yaml" has a key that means nothing: "receipts_rule".',
    ),
    "no clause": (
        {"costs": COSTS.replace('clause: "10", ', "")},
        "car: {",
        "",
        '"expenses.car" has no clause.',
    ),
    "no sentence": (
        {"fees": FEES.replace("sentence: Guests are not paid., ", "")},
        "nothing: {clause",
        "6",
        '"fees.nothing" has no sentence.',
    ),
    "a part of a penny and no rounding": (
        {"rounding": "", "amounts": AMOUNTS.replace("£15.00", "£11.31").replace("£16.00", "£18.00"),
         "costs": COSTS.replace("45p", "40p")},
        "by_hour: {",
        "4",
        '"fees.by_hour" can leave a part of a penny (one minute at this rate), and no rounding is stated.',
    ),
    "a rate below the wage floor": (
        {"floor": 'wage_floor: {clause: "2", at_least: £15.50}\n'},
        "by_hour: {",
        "4",
        "£15.00 for 1 hour is below the wage floor of £15.50 an hour from 2026-01-01.",
    ),
    "no wage floor said": ({"floor": ""}, "policy:", "", "The policy names no wage floor."),
    "a value that ends with no successor": (
        {"amounts": AMOUNTS.replace("      2026-07-01: £16.00\n", "    until: 2026-06-30\n")},
        "hourly:",
        "2",
        '"hourly" ends on 2026-06-30 and nothing follows.',
    ),
    "no value on the first day": (
        {"amounts": AMOUNTS.replace("      2026-01-01: £15.00\n", "")},
        "hourly:",
        "2",
        "'hourly' has no value from 2026-01-01, when the policy starts.",
    ),
    "dates out of order": (
        {"amounts": AMOUNTS.replace("2026-07-01", "2025-07-01")},
        "hourly:",
        "2",
        'The dates of "hourly" are not in order.',
    ),
    "a fee that nobody gets": (
        {"who": WHO.replace("chair: by_length", "chair: by_hour")},
        "by_length:",
        "5",
        "No activity is paid by 'by_length'.",
    ),
    "an amount that nothing uses": (
        {"amounts": AMOUNTS + '  spare: {name: Spare, clause: "2", values: {2026-01-01: £1.00}}\n'},
        "spare: {",
        "2",
        "No rule uses the amount 'spare'.",
    ),
    "claims of any size approved by nobody": (
        {"way": WAY.replace("who: [approver]", "who: automatic")},
        'large: {clause: "13"',
        "13",
        "Claims of any size are approved by nobody.",
    ),
    "two approvals with one limit": (
        {"way": WAY.replace("  large:", f"  other: {OTHER}\n  large:")},
        'other: {clause: "12b"',
        "12b",
        "Two approvals both end at £50.00.",
    ),
    "reading added to a fee that is not by time": (
        {
            "fees": FEES.replace("    kind: bands\n    bands:\n" + BANDS, FLAT),
            "more": f"paid_time: {{reading: {READING.replace('included', 'in full')}}}\n",
        },
        "paid_time: {",
        "9",
        "Preparation time cannot be added: 'meeting' is not paid by time.",
    ),
    "no promise": (
        {"way": "\n".join(row for row in WAY.splitlines() if "promise" not in row) + "\n"},
        "payment:",
        "",
        "The policy does not say when people are paid.",
    ),
    "review before the start": (
        {"header": HEADER.replace("review_by: 2027-01-01", "review_by: 2025-01-01")},
        "policy:",
        "",
        "The policy is due for review before it starts.",
    ),
    "a field the law does not know": (
        {"who": WHO.replace("social care", "parks")},
        "field: parks",
        "3",
        '"field: parks" of "activities.meeting" is not known.',
    ),
    "two rules for the same time": (
        {"more": f"paid_time:\n  a: {READING}\n  b: {READING}\n"},
        "  b: {clause",
        "9",
        "Both 'a' and 'b' say how preparation time is paid.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_found_where_it_stands(name: str) -> None:
    parts, words, clause, what = CASES[name]
    fault = only_fault(**parts)
    assert what in fault.what
    assert fault.remedy
    assert (fault.file, fault.line, fault.clause) == (
        "main.yaml",
        texts.line_of(texts.text(**parts), words),
        clause,
    )


SAID = {
    "a gap at four hours": {
        "fees": bands("under: 4h, pay: £75.00 | exactly: 4h, pay: {undecided: why} | over: 4h, pay: £150.00")
    },
    "days without hours": {
        "fees": bands("name: half_day, pay: £75.00 | name: full_day, pay: £150.00").replace(
            "    bands:", "    hours: {undecided: The page gives none.}\n    bands:"
        )
    },
    "no rounding": {"rounding": 'rounding: {clause: "1", undecided: The page states none.}\n'},
    "no successor": {
        "amounts": AMOUNTS.replace(
            "      2026-07-01: £16.00\n", "    until: 2026-06-30\n    no_successor: The pilot ended.\n"
        )
    },
    "no promise": {
        "way": WAY.replace(
            '{clause: "14", sentence: "We pay within {within}.", within: 14 days}', "{undecided: why}"
        )
    },
    "no review day": {"header": HEADER.replace("2027-01-01", "not stated")},
}


@pytest.mark.parametrize("name", SAID)
def test_a_gap_that_is_said_passes(name: str) -> None:
    assert texts.faults(texts.text(**SAID[name])) == []


def test_all_mistakes_come_in_one_run_in_order() -> None:
    main = texts.text(
        costs=COSTS.replace("45p", "0.45 p").replace('clause: "9", ', ""),
        fees=FEES.replace("rate: hourly", "rate: hurly"),
    )
    found = texts.faults(main)
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)
    assert len(found) == 3


EXAMPLE = """\
examples:
  - name: An hour and a half
    facts: {activity: meeting, role: member, on: 2026-02-02, minutes: 90min}
    expect: {total: £22.50}
    worked: 1.5 × £15.00.
"""


def test_an_example_that_fails_is_a_mistake_with_both_sums() -> None:
    main = texts.text(more=EXAMPLE.replace("£22.50", "£23.00"))
    fault = next(fault for fault in check_policy(texts.sources(main)) if "An hour and a half" in fault.what)
    assert fault.what == "Example 'An hour and a half': expects total £23.00, but the rules give £22.50."
    assert fault.line == texts.line_of(main, "name: An hour and a half")


def test_a_sum_may_not_need_a_person() -> None:
    main = texts.text(more=EXAMPLE.replace("{total: £22.50}", "{total: £22.50, outcome: needs_person}"))
    assert [fault.what for fault in texts.faults(main)] == ["An example with a sum may not need a person."]


def test_what_no_example_reaches_is_named() -> None:
    found = {fault.what for fault in check_policy(texts.sources(texts.text(more=EXAMPLE)))}
    assert 'No worked example shows the rule "expenses.car" at work.' in found
    assert "No worked example has the role 'chair' in 'meeting'." in found
    assert "No worked example uses 'hourly' as it stands from 2026-07-01." in found
    assert 'No worked example shows the rule "fees.by_hour" at work.' not in found
    assert "No worked example uses 'hourly' as it stands from 2026-01-01." not in found


def test_an_inferred_figure_may_not_stand_in_a_live_policy() -> None:
    table = (
        "reference: {group: wage, name: Wages}\n"
        "amounts:\n  adult:\n    name: Adult\n    values:\n"
        "      2026-01-01: {amount: £12.00, source: A formula, mark: inferred}\n"
    )
    main = texts.text(
        more="uses: [reference/wages]\n", floor='wage_floor: {clause: "2", at_least: wage.adult}\n'
    )
    assert FLOOR not in main
    assert ROUNDING in main

    def found(status: str) -> list[str]:
        text = main.replace("status: illustrative", f"status: {status}")
        return [
            one.what
            for one in check_policy(texts.sources(text, reference__wages=table))
            if "inferred" in one.what
        ]

    assert found("illustrative") == []
    assert found("live") == ["The value of 'wage.adult' from 2026-01-01 is inferred or remembered, not read."]


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("fact: minutes, is: true", "'minutes' is a number of minutes, not a yes or no."),
        ("fact: online, is: maybe", "'online' cannot be maybe."),
        ("fact: length, is: true", "'length' cannot be true."),
        ("fact: onlin, is: true", "There is no fact called 'onlin'."),
        ("activities: [meting]", "There is no activity called 'meting'."),
        ("otherwise: not payable", '"eligibility.one" has no fact to look at.'),
    ],
)
def test_a_condition_must_make_sense(condition: str, what: str) -> None:
    more = f'eligibility: {{one: {{clause: "9", sentence: One., applies_to: fee, {condition}}}}}\n'
    assert only_fault(more=more).what == what


def test_a_policy_of_too_many_parts_is_refused() -> None:
    rows = "".join(
        f"      {year}-{month:02d}-01: £15.00\n" for year in range(2026, 2056) for month in range(1, 13)
    )
    amounts = AMOUNTS[: AMOUNTS.index("      2026-01-01")] + rows
    assert only_fault(amounts=amounts).what == "Values change on more than 200 days."
    who = "roles: {" + ", ".join(f"r{n}: R" for n in range(2001)) + "}\n" + WHO[WHO.index("activities:") :]
    found = texts.faults(
        texts.text(who=who.replace("member:", "r1:").replace("chair:", "r2:").replace("guest:", "r3:"))
    )
    assert "There are too many activities, roles or kinds of cost." in [fault.what for fault in found]


def test_a_figure_to_be_confirmed_is_shown_as_one() -> None:
    table = (
        "reference: {group: limit, name: Limits}\n"
        "amounts:\n  week:\n    name: A week\n    values:\n"
        "      2026-01-01: {amount: £200.00, source: A page}\n"
        "      2026-06-01: {amount: £210.00, source: A formula, mark: inferred}\n"
    )
    more = (
        "uses: [reference/limits]\nwarnings:\n  limit: "
        '{clause: "9", sentence: "The limit is {limit.week}.", when: {fee_pence: over £0.00}}\n'
    )
    policy = read_policy(texts.sources(texts.text(more=more), reference__limits=table))
    facts = {"activity": "meeting", "role": "member", "minutes": 60}
    assert policy.assess({**facts, "on": "2026-05-31"})["warnings"][0]["text"] == "The limit is £200.00."
    unsure = policy.assess({**facts, "on": "2026-06-01"})["warnings"][0]["text"]
    assert unsure == "The limit is £210.00 (to be confirmed)."


def test_mistakes_of_every_sort_are_found_in_one_run() -> None:
    """A gap, a part of a penny, no rounding and an overdue review; and the author is asked too."""
    main = texts.text(
        header=HEADER.replace("illustrative", "live"),
        rounding="",
        amounts=AMOUNTS.replace("£15.00", "£15.01"),
        fees=bands("under: 4h, pay: £75.00 | over: 4h, pay: £150.00"),
        costs=COSTS.replace("45p", "0.45 p").replace("We pay the bus.", "We pay what it currently costs."),
    )
    found = [one.what for one in check_policy(texts.sources(main), today=date(2027, 1, 2))]
    assert found == [
        "The policy was due to be looked at again by 1 January 2027, and is still published.",
        '"fees.by_hour" can leave a part of a penny (one minute at this rate), and no rounding is stated.',
        'No band of "fees.by_length" says what happens at 4h.',
        "'0.45 p' is a part of one penny.",
    ]
    assert [one.clause for one in ask_policy(texts.sources(main))] == ["", "9"]


@pytest.mark.parametrize("gone", range(1, 60))
def test_a_policy_with_any_line_taken_out_is_answered_with_mistakes_only(gone: int) -> None:
    lines = texts.text().split("\n")
    sources = texts.sources("\n".join(lines[:gone] + lines[gone + 1 :]))
    faults = check_policy(sources, today=date(2026, 5, 12))
    assert faults
    assert all(one.what and one.remedy for one in faults)
    assert all(one.what and one.remedy for one in asked(sources))


def asked(sources: Sources) -> list[Fault]:
    try:
        return ask_policy(sources)
    except PolicyFaults as error:
        return list(error.faults)
