"""Does the API keep to its own description, whatever a program that reads it may send?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.neighbours import Furnished, furnished
from tests.stage import Stage

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

described = schemathesis.openapi.from_path(Path(__file__).parents[2] / "openapi.yaml")


@pytest.fixture
def world(stage: Stage) -> Furnished:
    return furnished(stage)


@pytest.mark.long
@described.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_keeps_to_its_description(case: Any, world: Furnished) -> None:
    """Ids are real, so that what was sent reaches the rooms; everything else is made up."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = world.ids[name]
    if isinstance(case.body, dict):
        for name in ("person", "session"):
            if isinstance(case.body.get(name), str):
                case.body[name] = world.ids[f"{name}_id"]
    key = {"Authorization": f"Bearer {world.door.key}"}
    case.validate_response(case.call(app=world.council.stage.app, headers=key), checks=CHECKS)
