"""How does somebody get in with a code that was texted to them? They type it, once, while it lives.

The page is the same whether or not anybody has the number, and so is what it says of a wrong code.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from service.councils import codes
from service.errors import Invalid
from service.people import queries as people
from service.people import signing_in
from service.people.model import masked_contact
from service.web import here, limits
from service.web.answers import Answers

pages = Blueprint("sign_in_code", __name__)
# The number that was typed, in this browser's cookie; when it asked for codes to it; and from when on it can
# ask for another, where none was sent.
TEXTED, TEXTED_AT, WAIT = "texted", "texted_at", "texted_wait"


def text_to(phone: str) -> None:
    """Text a code to a number, if we know it. That none was sent is told by what this browser asked for, so
    that it says nothing of who is known.
    """
    with limits.asking(phone), here.room() as within:
        signing_in.ask_by_text(within, council_id=here.council_id(), phone=phone, now=here.now())
    before = session.get(TEXTED_AT, []) if session.get(TEXTED) == phone else []
    wait = codes.free_from((datetime.fromtimestamp(one, UTC) for one in before), now=here.now())
    session[TEXTED], session[WAIT] = phone, wait.timestamp() if wait else 0
    session[TEXTED_AT] = before if wait else [*before, here.now().timestamp()][-codes.MOST_A_DAY :]


@pages.route("/<slug:slug>/sign-in/code", methods=["GET", "POST"])
def enter() -> str | Response:
    """The code from the text."""
    phone = str(session.get(TEXTED, ""))
    if not phone or not here.can_text():
        return redirect(f"{here.at()}/sign-in", 303)
    answers = Answers(request.form)
    if request.method == "POST":
        try:
            with limits.trying(), here.room() as within:
                person_id = signing_in.use_texted(
                    within,
                    council_id=here.council_id(),
                    phone=phone,
                    typed=answers["code"],
                    secret_key=here.settings().secret_key,
                    now=here.now(),
                )
            for one in (TEXTED, TEXTED_AT):
                session.pop(one, None)
            here.sign_in("person", person_id)
            return redirect(here.where_to(f"{here.at()}/me"), 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/code": "code"})
    wait = datetime.fromtimestamp(session.pop(WAIT, 0), UTC)
    return render_template(
        "sign_in/code.html",
        answers=answers,
        number=masked_contact(phone),
        codes=_shown(phone),
        wait=wait if wait > here.now() else None,
        within_an_hour=wait - here.now() <= timedelta(hours=1),
        most_an_hour=codes.MOST_AN_HOUR,
        most_a_day=codes.MOST_A_DAY,
    )


@pages.post("/<slug:slug>/sign-in/code/again")
def again() -> Response:
    """Another code, to the same number."""
    phone = str(session.get(TEXTED, ""))
    if phone and here.can_text():
        text_to(phone)
    return redirect(f"{here.at()}/sign-in/code", 303)


def _shown(phone: str) -> list[tuple[str, str]]:
    """In the demonstration, where no text leaves: whose code is which."""
    if not here.settings().demo:
        return []
    with here.room() as within:
        found = {
            row.id: row.name for row in people.by_phone(within, council_id=here.council_id(), phone=phone)
        }
        standing = codes.standing(
            within,
            council_id=here.council_id(),
            subjects=[("person", person_id) for person_id in found],
            now=here.now(),
        )
    secret = here.settings().secret_key
    return [(found[row.subject_id], codes.code_of(secret_key=secret, code_id=row.id)) for row in standing]
