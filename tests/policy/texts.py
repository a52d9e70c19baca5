"""Small policies for the tests, as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping

from service.policy.engine import Policy, read_policy
from service.policy.faults import Fault, PolicyFaults
from service.policy.sources import Sources

HEADER = """\
policy:
  slug: small
  version: "1.0"
  name: A small policy
  status: illustrative
  source: Written for a test.
  effective_from: 2026-01-01
  review_by: 2027-01-01
"""
ROUNDING = """\
rounding: {clause: "1", sentence: We round to the penny., step: 1p, direction: half up, each: line}
"""
FLOOR = "wage_floor: {none: a test needs none.}\n"
AMOUNTS = """\
amounts:
  hourly:
    name: The hourly rate
    clause: "2"
    values:
      2026-01-01: £15.00
      2026-07-01: £16.00
"""
WHO = """\
roles: {member: Member, chair: Chair, guest: Guest}
activities:
  meeting:
    name: Meeting
    clause: "3"
    field: social care
    pays: {member: by_hour, chair: by_length, guest: nothing}
"""
FEES = """\
fees:
  by_hour: {clause: "4", sentence: "We pay {rate} an hour.", kind: hourly, rate: hourly}
  by_length:
    clause: "5"
    sentence: We pay by length.
    kind: bands
    bands:
      - {under: 4h, pay: £75.00}
      - {at_least: 4h, pay: £150.00}
  nothing: {clause: "6", sentence: Guests are not paid., kind: unpaid}
"""
COSTS = """\
receipts:
  usual: {clause: "7", sentence: "Please send a receipt."}
agreement:
  usual: {clause: "8", sentence: "Please agree this first."}
expenses:
  bus: {name: Bus, clause: "9", sentence: "We pay the bus.", kind: actual, receipt: usual}
  car: {name: Car, clause: "10", sentence: "We pay {rate} a mile.", kind: mileage, rate: 45p, receipt: "no"}
  hotel:
    name: Hotel
    clause: "11"
    sentence: We pay up to {at_most} a night.
    kind: actual
    at_most: £90.00
    each: night
    receipt: usual
    agreed_first: usual
"""
WAY = """\
approval:
  small: {clause: "12", sentence: "Up to {up_to} no one is asked.", up_to: £50.00, who: automatic}
  large: {clause: "13", sentence: An approver is asked., who: [approver]}
payment:
  promise: {clause: "14", sentence: "We pay within {within}.", within: 14 days}
  methods: {bank_account: Bank transfer}
"""
SMALL: Mapping[str, str] = {
    "header": HEADER,
    "rounding": ROUNDING,
    "floor": FLOOR,
    "amounts": AMOUNTS,
    "who": WHO,
    "fees": FEES,
    "costs": COSTS,
    "way": WAY,
    "more": "",
}


def text(**parts: str) -> str:
    """The small policy, with some of its parts written differently."""
    return "".join({**SMALL, **parts}.values())


def sources(main: str, **others: str) -> Sources:
    """A main file called main.yaml, beside others (`region__base` stands for region/base.yaml)."""
    files = {f"{name.replace('__', '/')}.yaml": value for name, value in others.items()}
    return Sources("main.yaml", {"main.yaml": main, **files})


def policy(main: str | None = None, **parts: str) -> Policy:
    """The small policy, ready to answer."""
    return read_policy(sources(main if main is not None else text(**parts)))


def faults(main: str) -> list[Fault]:
    """The mistakes that keep a policy from being read."""
    try:
        read_policy(sources(main))
    except PolicyFaults as error:
        return list(error.faults)
    return []


def line_of(main: str, words: str) -> int:
    """The line on which some words first stand."""
    return main[: main.index(words)].count("\n") + 1
