"""Is every way of being paid told in the same words of the same things, each from a source?"""

from __future__ import annotations

from pathlib import Path

import pytest

from service.people import benefit_figures, ways
from service.people.model import METHOD_NAMES
from service.people.ways import NEEDS, SPEED, way
from service.rails.protocol import RAILS

PLANTED = """
ways:
  - {kind: voucher, text: It counts., mark: stated, source: "https://example.org"}
  - {kind: payroll, text: Somebody said so., mark: remembered, source: "https://example.org"}
  - {kind: charity, text: It follows from it., mark: inferred, source: "https://example.org"}
  - {kind: none, text: Nobody knows where., mark: stated, source: ""}
"""


def test_each_way_says_how_soon_what_is_needed_and_what_it_is_for_benefits() -> None:
    assert set(SPEED) == set(RAILS)
    assert set(NEEDS) == set(METHOD_NAMES)
    for kind in METHOD_NAMES:
        found = way(kind, rail="bacs" if kind == "bank_account" else kind)
        assert all((found.speed, found.needs, found.benefits)), kind
        assert found.source.startswith("https://"), kind


def test_a_voucher_is_said_to_count_like_money() -> None:
    assert way("voucher", rail="voucher").benefits == (
        "It counts just like a payment into a bank. You tell them about it yourself."
    )


def test_what_nobody_read_in_a_source_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {one["mark"] for one in benefit_figures._file()["ways"]}
    assert marks <= set(benefit_figures.MARKS)
    planted = tmp_path / "figures.yaml"
    planted.write_text(PLANTED)
    monkeypatch.setattr(ways, "FILE", planted)
    assert ways._said.__wrapped__().keys() == {"voucher"}
    unknown = way("carrier_pigeon", rail="carrier_pigeon")
    assert (unknown.speed, unknown.needs, unknown.benefits, unknown.source) == ("", "", "", "")
