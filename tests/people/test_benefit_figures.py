"""Is every figure about benefits dated and sourced, and is one that nobody has read kept from people?"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.money import parse_pounds
from service.people import benefit_figures
from service.people.benefit_figures import FILE, MARKS, facts, figures

ROOT = Path(__file__).parents[2]
THIS_YEAR = date(2026, 11, 26)


def keys(on: date, *, shown: bool) -> dict[str, int]:
    return {one.key: one.amount_pence for one in figures(on) if one.may_be_shown is shown}


def test_a_figure_that_was_only_worked_out_is_not_shown() -> None:
    assert keys(THIS_YEAR, shown=True) == {
        "carers_allowance": 20400,
        "uc_work_allowance_with_housing": 42700,
        "uc_work_allowance_without_housing": 71000,
    }
    assert keys(THIS_YEAR, shown=False) == {"esa_permitted_work": 20350}
    assert keys(date(2025, 6, 1), shown=False) == {}


def test_each_day_has_one_figure_of_a_kind_and_none_outlives_its_tax_year() -> None:
    for on in (date(2022, 4, 11) + timedelta(days=n) for n in range(0, 1820, 7)):
        found = [one.key for one in figures(on)]
        assert sorted(found) == sorted(set(found)) != [], on
    assert figures(date(2027, 4, 5)) != []
    assert figures(date(2027, 4, 6)) == []


def test_every_figure_has_its_source_and_a_mark() -> None:
    everything = [one for year in range(2022, 2027) for one in figures(date(year, 5, 1))]
    assert len(everything) == 20
    assert {one.mark for one in everything} == set(MARKS)
    assert all(one.source.startswith("https://") for one in everything if one.may_be_shown)
    assert {one.per for one in everything} == {"week", "month"}


NAMES = {
    "permitted_work": "esa_permitted_work",
    "carers_allowance": "carers_allowance",
    "work_allowance_with_housing": "uc_work_allowance_with_housing",
    "work_allowance_without_housing": "uc_work_allowance_without_housing",
}


def test_the_policies_own_table_says_the_same() -> None:
    table: Any = YAML(typ="safe").load((ROOT / "policies/reference/earnings-limits.yaml").read_text())
    said = {
        (NAMES[key], day): (parse_pounds(str(one["amount"])), one.get("mark", "stated"))
        for key, amount in table["amounts"].items()
        for day, one in amount["values"].items()
    }
    ours = {
        (one.key, one.from_day): (one.amount_pence, one.mark)
        for year in range(2022, 2027)
        for one in figures(date(year, 5, 1))
    }
    assert ours == said


def test_what_holds_for_service_users_alone_is_said_only_where_the_law_has_it() -> None:
    alone = {"costs_not_counted", "may_decline"}
    for field in ("health", "social care", "social housing", "social security", "child support"):
        said = {one.key: one.text for one in facts(on=THIS_YEAR, field=field)}
        assert alone <= said.keys()
        assert f"This work is about {field}." in said["costs_not_counted"]
    for field in ("none", "", "parks"):
        assert not alone & {one.key for one in facts(on=THIS_YEAR, field=field)}


def test_a_sentence_without_its_figure_still_says_what_is_known() -> None:
    said = {one.key: one.text for one in facts(on=THIS_YEAR, field="none")}
    assert said["carers_allowance"].endswith("is £204.00.")
    assert "£" not in said["esa_permitted_work"]
    last_year = {one.key: one.text for one in facts(on=date(2025, 6, 1), field="none")}
    assert "£195.50" in last_year["esa_permitted_work"]
    later = {one.key: one.text for one in facts(on=date(2027, 6, 1), field="none")}
    assert not any("£" in text for text in later.values())
    assert "universal_credit_allowance" not in later
    assert not any("{" in text for text in (said | last_year | later).values())


def test_no_page_and_no_message_holds_a_figure_of_its_own() -> None:
    """Pounds on a page come from the ledger, a policy or the dated table. A hole is planted first."""
    own = re.compile(r"£\s?[0-9]")
    assert own.search("a limit of £204 a week")
    files = [
        *(ROOT / "service/web/templates").rglob("*.html"),
        ROOT / "service/notices/model.py",
        ROOT / "service/notices/offering.py",
        ROOT / "service/web/person/offer_reading.py",
    ]
    assert len(files) > 50
    assert [path.name for path in files if own.search(path.read_text(encoding="utf-8"))] == []
    assert benefit_figures.as_of() <= date(2026, 11, 26)
    assert own.search(FILE.read_text(encoding="utf-8")) is None
