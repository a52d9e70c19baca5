"""How do things stand at Stripe for somebody who is paid by it? What their own page shows of that."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from service.notices.model import NAME_SAYS
from service.people import introducing, recipients
from service.people import queries as people
from service.people.recipients import KIND
from service.rails.stripe_access import access_of
from service.web import here


@dataclass(frozen=True)
class AtStripe:
    """How things stand at Stripe. `says`: what the bank says of the name; `check`: which answer that was."""

    form: str = ""
    says: str = ""
    check: str = ""
    refusal: str = ""
    name_given: str = field(default="", repr=False)
    name_at_bank: str = field(default="", repr=False)


def is_offered(session: Session) -> bool:
    """Whether this council pays by Stripe at all."""
    access = access_of(session, council_id=here.council_id(), settings=here.settings(), vault=here.vault())
    return access is not None


def standing(session: Session, *, person_id: str) -> AtStripe | None:
    """What waits for this person at Stripe; None when nothing does."""
    method = people.current_method(session, council_id=here.council_id(), person_id=person_id)
    if method is None or method.kind != KIND:
        return None
    row = recipients.of_method(session, council_id=method.council_id, method_id=method.id)
    if recipients.waits_for(method, row) == "onboarding":
        form = introducing.address(
            base_url=here.settings().base_url,
            secret_key=here.settings().secret_key,
            council_id=method.council_id,
            method_id=method.id,
        )
        return AtStripe(form=form)
    if row is None or row.state not in ("doubtful", "refused"):
        return None
    told = recipients.facts(
        session, council_id=method.council_id, recipient_id=row.id, vault=here.vault(), otherwise=""
    )
    return AtStripe(
        says=NAME_SAYS.get(row.check_result or "", "") if row.state == "doubtful" else "",
        check=row.check_id or "",
        refusal=row.refusal or "",
        name_given=told.name,
        name_at_bank=recipients.name_at_bank(row, vault=here.vault()),
    )
