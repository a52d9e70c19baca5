"""Does a region publish a base, and try it on its councils, without ever seeing anybody in them?"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.days import london_day, utc_now
from tests.regions import base_text, join, leave, region
from tests.stage import Council, Stage, refused, told

SAID = (
    "Exampleshire: 6 claims came to £93.00. The draft would pay £99.00: £6.00 more. "
    "6 people would gain, £6.00 in all. 0 people would lose, £0.00 in all. "
    "It would have to work 1 example of its own again."
)


def drafted(council: Council, text: str, by: str = "ada") -> dict[str, Any]:
    found: dict[str, Any] = told(council.lead.post("policies", {"text": text, "by": by}), 201)
    return found


def tried(council: Council, draft: dict[str, Any]) -> dict[str, Any]:
    """A simulation, done: by its task where it is left to one."""
    answer = council.lead.post(f"policies/{draft['id']}/simulations", {})
    assert answer.status_code in (201, 202), answer.text
    council.stage.drain()
    found: dict[str, Any] = told(council.lead.get(answer.headers["Location"]))
    assert found["status"] == "done"
    return found


def published(council: Council, draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    tried(council, draft)
    path = f"policies/{draft['id']}/publish"
    found: dict[str, Any] = told(council.lead.post(path, {"by": "bo", "hash": draft["hash"], **more}))
    return found


def online_fee(council: Council) -> int:
    facts = {
        "activity": "over_a_brew",
        "role": "participant",
        "on": str(london_day(utc_now())),
        "minutes": 60,
    }
    fee: int = told(council.lead.post("assessments", facts))["fee_pence"]
    return fee


def busy(council: Council, *names: str) -> None:
    """So many people, each an hour online."""
    session_id = council.session()
    people = [council.person(name) for name in names]
    for person in people:
        council.invited(session_id, person)
    told(council.tick(session_id, *people))
    council.stage.drain()


SIX = tuple(f"{name} Hidden" for name in ("Ada", "Bo", "Cy", "Di", "Ed", "Flo"))


def ids_and_names(stage: Stage, *councils: Council) -> set[str]:
    """Every id behind these councils' walls, and every name, address and number of a person."""
    inside = [one.id for one in councils]
    found: set[str] = set()
    with stage.admin() as line:
        tables = line.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'text'"
        ).fetchall()
        for (table,) in tables:
            rows = line.execute(f"SELECT id FROM {table} WHERE council_id = ANY (%s)", (inside,)).fetchall()
            found |= {name for (name,) in rows}
        rows = line.execute(
            "SELECT name, email FROM people WHERE council_id = ANY (%s)", (inside,)
        ).fetchall()
        found |= {words for row in rows for words in row if words}
    return found


def test_a_region_tries_its_base_in_each_council_and_sees_totals_alone(stage: Stage) -> None:
    first, second, outside = stage.council(), stage.council("samplebury"), stage.council("demoford")
    own = region(stage, "middleshire", first, second)
    busy(first, *SIX)
    busy(second, "Gus Hidden")
    busy(outside, "Hal Hidden")
    draft = drafted(own, base_text())
    assert draft["faults"] == []
    begun = own.lead.post(f"policies/{draft['id']}/simulations", {})
    assert told(begun, 202)["status"] == "waiting"
    stage.drain()
    found = told(own.lead.get(begun.headers["Location"]))
    one, other = found["answer"]["councils"]
    assert one == {
        "council": "exampleshire",
        "name": "Exampleshire",
        "builds_on": "1.0",
        "fits": True,
        "examples_to_work_again": 1,
        "claims": 6,
        "before_pence": 6 * 1550,
        "after_pence": 6 * 1650,
        "difference_pence": 600,
        "gain": {"people": 6, "pence": 600},
        "lose": {"people": 0, "pence": 0},
        "too_few_to_count": False,
        "left_to_a_person": {"claims": 0, "before_pence": 0, "because": []},
        "not_read": {"claims": 0, "before_pence": 0, "because": []},
    }
    assert (other["council"], other["claims"], other["difference_pence"]) == ("samplebury", 1, 0)
    whole = found["answer"]
    assert (whole["claims"], whole["before_pence"], whole["difference_pence"]) == (7, 6 * 1550 + 1725, 600)
    assert [line for line in found["sentences"] if line.startswith("Exampleshire")] == [SAID]
    for_the_region = [
        own.lead.get(path).get_data(as_text=True)
        for path in ("policies", f"policies/{draft['id']}", begun.headers["Location"], "policies/bases")
    ]
    hidden = ids_and_names(stage, first, second, outside)
    assert len(hidden) > 40
    assert [word for word in hidden for said in for_the_region if word in said] == []


def test_fewer_than_five_people_are_not_counted(stage: Stage) -> None:
    council = stage.council()
    own = region(stage, "middleshire", council)
    busy(council, *SIX[:4])
    (row,) = tried(own, drafted(own, base_text()))["answer"]["councils"]
    assert (row["difference_pence"], row["gain"], row["lose"]) == (400, None, None)
    assert row["too_few_to_count"] is True
    assert not {"moved", "people", "winners", "losers"} & set(row)
    busy(council, SIX[4])
    (row,) = tried(own, drafted(own, base_text()))["answer"]["councils"]
    assert (row["gain"], row["too_few_to_count"]) == ({"people": 5, "pence": 500}, False)


def test_one_person_who_loses_is_not_counted_beside_many_who_gain(stage: Stage) -> None:
    council = stage.council()
    own = region(stage, "middleshire", council)
    busy(council, *SIX)
    council.ticked("making_it_real_board", role="co_chair", minutes=60)
    stage.drain()
    lower = base_text().replace("2026-04-01: £25.00", "2026-04-01: £24.00", 1)
    found = tried(own, drafted(own, lower))
    (row,) = found["answer"]["councils"]
    assert (row["difference_pence"], row["gain"], row["lose"]) == (600 - 100, None, None)
    assert "Fewer than 5 people would gain, or fewer than 5 lose" in found["sentences"][1]


def test_nothing_that_a_person_wrote_leaves_their_council(stage: Stage) -> None:
    """Neither where the draft leaves a claim to a person, nor where it cannot read one."""
    council = stage.council()
    own = region(stage, "middleshire", council)
    busy(council, *SIX)
    facts = {"activity": "over_a_brew", "on": str(london_day(utc_now())), "fee": False, "hardship": "A fire"}
    cost = {"category": "bus", "amount_pence": 400, "note": "To the clinic"}
    body = {"person": council.person("Zed Hidden"), "facts": facts, "expenses": [cost]}
    told(council.lead.post("claims", body), 201)
    stage.drain()
    text = base_text(version="1.2").replace("2026-04-01: £16.50", "2026-04-01: {undecided: nobody knows.}", 1)
    (row,) = tried(own, drafted(own, text))["answer"]["councils"]
    assert row["left_to_a_person"]["claims"] == 6
    assert row["left_to_a_person"]["because"][0].startswith("Clause 3.2: ")
    gone = base_text(version="1.3").replace("  bus:\n    name:", "  coach:\n    name:", 1)
    assert gone != base_text(version="1.3")
    found = tried(own, drafted(own, gone))
    (row,) = found["answer"]["councils"]
    assert row["not_read"] == {
        "claims": 1,
        "before_pence": 400,
        "because": ["The draft does not know the kind of cost."],
    }
    said = json.dumps(found)
    assert [word for word in ("fire", "clinic", "Hidden") if word in said] == []


def test_a_council_whose_text_does_not_fit_shows_its_faults_and_no_sums(stage: Stage) -> None:
    council = stage.council("demoford")
    own = region(stage, "middleshire", council)
    busy(council, *SIX)
    text = base_text().replace("chair_rate", "chairing_rate")
    (row,) = tried(own, drafted(own, text))["answer"]["councils"]
    assert set(row) == {"council", "name", "builds_on", "fits", "faults"}
    assert (row["fits"], row["builds_on"]) == (False, "1.0")
    assert row["faults"] >= 1


def test_one_hash_and_two_people_publish_a_base(stage: Stage) -> None:
    council = stage.council()
    own = region(stage, "middleshire", council)
    draft = drafted(own, base_text())
    path = f"policies/{draft['id']}/publish"
    refused(own.lead.post(path, {"by": "bo"}), 409)
    begun = own.lead.post(f"policies/{draft['id']}/simulations", {})
    told(begun, 202)
    refused(own.lead.post(path, {"by": "bo"}), 409)
    stage.drain()
    refused(own.lead.post(path, {"by": "ada"}), 403)
    refused(own.lead.post(path, {"by": "bo", "hash": "sha256:other"}), 422, "/hash")
    assert told(own.lead.get("policies/in_force"))["version"] == "1.0"
    assert told(council.lead.get("policies/bases"))["data"] == []
    told(own.lead.post(path, {"by": "bo", "hash": draft["hash"]}))
    assert told(own.lead.get("policies/in_force"))["version"] == "1.1"
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    assert online_fee(council) == 1550


def test_a_version_is_offered_with_what_it_changes_and_what_to_work_again(stage: Stage) -> None:
    first = stage.council()
    own = region(stage, "middleshire", first)
    published(own, drafted(own, base_text()))
    offer = told(first.lead.get("policies/bases"))
    (new,) = offer["data"]
    assert (offer["builds_on"], new["version"], new["slug"]) == ("1.0", "1.1", "middleshire")
    assert "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour." in {
        change["sentence"] for change in new["changes"]
    }
    assert [fault["file"] for fault in new["faults"]] == ["councils/exampleshire.yaml"] * 2
    made = told(first.lead.post(f"policies/bases/{new['id']}/take_on", {"by": "ada"}), 201)
    own_text = Path("policies/councils/exampleshire.yaml").read_text()
    assert made["text"] == own_text.replace("middleshire@1.0", "middleshire@1.1").replace('"1.0"', '"1.1"', 1)
    assert (made["version"], made["state"], made["faults"]) == ("1.1", "draft", new["faults"])
    assert online_fee(first) == 1550
    tried(first, made)
    problem = told(first.lead.post(f"policies/{made['id']}/publish", {"by": "bo"}), 422)
    assert problem["title"] == "This policy has mistakes"
    assert told(first.lead.get("policies/in_force"))["version"] == "1.0"


def test_one_council_takes_a_version_on_and_another_does_not(stage: Stage) -> None:
    first, second = stage.council(), stage.council("demoford")
    own = region(stage, "middleshire", first, second)
    published(own, drafted(own, base_text()))
    (new,) = told(first.lead.get("policies/bases"))["data"]
    made = told(first.lead.post(f"policies/bases/{new['id']}/take_on", {"by": "ada"}), 201)
    again = made["text"].replace("fee: £15.50, expenses: £15.00, total: £30.50", "fee: £16.50, total: £31.50")
    mended = drafted(first, again)
    assert mended["faults"] == []
    refused(first.lead.post(f"policies/{mended['id']}/publish", {"by": "bo"}), 409)
    published(first, mended)
    assert (online_fee(first), online_fee(second)) == (1650, 1550)
    assert told(first.lead.get("policies/bases")) == {"builds_on": "1.1", "data": []}
    assert [row["version"] for row in told(second.lead.get("policies/bases"))["data"]] == ["1.1"]
    refused(first.lead.post(f"policies/bases/{new['id']}/take_on", {}), 404)


def test_a_council_without_a_word_to_change_takes_it_on_and_publishes(stage: Stage) -> None:
    council = stage.council("samplebury")
    own = region(stage, "middleshire", council)
    published(own, drafted(own, base_text()))
    (new,) = told(council.lead.get("policies/bases"))["data"]
    made = told(council.lead.post(f"policies/bases/{new['id']}/take_on", {"by": "ada"}), 201)
    assert made["faults"] == new["faults"] == []
    assert published(council, made)["version"] == "1.1"
    assert told(council.lead.get("policies/bases"))["builds_on"] == "1.1"


def test_a_base_from_a_later_day_counts_nowhere_before_it(stage: Stage) -> None:
    council = stage.council("samplebury")
    own = region(stage, "middleshire", council)
    later = london_day(utc_now()) + timedelta(days=30)
    published(own, drafted(own, base_text()), effective_from=str(later))
    (new,) = told(council.lead.get("policies/bases"))["data"]
    assert new["effective_from"] == str(later)
    made = told(council.lead.post(f"policies/bases/{new['id']}/take_on", {"by": "ada"}), 201)
    tried(council, made)
    path = f"policies/{made['id']}/publish"
    early = str(later - timedelta(days=1))
    refused(council.lead.post(path, {"by": "bo", "effective_from": early}), 422, "/effective_from")
    assert told(council.lead.post(path, {"by": "bo"}))["effective_from"] == str(later)


def test_no_council_of_another_region_or_of_none_reads_a_base_or_is_tried(stage: Stage) -> None:
    member, other, alone = stage.council(), stage.council("samplebury"), stage.council("demoford")
    own = region(stage, "middleshire", member)
    region(stage, "othershire", other)
    for one in (member, other, alone):
        busy(one, *SIX)
    text = base_text(version="7.7")
    new = published(own, drafted(own, text))
    rows = tried(own, drafted(own, base_text()))["answer"]["councils"]
    assert [row["council"] for row in rows] == ["exampleshire"]
    before = stage.picture("kept_answers")
    for council in (other, alone):
        assert told(council.lead.get("policies/bases"))["data"] == []
        refused(council.lead.post(f"policies/bases/{new['id']}/take_on", {}), 404)
        refused(council.lead.get(f"policies/{new['id']}"), 404)
    assert stage.picture("kept_answers") == before
    pinned = Path("policies/councils/exampleshire.yaml").read_text().replace("@1.0", "@7.7")
    for council in (other, alone):
        (fault,) = drafted(council, pinned)["faults"]
        assert fault["what"] == "This builds on version 7.7, but the base there is version 1.0."
    assert "builds on" not in json.dumps(drafted(member, pinned)["faults"])


def test_whoever_leaves_is_neither_tried_nor_offered_anything(stage: Stage) -> None:
    council = stage.council("samplebury")
    own = region(stage, "middleshire", council)
    busy(council, *SIX)
    draft = drafted(own, base_text())
    begun = own.lead.post(f"policies/{draft['id']}/simulations", {})
    leave(council)
    stage.drain()
    found = told(own.lead.get(begun.headers["Location"]))
    assert found["answer"]["councils"] == []
    assert found["sentences"] == ["No council is in this region yet."]
    new = published(own, draft)
    assert told(council.lead.get("policies/bases")) == {"builds_on": None, "data": []}
    refused(council.lead.post(f"policies/bases/{new['id']}/take_on", {}), 404)
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    join(council, own)
    assert [row["version"] for row in told(council.lead.get("policies/bases"))["data"]] == ["1.1"]


def test_the_database_itself_keeps_a_region_out(stage: Stage) -> None:
    """Even a query without any condition, as the service's role, in the region's own transaction."""
    member, alone = stage.council(), stage.council("demoford")
    own = region(stage, "middleshire", member)
    db = stage.hands.db
    with db.council(own.id) as session:
        assert list(session.scalars(text("SELECT council_id FROM region_members()"))) == [member.id]
        assert list(session.scalars(text("SELECT council_id FROM policies"))) == [own.id]
        assert list(session.scalars(text("SELECT id FROM region_versions()"))) == []
    with db.council(alone.id) as session:
        assert list(session.scalars(text("SELECT council_id FROM region_members()"))) == []
        assert list(session.scalars(text("SELECT id FROM region_versions()"))) == []
    with db.crossing() as session:
        assert list(session.scalars(text("SELECT council_id FROM region_members()"))) == []
        assert list(session.scalars(text("SELECT id FROM region_versions()"))) == []


@pytest.mark.parametrize(
    "path", ["people", "sessions", "claims", "payments", "ledger/trial_balance", "ledger/entries"]
)
def test_a_region_has_no_people_and_no_money(stage: Stage, path: str) -> None:
    own = region(stage)
    everything = own.key("lead", "approver", "finance", "ops", "policy_owner")
    problem = refused(everything.get(path), 403)
    assert problem["detail"] == (
        "A region has a policy, and no people or payments of its own. Ask the council itself."
    )
