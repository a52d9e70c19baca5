"""The verbs of one's own data: ask to be erased, take it back, be erased. Never commits, never calls a task.

Nobody here decides whether somebody may be erased: it is their right, and what must stay is in `retention`.
But it waits for a week, because a stolen phone could ask for it too, and until nothing is open, because money
that is owed must reach the person. Ids, days and sums stay; whose they were can be read nowhere any more.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import Conflict
from service.events import SYSTEM, Actor
from service.own_data import queries
from service.own_data.model import FACTS, GONE, OF_PERSON, STEPS, TRANSITIONS, WORDS_IN_FACTS
from service.own_data.tables import Erasure
from service.people import lost, signing_in, stopping
from service.people import queries as people
from service.people.tables import Person
from service.receipts import actions as receipts
from service.receipts import queries as receipts_known
from service.sessions import actions as sessions
from service.sessions import asking
from service.sessions import queries as session_queries
from service.vault import Vault

# Time to change one's mind, and for "This was not me" to arrive.
WAITS = timedelta(days=7)
# Shorter texts are no name or number of somebody's, and would hit other words.
SHORTEST = 3
# Shorter numbers and references are sums and years too: they go where they are all that stands there.
SHORTEST_IN_A_SENTENCE = 6
# Names that our own sentences have as words: they go as names are written, and not in a date.
OUR_WORDS_TOO = frozenset(("april", "august", "june", "march", "may", "will"))
# A day, a moment, or an id of ours: never somebody's word.
NO_WORDS = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.+Z-]*)?|[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}")


class NothingAsked(Conflict):
    """There is no wish that could be taken back."""

    title = "You have not asked to be erased"


def ask(session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime) -> Erasure:
    """The person asks to be erased. Asking twice is one wish. Raises `PaymentsStopped`."""
    people.lock(session, council_id=council_id, person_id=person_id)
    stopping.refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    standing = queries.wish(session, council_id=council_id, person_id=person_id)
    if standing is not None:
        return standing
    row = Erasure(
        council_id=council_id,
        id=ids.new("ers"),
        person_id=person_id,
        state="asked",
        asked_at=now,
        due_at=now + WAITS,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, row, "erasure.asked", actor=actor, now=now)
    return row


def take_back(session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime) -> Erasure:
    """The person would rather stay. Raises `NothingAsked`."""
    people.lock(session, council_id=council_id, person_id=person_id)
    row = queries.wish(session, council_id=council_id, person_id=person_id)
    if row is None:
        raise NothingAsked("There is nothing to take back. Nothing of yours was erased.")
    _move(session, row, verb="take_back", actor=actor, now=now)
    return row


def carry_out(session: Session, *, council_id: str, person_id: str, vault: Vault, now: datetime) -> bool:
    """Erase somebody whose week is over and with whom nothing is open. Answers whether. Safe to repeat."""
    people.lock(session, council_id=council_id, person_id=person_id)
    row = queries.wish(session, council_id=council_id, person_id=person_id)
    if row is None or row.due_at > now:
        return False
    if queries.still_open(session, council_id=council_id, person_id=person_id, now=now):
        return False
    key = {"council_id": council_id, "person_id": person_id}
    _let_go_of_offers(session, council_id, person_id, now=now)
    for receipt in receipts_known.of_person(session, **key):
        receipts.remove(session, council_id=council_id, receipt_id=receipt.id, actor=SYSTEM, now=now)
    signing_in.end_sign_ins(session, **key, now=now)
    person = people.get(session, **key)
    own_words = _own_words(session, person, vault)
    lost.forget(session, council_id=council_id, reached_at=own_words, now=now)
    _forget_the_person(session, person, now=now)
    given = {"council": council_id, "person": person_id, "gone": GONE, "now": now}
    for step in STEPS.values():
        wanted = {name: value for name, value in given.items() if f":{name}" in step}
        session.execute(text(step), wanted)
    _scrub_facts(session, council_id, person_id, own_words)
    _scrub_kept_answers(session, council_id, person_id, own_words)
    _move(session, row, verb="carry_out", actor=SYSTEM, now=now)
    session.expire_all()
    return True


def _let_go_of_offers(session: Session, council_id: str, person_id: str, *, now: datetime) -> None:
    """What was offered and not answered is answered, and nothing is asked any more: nobody waits for them."""
    given: dict[str, Any] = {"council_id": council_id, "actor": Actor("person", person_id), "now": now}
    offers = session_queries.offers_of(session, council_id=council_id, person_id=person_id)
    for offer in offers:
        if offer.state == "made":
            sessions.decline(session, offer_id=offer.id, **given)
    offer_ids = [offer.id for offer in offers]
    for ask_ in session_queries.asks_of(session, council_id=council_id, offer_ids=offer_ids):
        if ask_.state == "waiting":
            asking.take_back(session, ask_id=ask_.id, **given)


def _own_words(session: Session, person: Person, vault: Vault) -> list[str]:
    """Every name, address and number that we know, theirs and of who acts for them, the longest first."""
    found = {person.name, person.email, person.phone, person.external_reference, person.supplier_reference}
    key = {"council": person.council_id, "person": person.id}
    for names in (
        "t.email, t.phone FROM former_contacts",
        "t.name, t.email, t.phone FROM helpers",
        "t.name, t.email FROM authorities",
    ):
        rows = session.execute(text(f"SELECT {names} t WHERE t.council_id = :council AND {OF_PERSON}"), key)
        found |= {word for row in rows for word in row}
    where = text(f"SELECT t.address FROM message_choices t WHERE t.council_id = :council AND {OF_PERSON}")  # noqa: S608
    for address in session.scalars(where, key):
        # The house and the postcode are theirs; the name of a town is everybody's.
        found |= {line for line in (address or "").splitlines() if any(c.isdigit() for c in line)}
    for offer in session_queries.offers_of(session, council_id=person.council_id, person_id=person.id):
        found.add(offer.give_to)
    for method in people.methods_of(session, council_id=person.council_id, person_id=person.id):
        found.add(method.charity)
        if method.details_sealed:
            details = vault.open(method.details_sealed)
            found |= {details["account_name"], details["account_number"], details.get("roll_number")}
    return sorted({word for word in found if word and len(word) >= SHORTEST}, key=len, reverse=True)


def _forget_the_person(session: Session, person: Person, *, now: datetime) -> None:
    person.name, person.email, person.phone = GONE, None, None
    person.external_reference = person.supplier_reference = person.organisation = None
    person.erased_at = now
    session.flush()


def scrubbed(value: Any, *, own_words: list[str]) -> Any:
    """Facts or an answer without the person's own words; every sum, rule and outcome stays."""
    if isinstance(value, dict):
        return {
            key: scrubbed(one, own_words=own_words)
            for key, one in value.items()
            if not (key in WORDS_IN_FACTS and isinstance(one, str))
        }
    if isinstance(value, list):
        return [scrubbed(one, own_words=own_words) for one in value]
    if isinstance(value, str) and not NO_WORDS.fullmatch(value):
        for word in own_words:
            value = _without(value, word)
    return value


def _without(value: str, word: str) -> str:
    """The text with a word taken out, in large or small letters, where it stands by itself."""
    if value.strip().casefold() == word.casefold():
        return GONE
    plain = re.escape(word)
    if word.casefold() in OUR_WORDS_TOO:
        as_written = rf"(?<!\w)(?<!\d )(?:{word.capitalize()}|{word.upper()})(?!\w)(?! \d)"
        return re.sub(as_written, GONE, value)
    if "@" in word:
        pattern = rf"(?<![\w.+-]){plain}(?!\w)"
    elif re.search(r"\d", word):
        if len(word) < SHORTEST_IN_A_SENTENCE:
            return value
        pattern = rf"(?<!\d){plain}(?!\d)"
    else:
        pattern = rf"(?<!\w){plain}(?!\w)"
    return re.sub(pattern, GONE, value, flags=re.IGNORECASE)


def _scrub_facts(session: Session, council_id: str, person_id: str, own_words: list[str]) -> None:
    key = {"council": council_id, "person": person_id}
    for table, (columns, whose) in FACTS.items():
        wanted = ", ".join(f"t.{column}" for column in columns)
        read = text(f"SELECT t.id, {wanted} FROM {table} t WHERE t.council_id = :council AND {whose}")  # noqa: S608
        for row_id, *values in session.execute(read, key).all():
            new = {c: scrubbed(v, own_words=own_words) for c, v in zip(columns, values, strict=True)}
            changed = {c: json.dumps(new[c]) for c, v in zip(columns, values, strict=True) if new[c] != v}
            if changed:
                sets = ", ".join(f"{column} = CAST(:{column} AS jsonb)" for column in changed)
                write = text(f"UPDATE {table} SET {sets} WHERE council_id = :council AND id = :row_id")  # noqa: S608
                session.execute(write, {"council": council_id, "row_id": row_id, **changed})


def _scrub_kept_answers(session: Session, council_id: str, person_id: str, own_words: list[str]) -> None:
    """Answers that are kept for thirty days for other systems, where they are about this person."""
    about = {"council": council_id, "person": f"%{person_id}%"}
    read = text("SELECT key, body FROM kept_answers WHERE council_id = :council AND body LIKE :person")
    for kept, body in session.execute(read, about).all():
        plain = json.dumps(scrubbed(json.loads(body), own_words=own_words))
        if plain != json.dumps(json.loads(body)):
            write = text("UPDATE kept_answers SET body = :body WHERE council_id = :council AND key = :key")
            session.execute(write, {"council": council_id, "key": kept, "body": plain})


def _move(session: Session, row: Erasure, *, verb: str, actor: Actor, now: datetime) -> None:
    row.state, name = TRANSITIONS[row.state, verb]
    row.ended_at = now
    session.flush()
    _tell(session, row, name, actor=actor, now=now)


def _tell(session: Session, row: Erasure, name: str, *, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        actor=actor,
        at=now,
    )
