"""Does any call answer about another council, or to nobody? Every route of the URL map.

What each role may call stands in `tests/web/who_may.txt`.
"""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.neighbours import Neighbours, filled, neighbours, routes
from tests.stage import Door, Stage, told


@pytest.fixture
def world(stage: Stage) -> Neighbours:
    return neighbours(stage)


GOOD: dict[str, Any] = {
    "payment_method": {"kind": "voucher"},
    "offers": {"person": "{person_id}", "role": "participant"},
    "register": {"entries": [{"person": "{person_id}", "attended": False}]},
    "refuse": {"clause": "3.1", "reason": "No."},
    "ask": {"question": "Why?"},
    "paid": {"bank_reference": "B", "paid_on": "2026-10-01"},
    "returned": {"reason": "Why"},
    "rejected": {"reason": "Why"},
    "<claim_id>": {"expenses": []},
    "policies": {"text": "policy: {}"},
    "sign_offs": {"people": ["{person_id}"]},
    "answers": {"agrees": True},
    "replay": {"since": "2026-11-01T00:00:00Z"},
    "supplier_reference": {"supplier_reference": "S1"},
    "taken_back_from_export": {"reason": "They said so."},
    "corrections": {"expenses": [], "reason": "Not so."},
    "write_off": {"reason": "Too small."},
    "close": {"note": "Looked into."},
}


def call(door: Door, method: str, path: str, body: Any) -> TestResponse:
    return door.send(method, path, body, once=f"{method} {path}", seen="*")


def body_for(rule: str, ids: dict[str, str]) -> Any:
    found = GOOD.get(rule.rpartition("/")[2], {})
    return _filled(found, ids)


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, ids) for inner in value]
    return value.format(**ids) if isinstance(value, str) and value.startswith("{") else value


def test_only_the_description_is_open_to_everybody(stage: Stage) -> None:
    opened = {
        rule.rule
        for rule in stage.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not hasattr(stage.app.view_functions[rule.endpoint], "shares")
    }
    assert opened == {"/v1/openapi.json", "/v1/docs"}


# Names that every council has of its own, as each has its January: nobody's id.
NAMES = ("<period>", "<line>")


def test_every_route_answers_404_to_the_id_of_another_council(stage: Stage, world: Neighbours) -> None:
    mine, theirs = world
    before = stage.picture()
    found: dict[str, int] = {}
    for method, rule in routes(stage):
        if "<" in rule and not any(name in rule for name in NAMES):
            answer = call(mine.door, method, filled(rule, theirs.ids), body_for(rule, mine.ids))
            found[f"{method} {rule}"] = answer.status_code
            assert "another council" not in answer.get_data(as_text=True) or answer.status_code == 404
    assert {call: status for call, status in found.items() if status != 404} == {}
    assert len(found) > 20
    assert stage.picture() == before
    own = call(mine.door, "GET", filled("/v1/claims/<claim_id>", mine.ids), None)
    assert own.status_code == 200


def test_an_id_of_another_council_in_a_body_is_nobody(stage: Stage, world: Neighbours) -> None:
    mine, theirs = world
    before = stage.picture()
    entry = {"person": theirs.ids["person_id"], "attended": True, "role": "participant"}
    answers = [
        call(mine.door, "POST", "claims", {"person": theirs.ids["person_id"], "facts": {"on": "2026-10-01"}}),
        call(
            mine.door,
            "POST",
            "claims",
            {"person": mine.ids["person_id"], "session": theirs.ids["session_id"], "expenses": [{}]},
        ),
        call(
            mine.door,
            "POST",
            f"sessions/{mine.ids['session_id']}/offers",
            {"person": theirs.ids["person_id"], "role": "participant"},
        ),
        call(mine.door, "PUT", f"sessions/{mine.ids['session_id']}/register", {"entries": [entry]}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 422]
    assert stage.picture() == before


# Tables whose rows have ids of their own; events are numbered for all councils together.
TABLES_WITH_IDS = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'text'
"""


def test_no_list_shows_anything_of_another_council(stage: Stage, world: Neighbours) -> None:
    mine, theirs = world
    with stage.admin() as admin:
        ids: set[str] = set()
        for (table,) in admin.execute(TABLES_WITH_IDS).fetchall():
            found = admin.execute(f"SELECT id FROM {table} WHERE council_id = %s", (theirs.council.id,))
            ids |= {name for (name,) in found.fetchall()}
    assert len(ids) > 20
    shown = 0
    for method, rule in routes(stage):
        if method == "GET" and "<" not in rule:
            answer = mine.door.send("GET", rule)
            shown += answer.status_code == 200
            said = answer.get_data(as_text=True)
            assert [one for one in ids if one in said] == [], rule
    assert shown > 20
    filters = {"person": theirs.ids["person_id"], "session": theirs.ids["session_id"]}
    assert told(mine.door.get("claims", **filters))["data"] == []


def test_every_route_refuses_a_caller_without_a_key_and_a_key_without_the_scope(
    stage: Stage, world: Neighbours
) -> None:
    mine, _ = world
    nothing = mine.council.key()
    before = stage.picture()
    found: dict[str, tuple[int, int]] = {}
    for method, rule in routes(stage):
        path = filled(rule, mine.ids)
        body = body_for(rule, mine.ids)
        statuses = [call(door, method, path, body).status_code for door in (Door(stage.app, ""), nothing)]
        found[f"{method} {rule}"] = (statuses[0], statuses[1])
    assert {call: statuses for call, statuses in found.items() if statuses != (401, 403)} == {}
    assert stage.picture() == before
