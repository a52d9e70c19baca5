"""An offer: what it is, what it pays and why, and the answer, which is one press."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.days import london_day
from service.errors import Invalid, NotFound
from service.money import parse_pounds
from service.people import queries as people
from service.policy import queries as policies
from service.sessions import actions, queries
from service.sessions.tables import Offer
from service.web import here, statuses, wording
from service.web.answers import Answers
from service.web.person import line_reading, reading
from service.web.person.shapes import Cost, OfferPage
from service.web.policies import names_of
from service.web.sums import sum_of

pages = Blueprint("offers", __name__, url_prefix="/offers")

CHOICES = {"all", "less", "none", "give"}
DO_NOTHING = "You do not need to do anything before the day."
NO_PROMISE = "The policy does not promise a day. We pay you as soon as we can."

# For these the law leaves costs out of what counts for benefits, and lets a person say no to pay.
STATUTORY = ("health", "social care", "social housing", "social security", "child support")


@pages.get("/<offer_id>")
def show(offer_id: str) -> str:
    """Everything about an offer, before anybody says yes."""
    with here.room() as session:
        page = _page(session, _own(session, offer_id))
    return render_template("person/offer.html", page=page)


@pages.post("/<offer_id>/yes")
def yes(offer_id: str) -> Response:
    """Yes, to all of it."""
    return _accept(offer_id)


@pages.post("/<offer_id>/no")
def no(offer_id: str) -> Response:
    """No. Nobody asks why."""
    with here.room() as session:
        _own(session, offer_id)
        actions.decline(
            session, council_id=here.council_id(), offer_id=offer_id, actor=here.me().actor, now=here.now()
        )
    return redirect(_address(offer_id, "answered"), 303)


@pages.route("/<offer_id>/less", methods=["GET", "POST"])
def less(offer_id: str) -> str | Response:
    """Yes, to less, to nothing, or to give it away."""
    answers = Answers(request.form)
    if request.method == "POST":
        accept_pence, give_to = _read_choice(answers)
        if not answers.wrong:
            try:
                return _accept(offer_id, accept_pence=accept_pence, give_to=give_to)
            except Invalid as refusal:
                answers.learn(refusal, {"/accept_pence": "amount", "/give_to": "give_to"})
    with here.room() as session:
        page = _page(session, _own(session, offer_id))
    return render_template("person/offer_less.html", page=page, answers=answers)


@pages.get("/<offer_id>/answered")
def answered(offer_id: str) -> str:
    """What happens now."""
    with here.room() as session:
        page = _page(session, _own(session, offer_id))
    when = wording.span(page.occasion.starts_at, page.occasion.ends_at)
    yes = page.state == "accepted"
    ask_how = yes and page.way_unknown and not page.give_to and page.accept_pence != 0
    return render_template(
        "person/answered.html",
        title="You said yes. Thank you." if yes else "You said no. Thank you for telling us.",
        panel=page.occasion.title,
        next_steps=(f"{when}.", page.paid_how if ask_how else DO_NOTHING, page.promise)
        if yes
        else ("You do not have to say why.", "You can still say yes if you change your mind."),
        **({"go_text": "Tell us how to pay you", "go": f"{here.at()}/me/payment-method"} if ask_how else {}),
    )


def _accept(offer_id: str, *, accept_pence: int | None = None, give_to: str | None = None) -> Response:
    with here.room() as session:
        offer = _own(session, offer_id)
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
    return redirect(_address(offer_id, "answered"), 303)


def _read_choice(answers: Answers) -> tuple[int | None, str | None]:
    choice = answers.one_of("choice", CHOICES, "Choose how much you would like to take")
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


def _own(session: Session, offer_id: str) -> Offer:
    """The offer, if it is this person's own. Raises `NotFound`."""
    found = queries.offer(session, council_id=here.council_id(), offer_id=offer_id)
    if found.person_id != here.me().id:
        raise NotFound("We cannot find that offer. Use the link in your message, or look on your own page.")
    return found


def _address(offer_id: str, leaf: str) -> str:
    return f"{here.at()}/me/offers/{offer_id}/{leaf}"


def _page(session: Session, offer: Offer) -> OfferPage:
    council_id = here.council_id()
    held = queries.get(session, council_id=council_id, session_id=offer.session_id)
    on = london_day(held.starts_at)
    policy = policies.by_id(session, council_id=council_id, policy_id=offer.policy_id).policy
    facts = queries.base_facts(held) | offer.facts | {"role": offer.role}
    promise = policy.terms(on=on)["payment_promise"]
    method = people.current_method(session, council_id=council_id, person_id=offer.person_id)
    shown = sum_of(offer.assessment)
    return OfferPage(
        id=offer.id,
        session_id=offer.session_id,
        occasion=reading.occasion_of(session, held),
        role=names_of(policy, on=on, what="roles").get(offer.role, offer.role),
        sum=shown,
        costs=tuple(Cost(row["name"], row["text"], row["agreed_first"]) for row in policy.covers(facts)),
        promise=promise["text"] if promise else NO_PROMISE,
        paid_how=reading.paid_how(method),
        way_unknown=method is None,
        status=statuses.offer_for_person(offer.state, over=held.ends_at < here.now()),
        state=offer.state,
        accept_pence=offer.accept_pence,
        give_to=offer.give_to or "",
        over=held.ends_at < here.now(),
        statutory=shown.field in STATUTORY,
    )
