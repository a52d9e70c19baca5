"""Everything in one place: what is late, what waits for the person, what comes, what was."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.claims import unsent
from service.claims.model import MAY_BE_CHANGED, called
from service.claims.tables import Claim
from service.days import london_day
from service.payouts import lateness
from service.people import signing_in
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession, Offer
from service.web import here, statuses, wording
from service.web.person import admitting, line_reading, overpaid, policy, reading, whose_turn
from service.web.person.reading import Standing
from service.web.person.shapes import Entry, MyPage, Unsent

pages = Blueprint("my_page", __name__)
ONES_OWN_MATTER = ("failed", "returned")


@pages.get("/", strict_slashes=False)
def mine() -> str:
    """The person's own page."""
    g.place = "my"
    with here.room() as session:
        page = admitting.my_page(_page(session))
    return render_template("person/my_page.html", page=page)


@pages.route("/sign-out", methods=["GET", "POST"])
def sign_out() -> str | Response:
    """Leave this browser."""
    g.place = "out"
    if request.method == "POST":
        if request.form.get("where") == "everywhere" and not here.me().acting:
            for council_id, person_id, _ in here.my_places():
                with here.db().council(council_id) as session:
                    signing_in.sign_out_everywhere(
                        session, council_id=council_id, person_id=person_id, now=here.now()
                    )
        here.sign_out("person")
        return redirect(here.at(), 303)
    return render_template("person/sign_out.html", elsewhere=here.is_in_elsewhere("person"))


def _page(session: Session) -> MyPage:
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    today = london_day(here.now())
    known = reading.standing(session, **key)
    offers = sessions.offers_of(session, **key)
    wanted = {o.session_id for o in offers} | {c.session_id for c in known.claims if c.session_id}
    held = sessions.by_ids(session, council_id=key["council_id"], session_ids=wanted)
    money = line_reading.of_me(session)
    chosen = line_reading.days_chosen(money)
    offered = [
        (o, held[o.session_id], _offer_entry(o, held[o.session_id], chosen.get(o.id, ""))) for o in offers
    ]
    claimed = [
        (
            c,
            _claim_entry(session, c, known, held, today),
            lateness.is_late(c, known.payouts[c.id], known.promised[c.id], today),
        )
        for c in known.claims
    ]
    with_fee = {claim.session_id for claim in known.claims if claim.with_fee}
    carried = {claim.session_id for claim in known.claims if claims.carries_fee(session, claim=claim)}
    accepted = [row for row in offered if row[0].state == "accepted" and row[0].session_id not in carried]
    return MyPage(
        name=here.me().name,
        late=tuple(entry for _, entry, late in claimed if late),
        to_do=tuple(entry for _, entry, late in claimed if entry.to_do and not late)
        + tuple(entry for offer, held_on, entry in offered if offer.state == "made" and not _over(held_on))
        + tuple(policy.waiting(session)),
        coming=tuple(e for o, held_on, e in accepted if not _over(held_on)),
        just_been=tuple(e for o, held_on, e in accepted if _over(held_on)),
        rest=tuple(entry for _, entry, late in claimed if not entry.to_do and not late),
        earlier=tuple(
            entry
            for offer, held_on, entry in offered
            if offer.state in ("declined", "cancelled") or (offer.state == "made" and _over(held_on))
        ),
        may_claim_for=_may_claim_for(offers, held, with_fee),
        paid_how=reading.paid_how(known.method),
        proposed=known.proposed is not None,
        own_change=bool(known.proposed and known.proposed.recorded_by == str(here.me().actor)),
        overpaid=overpaid.of_person(session, key["person_id"]),
        unsent=_unsent(session, key["person_id"]),
        past_line=line_reading.asking(session, money),
    )


def _unsent(session: Session, person_id: str) -> tuple[Unsent, ...]:
    """Claims that were begun, here or on another phone, the newest first."""
    rows = unsent.of_person(session, council_id=here.council_id(), person_id=person_id)
    key = {"council_id": here.council_id()}
    changed = claims.by_ids(session, **key, claim_ids={row.changes for row in rows})
    rows = [row for row in rows if not row.changes or changed[row.changes].state in MAY_BE_CHANGED]
    held = sessions.by_ids(session, **key, session_ids={row.session_id for row in rows})
    return tuple(
        Unsent(
            f"{here.at()}/me/costs/{row.session_id}" + (f"?claim={row.changes}" if row.changes else ""),
            held[row.session_id].title,
            row.changed_at,
        )
        for row in rows
    )


def _over(held: InvolvementSession) -> bool:
    return held.ends_at < here.now()


def _offer_entry(offer: Offer, held: InvolvementSession, chosen: str) -> Entry:
    next_step = {"made": "Say yes or no.", "accepted": "You do not need to do anything before the day."}
    if _over(held):
        next_step = {"accepted": "Your money follows by itself when the register says that you came."}
    taking = offer.fee_pence if offer.accept_pence is None else offer.accept_pence
    return Entry(
        title=held.title,
        when=wording.span(held.starts_at, held.ends_at),
        href=f"{here.at()}/me/offers/{offer.id}",
        status=statuses.offer_for_person(offer.state, over=_over(held)),
        amount_pence=taking
        if offer.state == "accepted" or (offer.state == "made" and not _over(held))
        else None,
        next_step=next_step.get(offer.state, ""),
        chosen=chosen,
    )


def _claim_entry(
    session: Session, claim: Claim, known: Standing, held: dict[str, InvolvementSession], today: date
) -> Entry:
    paid = known.payouts[claim.id]
    occasion = held.get(claim.session_id or "")
    href = f"{here.at()}/me/claims/{claim.id}"
    to_do, to_do_at = "", f"{here.at()}/me/payment-method"
    if claim.state == "draft":
        return _offered_on_top(claim, known, occasion, href)
    if claim.state == "asked":
        to_do, to_do_at = "Answer our question", f"{href}/answer"
    elif paid and paid[-1].state in ONES_OWN_MATTER and claim.state != "paid":
        to_do = "Check how you are paid"
    elif paid and paid[-1].state == "held" and paid[-1].held_because == "no_method":
        to_do = "Tell us how you would like to be paid"
    return Entry(
        title=title_of(claim, occasion),
        when=wording.span(occasion.starts_at, occasion.ends_at) if occasion else "",
        href=href,
        status=reading.claim_status(claim, paid),
        amount_pence=claim.total_pence if claim.state not in reading.NOT_COMING else None,
        next_step=to_do,
        next_href=to_do_at if to_do else "",
        money=reading.money_of(claim, paid, today, known.arrives),
        promised=known.promised[claim.id] if claim.state not in reading.NOT_COMING else None,
        to_do=bool(to_do),
        turn=whose_turn.turn_of(session, claim, paid),
    )


def _offered_on_top(claim: Claim, known: Standing, occasion: InvolvementSession | None, href: str) -> Entry:
    """A top-up that waits for a yes or a no, which can be said on the page itself."""
    return Entry(
        title=title_of(claim, occasion),
        when=wording.span(occasion.starts_at, occasion.ends_at) if occasion else "",
        href=href,
        status=reading.claim_status(claim, []),
        amount_pence=None,
        next_step="",
        to_do=True,
        on_top=reading.on_top(claim, known.answers[claim.id]),
    )


def title_of(claim: Claim, occasion: InvolvementSession | None, *, whose: str = "Your") -> str:
    """What a claim is called on a page. `whose`: how it begins where it is for no session."""
    title = occasion.title if occasion else f"{whose} claim"
    return called(kind=claim.kind, with_fee=claim.with_fee, title=title)


def _may_claim_for(
    offers: list[Offer], held: dict[str, InvolvementSession], with_fee: set[str | None]
) -> tuple[tuple[str, str], ...]:
    """Sessions that have begun and that the person said yes to or came to: address and title."""
    yes = {offer.session_id for offer in offers if offer.state == "accepted"} | with_fee
    mine = [row for row in held.values() if row.id in yes and not row.cancelled_at]
    begun = [row for row in mine if row.starts_at <= here.now()]
    newest = sorted(begun, key=lambda row: row.starts_at, reverse=True)
    return tuple((f"{here.at()}/me/costs/{row.id}", row.title) for row in newest[:10])
