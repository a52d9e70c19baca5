"""What we paid too much: what it was for, that nothing need be done, and the person's own yes or no."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import events
from service.claims import queries as claims
from service.errors import Invalid, NotFound
from service.money import parse_pounds
from service.payouts import overpaid_queries as queries
from service.payouts import overpaying
from service.payouts.overpaid_model import KEPT_SHARE, PUBLIC_WORDS
from service.payouts.overpaid_tables import Overpayment
from service.sessions import queries as sessions
from service.web import here
from service.web.answers import Answers
from service.web.statuses import Status

pages = Blueprint("overpaid", __name__, url_prefix="/overpaid")
SHARE = {2: "half"}
COLOURS = {"asked": "orange", "agreed": "turquoise", "written_off": "green", "settled": "green"}


@dataclass(frozen=True)
class Taken:
    """What came off one fee, or is about to."""

    claim_id: str
    amount_pence: int
    done: bool


@dataclass(frozen=True)
class TooMuch:
    """One overpayment, as the person it was paid to reads it."""

    id: str
    claim_id: str
    title: str
    what: str
    state: str
    status: Status
    over_pence: int
    left_pence: int
    taken_pence: int
    most_pence: int
    why: str
    taken: tuple[Taken, ...]


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("/<overpayment_id>")
def show(overpayment_id: str) -> str:
    """One of them."""
    return _render(overpayment_id, Answers())


@pages.post("/<overpayment_id>")
def answer(overpayment_id: str) -> str | Response:
    """Yes, with how much at most; or no; or no longer."""
    answers = Answers(request.form)
    choice = answers.one_of("choice", {"yes", "no"}, "Say yes or no")
    try:
        most = _most(answers) if choice == "yes" else None
        if not answers.wrong:
            with here.room() as session:
                own(session, overpayment_id)
                overpaying.answer(
                    session,
                    council_id=here.council_id(),
                    overpayment_id=overpayment_id,
                    most_pence=most,
                    actor=here.me().actor,
                    now=here.now(),
                )
            return redirect(f"{here.at()}/me/overpaid/{overpayment_id}", 303)
    except Invalid as refusal:
        answers.learn(refusal, {"/most_pence": "most"})
    return _render(overpayment_id, answers)


def _most(answers: Answers) -> int:
    answers.need("most", "Say how much we may take from each payment, like 5.00")
    return 0 if answers.wrong else parse_pounds(answers["most"], pointer="/most_pence")


def own(session: Session, overpayment_id: str) -> Overpayment:
    """The overpayment, if it is this person's own. Raises `NotFound`."""
    row = queries.get(session, council_id=here.council_id(), overpayment_id=overpayment_id)
    if row.person_id != here.me().id:
        raise NotFound("We cannot find that page. Use the link in your message, or look on your own page.")
    return row


def _render(overpayment_id: str, answers: Answers) -> str:
    with here.room() as session:
        page = too_much(session, own(session, overpayment_id))
    return render_template("person/overpaid.html", page=page, answers=answers, share=SHARE[KEPT_SHARE])


def of_person(session: Session, person_id: str) -> tuple[TooMuch, ...]:
    """What was paid too much to somebody and is not over yet."""
    rows = queries.of_person(session, council_id=here.council_id(), person_id=person_id)
    return tuple(too_much(session, row) for row in rows if row.left_pence)


def of_claim(session: Session, claim_id: str) -> tuple[TooMuch, ...]:
    """What was paid too much for one claim, whatever became of it."""
    rows = queries.of_claims(session, council_id=here.council_id(), claim_ids=[claim_id])
    return tuple(too_much(session, row) for row in rows if row.state != "gone")


def too_much(session: Session, row: Overpayment) -> TooMuch:
    """One overpayment, in words."""
    key = {"council_id": row.council_id}
    claim = claims.get(session, **key, claim_id=row.claim_id)
    held = sessions.by_ids(session, **key, session_ids={claim.session_id or ""})
    consent = queries.consent(session, **key, overpayment_id=row.id)
    said = [row.reason_event_id] if row.reason_event_id else []
    return TooMuch(
        id=row.id,
        claim_id=row.claim_id,
        title=held[claim.session_id].title if claim.session_id in held else "your claim",
        what="fee" if row.part == "fee" else "costs",
        state=row.state,
        status=Status(PUBLIC_WORDS[row.state], COLOURS.get(row.state, "")),
        over_pence=row.over_pence,
        left_pence=row.left_pence,
        taken_pence=row.taken_pence,
        most_pence=consent.most_pence if consent else 0,
        why=events.words_of(session, **key, event_ids=said).get(row.reason_event_id or 0, ""),
        taken=tuple(
            Taken(one.payout.claim_id, one.amount_pence, one.payout.state == "paid")
            for one in queries.takings(session, **key, overpayment_id=row.id)
        ),
    )
