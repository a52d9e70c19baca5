"""The door for machines. It only translates: a call asks a room, and says what the room says."""

from __future__ import annotations

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_smorest import Api

from service import log
from service.api import (
    bases,
    calls,
    claims,
    controls,
    corrections,
    docs,
    exports,
    files,
    health,
    ledger,
    notify,
    outgoing,
    payments,
    people,
    policies,
    queues,
    reconciling,
    sessions,
    sign_offs,
    webhooks,
)
from service.settings import Settings

VERSION = "1"
GROUPS = (
    people.routes,
    sessions.routes,
    claims.routes,
    corrections.routes,
    payments.routes,
    ledger.routes,
    controls.routes,
    files.routes,
    policies.routes,
    bases.routes,
    sign_offs.routes,
    queues.routes,
    outgoing.routes,
    exports.routes,
    reconciling.routes,
)


def register(app: Flask) -> None:
    """Install every call under `/v1`, its description, and the pages for health."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        API_TITLE="Reciprocal",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=docs.DESCRIPTION,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # Before the limiter, which counts by who calls.
    app.before_request(_begin)
    app.after_request(_wait_only_when_asked)
    api = Api(app)
    limiter = Limiter(
        calls.whose_limit,
        app=app,
        storage_uri=_limits_url(settings),
        in_memory_fallback_enabled=True,
        headers_enabled=True,
        default_limits=[],
    )
    for group in GROUPS:
        limiter.limit(settings.rate_limit)(group)
        api.register_blueprint(group, url_prefix="/v1")
    docs.describe(api.spec, app)
    app.register_blueprint(docs.pages)
    app.register_blueprint(webhooks.routes)
    app.register_blueprint(notify.routes)
    app.register_blueprint(health.routes)
    app.after_request(_finish)
    app.after_request(health.count)


def description() -> str:
    """What can be called, as YAML: the same text whatever the settings are. Needs no database."""
    app = Flask("service")
    app.extensions["settings"] = Settings(
        database_url="", redis_url="memory://", secret_key="", encryption_keys=()
    )
    register(app)
    return docs.as_yaml(app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec)


def for_machines() -> bool:
    """Whether a request came through this door, and so wants problem+json."""
    return request.path.startswith(("/v1/", "/webhooks/", "/healthz", "/readyz", "/metrics"))


def _begin() -> None:
    if for_machines():
        calls.begin()
    else:
        log.begin_request(request.headers.get("X-Request-Id"))


def _finish(answer: Response) -> Response:
    answer.headers["X-Request-Id"] = log.request_id()
    if for_machines() and "caller" in g:
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _wait_only_when_asked(answer: Response) -> Response:
    """The limiter says when the count starts anew on every answer. To a client that reads as "come later"."""
    if answer.status_code not in (429, 503):
        answer.headers.pop("Retry-After", None)
    return answer


def _limits_url(settings: Settings) -> str:
    if settings.redis_url.startswith("unix://"):
        return "redis+unix://" + settings.redis_url.removeprefix("unix://")
    return settings.redis_url
