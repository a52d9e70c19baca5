"""Does the diff tell every change between two versions, in words, and nothing that is no change?"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.policy import commands
from service.policy.diff import changes, diff, rebuild
from service.policy.document import document, other_words
from service.policy.faults import PolicyFaults
from service.policy.language.tree import read_tree
from service.policy.model import Place
from service.policy.sources import Sources
from tests.policy import texts
from tests.policy.random_policies import policy_texts

COUNCILS = Path(__file__).parents[2] / "policies" / "councils"
REGION, MILEAGE = "region/middleshire.yaml", "reference/mileage.yaml"
EXAMPLESHIRE = Sources.from_path(COUNCILS / "exampleshire.yaml")


def changed(**edits: tuple[str, str]) -> Sources:
    """Exampleshire with some words put in the place of others, in `main`, `region` or `mileage`."""
    files = dict(EXAMPLESHIRE.files)
    names = {"main": EXAMPLESHIRE.main, "region": REGION, "mileage": MILEAGE}
    for which, (old, new) in edits.items():
        assert old in files[names[which]]
        files[names[which]] = files[names[which]].replace(old, new, 1)
    return Sources(EXAMPLESHIRE.main, files)


def sentences(new: Sources, old: Sources = EXAMPLESHIRE) -> list[str]:
    return [told.sentence for told in diff(old=old, new=new)]


# ruff: noqa: ISC004
CASES: list[tuple[str, tuple[str, str], str]] = [
    (
        "mileage",
        ("      2026-04-06: {amount: 55p,", "      2027-04-01: {amount: 60p,"),
        "From 1 April 2027 car or van (approved mileage rates) rises from 45p to 60p a mile. (Source: "
        "https://communityvision.org.uk/hmrc-approved-mileage-rates-have-increased/.)",
    ),
    (
        "region",
        ("2026-04-01: £18.00", "2026-04-01: £18.00\n      2027-04-01: £19.00"),
        "From 1 April 2027 standard rate rises from £18.00 to £19.00 an hour.",
    ),
    (
        "region",
        ("2026-04-01: £18.00", "2026-04-01: £17.90"),
        "From 1 April 2026 standard rate falls from £18.00 to £17.90 an hour.",
    ),
    (
        "region",
        ("at_most: £110.00", "at_most: £120"),
        "From 1 April 2025 overnight stay: the most that is paid rises from £110.00 to £120.00 a night. "
        "(Clause 6.11.)",
    ),
    (
        "region",
        ("over: 2h, at_most: 4h, pay: £75.00", "over: 2h, at_most: 4h, pay: £80.00"),
        "From 1 April 2025 the fee 'panel fee': the table, half day, what is paid rises from £75.00 to "
        "£80.00. (Clause 3.6.)",
    ),
    (
        "region",
        ("{participant: online_hour,", "{participant: standard_hour,"),
        'From 1 April 2025 Over a Brew: who is paid what, taking part changes from online hour ("We pay '
        '£15.00 an hour for short online sessions.") to standard hour ("We pay £17.50 an hour for your '
        'time."). (Clause 2.1.)',
    ),
    (
        "region",
        ("We pay bus and tram fares in full.", "We pay all bus and tram fares."),
        'Bus or tram (clause 6.4) now reads: "We pay all bus and tram fares." '
        'It read: "We pay bus and tram fares in full."',
    ),
    ("main", ('version: "1.0"', 'version: "1.1"'), "This is version 1.1. It was version 1.0."),
    (
        "main",
        ("effective_from: 2025-04-01", "effective_from: 2027-04-01"),
        "It counts from 1 April 2027. The version before counts from 1 April 2025.",
    ),
    (
        "main",
        ("within: 10 working days", "within: 5 working days"),
        "From 1 April 2025 the payment rule 'promise': the time in which we promise to pay falls from "
        "10 working days to 5 working days. (Clause E4.)",
    ),
]


@pytest.mark.parametrize(("where", "edit", "sentence"), CASES, ids=[case[1][1][:40] for case in CASES])
def test_tells_a_change(where: str, edit: tuple[str, str], sentence: str) -> None:
    new = changed(**{where: edit})
    told = sentences(new)
    assert sentence in told
    if "2027-04-01: {amount" not in edit[1]:
        assert told == [sentence]


def test_tells_what_comes_and_goes() -> None:
    """A rule by its sentence, with everything it says."""
    dropped = changed(main=("examples:", "expenses:\n  taxi: {left_out: nobody uses one.}\n\nexamples:"))
    gone = 'Taxi is taken out (clause 6.6). "We pay for a taxi if we agreed it first."'
    assert sentences(dropped) == [gone]
    back = sentences(EXAMPLESHIRE, old=dropped)
    assert back == [
        'From 1 April 2025 there is something new: Taxi (clause 6.6). "We pay for a taxi if we agreed it '
        'first." Kind actual, receipt usual, agreed first usual.'
    ]


def test_a_change_of_layout_is_no_change() -> None:
    main = EXAMPLESHIRE.files[EXAMPLESHIRE.main]
    region = EXAMPLESHIRE.files[REGION]
    first, second = (region.index(f"\n  {key}:\n    name") for key in ("bus", "train"))
    third = region.index("\n  taxi:\n    name")
    swapped = region[:first] + region[second:third] + region[first:second] + region[third:]
    other = {
        **EXAMPLESHIRE.files,
        EXAMPLESHIRE.main: "# Said anew.\n\n" + main.replace("over: £10.00", "over: £10   # a note"),
        REGION: swapped.replace("notice_under: 72h", 'notice_under: "3 days"'.replace("3 days", "72 hours")),
    }
    assert sentences(Sources(EXAMPLESHIRE.main, other)) == []


def test_the_order_of_rules_that_are_asked_in_turn_is_told() -> None:
    new = changed(
        region=(
            "  own_job:\n",
            "  zz_first: {clause: z, sentence: S., fact: trained, is: true, change: C.}\n  own_job:\n",
        )
    )
    assert rebuild(document(EXAMPLESHIRE), changes(document(EXAMPLESHIRE), document(new))) == document(new)
    turned = copy.deepcopy(document(new))
    turned["eligibility"] = dict(reversed(turned["eligibility"].items()))
    (change,) = changes(document(new), turned)
    assert change.kind == "order"
    assert list(rebuild(document(new), [change])["eligibility"]) == list(turned["eligibility"])


# Nothing is left out: the changes alone make the new version out of the old one


def placeless(value: Any) -> Any:
    """A tree without the files and lines it came from."""
    if isinstance(value, Place):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {field.name: placeless(getattr(value, field.name)) for field in dataclasses.fields(value)}
        kept = {key: one for key, one in kept.items() if key not in ("main", "pays_files")}
        if "examples" in kept:
            kept["examples"].sort(key=lambda row: row[1]["name"])
        return [type(value).__name__, kept]
    if isinstance(value, dict):
        return {key: placeless(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [placeless(one) for one in value]
    return value


def in_forms(found: Any) -> Any:
    """Sentences with their Welsh and Easy Read words back in one place."""
    if isinstance(found, list):
        return [in_forms(one) for one in found]
    if not isinstance(found, dict):
        return found
    row: dict[str, Any] = {}
    for key, one in found.items():
        name, form = other_words(key)
        if form:
            plain = row[name] if isinstance(row[name], dict) else {"plain": row[name]}
            row[name] = {**plain, form: one}
        else:
            row[key] = in_forms(one)
    return row


def as_sources(found: dict[str, Any]) -> Sources:
    """A document written out as one policy file and its tables. JSON is YAML."""
    found = in_forms(copy.deepcopy(found))
    groups, amounts = found.pop("reference", {}), found.pop("reference_amounts", {})
    found["policy"].pop("extends", None)
    found["examples"] = [{"name": name, **row} for name, row in found.get("examples", {}).items()]
    if not found["examples"]:
        del found["examples"]
    files = {}
    for number, (group, header) in enumerate(groups.items()):
        mine = {key[len(group) + 1 :]: one for key, one in amounts.items() if key.rpartition(".")[0] == group}
        table = {"reference": {"group": group, **header}, "amounts": mine}
        files[f"reference/t{number}.yaml"] = json.dumps(table, indent=1, ensure_ascii=False)
    if files:
        found["uses"] = [name.removesuffix(".yaml") for name in files]
    return Sources("main.yaml", {"main.yaml": json.dumps(found, indent=1, ensure_ascii=False), **files})


def assert_complete(old: Sources, new: Sources, *, read: bool = True) -> None:
    before, after = document(old), document(new)
    made = diff(old=old, new=new)
    rebuilt = rebuild(before, [told.change for told in made])
    assert rebuilt == after
    if read:
        assert placeless(read_tree(as_sources(rebuilt))) == placeless(read_tree(new))
    assert all(told.sentence.strip().endswith((".", '"', ")")) for told in made)
    assert not any("{" in told.sentence or "None" in told.sentence for told in made)
    assert len({told.sentence for told in made}) == len(made)
    assert bool(made) == (before != after)


@pytest.mark.parametrize("old", ["exampleshire", "samplebury", "demoford"])
@pytest.mark.parametrize("new", ["exampleshire", "samplebury", "demoford"])
def test_the_changes_between_two_councils_rebuild_the_other(old: str, new: str) -> None:
    assert_complete(Sources.from_path(COUNCILS / f"{old}.yaml"), Sources.from_path(COUNCILS / f"{new}.yaml"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(old=policy_texts(), new=policy_texts())
def test_the_changes_between_two_random_policies_rebuild_the_other(old: str, new: str) -> None:
    assert_complete(texts.sources(old), texts.sources(new))


_FIGURE = re.compile(r"£\d+\.\d\d|\b\d+p\b|\b\d+h\b|\b\d+%|\b\d+min\b")


def test_two_bands_that_start_alike_and_one_without_an_end_are_a_fault() -> None:
    text = EXAMPLESHIRE.files[REGION]
    half_day = "{name: half day, over: 2h, at_most: 4h, pay: £75.00}"
    assert half_day in text
    new = text.replace(half_day, half_day.replace("over: 2h", "over: 4h"))
    with pytest.raises(PolicyFaults) as caught:
        read_tree(Sources(EXAMPLESHIRE.main, {**EXAMPLESHIRE.files, REGION: new}))
    assert [fault.what for fault in caught.value.faults] == [
        'A band of "fees.panel_fee" ends before it starts.',
        'No band of "fees.panel_fee" says what happens at 2h 1min to 4h.',
    ]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_figure_that_is_changed_is_told_once(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([EXAMPLESHIRE.main, REGION]))
    text = EXAMPLESHIRE.files[name]
    found = data.draw(st.sampled_from(list(_FIGURE.finditer(text.partition("\nexamples:")[0]))))
    more = str(int(re.search(r"\d+", found[0])[0]) + data.draw(st.integers(1, 20)))  # type: ignore[index]
    figure = re.sub(r"\d+", more, found[0], count=1)
    new = Sources(
        EXAMPLESHIRE.main, {**EXAMPLESHIRE.files, name: text[: found.start()] + figure + text[found.end() :]}
    )
    try:
        read_tree(new)
        assert_complete(EXAMPLESHIRE, new, read=False)
    except PolicyFaults:
        return
    assert len(sentences(new)) <= 1


# The command


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers(required=True))
    given_ = parser.parse_args(["policy", *map(str, words)])
    return int(given_.run(given_))


def test_the_command_prints_sentences_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(texts.text())
    new.write_text(texts.text().replace("2026-07-01: £16.00", "2026-07-01: £16.50"))
    assert run("diff", old, new) == 0
    sentence = "From 1 July 2026 the hourly rate rises from £16.00 to £16.50."
    assert capsys.readouterr().out == sentence + "\n"
    assert run("diff", "--json", old, new) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "kind": "changed",
            "path": ["amounts", "hourly", "values", "2026-07-01"],
            "clause": "2",
            "sentence": sentence,
            "was": "£16.00",
            "becomes": "£16.50",
        }
    ]
    assert run("diff", old, old) == 0
    assert capsys.readouterr().out == "The two versions say the same.\n"
