"""What can be called, and how? The description, and a readable page made from it."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from flask import Blueprint, current_app, render_template

from service.rails import sandbox

SANDBOX_TABLE = "\n".join(f"| `{number}` | {outcome} |" for number, outcome in sandbox.OUTCOMES.items())

ABOUT = f"""Pays people with lived experience for their time and costs.

**Keys.** `Authorization: Bearer <key>`. A key belongs to one council. Another council's id answers 404.

**Money** is integer pence: `amount_pence`. **Times** are RFC 3339 in UTC; days are plain dates.

**Idempotency.** Every POST that creates or moves something needs an `Idempotency-Key` header. The same key
and
body gives the first answer again with `Idempotent-Replayed: true`; another body 422; still running 409.

**Versions.** A claim and a payment carry an `ETag`. Send it back in `If-Match` to approve, edit or
release: 428
without it, 412 if it moved.

**Pages.** `limit` (1 to 100) and `cursor`; answers carry `next_cursor`.

**Trying.** `?dry_run=true` on claims, approvals and payments: the full answer, and nothing happens.

**Errors** are `application/problem+json` with a JSON pointer for each field.

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


def describe(spec: APISpec) -> None:
    """Say what every call shares: the key, and what an error looks like."""
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schema(
        "Problem",
        {
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
                    },
                },
            },
            "required": ["type", "title", "status", "detail", "request_id"],
        },
    )


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
