"""What does a person read when something goes wrong? Plain words, what to do next, nothing typed lost.

A room's refusal keeps its own title and sentence, so a page and the API say the same. `page` is for the
wiring: it answers any error as a page, also for addresses that no view knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, current_app, g, render_template, request, session
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from service import errors, log
from service.web import limits, security, wording
from service.web.here import Here


@dataclass(frozen=True)
class Words:
    """An error page: its heading, what happened, and what to do."""

    title: str
    happened: str
    next_step: str


WORDS = {
    400: Words(
        "We could not read that",
        "Something in what was sent did not fit.",
        "Go back, look at your answers and send them again.",
    ),
    403: Words(
        "You cannot see this page",
        "It belongs to somebody else, or to another part of the team.",
        "If you think you should see it, ask the person who invited you.",
    ),
    404: Words(
        "We cannot find that page",
        "The address may be old, or a letter may be missing.",
        "Check the address, or use the link in the last message we sent you.",
    ),
    405: Words(
        "That page does not work like this",
        "It was opened in a way it does not know.",
        "Go back and use the button on the page.",
    ),
    413: Words(
        "That is too much at once",
        "What was sent is bigger than this page can take.",
        "Go back and send less.",
    ),
    429: Words(
        "Too many tries",
        "This page was asked for many times in a short while, so we have paused it.",
        "Wait a few minutes and try again.",
    ),
    500: Words(
        "Sorry, something broke",
        "This is our fault, not yours. We have made a note of it.",
        "Try again in a few minutes. If you had sent something, look at your page first: it may be there.",
    ),
    503: Words(
        "Not available just now",
        "Something that we need is not answering.",
        "Wait a few minutes and try again. Nothing you sent before is lost.",
    ),
}
STATUS: tuple[tuple[type[errors.ReciprocalError], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotSignedIn, 401),
    (errors.Forbidden, 403),
    (errors.Moved, 412),
    (errors.Invalid, 422),
    (errors.Refused, 409),
    (errors.Unavailable, 503),
)


# Where a form met one of these, it may have been typed for nothing: it is kept.
KEEPS_A_FORM = (409, 412, 422, 500, 503)
# After these the same form may go again; after the others there is something to read first.
MAY_GO_AGAIN = (500, 503)
# What was chosen and not written, or says which version somebody saw: nobody needs to read it.
CHOSEN = re.compile(r"[a-z0-9_-]*")
# What is not kept in a page that could not be done, and is asked for again.
SECRET = frozenset(("code", "sort_code", "account_number", "roll_number", "secret", "token"))


def install(pages: Blueprint) -> None:
    """Answer every error inside `pages` as a page."""
    pages.register_error_handler(CSRFError, _form_out_of_date)
    pages.register_error_handler(Exception, page)


def page(error: Exception) -> Response:
    """Any error as a page, with its headers."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return Response(status=error.code, headers=error.get_response().headers)
    if isinstance(error, OperationalError):
        error = errors.Unavailable(errors.OUT_OF_REACH)
    if isinstance(error, errors.NotSignedIn):
        return _signed_out(error)
    if isinstance(error, RateLimitExceeded):
        return _too_often()
    if isinstance(error, errors.ReciprocalError):
        status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
        told = WORDS.get(status, WORDS[400])
        words = Words(error.title, error.detail, told.next_step if status in (404, 503) else "")
        return _answer(words, status, clause=error.clause)
    status = error.code or 500 if isinstance(error, HTTPException) else 500
    if status == 500:
        log.get().error("page.broke", page=request.endpoint, exc_info=error)
    known = status if status in WORDS else (400 if status < 500 else 500)
    return _answer(WORDS[known], status)


def _answer(words: Words, status: int, clause: str | None = None) -> Response:
    back_to = request.referrer if request.method == "POST" and _from_us(request.referrer or "") else ""
    keeps = request.method == "POST" and status in KEEPS_A_FORM
    typed = [(name, value) for name, value in _typed() if name not in SECRET] if keeps else []
    return _html(
        "error.html",
        status,
        words=words,
        clause=clause,
        back_to=back_to,
        reference=log.request_id(),
        typed=typed,
        written=[value for _, value in typed if not CHOSEN.fullmatch(value)],
        address=request.full_path.rstrip("?"),
        may_go_again=status in MAY_GO_AGAIN,
    )


def _too_often() -> Response:
    """How long the pause is; and what was typed, to send it again after that."""
    told, wait = WORDS[429], wording.minutes_left(limits.seconds_to_wait())
    typed = _typed() if request.method == "POST" else []
    if typed:
        address = request.full_path.rstrip("?")
        return offer_again(told.title, 429, typed=typed, address=address, wait=wait)
    return _answer(replace(told, next_step=f"Wait {wait} and try again."), 429)


def _form_out_of_date(_error: CSRFError) -> Response:
    return form_kept("This page was open for a long time", 400)


def form_kept(title: str, status: int, *, sign_in: str = "") -> Response:
    """Everything typed, ready to send again.

    Only where it came from a page of ours: no other site may fill in an answer for somebody
    and have them press the button.
    """
    address = request.full_path.rstrip("?")
    return offer_again(title, status, typed=_typed(), address=address, sign_in=sign_in)


def _typed() -> list[tuple[str, str]]:
    ours = _from_us(request.headers.get("Origin", ""))
    return [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"] if ours else []


def offer_again(
    title: str,
    status: int,
    *,
    typed: Sequence[tuple[str, str]],
    address: str,
    sign_in: str = "",
    wait: str = "",
) -> Response:
    """The page that holds a form which could not be taken yet. `wait`: for how long, in words.

    With status 200 it can be taken now, also one that is a button alone.
    """
    shown = {"typed": typed, "address": address, "sign_in": sign_in, "wait": wait, "ready": status == 200}
    return _html("form_kept.html", status, title=title, **shown)


def _signed_out(error: errors.NotSignedIn) -> Response:
    here: Here | None = g.get("here")
    if here is None:
        return _answer(Words(error.title, error.detail, ""), 401)
    door = f"{here.at}/staff/sign-in" if request.path.startswith(f"{here.at}/staff") else f"{here.at}/sign-in"
    if request.method == "POST":
        return form_kept("You were signed out", 401, sign_in=door)
    session["next"] = request.full_path.rstrip("?")
    return security.dress(Response(status=303, headers={"Location": door}))


def _from_us(address: str) -> bool:
    """Behind a proxy we may not know under which address people reach us: then the settings say it."""
    ours = (request.host_url, f"{current_app.extensions['settings'].base_url.rstrip('/')}/")
    return f"{address}/".startswith(ours)


def _html(template: str, status: int, **shown: object) -> Response:
    html = render_template(template, **shown)
    return security.squeeze(security.dress(Response(html, status=status, mimetype="text/html")))
