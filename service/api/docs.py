"""What can be called, and how? The description, and a readable page made from it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial
from typing import Any

from apispec import APISpec
from flask import Blueprint, Flask, current_app, render_template
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from werkzeug.routing import Rule

from service.api.calls import Shared
from service.api.errors import STATUS
from service.rails import sandbox

ERROR_KINDS = "; ".join(f"{status} `{name}`" for _, status, name in STATUS)

SANDBOX_TABLE = "\n".join(f"| `{number}` | {outcome} |" for number, outcome in sandbox.OUTCOMES.items())

ABOUT = f"""Pays people with lived experience for their time and costs.

**Keys.** `Authorization: Bearer <key>`. A key belongs to one council. Another council's id answers 404.

**Money** is integer pence: `amount_pence`. **Times** are RFC 3339 in UTC; days are plain dates.

**Idempotency.** Every POST that creates or moves something needs an `Idempotency-Key` header. The same key
and body gives the first answer again with `Idempotent-Replayed: true`; another body 422; still running 409.
Kept for 30 days, for the whole council. Only answers of 2xx are kept.

**Versions.** A claim and a payment carry an `ETag`. Send it back in `If-Match` to approve, edit or release:
428 without it, 412 if it moved.

**Pages.** `limit` (1 to 100) and `cursor`; answers carry `next_cursor`.

**Trying.** `?dry_run=true` on any call that writes: the full answer, and nothing happens.

**Errors** are `application/problem+json`: `type`, `title`, `status`, `detail`, a JSON pointer for each field
in `errors`, the `clause` where a rule of the policy is behind it, and the `request_id` to quote. The end of
`type` (`urn:reciprocal:problem:…`) never changes: {ERROR_KINDS}.

**From session to money.** Add a person and how they are paid. Ask `/v1/policies/in_force` which activities,
roles and costs there are. Plan a session; offer a place; pass on the yes; send the register. The claim
follows by itself: find it with `/v1/claims?session=`. One that is `waiting` or `needs_person` needs a yes.
Its payment is in `payments`. One whose rail is `finance_system` waits as `ready` until your system reports
it paid.

**Limits.** Each key may make so many calls a minute. Beyond that the answer is 429 with `Retry-After`.

**Sandbox.** At sort code `{sandbox.SORT_CODE}` the account number chooses what happens:

| account number | what happens |
|---|---|
{SANDBOX_TABLE}

Any other valid account is paid. Several people may share such an account.
"""

DESCRIPTION: dict[str, Any] = {
    "info": {"description": ABOUT, "title": "Reciprocal"},
    "servers": [{"url": "/"}],
    "security": [{"key": []}],
}

# Formats of text, said plainly.
KINDS = {"date": "day", "date-time": "moment"}

pages = Blueprint("docs", __name__, template_folder="templates")


PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "clause": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "request_id"],
}
ONCE = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Your own word for this one request, up to 255 letters.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
SEEN = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that you saw.",
    "schema": {"type": "string"},
}
TRYING = {
    "in": "query",
    "name": "dry_run",
    "required": False,
    "description": "true: the full answer, and nothing happens. No Idempotency-Key is needed then.",
    "schema": {"type": "boolean", "default": False},
}


def describe(spec: APISpec, app: Flask) -> None:
    """Say what every call shares: the key, its scope, the headers, and what an error looks like."""
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schemas.pop("Error", None)
    spec.components.schemas.pop("PaginationMetadata", None)
    spec.components.schema("Problem", PROBLEM)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for answer in spec.components.responses.values():
        answer["content"] = problem
    paths = spec.to_dict()["paths"]
    for rule in app.url_map.iter_rules():
        shares = getattr(app.view_functions[rule.endpoint], "shares", None)
        if shares is not None:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                path = rule.rule.replace("<", "{").replace(">", "}")
                _describe_call(paths[path][method.lower()], rule, shares, method)


def _describe_call(call: dict[str, Any], rule: Rule, shares: Shared, method: str) -> None:
    call["operationId"] = rule.endpoint.rpartition(".")[2]
    call["description"] = f"Needs the scope `{shares.scope}`."
    headers = [ONCE] if shares.once_only else []
    if shares.versioned is not None:
        headers.append({**SEEN, "required": shares.versioned})
    if shares.once_only or method in ("PUT", "PATCH", "DELETE"):
        headers.append(TRYING)
    if headers:
        call["parameters"] = [*call.get("parameters", []), *headers]


def as_yaml(spec: APISpec) -> str:
    """The description as the text that is kept beside the code."""
    out = io.StringIO()
    writer = YAML()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(_readable(spec.to_dict()), out)
    return out.getvalue()


def _readable(value: Any) -> Any:
    """Texts of several lines keep their lines, and nothing is written as a reference to another place."""
    if isinstance(value, dict):
        return {str(key): _readable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(inner) for inner in value]
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value else str(value)
    return value


@pages.get("/v1/docs")
def readable() -> str:
    """Every call on one page, made from the description."""
    spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in spec["paths"].items():
        for method, call in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                groups.setdefault(call["tags"][0], []).append((method.upper(), path, call))
    schemas = spec["components"]["schemas"]
    return render_template(
        "api/docs.html", about=ABOUT, groups=groups, sandbox=sandbox, fields_of=partial(_fields_of, schemas)
    )


@dataclass(frozen=True)
class FieldRow:
    """One field as the readable page shows it; `name` has a path for what lies inside, `entries[].person`."""

    name: str
    kind: str
    needed: bool
    about: str


def _fields_of(schemas: dict[str, Any], holder: dict[str, Any], within: str = "") -> list[FieldRow]:
    """The fields of a body or an answer, those inside it too. `holder` has `content`, as OpenAPI says it."""
    given = holder.get("content", {}).get("application/json", {}).get("schema", holder)
    shape = schemas.get(_name(given), given)
    rows = []
    for name, one in shape.get("properties", {}).items():
        kinds = one.get("type", "object")
        kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        needed = name in shape.get("required", [])
        kind = KINDS.get(one.get("format", ""), " or ".join(kinds))
        rows.append(FieldRow(within + name, kind, needed, one.get("description", "")))
        inner = one.get("items", one)
        if _name(inner) in schemas:
            mark = "[]." if "items" in one else "."
            rows += _fields_of(schemas, inner, within=f"{within}{name}{mark}")
    return rows


def _name(shape: dict[str, Any]) -> str:
    """The name of the schema that is referred to, directly or as the one that is not null."""
    choices = [shape, *shape.get("anyOf", ()), *shape.get("allOf", ()), *shape.get("oneOf", ())]
    return next((one["$ref"].rsplit("/", 1)[-1] for one in choices if "$ref" in one), "")
