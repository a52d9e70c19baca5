"""What the check of the books found, for people: names and links for ids, and pounds for pence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.money import pounds
from service.payouts import queries as payouts
from service.people import queries as people
from service.web import here

_ID = re.compile(r"\b((?:clm|pay)_[0-9a-z]{26})\b")
_PENCE = re.compile(r"(-?[0-9]+) pence\b")

# Words, and where they lead if anywhere.
Part = tuple[str, str]


def told(session: Session, found: Iterable[str]) -> dict[str, list[Part]]:
    """Sentence → its parts. A claim or payment that this council does not know keeps its id."""
    sentences = list(found)
    linked = links(session, {one for sentence in sentences for one in _ID.findall(sentence)})
    return {sentence: _parts(sentence, linked) for sentence in sentences}


def links(session: Session, ids: Iterable[str]) -> dict[str, Part]:
    """Id of a claim or payment → what to call it and the page that shows it, for those known here."""
    council_id, wanted, at = here.council_id(), list(ids), f"{here.at()}/staff"
    asked = claims.by_ids(session, council_id=council_id, claim_ids=wanted)
    paid = payouts.by_ids(session, council_id=council_id, payout_ids=wanted)
    persons = {row.person_id for row in asked.values()} | {row.person_id for row in paid.values()}
    named = people.by_ids(session, council_id=council_id, person_ids=persons)
    found = {
        key: (f"The claim of {named[row.person_id].name}", f"{at}/claims/{key}" if _may("claims") else "")
        for key, row in asked.items()
    }
    return found | {
        key: (
            f"The payment of {pounds(row.amount_pence)} to {named[row.person_id].name}",
            f"{at}/payments/{key}/advice" if _may("payments") else "",
        )
        for key, row in paid.items()
    }


def _may(what: str) -> bool:
    return here.may(f"{what}:read")


def _parts(sentence: str, linked: dict[str, Part]) -> list[Part]:
    in_pounds = _PENCE.sub(lambda found: pounds(int(found[1])), sentence)
    return [linked.get(part, (part, "")) for part in _ID.split(in_pounds) if part]
