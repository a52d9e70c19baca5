"""What does every call share? Key, scope, one transaction, one first answer, versions and pages.

`call` stands outermost on each route: it opens the council's transaction, and whatever the route did, its
answer is kept beside it under the caller's Idempotency-Key.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, g, json, make_response, request
from sqlalchemy.orm import Session

from service import log, once
from service.api import fit
from service.councils import queries as councils
from service.councils.model import NOT_IN_A_REGION, REGION_SCOPES, Caller
from service.days import utc_now
from service.db import Database
from service.errors import Forbidden, NotSignedIn, VersionNeeded, one_fault
from service.events import Actor

NO_KEY = "Send a key with each call: Authorization: Bearer <key>. A council's lead can make one."


def database() -> Database:
    """The database of this application."""
    db: Database = current_app.extensions["db"]
    return db


def now() -> datetime:
    """The moment of this request: one for all that it does."""
    moment: datetime = g.now
    return moment


def session() -> Session:
    """The open transaction of this call, within the caller's council."""
    current: Session = g.session
    return current


def caller() -> Caller:
    """Whoever calls."""
    who: Caller = g.caller
    return who


def council_id() -> str:
    """The caller's council. It never comes from the address or the body."""
    return caller().council_id


def actor() -> Actor:
    """Whoever calls, as events name them."""
    return Actor(caller().kind, caller().id)


def begin() -> None:
    """Before each request under `/v1`: an id for the log, the moment, and who calls."""
    log.begin_request(request.headers.get("X-Request-Id"))
    g.now = utc_now()
    g.caller = None
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return
    with database().crossing() as outside:
        home = councils.key_home(outside, secret=secret.strip())
    if home:
        with database().council(home[0]) as inside:
            g.caller = councils.caller_by_key(inside, council_id=home[0], key_id=home[1], now=g.now)


@dataclass(frozen=True)
class Shared:
    """What the description must say of a call besides its fields."""

    scope: str
    once_only: bool
    versioned: bool | None


def call(
    scope: str,
    *,
    once_only: bool = False,
    versioned: bool | None = None,
    never_kept: tuple[str, ...] = (),
) -> Callable[..., Any]:
    """Wrap a route: `scope` is needed, `once_only` asks for an Idempotency-Key.

    Fields in `never_kept` are secrets: they are answered once, and are null when the same call comes again.

    `versioned` tells the description whether If-Match is needed (True), taken (False) or nothing to it.

    Every call that writes takes `?dry_run=true`: it is carried out, answered, and rolled back.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            _require(scope)
            fit.require_fit(request)
            trying = request.method != "GET" and _trying()
            with database().council(council_id()) as opened:
                g.session = opened
                if once_only and not trying:
                    return _once(opened, view, args, kwargs, never_kept)
                try:
                    return make_response(view(*args, **kwargs))
                finally:
                    if trying:
                        opened.rollback()

        run.shares = Shared(scope, once_only, versioned)  # type: ignore[attr-defined]
        return run

    return wrap


def _trying() -> bool:
    """Whether this is a dry run. A word we do not know is refused, since the caller may have meant yes."""
    given = request.args.get("dry_run", "false").lower()
    if given not in ("true", "false"):
        raise one_fault("/query/dry_run", "Say true or false.")
    return given == "true"


def _require(scope: str) -> None:
    if g.caller is None:
        raise NotSignedIn(NO_KEY)
    if caller().of_region and scope not in REGION_SCOPES:
        raise Forbidden(NOT_IN_A_REGION)
    if scope not in caller().scopes:
        raise Forbidden(f"This key may not do that: it needs the scope {scope}. Ask for a key that has it.")


def _once(
    opened: Session, view: Callable[..., Any], args: Any, kwargs: Any, never_kept: tuple[str, ...]
) -> Response:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 1 <= len(key) <= 255:
        raise one_fault(
            "/Idempotency-Key",
            "Send an Idempotency-Key header of your own (up to 255 characters), new for each thing.",
        )
    path = request.full_path.rstrip("?")
    mark = once.fingerprint(method=request.method, path=path, body=request.get_data())
    kept = once.first_answer(opened, council_id=council_id(), key=key, mark=mark, now=now())
    if kept is not None:
        again = Response(kept.body, status=kept.status, mimetype="application/json")
        again.headers.update(kept.headers)
        again.headers["Idempotent-Replayed"] = "true"
        return again
    answer = make_response(view(*args, **kwargs))
    if 200 <= answer.status_code < 300:
        headers = {name: answer.headers[name] for name in ("ETag", "Location") if name in answer.headers}
        body = answer.get_data(as_text=True)
        if never_kept:
            body = json.dumps({**json.loads(body), **dict.fromkeys(never_kept)})
        first = once.Answer(answer.status_code, body, headers)
        once.keep(opened, council_id=council_id(), key=key, mark=mark, answer=first, now=now())
    return answer


def seen(current: str, *, needed: bool = True) -> str:
    """The version that the caller saw, from If-Match. Raises `VersionNeeded` when it is needed and absent."""
    given = request.headers.get("If-Match", "").strip()
    if not given and needed:
        raise VersionNeeded("Read it first, and send its ETag back in an If-Match header.")
    if not given or given == "*" or f'"{current}"' in re.findall(r'"[^"]*"', given):
        return current
    return given.strip('"')


def tagged(tag: str) -> dict[str, str]:
    """The ETag header of something that can change."""
    return {"ETag": f'"{tag}"'}


def cursor(parts: Sequence[Any] | None) -> str | None:
    """Where a page ended, as text that only we read."""
    if parts is None:
        return None
    plain = [p.isoformat() if isinstance(p, datetime) else p for p in parts]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def read_cursor(given: str | None, *, timed: bool) -> tuple[Any, ...] | None:
    """The other way: `(id,)`, or `(moment, id)` when `timed`. Raises `Invalid` for a made-up one."""
    if not given:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(given.encode()))
        if not isinstance(parts, list) or len(parts) != 1 + timed or not isinstance(parts[-1], str):
            raise ValueError("not ours")
        if any(fit.unfit_in(parts)):
            raise ValueError("not ours either")
        return (datetime.fromisoformat(parts[0]), parts[1]) if timed else (parts[0],)
    except (ValueError, TypeError, RecursionError) as error:
        raise one_fault("/query/cursor", "Use the next_cursor of the page before, unchanged.") from error


def paged(
    rows: list[Any], *, limit: int, last: Callable[[Any], Sequence[Any]]
) -> tuple[list[Any], str | None]:
    """The rows of one page, asked for with one row too many, and where the next one starts."""
    more = len(rows) > limit
    page = rows[:limit]
    return page, cursor(last(page[-1])) if more else None


def whose_limit() -> str:
    """Whose calls are counted together: a key's, else an address's."""
    who = g.get("caller")
    return who.id if who else request.remote_addr or "nobody"
