"""Does the published description say what can be called, and only that?"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from ruamel.yaml import YAML
from werkzeug.routing import Map

from service.claims.model import STATES as CLAIM_STATES
from service.cli import main
from service.payouts.model import STATES as PAYMENT_STATES
from tests.neighbours import a_run, paid_too_much
from tests.stage import ROLES, Council, Door, Stage, refused, told

KEPT = Path(__file__).parents[2] / "openapi.yaml"
NOT_CALLS = {"/v1/docs", "/v1/openapi.json"}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


@pytest.fixture
def spec(stage: Stage) -> dict[str, Any]:
    published: dict[str, Any] = told(Door(stage.app, "").get("openapi.json"))
    return published


def undescribed(urls: Map, spec: dict[str, Any]) -> list[str]:
    """Calls of the URL map that the description leaves out."""
    return [
        f"{method} {rule.rule}"
        for rule in urls.iter_rules()
        if rule.rule.startswith("/v1/") and rule.rule not in NOT_CALLS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if method.lower() not in spec["paths"].get(rule.rule.replace("<", "{").replace(">", "}"), {})
    ]


def test_describes_every_call(stage: Stage, spec: dict[str, Any]) -> None:
    holed = copy.deepcopy(spec)
    del holed["paths"]["/v1/people"]["post"]
    assert undescribed(stage.app.url_map, holed) == ["POST /v1/people"]
    assert undescribed(stage.app.url_map, spec) == []


def test_is_valid_openapi(spec: dict[str, Any]) -> None:
    holed = {**spec, "paths": {"/x": {"get": {"responses": 1}}}}
    with pytest.raises(Exception, match="1 is not"):
        validate(holed)
    validate(spec)
    assert spec["openapi"] == "3.1.0"


def test_the_kept_description_is_the_published_one(
    spec: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out == KEPT.read_text(), (
        "openapi.yaml is stale: write it anew with `reciprocal openapi > openapi.yaml`"
    )
    assert YAML(typ="safe").load(KEPT) == spec


def test_says_which_calls_need_the_version_that_was_seen(council: Council, spec: dict[str, Any]) -> None:
    council.ticked()
    session_id = council.ticked("practice_review", role="team_member", minutes=300)
    council.stage.drain()
    claim = council.claim(session=session_id)
    ids = {"claim_id": claim["id"], "payment_id": council.payments()[0]["id"]}
    ids["run_id"] = a_run(council, ids["payment_id"])
    ids["overpayment_id"] = paid_too_much(council)
    everybody = council.key(*ROLES)
    bodies: dict[str, Any] = {
        "refuse_claim": {"clause": "3.1", "reason": "r"},
        "ask_about_claim": {"question": "q"},
        "edit_claim": {"expenses": []},
        "write_off": {"reason": "r"},
    }
    asked: dict[str, bool] = {}
    for path, calls in spec["paths"].items():
        for method, call in calls.items():
            if method == "parameters":
                continue
            header = next((p for p in call.get("parameters", []) if p.get("name") == "If-Match"), None)
            if header is not None:
                name = call["operationId"]
                answer = everybody.send(
                    method, path.format(**ids), bodies.get(name, {}), once=name, query={"dry_run": "true"}
                )
                asked[name] = header["required"]
                assert (answer.status_code == 428) == header["required"], name
    assert asked == {
        "edit_claim": True,
        "approve_claim": True,
        "refuse_claim": False,
        "ask_about_claim": False,
        "write_off": True,
        "ask_person": False,
        "hold_payment": False,
        "release_payment": True,
        "cancel_payment": False,
        "release_run": True,
    }


def test_says_which_scope_each_call_needs(council: Council, spec: dict[str, Any]) -> None:
    nobody = council.key("facilitator")
    problem = refused(nobody.get("claims"), 403)
    described = spec["paths"]["/v1/claims"]["get"]["description"]
    assert described == "Needs the scope `claims:read`."
    assert "claims:read" in problem["detail"]


def test_prints_the_table_of_the_sandbox(council: Council, spec: dict[str, Any]) -> None:
    page = council.lead.get("docs").get_data(as_text=True)
    for number in ("00012345", *(f"0000000{n}" for n in range(2, 8))):
        assert f"`{number}`" in spec["info"]["description"]
        assert number in page


def test_the_readable_page_says_what_lies_inside_a_body_and_how_to_filter(council: Council) -> None:
    page = council.lead.get("docs").get_data(as_text=True)
    for field in ("entries[].attended", "sums[].amount_pence", "payments[].amount_pence"):
        assert f"<code>{field}</code>" in page
    assert "<code>since</code> (in the address): Changed at or after: a moment, or a plain day" in page
    assert "<code>If-Match</code> (header, needed): The ETag that you saw." in page
    assert "409 still-running" in page
    for given in page.split("What to send")[1:]:
        assert "<td>None" not in given


def test_the_statuses_in_the_description_are_the_ones_there_are(spec: dict[str, Any]) -> None:
    for path, states in (("claims", CLAIM_STATES), ("payments", PAYMENT_STATES)):
        given = spec["paths"][f"/v1/{path}"]["get"]["parameters"]
        said = next(one for one in given if one["name"] == "status")
        words = said.get("description") or said["schema"]["description"]
        assert words.replace(" or ", ", ").split(", ") == list(states)
