"""Is what `policies/README.md` teaches true today?"""

from __future__ import annotations

import re
from pathlib import Path

from service.policy.engine import check_policy, read_policy
from service.policy.explanation import explain
from service.policy.facts import STATUSES, Vocabulary
from service.policy.sources import Sources

POLICIES = Path(__file__).parents[2] / "policies"
BLOCKS = re.findall(r"```yaml\n(.*?)```", (POLICIES / "README.md").read_text(), re.S)
(FORMS,) = re.findall(r"```yml\n(.*?)```", (POLICIES / "README.md").read_text(), re.S)
TABLES = {f"reference/{path.name}": path.read_text() for path in (POLICIES / "reference").glob("*.yaml")}


def test_the_whole_policy_has_no_mistakes() -> None:
    sources = Sources("readme.yaml", {"readme.yaml": BLOCKS[0], **TABLES})
    assert [str(one) for one in check_policy(sources)] == []


def test_a_sentence_can_be_said_in_welsh_and_in_easy_read() -> None:
    header = BLOCKS[1][: BLOCKS[1].index("approval:")]
    files = {"council.yaml": header + FORMS, "region/readme.yaml": BLOCKS[0], **TABLES}
    policy = read_policy(Sources("council.yaml", files))
    facts = {"activity": "board", "role": "member", "on": "2026-05-12", "minutes": 120}
    answer = policy.assess(facts)
    assert "You get £16.00 for each hour of the board." in explain(answer, form="easy", policy=policy)[2]
    assert "(aelod): £32.00. Talwn £16.00 yr awr am y bwrdd." in explain(answer, form="cy", policy=policy)[2]


def test_the_facts_that_are_named_are_the_facts_that_there_are() -> None:
    table = (POLICIES / "README.md").read_text().partition("| `facts` about")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)[:`]", table)) - {"expenses", "contributions", "half_day", "full_day"}
    known = Vocabulary.of()
    assert named - set(STATUSES) - {"facts"} == {*known.claim, *known.expense} - {"by_register"}


def test_the_councils_file_has_no_mistakes() -> None:
    files = {"council.yaml": BLOCKS[1], "region/readme.yaml": BLOCKS[0], **TABLES}
    assert [str(one) for one in check_policy(Sources("council.yaml", files))] == []


def test_every_other_kind_of_rule_can_be_read() -> None:
    """The kinds stand on the whole policy as a layer; one more activity uses the two fees."""
    header = BLOCKS[1][: BLOCKS[1].index("approval:")]
    pays = "pays: {member: visit, guest: panel}"
    use = f'activities: {{visits: {{name: Visits, clause: "19", field: none, {pays}}}}}\n'
    files = {"kinds.yaml": header + use + BLOCKS[2], "region/readme.yaml": BLOCKS[0], **TABLES}
    policy = read_policy(Sources("kinds.yaml", files))
    answer = policy.assess(
        {"activity": "visits", "role": "member", "on": "2026-05-12", "days": 2, "preparation_minutes": 180}
    )
    assert answer["fee_pence"] == 2 * 15000 + 2 * 1600
    assert [warning["code"] for warning in answer["warnings"]] == []
    assert len(BLOCKS) == 4


def test_everything_else_has_no_mistakes_and_every_rule_an_example() -> None:
    files = {"kinds.yaml": BLOCKS[3], "region/readme.yaml": BLOCKS[0], **TABLES}
    assert [str(one) for one in check_policy(Sources("kinds.yaml", files))] == []


def test_every_shape_has_its_place_in_the_table() -> None:
    table = (POLICIES / "README.md").read_text().partition("## Where each shape is")[2]
    named = set(re.findall(r"\b[FLEPC]\d{1,2}\b", table))
    for letter, low, high in re.findall(r"\b([FLEPC])(\d+)–[FLEPC](\d+)", table):
        named |= {f"{letter}{number}" for number in range(int(low), int(high) + 1)}
    counts = {"F": 25, "L": 6, "E": 22, "P": 7, "C": 17}
    assert {f"{key}{n}" for key, last in counts.items() for n in range(1, last + 1)} - named == set()
