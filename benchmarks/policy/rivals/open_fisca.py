"""`realistic.yaml` for OpenFisca: a line is its person, a claim its group, every fact an array of numbers.

All claims of one period are one simulation, because a simulation has one date for its parameters. Facts that
are words are codes, made beforehand, and so are the arrays. Its whole numbers have 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, Period
from openfisca_core.periods import period as period_for
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.policy.rates import PERIODS
from benchmarks.policy.rivals.facts import Facts, given, microseconds, report

Array = Any
LINE = build_entity("line", "lines", "A line of a claim", is_person=True)
CLAIM = build_entity(
    "claim", "claims", "A claim", roles=[{"key": "member", "plural": "members", "label": "Line"}]
)
ACTIVITIES = ("board", "network", "coaching", "challenge", "panel", "festival", "review")
BOARD, NETWORK, COACHING, CHALLENGE, PANEL, FESTIVAL, REVIEW = range(7)
ROLES = (
    *("member", "online_member", "co_chair", "coach", "trainer", "stall_host", "speaker", "workshop_lead"),
    *("observer", "team_member", "panel_member", "reviewer"),
)
FEE = 0
KINDS = (
    *("fee", "bus", "train", "parking", "taxi", "car", "motorcycle", "bicycle", "meal", "overnight"),
    *("replacement_care", "childcare", "personal_assistant", "internet"),
)
KIND = {key: index for index, key in enumerate(KINDS)}
# Each fact of a line, and what stands where nobody said.
LINE_FACTS = {
    **dict.fromkeys(("kind", "role", "minutes", "preparation_minutes", "training_minutes", "silent"), 0),
    **dict.fromkeys(("days", "tenths", "passengers", "nights", "away", "receipt", "agreed_before"), 0),
    **dict.fromkeys(("trained", "in_care_package", "amount_pence", "first_internet"), -1),
}
CLAIM_FACTS = {
    **dict.fromkeys(("activity", "on", "claimed_on", "by_register", "paid_by_employer"), 0),
    **dict.fromkeys(("online", "notice_minutes", "accept_pence"), -1),
}


def input_of(name: str, entity: Any) -> type[Variable]:
    """A fact as a variable."""
    kinds = {"value_type": int, "entity": entity, "definition_period": DateUnit.DAY, "label": name}
    return type(name, (Variable,), kinds)


def worth(line: Any, period: Period, rates: Any, activity: Array) -> Array:
    """The pence of each contribution before any cancellation."""
    role, minutes = line("role", period), line("minutes", period)
    ready = line("preparation_minutes", period)
    by_role = np.array([getattr(rates, key) for key in ROLES[:8]] + [0] * 4)[role]
    flat = (role == 6) | (role == 7)
    counted = minutes + np.where((activity != FESTIVAL), ready, 0)
    panel = np.where(
        minutes <= 120, rates.panel_short, np.where(minutes <= 240, rates.panel_half, rates.panel_full)
    )
    reading = (np.minimum(ready, 240) * rates.member + 30) // 60
    main = np.select(
        [activity == CHALLENGE, activity == PANEL, activity == REVIEW, flat],
        [line("days", period) * rates.day + reading, panel, -(-minutes // 180) * rates.block, by_role],
        (counted * by_role + 30) // 60,
    )
    return main + (line("training_minutes", period) * rates.member + 30) // 60


class late(Variable):  # noqa: N801 - OpenFisca names variables after their classes.
    """Claimed more than 90 days after the day."""

    value_type, entity, definition_period, label = bool, CLAIM, DateUnit.DAY, "late"

    def formula(claim: Any, period: Period) -> Array:  # noqa: N805
        beyond = claim("claimed_on", period) > claim("on", period) + 90
        return beyond & (claim("by_register", period) == 0)


class fee_line(Variable):  # noqa: N801
    """The pence of a contribution: below nothing where a person must decide."""

    value_type, entity, definition_period, label = int, LINE, DateUnit.DAY, "fee of a line"

    def formula(line: Any, period: Period, parameters: Any) -> Array:  # noqa: N805
        rates = parameters(period)
        activity = line.claim("activity", period)
        pence = worth(line, period, rates, activity)
        notice = line.claim("notice_minutes", period)
        kept = np.where(notice < 1440, pence, np.where(notice < 4320, (pence + 1) // 2, 0))
        trained = line("trained", period)
        needs_training = (activity == PANEL) | (activity == COACHING)
        refused = (
            (line("role", period) == ROLES.index("observer"))
            | (line.claim("paid_by_employer", period) == 1)
            | (needs_training & (trained == 0))
        )
        asked = line.claim("late", period) | (needs_training & (trained < 0)) | (line("silent", period) > 0)
        fee = line("kind", period) == FEE
        return np.where(fee & ~refused, np.where(asked, -1, kept), 0)


class cost_line(Variable):  # noqa: N801
    """The pence of a cost: below nothing where a person must decide."""

    value_type, entity, definition_period, label = int, LINE, DateUnit.DAY, "pence of a cost"

    def formula(line: Any, period: Period, parameters: Any) -> Array:  # noqa: N805
        rates = parameters(period)
        kind, spent, away = line("kind", period), line("amount_pence", period), line("away", period)
        is_ = {key: kind == index for key, index in KIND.items()}
        hour = np.select(
            [is_["replacement_care"], is_["childcare"]],
            [rates.replacement_care, rates.childcare],
            rates.personal_assistant,
        )
        mile = np.select(
            [is_["car"], is_["motorcycle"]],
            [rates.car + np.minimum(line("passengers", period), 4) * rates.passenger, rates.motorcycle],
            rates.bicycle,
        )
        miles = (line("tenths", period) * mile + 5) // 10
        driven = is_["car"] | is_["motorcycle"] | is_["bicycle"]
        cared = is_["replacement_care"] | is_["childcare"] | is_["personal_assistant"]
        meal = np.where(away >= 600, rates.meal_long, np.where(away >= 300, rates.meal, 0))
        first = np.where(line("first_internet", period) == 1, rates.internet, 0)
        pence = np.select(
            [driven, cared, is_["meal"], is_["overnight"], is_["internet"]],
            [
                np.where(spent >= 0, np.minimum(spent, miles), miles),
                np.minimum(spent, (line("minutes", period) * hour + 30) // 60),
                np.minimum(spent, meal),
                np.minimum(spent, line("nights", period) * rates.night),
                first,
            ],
            spent,
        )
        refused, asked = conditions(line, period, rates, is_, driven, spent)
        return np.where((kind == FEE) | refused, 0, np.where(asked, -1, pence))


def conditions(
    line: Any, period: Period, rates: Any, is_: dict[str, Array], driven: Array, spent: Array
) -> tuple[Array, Array]:
    """Which costs are refused, and about which a person must decide."""
    package, online = line("in_care_package", period), line.claim("online", period)
    agreed = line("agreed_before", period) == 1
    without = (line("receipt", period) == 0) & (spent > rates.receipt_over) & ~driven & ~is_["internet"]
    refused = (
        without
        | ((is_["taxi"] | is_["overnight"]) & ~agreed)
        | (is_["replacement_care"] & (package == 1))
        | (is_["internet"] & (online == 0))
    )
    asked = line.claim("late", period) | (is_["replacement_care"] & (package < 0))
    return refused, asked | (is_["internet"] & (online < 0))


class fee_pence(Variable):  # noqa: N801
    """What is paid for time."""

    value_type, entity, definition_period, label = int, CLAIM, DateUnit.DAY, "fee"

    def formula(claim: Any, period: Period) -> Array:  # noqa: N805
        lines = claim.members("fee_line", period)
        offered = np.where(
            claim("activity", period) == FESTIVAL,
            np.where(claim.any(lines < 0), 0, claim.max(lines)),
            claim.sum(np.maximum(lines, 0)),
        )
        accept = claim("accept_pence", period)
        return np.where(accept >= 0, np.minimum(accept, offered), offered)


class expenses_pence(Variable):  # noqa: N801
    """What is paid for costs."""

    value_type, entity, definition_period, label = int, CLAIM, DateUnit.DAY, "expenses"

    def formula(claim: Any, period: Period) -> Array:  # noqa: N805
        return claim.sum(np.maximum(claim.members("cost_line", period), 0))


class outcome(Variable):  # noqa: N801
    """Payable, not payable, or needs a person."""

    value_type, entity, definition_period, label = int, CLAIM, DateUnit.DAY, "outcome"

    def formula(claim: Any, period: Period) -> Array:  # noqa: N805
        both = claim.members("fee_line", period) + claim.members("cost_line", period)
        paid = claim("fee_pence", period) + claim("expenses_pence", period) > 0
        return np.where(claim.any(both < 0), 2, np.where(paid, 0, 1))


def system() -> TaxBenefitSystem:
    """The whole policy, its parameters by date."""
    found = TaxBenefitSystem([LINE, CLAIM])
    values = {
        key: {"values": {start: {"value": rates[key]} for start, rates in PERIODS}} for key in PERIODS[0][1]
    }
    found.parameters = ParameterNode("", data=values)
    for name in LINE_FACTS:
        found.add_variable(input_of(name, LINE))
    for name in CLAIM_FACTS:
        found.add_variable(input_of(name, CLAIM))
    for one in (late, fee_line, cost_line, fee_pence, expenses_pence, outcome):
        found.add_variable(one)
    return found


def line_rows(claim: Facts) -> list[Facts]:
    """The lines of a claim in codes."""
    rows = []
    for part in claim["parts"]:
        silent = part.get("correspondence_minutes", 0) + part.get("administration_minutes", 0)
        rows.append({**part, "kind": FEE, "role": ROLES.index(part["role"]), "silent": silent})
    internet = True
    for cost in claim["costs"]:
        row = {**cost, "kind": KIND[cost["category"]]}
        if cost["category"] == "internet":
            row["first_internet"], internet = int(internet), False
        rows.append(row)
    return rows


class Batch:
    """Claims of one period as arrays, made before anything is timed."""

    def __init__(self, claims: list[Facts], period: int) -> None:
        self.period = period_for(f"day:{PERIODS[period][0]}")
        self.count = len(claims)
        lines = [line_rows(claim) for claim in claims]
        flat = [row for rows in lines for row in rows]
        self.belongs = np.repeat(np.arange(len(claims)), [len(rows) for rows in lines])
        self.ids, self.line_ids = np.arange(len(claims)), np.arange(len(flat))
        self.line_facts = {
            key: np.array([row.get(key, unsaid) for row in flat], dtype=np.int32)
            for key, unsaid in LINE_FACTS.items()
        }
        coded = [{**claim, "activity": ACTIVITIES.index(claim["activity"])} for claim in claims]
        self.claim_facts = {
            key: np.array([row.get(key, unsaid) for row in coded], dtype=np.int32)
            for key, unsaid in CLAIM_FACTS.items()
        }
        self.roles = np.zeros(len(flat), dtype=int)

    def ask(self, rules: TaxBenefitSystem, trace: bool) -> tuple[Array, Array, Array]:
        """One simulation."""
        builder = SimulationBuilder()
        builder.create_entities(rules)
        builder.declare_person_entity("line", self.line_ids)
        group = builder.declare_entity("claim", self.ids)
        builder.join_with_persons(group, self.belongs, self.roles)
        simulation = builder.build(rules)
        simulation.trace = trace
        for facts in (self.line_facts, self.claim_facts):
            for key, array in facts.items():
                simulation.set_input(key, self.period, array)
        answers = [
            simulation.calculate(key, self.period) for key in ("outcome", "fee_pence", "expenses_pence")
        ]
        return answers[0], answers[1], answers[2]


def answers_of(batch: Batch, rules: TaxBenefitSystem) -> list[tuple[str, int, int]]:
    """The answers of a batch, claim by claim."""
    words = ("payable", "not_payable", "needs_person")
    columns = (column.tolist() for column in batch.ask(rules, False))
    return [(words[mark], fee, expenses) for mark, fee, expenses in zip(*columns, strict=True)]


def row(name: str, rules: TaxBenefitSystem, batches: list[Batch], answers: list[Any]) -> dict[str, Any]:
    """Answers and timing of one way of asking."""
    count = sum(batch.count for batch in batches)

    def work(trace: bool) -> Callable[[], object]:
        return lambda: [batch.ask(rules, trace) for batch in batches]

    repeats = 3 if len(batches) < 10 else 1
    return {
        "name": name,
        "plain": microseconds(work(False), count, repeats=repeats),
        "traced": microseconds(work(True), count, repeats=repeats),
        "answers": answers,
    }


def main() -> None:
    """Times all claims of a period at once, and the claims one at a time."""
    claims, periods = given()
    rules = system()
    together, found = [], [("", 0, 0)] * len(claims)
    for period in range(len(PERIODS)):
        places = [place for place, one in enumerate(periods) if one == period]
        if not places:
            continue
        batch = Batch([claims[place] for place in places], period)
        together.append(batch)
        for place, answer in zip(places, answers_of(batch, rules), strict=True):
            found[place] = answer
    alone = [Batch([claim], period) for claim, period in zip(claims, periods, strict=True)]
    answers = [answer for batch in alone for answer in answers_of(batch, rules)]
    report(
        [
            row("OpenFisca, all at once", rules, together, found),
            row("OpenFisca, one at a time", rules, alone, answers),
        ]
    )


if __name__ == "__main__":
    main()
