"""What did a council pay one person in a period, and what was it for? To the penny, or not at all.

Every figure comes from the ledger, and is compared with what the payments themselves say before anybody sees
it. Where the two differ there is no statement, but an alarm: a wrong figure in somebody's hand is worse than
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import events
from service.claims import queries as claims
from service.claims.model import TOP_UP, called
from service.claims.tables import Claim
from service.councils import queries as councils
from service.days import london_day
from service.errors import Unavailable
from service.events import SYSTEM, Actor
from service.ledger import of_person
from service.ledger.of_person import Moved
from service.payouts import lateness
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.people import queries as people
from service.reports.periods import Period
from service.reports.statement_shapes import (
    NOT_PAID,
    SAID_NO,
    TOOK_LESS,
    Due,
    NotTaken,
    PersonStatement,
    StatementLine,
)
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession, Offer

INTO_ACCOUNT = "Into a bank account"
WAYS = {
    "voucher": "Shopping voucher",
    "charity": "Given to a charity",
    "cash_desk": "Cash from the council's desk",
    "payroll": "With the council's payroll",
}
ALARM = "books.statement_differs"
TELL_AGAIN_AFTER = timedelta(days=1)
# Money may arrive between two questions: only what differs each time is a difference.
TRIES = 3

# What the payments say of a period, without the ledger; the ledger's own sum of it; and both of all time.
CHECK = """
SELECT
    (SELECT coalesce(sum(y.amount_pence), 0) FROM payouts y WHERE y.council_id = :council
        AND y.person_id = :person AND y.paid_on BETWEEN :since AND :until AND y.state IN ('paid', 'returned'))
    - (SELECT coalesce(sum(y.amount_pence), 0) FROM payouts y WHERE y.council_id = :council
        AND y.person_id = :person AND y.paid_on IS NOT NULL AND y.state = 'returned'
        AND (y.changed_at AT TIME ZONE 'Europe/London')::date BETWEEN :since AND :until) AS by_payments,
    (SELECT coalesce(-sum(p.amount_pence), 0) FROM ledger_entries e
        JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
        LEFT JOIN payouts y ON y.council_id = e.council_id AND y.id = e.source_id
        WHERE e.council_id = :council AND e.person_id = :person AND p.account LIKE 'bank:%'
        AND (CASE WHEN e.kind = 'settlement' THEN y.paid_on
             ELSE (e.at AT TIME ZONE 'Europe/London')::date END) BETWEEN :since AND :until) AS by_ledger,
    (SELECT coalesce(sum(y.amount_pence), 0) FROM payouts y WHERE y.council_id = :council
        AND y.person_id = :person AND y.state = 'paid') AS all_by_payments,
    (SELECT coalesce(-sum(p.amount_pence), 0) FROM ledger_entries e
        JOIN ledger_postings p ON p.council_id = e.council_id AND p.entry_id = e.id
        WHERE e.council_id = :council AND e.person_id = :person AND p.account LIKE 'bank:%') AS all_by_ledger
"""


class StatementDiffers(Unavailable):
    """Ledger and payments do not agree on what was paid. No figure is shown, and somebody is told."""

    title = "We cannot show this yet"
    keeps = True


@dataclass(frozen=True)
class _Known:
    """What the rooms know of the person's claims, once for the whole statement."""

    claims: Mapping[str, Claim]
    payouts: Mapping[str, Payout]
    occasions: Mapping[str, InvolvementSession]
    natures: Mapping[str, Mapping[tuple[str, str], str]]
    offers: list[Offer]
    declined: list[Claim]
    promised: Mapping[str, date | None]

    def title(self, claim: Claim | None) -> str:
        """What a claim is called."""
        if claim is None:
            return "A payment"
        occasion = self.occasions.get(claim.session_id or "")
        title = occasion.title if occasion else "Your claim"
        return called(kind=claim.kind, with_fee=claim.with_fee, title=title)


def statement(
    session: Session, *, council_id: str, person_id: str, period: Period, now: datetime
) -> PersonStatement:
    """The statement of a period. Raises `StatementDiffers`, and then only the alarm is written."""
    for _ in range(TRIES):
        session.expire_all()
        found = _worked_out(session, council_id, person_id, period, now=now)
        if found is not None:
            return found
    _alarm(session, council_id, person_id, now=now)
    raise StatementDiffers(
        "Two of our records do not agree about your payments. So we show no figures until somebody has "
        "looked. We have told them. Your money is safe. You can ask us at any time."
    )


def _worked_out(
    session: Session, council_id: str, person_id: str, period: Period, *, now: datetime
) -> PersonStatement | None:
    """The statement, or None where something does not agree with something else."""
    council = councils.get(session, council_id=council_id)
    person = people.get(session, council_id=council_id, person_id=person_id)
    sides = of_person.sides(session, council_id=council_id, person_id=person_id)
    known = _known(session, council_id, person_id)
    every = tuple(_line(known, one) for one in of_person.moved(sides))
    lines = tuple(
        sorted(
            (line for line in every if period.since <= line.on <= period.until),
            key=lambda line: (line.on, line.payment_id, line.came_back),
        )
    )
    if not _agrees(session, council_id, person_id, period, lines, every):
        return None
    return PersonStatement(
        council=council.name,
        contact_name=council.contact_name,
        contact_email=council.contact_email,
        contact_phone=council.contact_phone,
        person=person.name,
        known_as=person.known_as,
        period=period,
        made_on=london_day(now),
        paid=tuple(line for line in lines if not line.given_to),
        given=tuple(line for line in lines if line.given_to),
        due=_due(known, _wanted(known, of_person.owed(sides))),
        not_taken=_not_taken(known, period),
        ways=tuple(dict.fromkeys(line.how for line in lines if not line.given_to)),
    )


def _known(session: Session, council_id: str, person_id: str) -> _Known:
    key = {"council_id": council_id}
    found = claims.of_person(session, **key, person_id=person_id)
    offers = sessions.offers_of(session, **key, person_id=person_id)
    wanted = {claim.session_id for claim in found if claim.session_id} | {o.session_id for o in offers}
    answers = claims.assessments_by_ids(
        session, **key, assessment_ids={claim.assessment_id or "" for claim in found}
    )
    paid = payouts.of_claims(session, **key, claim_ids=[claim.id for claim in found])
    return _Known(
        claims={claim.id: claim for claim in found},
        payouts={row.id: row for rows in paid.values() for row in rows},
        occasions=sessions.by_ids(session, **key, session_ids=wanted),
        natures={
            claim.id: _natures(answers[claim.assessment_id].answer)
            for claim in found
            if claim.assessment_id in answers
        },
        offers=offers,
        declined=[claim for claim in found if _is_declined(session, claim)],
        promised=lateness.promises(session, **key, of=found, paid=paid),
    )


def _is_declined(session: Session, claim: Claim) -> bool:
    """Whether the person said no to what came on top, and the claim below it does not hold it since."""
    if (claim.kind, claim.state) != (TOP_UP, "withdrawn"):
        return False
    own = claims.withdrawn_by(session, claim=claim) == Actor("person", claim.person_id)
    return own and not claims.is_left_behind(session, claim=claim)


def _natures(answer: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(account, category) → what the policy says such money is."""
    account = {"fee": "fees", "expense": "expenses"}
    return {
        (account[line["kind"]], str(line["category"])): str(line["nature"])
        for line in answer["lines"]
        if line.get("nature")
    }


def _line(known: _Known, one: Moved) -> StatementLine:
    payout, claim = known.payouts.get(one.payment_id), known.claims.get(one.claim_id)
    apart = _apart(known.natures.get(one.claim_id, {}), one)
    paid_on = payout.paid_on if payout is not None else None
    return StatementLine(
        payment_id=one.payment_id,
        claim_id=one.claim_id,
        title=known.title(claim),
        worked_on=_worked_on(claim) if claim is not None else None,
        due_on=known.promised.get(one.claim_id),
        on=paid_on if paid_on is not None and not one.came_back else london_day(one.at),
        came_back=one.came_back,
        fee_pence=apart["fee"],
        costs_pence=apart["cost_repaid"],
        flat_pence=apart["flat_sum"],
        taken_pence=one.taken_pence,
        amount_pence=one.amount_pence,
        how=WAYS.get(payout.rail, INTO_ACCOUNT) if payout is not None else INTO_ACCOUNT,
        reference=payout.reference if payout is not None else "",
        given_to=_given_to(payout),
    )


def _worked_on(claim: Claim) -> date | None:
    return date.fromisoformat(claim.day) if claim.day else None


def _apart(natures: Mapping[tuple[str, str], str], one: Moved) -> dict[str, int]:
    """Fee, costs repaid and flat sums, which come to what moved and what was taken off it.

    Where the books no longer say what money was for (it was called off, and had left already), the rest is
    told as a fee if the claim had one, else as a cost.
    """
    sums = {"fee": 0, "cost_repaid": 0, "flat_sum": 0}
    for (account, category), pence in one.parts.items():
        usual = "fee" if account == "fees" else "cost_repaid"
        sums[natures.get((account, category), usual)] += pence
    rest = one.amount_pence + one.taken_pence - sum(sums.values())
    has_fee = bool(sums["fee"]) or any(account == "fees" for account, _ in natures) or not natures
    sums["fee" if has_fee else "cost_repaid"] += rest
    return sums


def _given_to(payout: Payout | None) -> str:
    if payout is None:
        return ""
    return payout.give_to or ("a charity" if payout.rail == "charity" else "")


def _wanted(known: _Known, owed: Mapping[str, int]) -> dict[str, int]:
    """What is still owed without what the person asked not to be paid: that stands under what they did not
    take, and not twice.
    """
    refused = {payout.claim_id for payout in known.payouts.values() if _not_wanted(payout)}
    return {claim_id: pence for claim_id, pence in owed.items() if claim_id not in refused}


def _not_wanted(payout: Payout) -> bool:
    return payout.state == "held" and payout.held_because == "not_wanted"


def _due(known: _Known, owed: Mapping[str, int]) -> tuple[Due, ...]:
    found = []
    for claim_id, pence in owed.items():
        claim = known.claims.get(claim_id)
        if claim is not None:
            promised = known.promised[claim_id]
            found.append(Due(claim_id, known.title(claim), _worked_on(claim), promised, pence))
    return tuple(sorted(found, key=lambda one: (one.worked_on or date.max, one.claim_id)))


def _not_taken(known: _Known, period: Period) -> tuple[NotTaken, ...]:
    """What was offered, or owed, and the person did not take: by the day that it was for."""
    found: list[NotTaken] = []
    for offer in known.offers:
        occasion = known.occasions[offer.session_id]
        day = london_day(occasion.starts_at)
        if offer.state == "accepted" and offer.accept_pence is not None:
            less = offer.fee_pence - offer.accept_pence
            found.append(NotTaken(occasion.title, day, TOOK_LESS, less))
        elif offer.state == "declined":
            found.append(NotTaken(occasion.title, day, SAID_NO, offer.fee_pence))
    for claim in known.declined:
        more = (claim.fee_pence or 0) + (claim.expenses_pence or 0)
        found.append(NotTaken(known.title(claim), _worked_on(claim), SAID_NO, more))
    for payout in known.payouts.values():
        about = known.claims.get(payout.claim_id)
        if _not_wanted(payout) and about is not None:
            found.append(NotTaken(known.title(about), _worked_on(about), NOT_PAID, payout.amount_pence))
    inside = [
        one
        for one in found
        if one.amount_pence > 0 and one.worked_on and period.since <= one.worked_on <= period.until
    ]
    return tuple(sorted(inside, key=lambda one: (one.worked_on or date.max, one.title)))


def _agrees(
    session: Session,
    council_id: str,
    person_id: str,
    period: Period,
    lines: tuple[StatementLine, ...],
    every: tuple[StatementLine, ...],
) -> bool:
    """Whether the lines say what the ledger says, and what the payments say: in the period and for ever."""
    given = {"council": council_id, "person": person_id, "since": period.since, "until": period.until}
    said = session.execute(text(CHECK), given).one()
    shown, in_all = (sum(line.amount_pence for line in some) for some in (lines, every))
    in_period = {shown, int(said.by_ledger), int(said.by_payments)}
    for_ever = {in_all, int(said.all_by_ledger), int(said.all_by_payments)}
    return len(in_period) == 1 and len(for_ever) == 1


def _alarm(session: Session, council_id: str, person_id: str, *, now: datetime) -> None:
    """Whoever looks after the machine or the money is told, once a day for each person."""
    told = events.of_person(session, council_id=council_id, person_id=person_id)
    if any(event.name == ALARM and event.at > now - TELL_AGAIN_AFTER for event in told):
        return
    events.record(
        session,
        council_id=council_id,
        name=ALARM,
        subject_id=person_id,
        person_id=person_id,
        actor=SYSTEM,
        at=now,
        refs={"breaches": 1},
    )
