"""Does one command make a region, and another a working council from a name and a base?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from service.cli import main
from service.policy.engine import check_policy
from service.policy.sources import Sources
from tests.regions import base_text
from tests.stage import Door, Stage, told

pytestmark = pytest.mark.usefixtures("in_the_environment")

Opens = Callable[..., Door]
BASE = "policies/region/middleshire.yaml"
REGION = ["region", "add", "middleshire", "--name", "Middleshire", "--policy", BASE]
OWNERS = ["--owner", "ada@example.org", "--owner", "bo@example.org"]
COUNCIL = ["council", "add", "newshire", "--name", 'Newshire "Borough"', "--lead", "lead@example.org"]


@pytest.fixture
def door(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Opens:
    """Runs a command that makes something, and answers the door of its first key."""

    def run(*words: str) -> Door:
        assert main(words) == 0, capsys.readouterr().err
        found = re.search(r"rcp_test_[\w-]{43}", capsys.readouterr().out)
        assert found
        return Door(stage.app, found[0])

    return run


def works(lead: Door) -> None:
    """Somebody can be added, a session held, and an hour online is worth £15.50."""
    told(lead.post("people", {"name": "Ada Example"}), 201)
    facts = {
        "activity": "over_a_brew",
        "role": "participant",
        "on": "2026-05-12",
        "minutes": 60,
        "online": True,
    }
    assert told(lead.post("assessments", facts))["fee_pence"] == 1550


def sources_of(stage: Stage, slug: str) -> Sources:
    with stage.admin() as line:
        query = "SELECT sources FROM policies JOIN councils USING (council_id) WHERE councils.slug = %s"
        ((found,),) = line.execute(query, (slug,)).fetchall()
    return Sources.from_json(found)


def test_a_region_has_two_owners_and_a_policy_and_nothing_else(stage: Stage, door: Opens) -> None:
    own = door(*REGION, *OWNERS)
    assert told(own.get("policies/in_force"))["slug"] == "middleshire"
    assert own.get("people").status_code == 403
    with stage.admin() as line:
        staff = line.execute("SELECT email, roles FROM staff ORDER BY email").fetchall()
        assert line.execute("SELECT kind, region_id FROM councils").fetchall() == [("region", None)]
    assert staff == [("ada@example.org", ["policy_owner"]), ("bo@example.org", ["policy_owner"])]


def _first_example() -> str:
    """The base's first worked example, as it stands there."""
    lines = Path(BASE).read_text().splitlines(keepends=True)
    start = lines.index("examples:\n") + 1
    return "".join(lines[start : start + 4])


def test_a_name_and_a_base_of_the_library_make_a_council(stage: Stage, door: Opens) -> None:
    works(door(*COUNCIL, "--base", "region/middleshire@1.0"))
    made = sources_of(stage, "newshire")
    assert check_policy(made) == []
    assert made.files["councils/newshire.yaml"] == (
        '# Newshire "Borough" follows its base in everything. Write below what should differ.\n'
        "policy:\n"
        "  slug: newshire\n"
        '  version: "1.0"\n'
        '  name: "Newshire \\"Borough\\", fees and expenses"\n'
        "  status: illustrative\n"
        '  source: "The base that it builds on."\n'
        "  extends: region/middleshire@1.0\n"
        "  effective_from: 2025-04-01\n"
        "  review_by: 2027-03-31\n"
        "\n"
        "examples:\n" + _first_example()
    )


def test_a_name_and_a_region_make_a_council_on_its_newest_base(stage: Stage, door: Opens) -> None:
    own = door(*REGION, *OWNERS)
    draft = told(own.post("policies", {"text": base_text(), "by": "ada"}), 201)
    told(own.post(f"policies/{draft['id']}/simulations", {}), 202)
    stage.drain()
    told(own.post(f"policies/{draft['id']}/publish", {"by": "bo"}))
    lead = door(*COUNCIL, "--region", "middleshire")
    assert "middleshire@1.1" in sources_of(stage, "newshire").files["councils/newshire.yaml"]
    assert told(lead.get("policies/bases")) == {"builds_on": "1.1", "data": []}
    older = ["council", "add", "oldshire", *COUNCIL[3:], "--region", "middleshire"]
    works(door(*older, "--base", "region/middleshire@1.0"))
    assert main(["council", "leave", "newshire"]) == 0
    assert told(lead.get("policies/bases")) == {"builds_on": None, "data": []}
    assert main(["council", "join", "newshire", "--region", "middleshire"]) == 0
    assert told(lead.get("policies/bases")) == {"builds_on": "1.1", "data": []}


def test_a_file_stands_on_what_the_region_published(stage: Stage, door: Opens, tmp_path: Path) -> None:
    """And not on a base of the same name that lies beside it."""
    door(*REGION, *OWNERS)
    shutil.copytree("policies", tmp_path / "policies")
    beside = tmp_path / BASE
    beside.write_text(beside.read_text().replace("2026-04-01: £15.50", "2026-04-01: £99.00"))
    file = tmp_path / "policies/councils/samplebury.yaml"
    door(*COUNCIL, "--policy", str(file), "--region", "middleshire")
    assert sources_of(stage, "newshire").files["region/middleshire.yaml"] == Path(BASE).read_text()


@pytest.mark.parametrize("name", sorted(Path("policies/library").glob("*.yaml")), ids=lambda path: path.stem)
def test_any_policy_of_the_library_can_be_a_base(stage: Stage, door: Opens, name: Path) -> None:
    lead = door(*COUNCIL, "--base", f"library/{name.stem}")
    assert told(lead.get("policies/in_force", on="2030-01-01"))["slug"] == "newshire"
    assert check_policy(sources_of(stage, "newshire")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (COUNCIL, "Name a policy file with --policy, a base with --base, or a region with --region."),
        ([*COUNCIL, "--base", "region/middleshire@9.9"], "region/middleshire has version 1.0."),
        ([*COUNCIL, "--base", "region/nowhere@1.0"], "There is no base region/nowhere@1.0."),
        ([*COUNCIL, "--base", "../secrets@1.0"], "is not the name of a policy file"),
        ([*COUNCIL, "--region", "nowhere"], "There is no council called nowhere here."),
        (["council", "leave", "nowhere"], "There is no council called nowhere here."),
    ],
)
def test_says_what_is_wrong_and_makes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = stage.picture()
    assert main(words) == 1
    assert said in capsys.readouterr().err
    assert stage.picture() == before


def test_a_region_is_in_no_region_and_a_council_in_one(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*REGION, *OWNERS]) == 0
    assert main(["region", "add", "othershire", *REGION[3:], *OWNERS]) == 0
    assert main([*COUNCIL, "--region", "middleshire"]) == 0
    before = stage.picture()
    for words, said in (
        (["council", "join", "othershire", "--region", "middleshire"], "cannot be part of a region"),
        (["council", "join", "newshire", "--region", "othershire"], "is in another region"),
        (["council", "join", "newshire", "--region", "newshire"], "newshire is a council, not a region"),
    ):
        assert main(words) == 1
        assert said in capsys.readouterr().err
    assert stage.picture() == before


def test_the_command_tries_a_base_across_the_region(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*REGION, *OWNERS]) == 0
    stage.council("demoford").ticked()
    stage.drain()
    assert main(["council", "join", "demoford", "--region", "middleshire"]) == 0
    capsys.readouterr()
    assert main(["policy", "simulate", BASE, "--council", "middleshire"]) == 0
    assert "Demoford: 1 claim came to £15.50. The draft would pay the same." in capsys.readouterr().out
