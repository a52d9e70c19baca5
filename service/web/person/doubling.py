"""Was this cost, or this picture, sent before? Said before it is sent, and never in the way."""

from __future__ import annotations

from collections import Counter

from sqlalchemy.orm import Session

from service.claims import doubles
from service.claims import queries as claims
from service.claims.tables import Claim
from service.days import london_day
from service.money import pounds
from service.receipts import queries as receipts
from service.web import here, wording
from service.web.person.shapes import Noticed
from service.web.person.writing import Writing


def notes(session: Session, one: Writing) -> tuple[Noticed, ...]:
    """What was noticed, each with the claim that it is about."""
    names = {row["category"]: row["name"] for row in one.covered}
    return (*_asked_before(session, one, names), *_same_picture(session, one), *_twice_here(one, names))


def as_sent(one: Writing, claim: Claim) -> tuple[str, ...]:
    """The costs of a sent claim, each in a few words."""
    names = {row["category"]: row["name"] for row in one.covered}
    found = []
    for cost in claim.expenses:
        how_much = _how_much(cost.get("amount_pence"), cost.get("miles"))
        found.append(f"{names.get(cost['category'], cost['category'])} {how_much}".strip())
    return tuple(found)


def _asked_before(session: Session, one: Writing, names: dict[str, str]) -> list[Noticed]:
    found = doubles.doubles(
        session,
        council_id=here.council_id(),
        person_id=here.me().id,
        on=london_day(one.held.starts_at).isoformat(),
        expenses=[cost.expense for cost in one.costs],
        leaving_out=one.which.changes,
    )
    return [
        Noticed(
            f"You asked for this already on {wording.short_day(row.asked_at)}: "
            f"{names.get(row.category, row.category)}. Is this another one?",
            f"{here.at()}/me/claims/{row.claim_id}",
        )
        for row in found
    ]


def _same_picture(session: Session, one: Writing) -> list[Noticed]:
    """Only claims of one's own are named; the same picture from somebody else is a matter for who decides."""
    sent = [receipt for cost in one.costs for receipt in cost.receipts]
    met = receipts.claims_with_the_same(
        session, council_id=here.council_id(), receipt_ids=sent, leaving_out=one.which.changes
    )
    mine = claims.by_ids(
        session, council_id=here.council_id(), claim_ids=[c for c, who in met.items() if who == here.me().id]
    )
    return [
        Noticed(
            f"You sent this picture already on {wording.short_day(claim.made_at)}. Is it the right one?",
            f"{here.at()}/me/claims/{claim.id}",
        )
        for claim in mine.values()
        if claim.state not in doubles.NOT_ASKED
    ]


def _twice_here(one: Writing, names: dict[str, str]) -> list[Noticed]:
    counted = Counter(doubles.likeness(cost.expense) for cost in one.costs)
    return [
        Noticed(
            f"{names.get(str(kind), kind)} {_how_much(pence, miles)} is here {many} times. Is that right?"
        )
        for (kind, pence, miles), many in counted.items()
        if many > 1
    ]


def _how_much(pence: object, miles: object) -> str:
    return pounds(pence) if isinstance(pence, int) else f"{miles} miles" if miles else ""
