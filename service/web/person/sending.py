"""Sending pictures of receipts, with a claim or after it, and looking at one's own.

A picture that cannot be taken says what to do, and loses nothing else: it has a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from service.claims import actions as claims
from service.claims import unsent
from service.claims.model import ADVANCE, AGREED, MAY_BE_CHANGED, ON_TOP
from service.claims.tables import Claim
from service.errors import Conflict, Invalid, NotFound, Unavailable
from service.events import Actor
from service.receipts import actions, pictures, queries
from service.receipts.keeping import Taken
from service.receipts.model import JPEG, MOST_A_COST, MOST_IN_ONE_REQUEST, PDF, WHAT_WE_TAKE
from service.receipts.tables import Receipt
from service.web import errors, here
from service.web.answers import Answers
from service.web.person import writing
from service.web.person.reading import own
from service.web.person.shapes import Choice, Shown
from service.web.person.writing import Writing

pages = Blueprint("receipts", __name__)
FILE, HAVE = "file", "receipt"
TITLE = "Your receipt or ticket"
WITHOUT = (
    Choice("yes", "I have one, but I cannot send it now", "You can add it later"),
    Choice("no", "I do not have one"),
)
CHOOSE = "Choose a picture of your receipt, or tell us that you cannot send one"


# Where a picture may come in: larger than any other request.
TAKES_FILES = ("web.me.costs.ask", "web.me.receipts.add")


def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a picture come in, from somebody who is signed in. Runs before any form is read."""
    if endpoint in TAKES_FILES and g.get("me") is not None:
        request.max_content_length = MOST_IN_ONE_REQUEST


def for_unsent(one: Writing, *, back_to: str) -> str | Response:
    """The question about a receipt, while a claim is being written."""
    had = {True: "yes", False: "no"}.get(one.cost.answers.get(HAVE, ""), "")
    answers = Answers({} if one.cost.receipts else {HAVE: had})
    if request.method == "POST":
        answers = Answers(request.form)
        taken = _taken(answers, full=len(one.cost.receipts) >= MOST_A_COST)
        answered = taken is not None or bool(one.cost.receipts) or answers[HAVE] in ("yes", "no")
        if not answers.wrong and not answered:
            answers.fault(FILE, CHOOSE)
        if not answers.wrong:
            _keep(one, taken, has=answers[HAVE] == "yes")
            with here.room() as session:
                return redirect(writing.opened(session, one.held.id).next(), 303)
    with here.room() as session:
        held = _shown(session, one.cost.receipts)
    return render_template(
        "person/cost/receipt.html",
        answers=answers,
        back_to=back_to,
        occasion=one.held.title,
        rule=one.cover(one.cost).get("receipt_text", ""),
        held=held,
        without=() if held else WITHOUT,
        remove_at=one.to("receipt/remove"),
        may_add=len(held) < MOST_A_COST,
    )


def _taken(answers: Answers, *, full: bool) -> Taken | None:
    """The file that came, kept; or nothing, with what to do beside its field where it was not fit."""
    came = request.files.get(FILE)
    if came is None or not came.filename:
        return None
    if full:
        answers.fault(FILE, f"{MOST_A_COST} pictures fit with one cost. Take one away first")
        return None
    try:
        return here.receipts().take(came.stream.read(), council_id=here.council_id())
    except Invalid as refusal:
        answers.learn(refusal, {"/file": FILE})
    except Unavailable as trouble:
        answers.fault(FILE, f"{trouble.detail} Or go on without it, and add it later")
    return None


def _keep(one: Writing, taken: Taken | None, *, has: bool) -> None:
    with here.room() as session:
        at: dict[str, Any] = {"which": one.which, "number": one.number}
        at |= {"actor": here.me().actor, "now": here.now()}
        if taken is not None:
            row = _added(session, taken)
            unsent.add_receipt(session, **at, receipt_id=row.id)
        elif not one.cost.receipts:
            unsent.answer(session, **at, name=HAVE, value=has)


def _added(session: Session, taken: Taken) -> Receipt:
    return actions.add(
        session,
        council_id=here.council_id(),
        person_id=here.me().id,
        taken=taken,
        actor=here.me().actor,
        now=here.now(),
    )


@pages.post("/costs/<session_id>/receipt/remove")
def remove(session_id: str) -> Response:
    """Take one picture out of a claim that is being written."""
    with here.room() as session:
        one = writing.opened(session, session_id)
        wanted = request.form.get("receipt", "")
        if wanted in one.cost.receipts:
            take_away(session, one, [wanted])
            unsent.drop_receipt(
                session, which=one.which, receipt_id=wanted, actor=here.me().actor, now=here.now()
            )
    return redirect(one.to("receipt"), 303)


def take_away(session: Session, one: Writing, receipt_ids: Iterable[str]) -> None:
    """Let go of pictures that were never sent. Those of a sent claim go when its change is sent."""
    known = queries.by_ids(session, council_id=one.which.council_id, receipt_ids=list(receipt_ids))
    for row in known.values():
        if row.claim_id is None and row.person_id == here.me().id:
            actions.remove(
                session,
                council_id=row.council_id,
                receipt_id=row.id,
                actor=here.me().actor,
                now=here.now(),
            )


@pages.route("/claims/<claim_id>/receipt", methods=["GET", "POST"])
def add(claim_id: str) -> str | Response:
    """Add a receipt to a claim that was sent, until somebody has agreed it; or to money given first."""
    with here.room() as session:
        claim = own(session, claim_id)
        costs = cost_choices(claim)
        held = queries.of_claim(session, council_id=here.council_id(), claim_id=claim_id)
    _require_may_add(claim)
    answers = Answers(request.form)
    if request.method == "POST":
        number = _which(answers, costs)
        full = len([row for row in held if row.cost_number == number]) >= MOST_A_COST
        taken = _taken(answers, full=full) if not answers.wrong else None
        if taken is None and not answers.wrong:
            answers.fault(FILE, f"Choose a picture of your receipt. {WHAT_WE_TAKE}")
        if taken is not None and number is not None and _added_to(claim_id, number, taken, answers):
            return redirect(f"{here.at()}/me/claims/{claim_id}", 303)
    return render_template("person/add_receipt.html", answers=answers, claim=claim, costs=costs)


def may_add(claim: Claim) -> bool:
    """Whether a receipt still helps: nobody has agreed the costs, or they were met before they were spent."""
    if not claim.expenses or here.receipts().store is None:
        return False
    if claim.kind == ADVANCE:
        return claim.state in AGREED
    return claim.kind not in ON_TOP and claim.state in MAY_BE_CHANGED


def cost_choices(claim: Claim) -> tuple[Choice, ...]:
    """The costs of a claim, to choose the one that a receipt is for."""
    return tuple(
        Choice(str(number), f"{number + 1}. {str(cost['category']).replace('_', ' ').capitalize()}")
        for number, cost in enumerate(claim.expenses)
    )


def _which(answers: Answers, costs: Sequence[Choice]) -> int | None:
    if len(costs) == 1:
        return 0
    chosen = answers.one_of("cost", {c.value for c in costs}, "Choose which cost it is for")
    return int(chosen) if chosen else None


def _added_to(claim_id: str, number: int, taken: Taken, answers: Answers) -> bool:
    """With a receipt where none was, or after a no, the claim is worked out again, and agreed anew."""
    try:
        with here.room() as session:
            unsent.take_turn(session, which=unsent.change_of(own(session, claim_id)))
            key: dict[str, Any] = {"council_id": here.council_id(), "claim_id": claim_id}
            claim = claims.locked(session, **key)
            _require_may_add(claim)
            was = claim.version
            row = _added(session, taken)
            numbers = {one.id: one.cost_number or 0 for one in queries.of_claim(session, **key)}
            made: dict[str, Any] = {"actor": here.me().actor, "now": here.now()}
            if claim.state == "refused" or claim.expenses[number].get(HAVE) is not True:
                costs = [dict(cost) for cost in claim.expenses]
                costs[number][HAVE] = True
                claims.edit(session, **key, expenses=tuple(costs), seen=claim.tag, **made)
            whose: dict[str, Any] = {"person_id": here.me().id, **made}
            actions.attach(session, **key, **whose, numbers={**numbers, row.id: number})
            unsent.receive(session, claim=claim, number=number, receipt_id=row.id, was=was, now=here.now())
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, {})
        return False
    return True


def _require_may_add(claim: Claim) -> None:
    if not may_add(claim):
        raise claims.ClaimHasMoved("This claim needs no receipt any more. Look at it again.")


@pages.get("/receipts/<receipt_id>")
def show(receipt_id: str) -> Response:
    """One's own receipt."""
    with here.room() as session:
        row = queries.get(session, council_id=here.council_id(), receipt_id=receipt_id)
        if row.person_id != here.me().id:
            raise NotFound("We cannot find that receipt. Look on your own page, or contact us.")
        return as_attachment(session, row, actor=here.me().actor)


def as_attachment(session: Session, row: Receipt, *, actor: Actor) -> Response:
    """A receipt as a file to be kept, that no browser runs or guesses at. Pages show it as a picture."""
    found = actions.look(
        session,
        council_id=row.council_id,
        receipt_id=row.id,
        keeping=here.receipts(),
        actor=actor,
        now=here.now(),
    )
    small = found.kind == JPEG and "small" in request.args
    answer = Response(pictures.small(found.data) if small else found.data, mimetype=found.kind)
    ending = "pdf" if found.kind == PDF else "jpg"
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{row.id[-6:]}.{ending}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def shown_of_claim(session: Session, claim: Claim) -> tuple[Shown, ...]:
    """The receipts of a claim as pages show them."""
    rows = queries.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    return tuple(as_shown(row) for row in rows)


def _shown(session: Session, receipt_ids: Sequence[str]) -> tuple[Shown, ...]:
    known = queries.by_ids(session, council_id=here.council_id(), receipt_ids=receipt_ids)
    return tuple(as_shown(known[one]) for one in receipt_ids if one in known)


def as_shown(row: Receipt) -> Shown:
    """One receipt as pages show it."""
    return Shown(
        id=row.id,
        cost_number=row.cost_number or 0,
        state=row.state,
        is_picture=row.is_picture,
        pages=row.pages,
        scanned=row.scan == "clean",
        came=row.made_at,
    )


def too_much(error: RequestEntityTooLarge) -> Response:
    """More came than is read at all: said in words, and the way back is open.

    From somebody who is signed out no picture is read, so what is in their way is not its size.
    """
    if request.endpoint not in TAKES_FILES:
        return errors.page(error)
    back_to = request.full_path.rstrip("?")
    if g.get("me") is None:
        cookie["next"] = back_to
        html = render_template("person/signed_out_with_file.html", sign_in=f"{here.at()}/sign-in")
        return Response(html, status=401, mimetype="text/html")
    html = render_template("person/too_large.html", back_to=back_to)
    return Response(html, status=413, mimetype="text/html")
