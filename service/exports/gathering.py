"""Which payments or entries are in the next export of a kind, and how is each coded? Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.claims.tables import Claim
from service.days import day_in_words, london_day
from service.exports import queries
from service.exports.model import MOST_ITEMS, Item, Line, Row, rails_of
from service.ledger import queries as ledger
from service.ledger.model import Posting
from service.payouts import queries as payouts
from service.payouts.tables import Obligation, Payout
from service.people import queries as people
from service.people.tables import Person
from service.rails.protocol import RAILS

ACCOUNT_NAMES = {"fees": "Fee", "expenses": "Costs", "creditors": "Involvement payment"}


def gather(
    session: Session, *, council_id: str, kind: str, since: datetime | None, until: datetime
) -> tuple[list[Item], list[str]]:
    """What goes into an export of a kind, and the ids of the payments whose rows are locked for it."""
    if kind == "journal":
        return _journal(session, council_id=council_id, since=since, until=until), []
    found = payouts.to_export(
        session,
        council_id=council_id,
        rails=rails_of(kind),
        since=since,
        until=until,
        limit=MOST_ITEMS,
    )
    about = _About(session, council_id, found)
    before = queries.times_exported(
        session, council_id=council_id, kind=kind, ids=[payout.id for payout in found]
    )
    items = []
    for payout in found:
        lines = [_line(side, about.day(payout), 1) for side in about.coded(payout)]
        again = before.get(payout.id, 0)
        source = f"{payout.id}.{again + 1}" if again else payout.id
        items.append(Item(source, payout.amount_pence, about.facts(payout), tuple(lines)))
    return items, [payout.id for payout in found]


def _journal(session: Session, *, council_id: str, since: datetime | None, until: datetime) -> list[Item]:
    """Each entry that moved our money: what it was for, against the bank account that paid."""
    entries = ledger.bank_entries(
        session,
        council_id=council_id,
        rails=rails_of("journal"),
        since=since,
        until=until,
        leaving_out=queries.exported(council_id=council_id, kind="journal"),
        limit=MOST_ITEMS,
    )
    sides = ledger.postings(session, council_id=council_id, entry_ids=[entry.id for entry in entries])
    paid = payouts.by_ids(session, council_id=council_id, payout_ids={entry.source_id for entry in entries})
    about = _About(session, council_id, list(paid.values()))
    items = []
    for entry in entries:
        bank = [side for side in sides[entry.id] if side.account.startswith("bank:")]
        others = [side for side in sides[entry.id] if not side.account.startswith("bank:")]
        pence = -sum(side.amount_pence for side in bank)
        payout = paid.get(entry.source_id)
        day = about.day(payout) if payout else None
        coded = about.coded(payout) if payout else []
        sign = -1 if pence < 0 else 1
        if sum(side.amount_pence for side in coded) * sign != pence:
            coded, sign = others, 1
        lines = [_line(side, day, sign) for side in coded] + [_line(side, day, 1) for side in bank]
        facts = about.facts(payout) if payout else {}
        own: Row = {"date_paid": london_day(entry.at), "period": int(entry.period.replace("-", ""))}
        items.append(Item(entry.id, pence, {**facts, **own}, tuple(lines)))
    return items


class _About:
    """What is known about some payments, asked for once for all of them."""

    def __init__(self, session: Session, council_id: str, found: Sequence[Payout]) -> None:
        claim_ids = {payout.claim_id for payout in found}
        self._people: dict[str, Person] = people.by_ids(
            session, council_id=council_id, person_ids={payout.person_id for payout in found}
        )
        self._claims: dict[str, Claim] = claims.by_ids(session, council_id=council_id, claim_ids=claim_ids)
        self._owed: dict[str, Obligation] = payouts.obligations(
            session, council_id=council_id, obligation_ids={payout.obligation_id for payout in found}
        )
        self._coding = ledger.coding(session, council_id=council_id, claim_ids=sorted(claim_ids))

    def day(self, payout: Payout) -> date | None:
        """The day that a payment is for."""
        said = self._claims[payout.claim_id].day
        return date.fromisoformat(said) if said else None

    def facts(self, payout: Payout) -> Row:
        """The fields of one payment."""
        person, owed = self._people[payout.person_id], self._owed[payout.obligation_id]
        return {
            "payment_id": payout.id,
            "claim_id": payout.claim_id,
            "supplier_reference": person.known_as,
            "payee_name": person.name,
            "invoice_reference": f"RCP-{payout.id.removeprefix('pay_').upper()}",
            "invoice_date": london_day(owed.opened_at),
            "date_worked": self.day(payout),
            "date_paid": payout.paid_on,
            "pay_by": owed.pay_by,
            "method": RAILS[payout.rail].name,
            "bank_reference": payout.reference,
        }

    def coded(self, payout: Payout) -> list[Posting]:
        """What a payment is for, in coded sums that come to exactly its amount.

        As the books have it; where they say nothing yet, or it is only a part of what they say, by fee and
        costs; and where that does not come to it either, as one sum.
        """
        owed = self._owed[payout.obligation_id]
        split = [
            Posting("fees", owed.fee_pence, owed.cost_centre),
            Posting("expenses", owed.expenses_pence, owed.cost_centre),
        ]
        whole = [Posting("fees", payout.amount_pence, owed.cost_centre)]
        for sides in (_joined(self._coding[payout.claim_id]), [s for s in split if s.amount_pence]):
            if sum(side.amount_pence for side in sides) == payout.amount_pence:
                return sides
        return whole


def _joined(sides: Iterable[Posting]) -> list[Posting]:
    """Sides under the same codes become one; those that come to nothing go."""
    sums: dict[Posting, int] = {}
    for side in sides:
        key = _with_pence(side, 0)
        sums[key] = sums.get(key, 0) + side.amount_pence
    return [_with_pence(side, pence) for side, pence in sums.items() if pence]


def _with_pence(side: Posting, pence: int) -> Posting:
    return Posting(**{**side.__dict__, "amount_pence": pence})


def _line(side: Posting, day: date | None, sign: int) -> Line:
    # What a line was for, and its VAT code, are in the books where the council's coding puts them there.
    category, vat_code = getattr(side, "category", ""), getattr(side, "vat_code", "")
    name = ACCOUNT_NAMES.get(side.account, "Paid from the bank")
    if category and category != "fee":
        name = f"{name}: {category.replace('_', ' ')}"
    return Line(
        account=side.account,
        pence=side.amount_pence * sign,
        cost_centre=side.cost_centre,
        category=category,
        subjective=side.subjective,
        vat_code=vat_code,
        description=f"{name}, {day_in_words(day)}" if day else name,
    )
