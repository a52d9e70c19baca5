"""Can a sentence be said in Welsh or Easy Read, and does an explanation say where it could not?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from service.policy import commands
from service.policy.diff import diff
from service.policy.engine import Policy, check_policy, compile_policy, read_policy
from service.policy.explanation import explain
from service.policy.form_words import FELL_BACK, FRAME, WORKINGS
from service.policy.model import FORMS
from service.policy.sources import Sources
from tests.policy import texts
from tests.policy.random_policies import CLAIMS, policy_texts

POLICIES = Path(__file__).parents[2] / "policies"
FACTS: dict[str, Any] = {"activity": "meeting", "role": "member", "on": "2026-02-02", "minutes": 90}
FEES = texts.FEES.replace(
    'sentence: "We pay {rate} an hour."',
    'sentence: {plain: "We pay {rate} an hour.", cy: "Talwn {rate} yr awr.", easy: "You get {rate}."}',
)
WHO = texts.WHO.replace("member: Member", "member: {plain: Member, cy: Aelod}").replace(
    "name: Meeting", "name: {plain: Meeting, cy: Cyfarfod}"
)
WAY = (
    texts.WAY.replace(
        'sentence: "Up to {up_to} no one is asked."',
        'sentence: {plain: "Up to {up_to} no one is asked.", cy: "Hyd at {up_to} ni ofynnir i neb."}',
    )
    .replace("An approver is asked.", "{plain: An approver is asked., cy: Gofynnir i gymeradwywr.}")
    .replace(
        'sentence: "We pay within {within}."',
        'sentence: {plain: "We pay within {within}.", cy: "Talwn o fewn {within}."}',
    )
)
CAR = texts.COSTS.replace(
    '"We pay {rate} a mile."', '{plain: "We pay {rate} a mile.", cy: "{rate} y filltir."}'
)


def policy() -> Policy:
    return texts.policy(fees=FEES, who=WHO, way=WAY, costs=CAR)


def said(form: str, **facts: Any) -> list[str]:
    found = policy()
    return explain(found.assess({**FACTS, **facts}), form=form, policy=found)


def test_a_fee_is_said_in_welsh_with_that_days_figures() -> None:
    assert said("cy") == [
        "Mae hyn yn dod i £22.50 am eich amser.",
        (
            "Cyfarfod (aelod): £22.50. Talwn £15.00 yr awr. "
            "Mae 1 awr 30 munud ar £15.00 yr awr yn £22.50. (Rheol 4.)"
        ),
        "Hyd at £50.00 ni ofynnir i neb. Talwn o fewn 14 diwrnod. Mae hynny erbyn 16 Chwefror 2026.",
    ]
    assert said("cy", on="2026-07-01")[1].startswith("Cyfarfod (aelod): £24.00. Talwn £16.00 yr awr.")


def test_what_has_no_welsh_stays_plain_and_that_is_said_once_in_both_languages() -> None:
    found = said("cy", expenses=[{"category": "bus", "amount_pence": 410}, {"category": "car", "miles": 10}])
    assert found[1] == " ".join(FELL_BACK["cy"])
    assert found[3] == (
        "Bus: heb ei dalu. Please send a receipt. (Rheol 7.) "
        "Beth fyddai'n helpu: gellir ei dalu os anfonwch dderbynneb neu docyn."
    )
    assert found[4] == "Car: £4.50. 45c y filltir. Mae 10 milltir ar 45c y filltir yn £4.50. (Rheol 10.)"
    assert sum(FELL_BACK["cy"][0] in one for one in found) == 1


def test_easy_read_says_so_too() -> None:
    assert said("easy") == [
        "You get £22.50 for your time.",
        FELL_BACK["easy"][0],
        "Meeting (member): £22.50. You get £15.00. 1 hour 30 minutes at £15.00 an hour is £22.50. (Rule 4.)",
        "Up to £50.00 no one is asked. We pay within 14 days. That is by 16 February 2026.",
    ]


def test_an_assessment_is_stored_as_it_was_without_forms() -> None:
    without, with_forms = texts.policy().assess(FACTS), policy().assess(FACTS)
    assert {**without, "policy": 0} == {**with_forms, "policy": 0}


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no form 'fr'"):
        explain(policy().assess(FACTS), form="fr")


def test_without_the_policy_its_sentences_stay_plain() -> None:
    found = explain(policy().assess(FACTS), form="cy")
    assert found[0] == "Mae hyn yn dod i £22.50 am eich amser."
    assert found[1] == " ".join(FELL_BACK["cy"])


def test_a_change_that_would_help_has_forms() -> None:
    eligibility = (
        "eligibility:\n  trained:\n    clause: t\n"
        "    sentence: {plain: Train first., cy: Hyfforddwch yn gyntaf.}\n"
        "    applies_to: fee\n    fact: trained\n    is: true\n"
        "    change: {plain: There is a fee after training., cy: Mae ffi ar ôl hyfforddi.}\n"
    )
    found = texts.policy(fees=FEES, who=WHO, more=eligibility)
    paragraphs = explain(found.assess({**FACTS, "trained": False}), form="cy", policy=found)
    assert paragraphs[2] == (
        "Cyfarfod (aelod): heb ei dalu. Hyfforddwch yn gyntaf. (Rheol t.) "
        "Beth fyddai'n helpu: mae ffi ar ôl hyfforddi."
    )


# Layers


LAYER = """\
policy:
  slug: layer
  version: "1.0"
  name: A council
  status: illustrative
  source: Written for a test.
  extends: region/base@1.0
  effective_from: 2026-01-01
  review_by: 2027-01-01
"""


def layered(more: str) -> Policy:
    return read_policy(texts.sources(LAYER + more, region__base=texts.text(fees=FEES, who=WHO)))


def test_a_council_may_give_only_the_welsh_of_a_base_rule() -> None:
    found = layered("fees:\n  nothing: {sentence: {cy: Dim ffi.}}\nroles: {chair: {cy: Cadeirydd}}\n")
    assert found.tree.fees["nothing"].rule.sentence == "Guests are not paid."
    assert found.tree.fees["nothing"].rule.forms == {"cy": "Dim ffi."}
    assert found.tree.roles["chair"] == "Chair"
    assert found.tree.forms["roles.chair"] == {"cy": "Cadeirydd"}


def test_one_form_of_a_council_leaves_the_others_of_the_base() -> None:
    found = layered('fees:\n  by_hour: {sentence: {easy: "{rate} each hour."}}\n')
    assert found.tree.fees["by_hour"].rule.forms == {
        "cy": "Talwn {rate} yr awr.",
        "easy": "{rate} each hour.",
    }


@pytest.mark.parametrize("new", ['"We give {rate}."', '{plain: "We give {rate}."}'])
def test_new_plain_words_take_the_old_welsh_words_with_them(new: str) -> None:
    found = layered(f"fees:\n  by_hour: {{sentence: {new}}}\n")
    assert found.tree.fees["by_hour"].rule.sentence == "We give {rate}."
    assert found.tree.fees["by_hour"].rule.forms == {}


def test_a_translation_needs_no_worked_example_of_its_own() -> None:
    main = LAYER + "fees:\n  nothing: {sentence: {cy: Dim ffi.}}\n"
    found = check_policy(texts.sources(main, region__base=texts.text(fees=FEES, who=WHO)))
    assert [one.what for one in found] == ["The policy has no worked examples."]


# The checker


@pytest.mark.parametrize(
    ("old", "new", "what", "remedy"),
    [
        (
            'cy: "Talwn', 'eesy: "Talwn',
            '"fees.by_hour.sentence" has a key that means nothing: "eesy".', "Did you mean 'easy'?",
        ),
        (
            "Talwn {rate}", "Talwn {rte}",
            'The cy words of "fees.by_hour" hold {rte}, and the plain words do not.',
            "Put {rte} into the plain words, or leave it out here.",
        ),
        (
            "Talwn {rate}", "Talwn",
            'The cy words of "fees.by_hour" leave out {rate}.', "Say {rate} in Welsh too.",
        ),
        (
            'plain: "We pay {rate} an hour.", ', "",
            '"fees.by_hour.sentence" has no plain.', 'Add "plain:" with the words in plain English.',
        ),
    ],
)  # fmt: skip
def test_a_slip_in_a_form_is_found(old: str, new: str, what: str, remedy: str) -> None:
    main = texts.text(fees=FEES.replace(old, new))
    found = texts.faults(main)
    assert (what, remedy, "4", texts.line_of(main, "by_hour: {clause")) in [
        (one.what, one.remedy, one.clause, one.line) for one in found
    ]


def test_easy_read_may_leave_a_figure_out() -> None:
    assert texts.faults(texts.text(fees=FEES.replace("You get {rate}.", "You get paid."))) == []


# The diff


def test_a_changed_welsh_form_is_a_sentence_of_the_diff() -> None:
    old, new = texts.text(fees=FEES, who=WHO), texts.text(fees=FEES, who=WHO)
    new = new.replace("Talwn {rate} yr awr.", "Rydym yn talu {rate} yr awr.").replace(
        "cy: Aelod", "cy: Cyfranogwr"
    )
    found = [one.sentence for one in diff(old=texts.sources(old), new=texts.sources(new))]
    assert found == [
        'The role \'member\': the Welsh words change. They are now: "Cyfranogwr" They were: "Aelod"',
        (
            "The fee 'by hour' (clause 4): the Welsh words change. "
            'They are now: "Rydym yn talu £15.00 yr awr." They were: "Talwn £15.00 yr awr."'
        ),
    ]


def test_words_in_a_mapping_of_their_own_are_no_change() -> None:
    one = texts.text(fees=texts.FEES.replace('"We pay {rate} an hour."', '{plain: "We pay {rate} an hour."}'))
    assert diff(old=texts.sources(texts.text()), new=texts.sources(one)) == []


# Every claim


def figures(paragraph: str) -> list[str]:
    return [one.rstrip(".,:") for one in paragraph.split() if one.startswith("£")]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy_texts(), CLAIMS)
def test_every_form_says_the_same_sums(text: str, facts: dict[str, Any]) -> None:
    found = texts.policy(text)
    answer = found.assess(facts)
    plain = explain(answer, policy=found)
    for form in FORMS:
        told = explain(answer, form=form, policy=found)
        told = [one for one in told if one != " ".join(FELL_BACK[form])]
        assert [sorted(figures(one)) for one in told] == [sorted(figures(one)) for one in plain]


def test_every_word_of_our_own_has_its_forms() -> None:
    assert all(set(row) == {"plain", *FORMS} and all(row.values()) for row in FRAME.values())
    assert all(plain and welsh for plain, welsh, _ in WORKINGS)
    assert len({plain for plain, _, _ in WORKINGS}) == len(WORKINGS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name",
    [
        "An hour online",
        "Hosting an online hour, the year before",
        "Practice review with reading",
        "Chairing a practice review",
        "Coming to the festival to listen",
    ],
)
def test_the_regions_common_claims_are_said_whole(name: str, form: str) -> None:
    region = compile_policy(Sources.from_path(POLICIES / "region" / "middleshire.yaml"))
    example = next(one for one in region.tree.examples if one.name == name)
    found = explain(region.assess(example.facts), form=form, policy=region)
    assert " ".join(FELL_BACK[form]) not in found
    assert found[0] != explain(region.assess(example.facts))[0]


# The command


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers(required=True))
    given_ = parser.parse_args(["policy", *map(str, words)])
    return int(given_.run(given_))


def test_the_command_explains_in_a_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, facts = tmp_path / "small.yaml", tmp_path / "facts.json"
    file.write_text(texts.text(fees=FEES, who=WHO, way=WAY))
    facts.write_text(json.dumps(FACTS))
    assert run("explain", file, "--facts", facts, "--form", "cy") == 0
    assert capsys.readouterr().out == "\n\n".join(said("cy")) + "\n\n"
