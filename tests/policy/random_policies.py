"""Random policies and random claims, for the tests that compare the compiled engine with the slow walker.

A policy is drawn as text, in the language itself, so that reading, lowering, printing and walking are all
under test.
"""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import strategies as st

from tests.policy import texts

PENCE = st.integers(0, 30_000)
POSITIVE = st.integers(1, 30_000)
DIRECTIONS = st.sampled_from(["half up", "half even", "half down", "up", "down"])
DAYS = st.dates(date(2025, 12, 1), date(2027, 3, 1))


def pounds(pence: int) -> str:
    return f"£{pence // 100}.{pence % 100:02d}"


def value(pence: st.SearchStrategy[int] = POSITIVE) -> st.SearchStrategy[str]:
    """A literal, a named amount or a gap left on purpose."""
    return st.one_of(
        pence.map(pounds), st.sampled_from(["first", "second"]), st.just("{undecided: nobody knows.}")
    )


def rule(key: str, *parts: str, sentence: str = "A rule.") -> str:
    return f"  {key}: {{{', '.join([f'clause: c-{key}', f'sentence: {sentence}', *parts])}}}\n"


def in_forms(sentence: str) -> st.SearchStrategy[str]:
    """A sentence as plain words, or with Welsh and Easy Read words beside them."""
    plain = sentence.strip("'")
    easy = f"'Easy: {plain}'"
    return st.sampled_from(
        [
            sentence,
            f"{{plain: '{plain}'}}",
            f"{{plain: '{plain}', cy: 'Cymraeg: {plain}'}}",
            f"{{plain: '{plain}', easy: {easy}}}",
            f"{{plain: '{plain}', cy: 'Cymraeg: {plain}', easy: {easy}}}",
        ]
    )


@st.composite
def fee(draw: st.DrawFn, key: str) -> str:
    kind = draw(st.sampled_from(["hourly", "bands", "open bands", "flat", "unpaid"]))
    nature = f"nature: {draw(st.sampled_from(['fee', 'flat_sum']))}"
    if kind == "hourly":
        sentence = draw(in_forms("'{rate} an hour.'"))
        return rule(key, "kind: hourly", nature, f"rate: {draw(value())}", sentence=sentence)
    if kind == "flat":
        each = draw(st.sampled_from(["session", "day", "night"]))
        return rule(key, "kind: flat", nature, f"each: {each}", f"amount: {draw(value())}")
    if kind == "unpaid":
        return rule(key, "kind: unpaid", nature, sentence=draw(in_forms("A rule.")))
    if kind == "open bands":
        rows = f"bands: [{{name: half_day, pay: {draw(value())}}}, {{name: full_day, pay: {draw(value())}}}]"
        return rule(key, "kind: bands", nature, "hours: {undecided: not said.}", rows)
    cuts = sorted(draw(st.sets(st.integers(1, 600), min_size=1, max_size=4)))
    first = [f"{{under: {cuts[0]}min, pay: {draw(value())}}}"]
    middle = [
        f"{{at_least: {low}min, under: {high}min, pay: {draw(value())}}}"
        for low, high in itertools.pairwise(cuts)
    ]
    last = [f"{{at_least: {cuts[-1]}min, pay: {draw(value())}}}"]
    return rule(key, "kind: bands", nature, f"bands: [{', '.join(first + middle + last)}]")


@st.composite
def paid_time(draw: st.DrawFn) -> str:
    rows = ""
    for time in draw(st.sets(st.sampled_from(["preparation", "travel", "training"]))):
        pays = ["in full", '"no"', "included", "at most 1h", "the part over 30min", "in full once over 45min"]
        parts = [f"time: {time}", f"pay: {draw(st.sampled_from(pays))}", f"rate: {draw(value())}"]
        rows += rule(time, *parts)
    return f"paid_time:\n{rows}" if rows else ""


@st.composite
def conditions(draw: st.DrawFn) -> str:
    if not draw(st.booleans()):
        return ""
    fact = draw(st.sampled_from(["trained", "paid_by_employer", "online", "agreed_before", "nation"]))
    # To want a cost not to be agreed first would contradict the rules that want it agreed.
    usual = {"nation": "scotland", "agreed_before": "true"}
    wanted = usual.get(fact) or draw(st.sampled_from(["true", "false"]))
    return "eligibility:\n" + rule(
        "one",
        f"applies_to: {draw(st.sampled_from(['fee', 'expenses', 'everything']))}",
        f"fact: {fact}",
        f"is: {wanted}",
        f"unsaid: {draw(st.sampled_from(['ask', 'allow']))}",
        f"otherwise: {draw(st.sampled_from(['not payable', 'needs a person']))}",
        *draw(st.sampled_from([(), ("activities: [one]",), ("roles: [chair]",)])),
    )


@st.composite
def expenses(draw: st.DrawFn) -> str:
    proof = [f"receipt: {draw(st.sampled_from(['usual', 'over', 'never']))}".replace("never", '"no"')]
    proof += [f"agreed_first: {draw(st.sampled_from(['usual', 'never']))}".replace("never", '"no"')]
    cap = draw(st.sampled_from(["claim", "hour", "night", "day"]))
    most = draw(st.sampled_from(["", "passengers_at_most: 2"]))
    rows = rule("fare", "name: Fare", "kind: actual", *proof)
    rows += rule(
        "capped", "name: Capped", "kind: actual", f"at_most: {draw(value())}", f"each: {cap}", *proof
    )
    rows += rule(
        "car", "name: Car", "kind: mileage", f"rate: {draw(value(st.integers(1, 99)))}",
        f"passenger: {draw(value(st.integers(1, 9)))}", *([most] if most else []), *proof,
    )  # fmt: skip
    rows += rule(
        "flat", "name: Flat", "kind: flat", f"amount: {draw(value())}", f"each: {cap}", 'receipt: "no"',
        f"activities: {draw(st.sampled_from(['[one]', '[one, two]']))}",
    )  # fmt: skip
    rows += rule(
        "meal", "name: Meal", "kind: meal", *proof,
        f"bands: [{{under: 5h, pay: £0.00}}, {{at_least: 5h, pay: {draw(value())}}}]",
    )  # fmt: skip
    kinds = "receipts:\n" + rule("usual") + rule("over", f"over: {draw(value(PENCE))}")
    return kinds + "agreement:\n" + rule("usual") + "expenses:\n" + rows


@st.composite
def policy_texts(draw: st.DrawFn) -> str:
    """A whole policy that reads without mistakes."""
    step, direction = draw(st.sampled_from(["1p", "5p", "50p"])), draw(DIRECTIONS)
    rounding = draw(
        st.sampled_from(
            [
                f"rounding: {{clause: r, sentence: R., step: {step}, direction: {direction}, each: line}}\n",
                "rounding: {clause: r, undecided: not said.}\n",
            ]
        )
    )
    amounts = (
        "amounts:\n"
        f"  first: {{name: First, clause: a, values: {{2026-01-01: {pounds(draw(POSITIVE))}, "
        f"2026-06-01: {pounds(draw(POSITIVE))}}}}}\n"
        "  second: {name: Second, clause: b, at_least: first, "
        f"values: {{2026-01-01: {pounds(draw(POSITIVE))}, 2026-09-01: {{undecided: a gap.}}}}}}\n"
    )
    who = (
        f"roles: {{member: {draw(in_forms('Member'))}, chair: Chair}}\nactivities:\n"
        f"  one: {{name: {draw(in_forms('One'))}, clause: one, field: health, "
        "pays: {member: f0, chair: f1}}\n"
        "  two: {name: Two, clause: two, field: none, pays: {member: f2}}\n"
    )
    fees = "fees:\n" + "".join(draw(fee(f"f{n}")) for n in range(3))
    more = draw(paid_time()) + draw(conditions())
    if draw(st.booleans()):
        more += f"several: {{clause: s, sentence: S., pay: {draw(st.sampled_from(['sum', 'highest']))}}}\n"
    if draw(st.booleans()):
        shares = [draw(st.integers(0, 100)) for _ in range(2)]
        more += "cancellation:\n" + rule("late", "notice_under: 24h", f"share: {shares[0]}%")
        more += rule("early", f"share: {shares[1]}%")
    if draw(st.booleans()):
        more += "deadlines:\n" + rule(
            "usual", f"within: {draw(st.integers(1, 90))} days",
            f"otherwise: {draw(st.sampled_from(['not payable', 'needs a person']))}",
        )  # fmt: skip
    if draw(st.booleans()):
        more += "choice: {clause: ch, sentence: You may take less.}\n"
    more += "warnings:\n" + rule(
        "much", f"when: {{total_pence: over {pounds(draw(PENCE))}, field: [health, none]}}"
    )
    both = draw(in_forms("'It is {first} or {second}.'"))
    more += rule("amounts", "when: {fee_pence: at least £0.01}", sentence=both)
    return texts.text(
        rounding=rounding, amounts=amounts, who=who, fees=fees, costs=draw(expenses()), more=more
    )


COUNT = st.integers(0, 900)
YES = st.booleans()


COSTS = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(["fare", "capped", "car", "flat", "meal"]),
            "amount_pence": PENCE,
            "miles": st.integers(0, 5000).map(lambda tenths: tenths / 10),
            "hours": st.integers(0, 40).map(lambda quarters: quarters / 4),
            "nights": st.integers(0, 9),
            "days": st.integers(0, 9),
            "hours_away": st.integers(0, 20),
        },
        optional={"receipt": YES, "agreed_before": YES, "passengers": st.integers(0, 5)},
    ),
    max_size=5,
)
TIMES = dict.fromkeys(("preparation_minutes", "travel_minutes", "training_minutes"), COUNT)
LENGTHS = st.sampled_from(["half_day", "full_day", "week"])
PART = st.fixed_dictionaries(
    {
        "activity": st.sampled_from(["one", "two"]),
        "role": st.sampled_from(["member", "chair"]),
        "minutes": COUNT,
        "days": st.integers(0, 9),
        "nights": st.integers(0, 9),
    },
    optional={**TIMES, "length": LENGTHS},
)
ABOUT = st.fixed_dictionaries(
    {"on": DAYS.map(lambda day: day.isoformat()), "expenses": COSTS},
    optional={
        "claimed_on": DAYS.map(lambda day: day.isoformat()),
        "by_register": YES,
        "notice_hours": st.integers(0, 90),
        "accept_pence": PENCE,
        "fee": YES,
        "trained": YES,
        "online": YES,
        "paid_by_employer": YES,
        "give_to": st.just("a friend"),
        "nation": st.sampled_from(["scotland", "northern-ireland"]),
    },
)
SINGLE = st.tuples(ABOUT, PART).map(lambda pair: {**pair[0], **pair[1]})
SEVERAL = st.tuples(ABOUT, st.lists(PART, min_size=1, max_size=4)).map(
    lambda pair: {**pair[0], "contributions": pair[1]}
)
CLAIMS = st.one_of(SINGLE, SEVERAL)
