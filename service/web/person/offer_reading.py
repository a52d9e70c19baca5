"""What does the page of an offer show? What the rooms know of it, turned into one shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.claims import cancelling
from service.claims import queries as claims
from service.councils import queries as councils
from service.days import london_day
from service.money import pounds
from service.people import benefit_figures
from service.people import queries as people
from service.policy import queries as policies
from service.policy.engine import Policy
from service.sessions import asking, queries
from service.sessions.model import COST, LIVE_OFFERS, WISHES, length_minutes
from service.sessions.tables import InvolvementSession, Offer, OfferAsk
from service.web import statuses, wording
from service.web.person import reading
from service.web.person.shapes import AskShown, Cost, OfferPage, Plans
from service.web.policies import names_of
from service.web.sums import Sum, sum_of

ENDED = ("offer.declined", "offer.cancelled")
NO_PROMISE = "The policy does not promise a day. We pay you as soon as we can."


def page_of(session: Session, offer: Offer, *, now: datetime) -> OfferPage:
    """Everything about an offer."""
    held = queries.get(session, council_id=offer.council_id, session_id=offer.session_id)
    on = london_day(held.starts_at)
    policy = policies.by_id(session, council_id=offer.council_id, policy_id=offer.policy_id).policy
    facts = queries.base_facts(held) | offer.facts | {"role": offer.role}
    promise = policy.terms(on=on)["payment_promise"]
    method = people.current_method(session, council_id=offer.council_id, person_id=offer.person_id)
    shown, over = sum_of(offer.assessment), held.ends_at < now
    live = offer.state in LIVE_OFFERS
    may_ask_cost = live and held.starts_at > now and held.cancelled_at is None
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
        status=statuses.offer_for_person(offer.state, over=over),
        state=offer.state,
        accept_pence=offer.accept_pence,
        give_to=offer.give_to or "",
        over=over,
        how_long=wording.length(length_minutes(held.starts_at, held.ends_at)),
        facts=tuple(one.text for one in benefit_figures.facts(on=on, field=shown.field)),
        facts_of=benefit_figures.as_of(),
        asks=asks_of(session, offer, held, still_before=may_ask_cost),
        may_ask_cost=may_ask_cost,
        may_give=may_give(policy, held),
        plans=plans_of(session, offer, policy, held, now=now) if live and not over else None,
        **_ending(session, offer, held),
    )


def may_give(policy: Policy, held: InvolvementSession) -> bool:
    """Whether the policy of an offer lets a fee go to a charity."""
    rows = policy.catalogue(on=london_day(held.starts_at))["payment_methods"]
    return any(row["kind"] == "charity" for row in rows)


def plans_of(
    session: Session, offer: Offer, policy: Policy, held: InvolvementSession, *, now: datetime
) -> Plans:
    """What the policy says about cancelling, and what it would come to at this moment."""
    terms = policy.terms(on=london_day(held.starts_at))
    return Plans(
        terms=tuple(one["text"] for one in terms["cancellation"]),
        notice=terms["cancellation_notice"]["text"] if "cancellation_notice" in terms else "",
        by_you=_due(session, offer, by_person=True, at=now),
    )


def _due(session: Session, offer: Offer, *, by_person: bool, at: datetime) -> Sum | None:
    answer = cancelling.due(session, council_id=offer.council_id, offer=offer, by_person=by_person, at=at)
    return sum_of(answer) if answer else None


def _ending(session: Session, offer: Offer, held: InvolvementSession) -> dict[str, Any]:
    """What is due for an offer that is over, if there had been a yes to it."""
    if offer.state in LIVE_OFFERS:
        return {}
    told = events.of_person(session, council_id=offer.council_id, person_id=offer.person_id)
    last = next((e for e in told if e.subject_id == offer.id and e.name in ENDED), None)
    if last is None or last.refs.get("was") != "accepted":
        return {"place_only": held.cancelled_at is None}
    at = cancelling.cancelled_at(offer)
    key = {"council_id": offer.council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    claim = claims.fee_claim(session, **key)
    return {
        "had_yes": True,
        "due_claim": claim.id if claim and claim.kind == "cancellation" else "",
        "due": _due(session, offer, by_person=offer.state == "declined", at=at),
        "place_only": held.cancelled_at is None,
    }


def asks_of(
    session: Session, offer: Offer, held: InvolvementSession, *, still_before: bool
) -> tuple[AskShown, ...]:
    """What the person asked about this offer, the newest first. `still_before`: a cost may still be met."""
    rows = queries.asks_of(session, council_id=offer.council_id, offer_ids=[offer.id])
    if not rows:
        return ()
    asked, answered = asking.asked_words(session, rows), asking.answered_words(session, rows)
    staff = councils.names_of(session, council_id=offer.council_id)
    waiting = {row.category for row in rows if row.state == "waiting"}
    on = london_day(held.starts_at)
    kinds = names_of(reading.policy_on(session, offer.council_id, on), on=on, what="expense_categories")
    return tuple(
        AskShown(
            id=row.id,
            title=title_of(row, kinds),
            asked=asked.get(row.id, ""),
            asked_at=row.asked_at,
            status=statuses.word(statuses.ASK_FOR_PERSON, row.state),
            answer=answered.get(row.id, ""),
            who=staff.get((row.answered_by or "").partition(":")[2], ""),
            waits=row.state == "waiting",
            may_disagree=still_before and row.state == "refused" and row.category not in waiting,
        )
        for row in reversed(rows)
    )


def title_of(row: OfferAsk, kinds: dict[str, str]) -> str:
    """`A question`, or the kind of cost, about how much it is, and what would help."""
    if row.kind != COST:
        return "A question"
    what = kinds.get(row.category or "", row.category or "")
    return f"{what}, about {pounds(row.about_pence or 0)}. {WISHES[row.wish or '']}"
