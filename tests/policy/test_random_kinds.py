"""Are the odder kinds of rule, limits and the rounding of the whole printed as they are walked, and right?

What looks past one line is worked out a second time here, slowly and plainly, from the answer of the same
policy without limits and without the rounding of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.policy.rounding import round_share
from service.policy.walking import walk_plan
from tests.policy import texts
from tests.policy.random_policies import DIRECTIONS, PENCE, POSITIVE, pounds, rule
from tests.policy.test_property import check_shape

# A failing policy is shown as it was drawn: making it smaller takes minutes.
SLOW = settings(
    phases=[Phase.generate], max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)
BEYOND = ("needs a person", "not payable", "the part within", "warn", "payroll")
PARTS = ("counts", "does not count")


@st.composite
def fee(draw: st.DrawFn, key: str) -> str:
    pay, more = pounds(draw(POSITIVE)), pounds(draw(POSITIVE))
    hours = draw(st.integers(1, 9))
    kinds = {
        "blocks": (
            f"block: {draw(st.integers(1, 300))}min",
            f"pay: {pay}",
            f"part_of_a_block: {draw(st.sampled_from(PARTS))}",
            *draw(st.sampled_from([(), ("at_most_blocks: 3 times",)])),
        ),
        "plateau": (f"rate: {pay}", f"up_to: {hours}h", f"then: {pounds(draw(POSITIVE) + 270_000)}"),
        "items": (f"pay: {pay}", "per: item", f"at_most_items: {hours} items"),
        "matrix": (
            f"lengths: [{{name: short, at_most: {hours}h}}, {{name: long, over: {hours}h}}]",
            f"pay: {{member: [{pay}, {more}], chair: [{more}, {{undecided: not said.}}]}}",
        ),
        "hourly": (
            f"steps: [{{up_to: {hours}h, rate: {pay}}}, {{rate: {more}}}]",
            f"counter: {draw(st.sampled_from(['year_hours', 'claim', 'line']))}",
        ),
        "cases": ("cases: [{when: {online: true}, use: plain}, {use: other}]",),
        "formula": (f"sum: {pay} * minutes + 50p * items", f"at_least: {more}"),
        "set by the project": ("each: hour", f"at_least: {pay}"),
    }
    kind = draw(st.sampled_from(sorted(kinds)))
    return rule(key, f"kind: {kind}", *kinds[kind])


@dataclass(frozen=True)
class Limit:
    """One drawn limit; `counter` empty for one within a claim."""

    counter: str
    categories: tuple[str, ...]
    at_most: int
    beyond: str

    def text(self, number: int) -> str:
        scope = f"counter: {self.counter}" if self.counter else f"categories: [{', '.join(self.categories)}]"
        return rule(f"l{number}", scope, f"at_most: {pounds(self.at_most)}", f"beyond: {self.beyond}")


LIMITS = st.lists(
    st.builds(
        Limit,
        st.sampled_from(["", "week_fee", "week_costs", "year_all"]),
        st.sampled_from([("bus",), ("bus", "car")]),
        st.integers(0, 40_000),
        st.sampled_from(BEYOND),
    ),
    max_size=3,
)
COUNTERS = (
    "counters:\n"
    "  week_fee: {name: Fees, counts: fee, each: week}\n"
    "  week_costs: {name: Costs, counts: expenses, each: week, categories: [bus]}\n"
    "  year_all: {name: All, counts: total, each: tax year}\n"
    "  year_hours: {name: Hours, counts: hours, each: tax year}\n"
)
WHO = (
    "roles: {member: Member, chair: Chair}\nactivities:\n"
    "  one: {name: One, clause: one, field: health, pays: {member: f0, chair: f1}}\n"
    "  two: {name: Two, clause: two, field: none, pays: {member: f2, chair: plain}}\n"
    "  three: {name: Three, clause: three, field: none, pays: {member: other}}\n"
    "several: {clause: s, sentence: S., pay: sum}\n"
)
PLAIN = rule("plain", "kind: hourly", "rate: £17.31")
PLAIN += rule("other", "kind: flat", "each: session", "amount: £40.00")


@dataclass(frozen=True)
class Drawn:
    """A policy with its limits and rounding of the whole, and the same without them."""

    whole: str
    bare: str
    limits: tuple[Limit, ...]
    step: int
    direction: str


@st.composite
def policies(draw: st.DrawFn) -> Drawn:
    fees = "fees:\n" + PLAIN + "".join(draw(fee(f"f{n}")) for n in range(3))
    limits = draw(LIMITS)
    step, direction = draw(st.sampled_from([1, 5, 50])), draw(DIRECTIONS)
    each = "rounding: {{clause: r, sentence: R., step: {}p, direction: {}, each: {}}}\n"
    said = "limits:\n" + "".join(one.text(n) for n, one in enumerate(limits)) if limits else ""
    # Where the whole is rounded, lines go to the penny first, in the same direction.
    bare = texts.text(
        amounts="", rounding=each.format(1, direction, "line"), who=WHO, fees=fees, more=COUNTERS
    )
    whole = texts.text(
        amounts="", rounding=each.format(step, direction, "total"), who=WHO, fees=fees, more=COUNTERS + said
    )
    return Drawn(whole, bare, tuple(limits), step, direction)


COUNT, YES = st.integers(0, 900), st.booleans()
COSTS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"category": st.just("bus"), "amount_pence": PENCE, "receipt": YES}),
        st.fixed_dictionaries(
            {"category": st.just("car"), "miles": st.integers(0, 9000).map(lambda tenths: tenths / 10)},
            optional={"amount_pence": PENCE},
        ),
    ),
    max_size=4,
)
PART = st.fixed_dictionaries(
    {
        "activity": st.sampled_from(["one", "two"]),
        "role": st.sampled_from(["member", "chair"]),
        "minutes": COUNT,
        "items": st.integers(0, 20),
    },
    optional={"set_pence": PENCE},
)
ABOUT = st.fixed_dictionaries(
    {"on": st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat), "expenses": COSTS},
    optional={
        "online": YES,
        "accept_pence": PENCE,
        "used": st.fixed_dictionaries(
            {},
            optional={
                "week_fee": PENCE, "week_costs": PENCE, "year_all": PENCE, "year_hours": st.integers(0, 20)
            },
        ),
    },
)  # fmt: skip
SINGLE = st.tuples(ABOUT, PART).map(lambda pair: {**pair[0], **pair[1]})
SEVERAL = st.tuples(ABOUT, st.lists(PART, min_size=1, max_size=3)).map(
    lambda pair: {**pair[0], "contributions": pair[1]}
)
CLAIMS = st.one_of(SINGLE, SEVERAL)


@SLOW
@given(policies(), st.lists(CLAIMS, min_size=1, max_size=5))
def test_every_kind_and_limit_is_printed_as_it_is_walked(drawn: Drawn, claims: list[dict[str, Any]]) -> None:
    for policy in (texts.policy(drawn.whole), texts.policy(drawn.bare)):
        for facts in claims:
            answer = policy.assess(facts)
            walked = policy.assess_by(facts, judges=walk_plan(policy.frame(_on(facts)).plan))
            assert walked == answer
            check_shape({**answer, "approval_route": ["approver"]})
            assert policy.totals(facts)[1:] == (answer["fee_pence"], answer["expenses_pence"])


@SLOW
@given(policies(), st.lists(CLAIMS, min_size=1, max_size=5))
def test_limits_and_the_rounding_of_the_whole_come_to_what_they_do_by_hand(
    drawn: Drawn, claims: list[dict[str, Any]]
) -> None:
    limited, bare = texts.policy(drawn.whole), texts.policy(drawn.bare)
    for facts in claims:
        lines = [dict(line) for line in bare.assess(facts)["lines"]]
        for limit in drawn.limits:
            apply_slowly(limit, lines, facts.get("used", {}))
        for kind in ("fee", "expense"):
            round_slowly([line for line in lines if line["kind"] == kind], drawn)
        answer = limited.assess(facts)
        assert [(one["outcome"], one["amount_pence"]) for one in answer["lines"]] == [
            (one["outcome"], one["amount_pence"]) for one in lines
        ]


def apply_slowly(limit: Limit, lines: list[dict[str, Any]], used: dict[str, int]) -> None:
    """One limit, as a person would apply it with a pencil."""
    wanted = {
        "": lambda line: line["category"] in limit.categories,
        "week_fee": lambda line: line["kind"] == "fee",
        "week_costs": lambda line: line["category"] == "bus",
        "year_all": lambda _: True,
    }[limit.counter]
    mine = [line for line in lines if line["outcome"] == "payable" and wanted(line)]
    before = used.get(limit.counter, 0)
    claimed = sum(line["amount_pence"] for line in mine)
    if not claimed or before + claimed <= limit.at_most:
        return
    left = max(limit.at_most - before, 0)
    for line in mine:
        if limit.beyond == "the part within":
            if not line["amount_pence"]:
                continue  # Nothing was asked for, so nothing is cut.
            line["amount_pence"] = min(line["amount_pence"], left)
            left -= line["amount_pence"]
            line["outcome"] = "payable" if line["amount_pence"] else "not_payable"
        elif limit.beyond in ("needs a person", "not payable"):
            line["outcome"] = limit.beyond.replace("needs a person", "needs_person").replace(" ", "_")
            line["amount_pence"] = 0


def round_slowly(lines: list[dict[str, Any]], drawn: Drawn) -> None:
    """The sum to its step; the last paid line carries the difference, within nothing and its cost."""
    paid = [line for line in lines if line["amount_pence"]]
    if not paid:
        return
    total = sum(line["amount_pence"] for line in paid)
    last = paid[-1]
    wanted = last["amount_pence"] + round_share(total, 1, drawn.step, drawn.direction) - total
    if "claimed_pence" in last:
        wanted = min(wanted, max(last["claimed_pence"], last["amount_pence"]))
    last["amount_pence"] = max(wanted, 0)
    last["outcome"] = "payable" if last["amount_pence"] else "not_payable"


def _on(facts: dict[str, Any]) -> date:
    return date.fromisoformat(facts["on"])
