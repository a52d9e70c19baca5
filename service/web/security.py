"""What may a page do in somebody's browser, and who may send a form? Headers, form tokens, cookies.

Nothing runs or styles a page except files of our own; no other site may frame it; a form is taken only with
the token that its own page was given. Machines that call with a key are not browsers and are left alone.
"""

from __future__ import annotations

import gzip

from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from service.web.sign_in_time import WHOLE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A form sent over https is checked against the page it came from, so our own pages name themselves.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TWO_YEARS = "max-age=63072000"
SMALL = 800

csrf = CSRFProtect()


def install(app: Flask, *, pages: Blueprint, https: bool) -> None:
    """Guard every view under `pages`. `https` says whether people reach us over it."""
    app.config.update(
        SESSION_COOKIE_NAME="reciprocal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=WHOLE,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    # The token lives as long as the session that it is bound to: a slow reader is not an attacker.
    pages.before_request(csrf.protect)
    pages.after_request(_finish)


def dress(answer: Response) -> Response:
    """Add the headers that every page has. A view may have set a stricter one; it stays."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", TWO_YEARS)
    if answer.mimetype == "text/html":
        # Pages speak of one person's money, and phones are shared.
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _finish(answer: Response) -> Response:
    return squeeze(dress(answer))


def squeeze(answer: Response) -> Response:
    """Compress a page for a browser that reads it so. Form tokens differ each time: none is given away."""
    answer.vary.add("Accept-Encoding")
    ready = answer.mimetype == "text/html" and "Content-Encoding" not in answer.headers
    if ready and request.accept_encodings.quality("gzip") > 0 and len(answer.get_data()) > SMALL:
        answer.set_data(gzip.compress(answer.get_data(), 6, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
