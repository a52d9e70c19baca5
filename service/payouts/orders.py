"""What is a rail told, and asked, about a payment? Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.payouts.tables import Attempt, Payout
from service.people import queries as people
from service.people import recipients
from service.people.model import BankDetails
from service.people.tables import PaymentMethod
from service.rails.protocol import Asked, Order
from service.vault import Vault


@dataclass(frozen=True)
class Call:
    """A call that may be made: to which rail, with what order, under which fence, for whom, in whose work.

    `called_before`: the fence of the last call with its key that was let go before this one, 0 for none. None
    until this one is let go itself. Who holds it and looks again has not made it yet.
    """

    rail: str
    order: Order
    fence: int
    person_id: str = ""
    request_id: str = ""
    called_before: int | None = None


def order_for(
    *, payout: Payout, key: str, method: PaymentMethod | None, vault: Vault, place: str = ""
) -> Order:
    """What the rail is told to pay: to its own `place`, where it keeps the details, else into an account.

    Where it keeps them and the place may not be used now, an empty place: it was told where before, or says
    that nothing was sent. Raises `ValueError` where there is neither.
    """
    if place or (method is not None and method.kind == recipients.KIND):
        return Order(
            council_id=payout.council_id,
            payment_id=payout.id,
            key=key,
            amount_pence=payout.amount_pence,
            reference=payout.reference,
            place=place,
        )
    if method is None or method.details_sealed is None:
        raise ValueError(f"{payout.id} has no bank details to be sent to.")
    details = BankDetails(**vault.open(method.details_sealed))
    return Order(
        council_id=payout.council_id,
        payment_id=payout.id,
        key=key,
        amount_pence=payout.amount_pence,
        reference=payout.reference,
        account_name=details.account_name,
        sort_code=details.sort_code,
        account_number=details.account_number,
        roll_number=details.roll_number,
    )


def calls_again(
    session: Session,
    *,
    council_id: str,
    payouts: Sequence[Payout],
    attempts: Mapping[str, Attempt],
    requests: Mapping[str, str],
    vault: Vault,
) -> list[Call]:
    """The calls for payments that are sent again under the keys they have."""
    methods = methods_of(session, council_id=council_id, payouts=payouts)
    places = places_of(session, council_id=council_id, methods=methods)
    return [
        Call(
            rail=payout.rail,
            order=order_for(
                payout=payout,
                key=attempts[payout.id].key,
                method=methods.get(payout.method_id or ""),
                vault=vault,
                place=places.get(payout.method_id or "", ""),
            ),
            fence=attempts[payout.id].fence,
            person_id=payout.person_id,
            request_id=requests.get(payout.id, ""),
        )
        for payout in payouts
    ]


def asked(payout: Payout, attempt: Attempt) -> Asked:
    """The question to a rail about one attempt."""
    return Asked(
        council_id=payout.council_id,
        payment_id=payout.id,
        key=attempt.key,
        amount_pence=payout.amount_pence,
        called_at=attempt.called_at,
        rail_reference=attempt.rail_reference or "",
    )


def overtaken(payout: Payout, *, methods: Mapping[str, PaymentMethod]) -> bool:
    """The person has said since how else they want to be paid."""
    method = methods.get(payout.method_id or "")
    return method is not None and method.state != "current"


def declined(payout: Payout, *, methods: Mapping[str, PaymentMethod]) -> bool:
    """The way that it goes by was not the person's own, they said."""
    method = methods.get(payout.method_id or "")
    return method is not None and method.state == "declined"


def methods_of(session: Session, *, council_id: str, payouts: Sequence[Payout]) -> dict[str, PaymentMethod]:
    """The ways of paying that these payments go by, by their ids."""
    wanted = {payout.method_id for payout in payouts if payout.method_id}
    return people.methods(session, council_id=council_id, method_ids=wanted)


def places_of(session: Session, *, council_id: str, methods: Mapping[str, PaymentMethod]) -> dict[str, str]:
    """Id of a way of paying → the rail's own name for where the money goes, where the rail keeps that."""
    kept = [method.id for method in methods.values() if method.kind == recipients.KIND]
    return recipients.places(session, council_id=council_id, method_ids=kept) if kept else {}


def waits_of(session: Session, *, council_id: str, methods: Mapping[str, PaymentMethod]) -> dict[str, str]:
    """Id of a way of paying → what it waits for, where the rail keeps the details and may not use them now.

    Whom the rail knows stands still until the commit, so that a payment which waits for it does not miss it.
    """
    kept = [method.id for method in methods.values() if method.kind == recipients.KIND]
    if not kept:
        return {}
    known = recipients.of_methods(session, council_id=council_id, method_ids=kept, still=True)
    waits = {one: recipients.waits_for(methods[one], known.get(one)) for one in kept}
    return {method_id: because for method_id, because in waits.items() if because is not None}
