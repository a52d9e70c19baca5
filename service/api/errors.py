"""Which HTTP answer does each error get? The same texts drive the web pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, json, request
from werkzeug.exceptions import HTTPException

from service import log
from service.api.fit import escaped
from service.api.webhooks import NotSigned
from service.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    KeyReused,
    Moved,
    NotFound,
    NotSignedIn,
    ReciprocalError,
    Refused,
    StillRunning,
    Unavailable,
    VersionNeeded,
)

# The first line that fits counts, so the narrower kind stands above the wider.
STATUS: tuple[tuple[type[ReciprocalError], int, str], ...] = (
    (NotSigned, 400, "not-signed"),
    (Invalid, 422, "invalid"),
    (NotSignedIn, 401, "not-signed-in"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not-found"),
    (Moved, 412, "moved"),
    (VersionNeeded, 428, "version-needed"),
    (KeyReused, 422, "key-reused"),
    (StillRunning, 409, "still-running"),
    (Conflict, 409, "conflict"),
    (Refused, 422, "refused"),
    (Unavailable, 503, "unavailable"),
    (ReciprocalError, 500, "error"),
)

# What an HTTP error that the framework raised says in our words, with what to do.
FRAMEWORK = {
    400: "We could not read that request. Check that it is JSON and that the header says application/json.",
    404: "There is no such address. `/v1/docs` lists every call.",
    405: "This address does not take that method. `/v1/docs` says which it takes.",
    406: "Ask for application/json.",
    413: "That is too much at once. Send less.",
    415: "Send JSON, and say so: Content-Type: application/json.",
    429: "Too many calls in a short time. Wait as long as Retry-After says, then go on.",
}


def status_of(error: ReciprocalError) -> tuple[int, str]:
    """The HTTP status of an error, and its stable short name."""
    return next((status, name) for kind, status, name in STATUS if isinstance(error, kind))


def problem(
    *,
    status: int,
    name: str,
    title: str,
    detail: str,
    errors: tuple[Fault, ...] = (),
    clause: str | None = None,
) -> Response:
    """An RFC 9457 answer."""
    body: dict[str, Any] = {
        "type": f"urn:reciprocal:problem:{name}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": log.request_id(),
    }
    if errors:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in errors]
    if clause:
        body["clause"] = clause
    return Response(json.dumps(body), status=status, mimetype="application/problem+json")


def from_ours(error: ReciprocalError) -> Response:
    """The answer for an error of ours."""
    status, name = status_of(error)
    if status >= 500:
        log.get().error("request.failed", error=type(error).__name__, path=request.path)
    answer = problem(
        status=status,
        name=name,
        title=error.title,
        detail=error.detail,
        errors=error.errors,
        clause=error.clause,
    )
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def from_framework(error: HTTPException) -> Response:
    """The answer for an error that the framework raised, such as a body that is not JSON."""
    status = error.code or 500
    faults = _schema_faults(error)
    if faults:
        return from_ours(Invalid("Some fields need another look.", errors=faults))
    title = HTTPStatus(status).phrase
    answer = problem(
        status=status,
        name=title.lower().replace(" ", "-"),
        title=title,
        detail=FRAMEWORK.get(status, error.description or title),
    )
    for header, value in error.get_headers():
        if header in ("Allow", "Retry-After"):
            answer.headers[header] = value
    return answer


def from_anything(error: Exception) -> Response:
    """The answer for an error nobody foresaw: no detail leaves, the log has it under the request id."""
    log.get().error("request.broke", path=request.path, exc_info=error)
    return problem(
        status=500,
        name="error",
        title="Something went wrong here",
        detail="This is our fault. Nothing was changed. Try again, or tell us the request_id.",
    )


def _schema_faults(error: HTTPException) -> tuple[Fault, ...]:
    """The schema's messages as JSON pointers, where there are any."""
    messages = getattr(error, "data", {}).get("messages", {}) if getattr(error, "data", None) else {}
    found: list[Fault] = []
    for place, inner in messages.items() if isinstance(messages, dict) else ():
        prefix = "" if place == "json" else f"/{place}"
        _collect(inner, prefix, found)
    return tuple(found)


def _collect(messages: Any, pointer: str, found: list[Fault]) -> None:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            _collect(inner, pointer if key == "_schema" else f"{pointer}/{escaped(str(key))}", found)
    else:
        texts = messages if isinstance(messages, list) else [messages]
        found.extend(Fault(pointer, str(text)) for text in texts)
