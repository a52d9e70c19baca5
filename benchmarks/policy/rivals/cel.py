"""`realistic.yaml` for CEL: one program for each period, which answers the pence of each line.

CEL adds nothing up, so Python takes the sums and the highest one. It has no trace. A sum below nothing stands
for "needs a person"; a refused line is nought. Two libraries run the same text: one in C++ and one in Rust.
"""

from __future__ import annotations

from typing import Any

import cel as rust
from cel_expr_python import cel as cpp

from benchmarks.policy.rates import PERIODS
from benchmarks.policy.rivals.expressions import either
from benchmarks.policy.rivals.facts import Facts, given, microseconds, report

LATE = "!has(f.by_register) && has(f.claimed_on) && f.claimed_on > f.on + 90"
Sums = tuple[str, int, int]


def or_nought(fact: str) -> str:
    """The fact, or 0 where nobody said."""
    return f"(has({fact}) ? {fact} : 0)"


def least(left: str, right: str) -> str:
    """The smaller of two."""
    return f"({left} < {right} ? {left} : {right})"


def hours(minutes: str, rate: object) -> str:
    """Minutes at a rate an hour, half a penny up."""
    return f"(({minutes} * {rate} + 30) / 60)"


def fee(rates: dict[str, int]) -> str:
    """The pence of contribution `p`."""
    hourly = ("member", "online_member", "co_chair", "coach", "trainer")
    rate = either(*((f"p.role == '{role}'", rates[role]) for role in hourly[:-1]), otherwise=rates["trainer"])
    flat = either(
        ("p.role == 'speaker'", rates["speaker"]),
        ("p.role == 'workshop_lead'", rates["workshop_lead"]),
        otherwise=hours("p.minutes", rates["stall_host"]),
    )
    panel = either(
        ("p.minutes <= 120", rates["panel_short"]),
        ("p.minutes <= 240", rates["panel_half"]),
        otherwise=rates["panel_full"],
    )
    ready = or_nought("p.preparation_minutes")
    reading = hours(least(ready, "240"), rates["member"])
    main = either(
        ("f.activity == 'festival'", flat),
        ("f.activity == 'challenge'", f"p.days * {rates['day']} + {reading}"),
        ("f.activity == 'panel'", panel),
        ("f.activity == 'review'", f"(p.minutes + 179) / 180 * {rates['block']}"),
        otherwise=hours(f"(p.minutes + {ready})", rate),
    )
    training = f"(has(p.training_minutes) ? {hours('p.training_minutes', rates['member'])} : 0)"
    whole = f"({main} + {training})"
    kept = either(
        ("!has(f.notice_minutes) || f.notice_minutes < 1440", whole),
        ("f.notice_minutes < 4320", f"({whole} + 1) / 2"),
        otherwise=0,
    )
    trained = "(f.activity == 'panel' || f.activity == 'coaching')"
    return either(
        ("p.role == 'observer' || (has(f.paid_by_employer) && f.paid_by_employer)", 0),
        (f"{trained} && has(p.trained) && !p.trained", 0),
        (f"late || ({trained} && !has(p.trained))", -1),
        ("has(p.correspondence_minutes) || has(p.administration_minutes)", -1),
        otherwise=kept,
    )


def cost(rates: dict[str, int]) -> str:
    """The pence of cost `c`."""
    sharing = "(has(c.passengers) ? (c.passengers > 4 ? 4 : c.passengers) : 0)"
    mileage = either(
        ("c.category == 'car'", f"({rates['car']} + {sharing} * {rates['passenger']})"),
        ("c.category == 'motorcycle'", rates["motorcycle"]),
        otherwise=rates["bicycle"],
    )
    miles = f"((c.tenths * {mileage} + 5) / 10)"
    asked = f"(has(c.amount_pence) ? {least('c.amount_pence', miles)} : {miles})"
    care = ("replacement_care", "childcare", "personal_assistant")
    capped = [
        (f"c.category == '{key}'", least("c.amount_pence", hours("c.minutes", rates[key]))) for key in care
    ]
    meal = either(
        ("c.away >= 600", least("c.amount_pence", str(rates["meal_long"]))),
        ("c.away >= 300", least("c.amount_pence", str(rates["meal"]))),
        otherwise=0,
    )
    paid = either(
        ("has(c.away)", meal),
        ("has(c.nights)", least("c.amount_pence", f"c.nights * {rates['night']}")),
        ("!has(c.minutes)", "c.amount_pence"),
        *capped[:-1],
        otherwise=capped[-1][1],
    )
    internet = either(
        ("has(f.online) && !f.online", 0), ("late || !has(f.online)", -1), otherwise=rates["internet"]
    )
    care_package = "c.category == 'replacement_care'"
    return either(
        ("c.category == 'internet'", internet),
        ("has(c.tenths)", f"(late ? -1 : {asked})"),
        (f"!has(c.receipt) && c.amount_pence > {rates['receipt_over']}", 0),
        ("(c.category == 'taxi' || c.category == 'overnight') && !has(c.agreed_before)", 0),
        (f"{care_package} && has(c.in_care_package) && c.in_care_package", 0),
        (f"late || ({care_package} && !has(c.in_care_package))", -1),
        otherwise=paid,
    )


def program(rates: dict[str, int]) -> str:
    """The text of one period. Mapping a list of one is how CEL gives a value a name."""
    return f"[{LATE}].map(late, [f.parts.map(p, {fee(rates)}), f.costs.map(c, {cost(rates)})])[0]"


def totals(facts: Facts, fees: list[int], costs: list[int]) -> Sums:
    """The sums that CEL cannot take."""
    asked = -1 in fees or -1 in costs
    if facts["activity"] != "festival":
        fee_pence = sum(one for one in fees if one > 0)
    else:
        fee_pence = 0 if -1 in fees else max(fees, default=0)
    fee_pence = min(fee_pence, facts.get("accept_pence", fee_pence))
    expenses, internet = 0, False
    for given_cost, pence in zip(facts["costs"], costs, strict=True):
        if pence > 0 and not (internet and given_cost["category"] == "internet"):
            expenses += pence
        internet = internet or given_cost["category"] == "internet"
    return (
        "needs_person" if asked else "payable" if fee_pence + expenses else "not_payable",
        fee_pence,
        expenses,
    )


def row(name: str, ask: Any, ready: list[tuple[Any, Facts]]) -> dict[str, Any]:
    """Answers and timing of one library."""
    return {
        "name": name,
        "plain": microseconds(lambda: [ask(*one) for one in ready], len(ready)),
        "traced": None,
        "answers": [ask(*one) for one in ready],
    }


def ask_cpp(program_: Any, facts: Facts) -> Sums:
    """One claim in C++."""
    fees, costs = program_.eval(data={"f": facts}).plain_value()
    return totals(facts, fees, costs)


def ask_rust(program_: Any, facts: Facts) -> Sums:
    """One claim in Rust."""
    fees, costs = program_.execute({"f": facts})
    return totals(facts, fees, costs)


def main() -> None:
    """Times both libraries."""
    claims, periods = given()
    texts = [program(rates) for _, rates in PERIODS]
    env = cpp.NewEnv(variables={"f": cpp.Type.Map(cpp.Type.STRING, cpp.Type.DYN)})
    compiled_cpp, compiled_rust = (
        [env.compile(text) for text in texts],
        [rust.compile(text) for text in texts],
    )
    pairs = list(zip(periods, claims, strict=True))
    report(
        [
            row("CEL in C++", ask_cpp, [(compiled_cpp[period], one) for period, one in pairs]),
            row("CEL in Rust", ask_rust, [(compiled_rust[period], one) for period, one in pairs]),
        ]
    )


if __name__ == "__main__":
    main()
