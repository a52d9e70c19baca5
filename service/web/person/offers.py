"""An offer: what it is, what it pays and why, and the answer, which is one press."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.errors import Invalid, NotFound
from service.money import parse_pounds, pounds
from service.sessions import actions, queries
from service.sessions.tables import Offer
from service.web import here, wording
from service.web.answers import Answers
from service.web.person import admitting, line_reading
from service.web.person.offer_reading import page_of
from service.web.person.shapes import OfferPage

pages = Blueprint("offers", __name__, url_prefix="/offers")

CHOICES = {"all", "less", "none", "give"}
DO_NOTHING = "You do not need to do anything before the day."
AFTER_A_NO = ("You do not have to say why.", "You can still say yes if you change your mind.")


@pages.get("/<offer_id>")
def show(offer_id: str) -> str:
    """Everything about an offer, before anybody says yes."""
    with here.room() as session:
        page = admitting.offer_page(page_of(session, own(session, offer_id), now=here.now()))
    return render_template("person/offer.html", page=page)


@pages.post("/<offer_id>/yes")
def yes(offer_id: str) -> Response:
    """Yes, to all of it."""
    return _accept(offer_id)


@pages.post("/<offer_id>/no")
def no(offer_id: str) -> Response:
    """No. Nobody asks why."""
    with here.room() as session:
        own(session, offer_id)
        actions.decline(
            session, council_id=here.council_id(), offer_id=offer_id, actor=here.me().actor, now=here.now()
        )
    return redirect(address(offer_id, "answered"), 303)


@pages.route("/<offer_id>/less", methods=["GET", "POST"])
def less(offer_id: str) -> str | Response:
    """Yes, to less, to nothing, or to give it away."""
    answers = Answers(request.form)
    with here.room() as session:
        page = admitting.offer_page(page_of(session, own(session, offer_id), now=here.now()))
    if request.method == "POST":
        accept_pence, give_to = _read_choice(answers, CHOICES if page.may_give else CHOICES - {"give"})
        if not answers.wrong:
            try:
                return _accept(offer_id, accept_pence=accept_pence, give_to=give_to)
            except Invalid as refusal:
                answers.learn(refusal, {"/accept_pence": "amount", "/give_to": "give_to"})
    return render_template("person/offer_less.html", page=page, answers=answers)


@pages.get("/<offer_id>/cannot-come")
def cannot_come(offer_id: str) -> str | Response:
    """Before a yes is taken back: what the policy gives then. Nothing is asked."""
    with here.room() as session:
        page = admitting.offer_page(page_of(session, own(session, offer_id), now=here.now()))
    if page.state != "accepted" or page.over:
        return redirect(address(offer_id, ""), 303)
    return render_template("person/cannot_come.html", page=page)


@pages.get("/<offer_id>/answered")
def answered(offer_id: str) -> str:
    """What happens now."""
    with here.room() as session:
        page = admitting.offer_page(page_of(session, own(session, offer_id), now=here.now()))
    when = wording.span(page.occasion.starts_at, page.occasion.ends_at)
    yes = page.state == "accepted"
    ask_how = yes and page.way_unknown and not page.give_to and page.accept_pence != 0
    return render_template(
        "person/answered.html",
        title="You said yes. Thank you." if yes else "You said no. Thank you for telling us.",
        panel=page.occasion.title,
        next_steps=(f"{when}.", page.paid_how if ask_how else DO_NOTHING, page.promise)
        if yes
        else (
            *_after_no(page),
            *AFTER_A_NO,
        ),
        ask_at=address(offer_id, "question") if page.had_yes and not yes else "",
        **({"go_text": "Tell us how to pay you", "go": f"{here.at()}/me/payment-method"} if ask_how else {}),
    )


def _after_no(page: OfferPage) -> tuple[str, ...]:
    """What is due after a yes was taken back."""
    if not page.had_yes:
        return ()
    if page.due is None or not page.due.total_pence:
        return ("There is no fee for it.",)
    return (f"You still get {pounds(page.due.total_pence)} for it. Your page says why.",)


def _accept(offer_id: str, *, accept_pence: int | None = None, give_to: str | None = None) -> Response:
    with here.room() as session:
        offer = own(session, offer_id)
        if line_reading.asks_before_yes(session, offer, accept_pence=accept_pence, give_to=give_to):
            take = "" if accept_pence is None else f"?take={accept_pence}"
            return redirect(f"{here.at()}/me/line/offers/{offer_id}{take}", 303)
        actions.accept(
            session,
            council_id=here.council_id(),
            offer_id=offer_id,
            actor=here.me().actor,
            now=here.now(),
            accept_pence=accept_pence,
            give_to=give_to,
        )
    return redirect(address(offer_id, "answered"), 303)


def _read_choice(answers: Answers, offered: set[str]) -> tuple[int | None, str | None]:
    choice = answers.one_of("choice", offered, "Choose how much you would like to take")
    if choice == "give":
        return None, answers.need("give_to", "Enter the name of the charity") or None
    if choice == "none":
        return 0, None
    if choice != "less":
        return None, None
    try:
        return parse_pounds(answers.need("amount", "Enter how much you would like, like 4.10")), None
    except Invalid as refusal:
        answers.learn(refusal, {"": "amount"})
        return None, None


def own(session: Session, offer_id: str) -> Offer:
    """The offer, if it is this person's own. Raises `NotFound`."""
    found = queries.offer(session, council_id=here.council_id(), offer_id=offer_id)
    if found.person_id != here.me().id:
        raise NotFound("We cannot find that offer. Use the link in your message, or look on your own page.")
    return found


def address(offer_id: str, leaf: str) -> str:
    """Where a page about an offer is."""
    return f"{here.at()}/me/offers/{offer_id}/{leaf}".rstrip("/")
