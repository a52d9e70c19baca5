"""Questions about people and how they are paid. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from service.db import among
from service.errors import Conflict, NotFound
from service.people.model import written_numbers
from service.people.tables import PaymentMethod, Person


def get(session: Session, *, council_id: str, person_id: str) -> Person:
    """One person. Raises `NotFound`."""
    person = session.get(Person, (council_id, person_id))
    if person is None:
        raise NotFound("We cannot find that person. Check the id, or look under another council.")
    return person


def still_here(session: Session, *, council_id: str, person_id: str) -> Person:
    """One person who has not been erased: for whatever begins anew. Raises `NotFound`, `Conflict`."""
    person = get(session, council_id=council_id, person_id=person_id)
    if person.erased_at is not None:
        raise Conflict("This person asked to be erased, and was. If they want to join again, add them anew.")
    return person


def lock(session: Session, *, council_id: str, person_id: str) -> None:
    """Hold a person still: whoever changes how they are paid or reached takes turns."""
    session.execute(
        text("SELECT FROM people WHERE council_id = :council_id AND id = :person_id FOR UPDATE"),
        {"council_id": council_id, "person_id": person_id},
    )


def is_stopped(session: Session, *, council_id: str, person_id: str) -> bool:
    """Whether nothing is paid to this person until staff have talked with them. Always read anew."""
    query = select(Person.payments_stopped_at).where(Person.council_id == council_id, Person.id == person_id)
    return session.scalar(query) is not None


def stopped(session: Session, *, council_id: str, person_ids: Collection[str]) -> set[str]:
    """Those of these people to whom nothing is paid until staff have talked with them."""
    query = select(Person.id).where(
        Person.council_id == council_id, among(Person.id, person_ids), Person.payments_stopped_at.is_not(None)
    )
    return set(session.scalars(query))


def erased(session: Session, *, council_id: str, person_ids: Collection[str]) -> set[str]:
    """Those of these people who asked to be erased, and were."""
    query = select(Person.id).where(
        Person.council_id == council_id, among(Person.id, person_ids), Person.erased_at.is_not(None)
    )
    return set(session.scalars(query))


def find(session: Session, *, council_id: str, words: str = "", limit: int = 500) -> list[Person]:
    """People whose name, email or reference holds these words, by name; nobody who was erased."""
    query = select(Person).where(Person.council_id == council_id, Person.erased_at.is_(None))
    if words.strip():
        like = f"%{words.strip()}%"
        query = query.where(
            or_(Person.name.ilike(like), Person.email.ilike(like), Person.external_reference.ilike(like))
        )
    return list(session.scalars(query.order_by(Person.name, Person.id).limit(limit)))


def by_ids(session: Session, *, council_id: str, person_ids: set[str]) -> dict[str, Person]:
    """Id → person, for the ids that this council knows."""
    query = select(Person).where(Person.council_id == council_id, Person.id.in_(person_ids))
    return {person.id: person for person in session.scalars(query)}


def by_email(session: Session, *, council_id: str, email: str) -> list[Person]:
    """Everybody with this address: two people may share one."""
    query = select(Person).where(Person.council_id == council_id, Person.email == email.strip().lower())
    return list(session.scalars(query.order_by(Person.id)))


def by_phone(session: Session, *, council_id: str, phone: str) -> list[Person]:
    """Everybody with this number, however it was written down: two people may share one."""
    query = select(Person).where(Person.council_id == council_id, Person.phone.in_(written_numbers(phone)))
    return list(session.scalars(query.order_by(Person.id)))


def matching(
    session: Session,
    *,
    council_id: str,
    emails: Collection[str],
    phones: Collection[str],
    references: Collection[str],
) -> list[Person]:
    """Everybody who has one of these addresses, numbers or references."""
    query = select(Person).where(
        Person.council_id == council_id,
        or_(
            Person.email.in_(emails),
            Person.phone.in_(phones),
            Person.external_reference.in_(references),
        ),
    )
    return list(session.scalars(query.order_by(Person.id)))


def page(session: Session, *, council_id: str, after: str | None, limit: int) -> list[Person]:
    """People in the order they were added, after an id."""
    query = select(Person).where(Person.council_id == council_id)
    if after:
        query = query.where(Person.id > after)
    return list(session.scalars(query.order_by(Person.id).limit(limit)))


def current_method(session: Session, *, council_id: str, person_id: str) -> PaymentMethod | None:
    """How the person is paid now."""
    return _method(session, council_id, person_id, "current")


def current_methods(session: Session, *, council_id: str, person_ids: list[str]) -> dict[str, PaymentMethod]:
    """Person id → how they are paid now, for those who have said."""
    query = select(PaymentMethod).where(
        PaymentMethod.council_id == council_id,
        PaymentMethod.person_id.in_(person_ids),
        PaymentMethod.state == "current",
    )
    return {method.person_id: method for method in session.scalars(query)}


def proposed_method(session: Session, *, council_id: str, person_id: str) -> PaymentMethod | None:
    """A change that waits for the person's yes."""
    return _method(session, council_id, person_id, "proposed")


def _method(session: Session, council_id: str, person_id: str, state: str) -> PaymentMethod | None:
    query = select(PaymentMethod).where(
        PaymentMethod.council_id == council_id,
        PaymentMethod.person_id == person_id,
        PaymentMethod.state == state,
    )
    return session.scalars(query).first()


def methods(session: Session, *, council_id: str, method_ids: Collection[str]) -> dict[str, PaymentMethod]:
    """Id → payment method, in use or not, for the ids that this council knows."""
    query = select(PaymentMethod).where(
        PaymentMethod.council_id == council_id, among(PaymentMethod.id, method_ids)
    )
    found = session.scalars(query, execution_options={"populate_existing": True})
    return {method.id: method for method in found}


def method(session: Session, *, council_id: str, method_id: str) -> PaymentMethod:
    """One payment method, in use or not. Raises `NotFound`."""
    found = session.get(PaymentMethod, (council_id, method_id))
    if found is None:
        raise NotFound("We cannot find that payment method.")
    return found


def methods_of(session: Session, *, council_id: str, person_id: str) -> list[PaymentMethod]:
    """Every way that a person is, was or may be paid, the oldest first."""
    query = select(PaymentMethod).where(
        PaymentMethod.council_id == council_id, PaymentMethod.person_id == person_id
    )
    return list(session.scalars(query.order_by(PaymentMethod.id)))
