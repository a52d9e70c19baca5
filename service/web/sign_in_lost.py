"""What can somebody do who lost their phone, or has a new number or address? Read what to do, and ask.

The answer is the same whoever asks.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Invalid, Unavailable
from service.people import lost as lost_contacts
from service.web import here, limits
from service.web.answers import Answers

pages = Blueprint("sign_in_lost", __name__)
NAMES = ("name", "reach", "words")


@pages.route("/<slug:slug>/sign-in/lost", methods=["GET", "POST"])
def lost() -> Response | tuple[str, int]:
    """What to do, and a request that staff deal with."""
    answers, status = Answers(request.form), 200
    if request.method == "POST":
        try:
            with limits.trying(), here.room() as session:
                lost_contacts.ask(
                    session,
                    council_id=here.council_id(),
                    name=answers["name"],
                    reach=answers["reach"],
                    words=answers["words"],
                    now=here.now(),
                )
            return redirect(f"{here.at()}/sign-in/lost/sent", 303)
        except Invalid as refusal:
            answers.learn(refusal, {f"/{name}": name for name in NAMES})
        except Unavailable as trouble:
            answers.learn(trouble, {})
            status = 503
    return render_template("sign_in/lost.html", answers=answers), status


@pages.get("/<slug:slug>/sign-in/lost/sent")
def sent() -> str:
    """What happens next."""
    return render_template("sign_in/lost_sent.html")
