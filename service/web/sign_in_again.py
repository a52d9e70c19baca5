"""Is it still them? Before how somebody is paid, or all that we keep of them, is shown, an old sign-in is
proved anew.

A code goes to a contact that we hold, and is typed on the same page; what was being sent meanwhile stands in
the page, out of sight, and is offered again afterwards, so nothing typed is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from service.councils import codes
from service.errors import Invalid
from service.people import signing_in
from service.people.model import masked_contact
from service.web import errors, here, limits, sign_in_time, wording
from service.web.answers import Answers

pages = Blueprint("sign_in_again", __name__, url_prefix="/again")
# What the page carries of a form that waits: its address, and each of its fields under this and its name.
ADDRESS, FIELD = "kept-address", "kept-field-"


@dataclass(frozen=True)
class Kept:
    """A form that waits until we know that it is them: where it goes, and what was typed."""

    address: str = ""
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def carried(self) -> list[tuple[str, str]]:
        """As hidden fields of the page."""
        named = [(FIELD + name, value) for name, value in self.typed]
        return [(ADDRESS, self.address), *named] if self.address else []


def first() -> Response | str | tuple[str, int]:
    """The answer instead of a page that needs a fresh sign-in."""
    if request.method == "POST":
        typed = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"]
        return _show(Answers(), Kept(request.full_path.rstrip("?"), tuple(typed))), 401
    session["next"] = request.full_path.rstrip("?")
    return redirect(f"{here.at()}/me/again", 303)


@pages.get("")
def ask() -> str:
    """Say why, and where a code can go."""
    return _show(Answers(), Kept())


@pages.post("/send")
def send() -> str:
    """Send the code."""
    key = _about()
    answers, may_text = Answers(request.form), here.can_text()
    with limits.trying(), here.room() as within:
        known = _reachable(signing_in.contacts(within, **key), may_text=may_text)
        way = answers.one_of("way", known, "Choose where it goes")
        wait = codes.next_at(within, **key, now=here.now(), purpose=codes.STILL_THEM)
        if way and wait is None:
            signing_in.ask(within, **key, way=way, now=here.now(), purpose=codes.STILL_THEM)
    if way and wait is not None:
        answers.general.append(_too_soon(wait))
    return _show(answers, _read())


def _too_soon(wait: datetime) -> str:
    if wait - here.now() <= timedelta(hours=1):
        return f"We sent a code not long ago. Use that one, or ask for another after {wording.clock(wait)}."
    return (
        f"We sent you {codes.MOST_A_DAY} codes in one day, and send no more than that. You can ask for "
        f"another after {wording.day_and_time(wait)}. Do you need it sooner? Contact us."
    )


@pages.post("/code")
def enter() -> Response | str:
    """The code was typed: what waits can be sent, and the page that was wanted opens."""
    kept, answers, key = _read(), Answers(request.form), _about()
    try:
        with limits.trying(), here.room() as within:
            codes.use(
                within,
                council_id=key["council_id"],
                subjects=[(key["kind"], key["subject_id"])],
                typed=answers["code"],
                secret_key=here.settings().secret_key,
                now=here.now(),
                purpose=codes.STILL_THEM,
            )
    except Invalid as refusal:
        answers.learn(refusal, {"/code": "code"})
        return _show(answers, kept)
    sign_in_time.begin(here.my_kind(), here.council_id(), now=here.now())
    if kept.address:
        return errors.offer_again("Thank you. Now send it", 200, typed=kept.typed, address=kept.address)
    wanted = str(session.pop("next", ""))
    mine = f"{here.at()}/me/"
    return redirect(wanted if wanted.startswith(mine) else f"{mine}payment-method", 303)


def _about() -> dict[str, str]:
    me = here.me()
    return {"council_id": here.council_id(), "kind": here.my_kind(), "subject_id": me.acting or me.id}


def _read() -> Kept:
    """What the page carried. Only a page of the person's own can be what waits."""
    address = request.form.get(ADDRESS, "")
    if not address.startswith(f"{here.at()}/me/"):
        return Kept()
    typed = [
        (name.removeprefix(FIELD), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(FIELD)
    ]
    return Kept(address, tuple(typed))


def _reachable(contacts: dict[str, str], *, may_text: bool) -> dict[str, str]:
    return {way: contact for way, contact in contacts.items() if way == "email" or may_text}


def _show(answers: Answers, kept: Kept) -> str:
    key, may_text = _about(), here.can_text()
    with here.room() as within:
        contacts = _reachable(signing_in.contacts(within, **key), may_text=may_text)
        standing = codes.standing(
            within,
            council_id=key["council_id"],
            subjects=[(key["kind"], key["subject_id"])],
            now=here.now(),
            purpose=codes.STILL_THEM,
        )
    sent = standing[0] if standing else None
    secret = here.settings().secret_key
    return render_template(
        "sign_in/again.html",
        answers=answers,
        kept=kept.carried,
        ways=[(way, masked_contact(contact)) for way, contact in contacts.items()],
        sent_to=masked_contact(contacts[sent.way]) if sent and sent.way in contacts else "",
        until=sent.expires_at if sent else None,
        code=codes.code_of(secret_key=secret, code_id=sent.id) if sent and here.settings().demo else "",
    )
