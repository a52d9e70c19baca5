"""How does somebody get in without a password? By a link that is emailed, shown as a button, and used once;
or by a code that is texted (`sign_in_code.py`), or by their council's own sign-in (`sign_in_staff.py`).

Opening a link changes nothing, since mail scanners open every link they see; pressing the button does. The
answer to "email me a link" is the same whether or not anybody has that address.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.councils import actions as council_actions
from service.councils import providers
from service.councils import queries as councils
from service.errors import Invalid
from service.events import Actor
from service.payouts import stopping as payout_stopping
from service.people import actions as people
from service.people import helping, stopping
from service.people.model import read_contact, read_email
from service.web import here, limits, sign_in_code
from service.web.answers import Answers

pages = Blueprint("sign_in", __name__)

# A link that says "This was not me".
STOP = "stop"


@pages.route("/<slug:slug>/sign-in", methods=["GET", "POST"])
def ask_as_person() -> str | Response:
    """Ask for a link or a code, as somebody who is paid: one question, an address or a number."""
    answers = Answers(request.form)
    if request.method == "POST":
        try:
            way, contact = read_contact(answers["contact"], may_text=here.can_text())
            _ask_person(way, contact)
            return redirect(f"{here.at()}/sign-in/{'code' if way == 'text' else 'sent'}", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/contact": "contact", "/email": "contact"})
    return render_template("sign_in/contact.html", answers=answers, may_text=here.can_text())


def _ask_person(way: str, contact: str) -> None:
    if way == "text":
        sign_in_code.text_to(contact)
        return
    with limits.asking(contact), here.room() as within:
        people.ask_for_link(within, council_id=here.council_id(), email=contact, now=here.now())


@pages.route("/<slug:slug>/staff/sign-in", methods=["GET", "POST"])
def ask_as_staff() -> str | Response:
    """Go to the council's own sign-in, or ask for a link, as staff."""
    answers = Answers(request.form)
    with here.room() as within:
        provider = providers.of(within, council_id=here.council_id())
    if request.method == "POST":
        providers.refuse_link(provider)
        email = _email(answers)
        if email:
            with limits.asking(email), here.room() as within:
                council_actions.ask_for_staff_link(
                    within, council_id=here.council_id(), email=email, now=here.now()
                )
            return redirect(f"{here.at()}/staff/sign-in/sent", 303)
    return render_template(
        "sign_in/staff.html",
        answers=answers,
        by_account=provider is not None or here.settings().demo,
        by_link=provider is None or provider.links,
    )


def _email(answers: Answers) -> str:
    answers.need("email", "Enter your email address")
    try:
        return read_email(answers["email"]) or ""
    except Invalid as refusal:
        answers.learn(refusal, {"/email": "email"})
        return ""


@pages.get("/<slug:slug>/sign-in/sent")
@pages.get("/<slug:slug>/staff/sign-in/sent")
def sent() -> str:
    """Where to look now. The same page for every address."""
    return render_template("sign_in/sent.html", again=request.path.removesuffix("/sent"))


@pages.get("/link/<token>")
def look(token: str) -> str | tuple[str, int]:
    """A link that was followed: nothing happens until the button is pressed."""
    council_id, link_id = _home_of(token)
    with here.room() as within:
        link = councils.link(within, council_id=council_id, link_id=link_id, now=here.now())
    if link is None:
        return _ended()
    return render_template("sign_in/stop.html" if link.kind == STOP else "sign_in/confirm.html")


@pages.post("/link/<token>")
def use(token: str) -> Response | str | tuple[str, int]:
    """The button was pressed: the link is used up, and this browser is signed in."""
    council_id, link_id = _home_of(token)
    with here.room() as within:
        link = council_actions.use_link(within, council_id=council_id, link_id=link_id, now=here.now())
        if link is None:
            return _ended()
        kind, subject_id, goes_to = link.kind, link.subject_id, link.goes_to
        fresh = council_actions.shows_who(link, now=here.now())
        if kind == "helper" and not helping.signed_in(
            within, council_id=council_id, helper_id=subject_id, now=here.now()
        ):
            return _ended()
        if kind == STOP:
            stopping.stop(
                within,
                council_id=council_id,
                person_id=subject_id,
                actor=Actor("person", subject_id),
                now=here.now(),
                told_at=link.made_at,
            )
    if kind == STOP:
        return _stopped(subject_id)
    here.sign_in(kind, subject_id, fresh=fresh)
    return redirect(here.where_to(goes_to), 303)


def _stopped(person_id: str) -> str:
    """Nobody is signed in: whoever pressed may have another person's mail. Payments are held at once."""
    with here.room() as within:
        payout_stopping.hold_stopped(
            within, council_id=here.council_id(), person_id=person_id, now=here.now()
        )
    return render_template("sign_in/stopped.html")


def _home_of(token: str) -> tuple[str, str]:
    with here.db().crossing() as outside:
        found = councils.link_home(outside, token=token)
    if found is None:
        abort(404)
    here.enter(found[0])
    return found


def _ended() -> tuple[str, int]:
    at = here.at()
    mine = f"{at}/me" if g.me else (f"{at}/staff" if g.staff else "")
    return render_template("sign_in/ended.html", again=f"{at}/sign-in", mine=mine), 410
