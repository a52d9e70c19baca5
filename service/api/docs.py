"""What can be called, and how? The description, and a readable page made from it."""

from __future__ import annotations

import io
from typing import Any

from apispec import APISpec
from flask import Blueprint, Flask, current_app, render_template
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from werkzeug.routing import Rule

from service.api.calls import Shared
from service.rails import sandbox

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

**Errors** are `application/problem+json` with a JSON pointer for each field, and the `request_id` to quote.

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
    return render_template(
        "api/docs.html", about=ABOUT, groups=groups, schemas=spec["components"]["schemas"], sandbox=sandbox
    )
