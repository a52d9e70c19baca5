"""Who has read a draft and agreed? Asking people, taking answers, and refusing while some are missing.

Never commits. A draft never changes, so an answer is an answer to one hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from service import events, ids
from service.days import london_day
from service.errors import Conflict, Forbidden, NotFound, one_fault
from service.events import Actor
from service.policy import queries
from service.policy.faults import Fault, PolicyFaults
from service.policy.life import Author, Missing, Sign, may_sign, missing
from service.policy.model import MOST_CO_PRODUCERS
from service.policy.tables import PolicyDraft, PolicySignOff

LONGEST_WORDS = 2000


class NotTried(Conflict):
    """Nobody has seen what it would cost."""

    title = "This draft has not been tried on past claims"


class OwnDraft(Forbidden):
    """The author may not sign or publish alone."""

    title = "A second person must publish this"


class NotSignedOff(Conflict):
    """Somebody whom the policy itself names has not agreed. `missing` says who."""

    title = "Not everybody has agreed to this draft yet"

    def __init__(self, missing: Missing) -> None:
        super().__init__(" ".join(missing.words()))
        self.missing = missing


def ask(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    person_ids: Sequence[str],
    author: Author,
    now: datetime,
) -> list[PolicySignOff]:
    """Put a draft to people by their ids; each is told. Asking somebody twice is asking them once.

    Raises `PolicyFaults` for a draft with mistakes, `NotTried`, and `Conflict` once it is published.
    """
    draft = _open_draft(session, council_id, policy_id)
    wanted = list(dict.fromkeys(person_ids))
    if not wanted:
        raise one_fault("/people", "Choose at least one person")
    known = {row.signer_id for row in _people(session, draft)}
    if len(known | set(wanted)) > MOST_CO_PRODUCERS:
        raise one_fault("/people", f"Ask {MOST_CO_PRODUCERS} people at most")
    for person_id in wanted:
        if person_id not in known:
            row = _row(draft, Author("person", person_id))
            row.asked_by, row.asked_at = f"{author.kind}:{author.id}", now
            session.add(row)
            _note(session, draft, "policy.sign_off_asked", Actor(author.kind, author.id), now, person_id)
    session.flush()
    return queries.sign_offs(session, council_id=council_id, policy_id=policy_id)


def answer(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    signer: Author,
    agrees: bool,
    words: str,
    now: datetime,
) -> PolicySignOff:
    """Somebody agrees to a draft, or does not. Their last answer counts, until it is published.

    A person answers when they were asked, staff when their role counts and the draft is not their own. Raises
    `NotFound`, `Forbidden`, `OwnDraft`, `PolicyFaults`, `NotTried`, and `Conflict` once it is published.
    """
    said = words.strip()
    if len(said) > LONGEST_WORDS:
        raise one_fault("/words", f"Use {LONGEST_WORDS:,} letters at most")
    draft = _open_draft(session, council_id, policy_id)
    row = _answering(session, draft, signer, now)
    if row.agrees is agrees and not said:
        return row
    person_id = signer.id if signer.kind == "person" else None
    name = "policy.signed_off" if agrees else "policy.sign_off_refused"
    event = _note(session, draft, name, Actor(signer.kind, signer.id), now, person_id, words=said)
    row.agrees, row.answered_at, row.event_id, row.roles = agrees, now, event.id, list(signer.roles)
    session.add(row)
    session.flush()
    return row


def require(session: Session, *, draft: PolicyDraft, publisher: Author, now: datetime) -> None:
    """Whether this draft may be published by this person. To publish it is to agree to it.

    Raises `NotTried`, `OwnDraft` when only its author agrees, `NotSignedOff` when somebody is missing.
    """
    require_tried(session, draft)
    signs = queries.signs(session, draft=draft)
    needs = queries.needs(session, draft=draft, on=london_day(now))
    author = queries.author_of(draft)
    if not any(one.signer.may_be(publisher) for one in signs):
        signs = [*signs, Sign(publisher, True)]
    found = missing(needs, signs, author=author)
    if found.second and not found.against and publisher.may_be(author):
        raise OwnDraft("You wrote this draft. Somebody else must read the changes and publish it.")
    if not found.nothing:
        raise NotSignedOff(found)


def require_tried(session: Session, draft: PolicyDraft) -> None:
    """Raises `NotTried` when these very texts were never simulated."""
    tried = queries.simulations(session, council_id=draft.council_id, policy_id=draft.id)
    if not any(one.done_at is not None and one.hash == draft.hash for one in tried):
        raise NotTried("Simulate it first, so that everybody sees who gains, who loses and what it costs.")


def one_at_a_time(session: Session, *, council_id: str) -> None:
    """Until this transaction ends, nobody else signs or publishes here."""
    key = {"key": f"policies {council_id}"}
    session.execute(sql("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


def _open_draft(session: Session, council_id: str, policy_id: str) -> PolicyDraft:
    """A draft that somebody may still answer to."""
    one_at_a_time(session, council_id=council_id)
    draft = queries.draft(session, council_id=council_id, policy_id=policy_id)
    if queries.version(session, council_id=council_id, policy_id=policy_id) is not None:
        raise Conflict("This draft is published already. Write another one to change it.")
    if draft.faults:
        raise PolicyFaults([Fault(**fault) for fault in draft.faults])
    require_tried(session, draft)
    return draft


def _answering(session: Session, draft: PolicyDraft, signer: Author, now: datetime) -> PolicySignOff:
    """The row of whoever answers; a new one for staff who answer for the first time."""
    rows = queries.sign_offs(session, council_id=draft.council_id, policy_id=draft.id)
    mine = next((row for row in rows if (row.kind, row.signer_id, row.signer_by) == _key(signer)), None)
    if signer.kind == "person":
        if mine is None:
            raise NotFound("We cannot find that. Use the link in your message, or look on your own page.")
        return mine
    if signer.may_be(queries.author_of(draft)):
        raise OwnDraft("You wrote this draft. Somebody else must read the changes and agree.")
    if not may_sign(signer, queries.needs(session, draft=draft, on=london_day(now))):
        raise Forbidden("Your role does not sign off a policy. Ask an involvement lead who does.")
    return mine or _row(draft, signer)


def _key(signer: Author) -> tuple[str, str, str]:
    return signer.kind, signer.id, signer.by.strip()


def _row(draft: PolicyDraft, signer: Author) -> PolicySignOff:
    kind, signer_id, by = _key(signer)
    return PolicySignOff(
        council_id=draft.council_id,
        id=ids.new("sgn"),
        policy_id=draft.id,
        hash=draft.hash,
        kind=kind,
        signer_id=signer_id,
        signer_by=by,
        roles=[],
    )


def _people(session: Session, draft: PolicyDraft) -> list[PolicySignOff]:
    rows = queries.sign_offs(session, council_id=draft.council_id, policy_id=draft.id)
    return [row for row in rows if row.kind == "person"]


def _note(
    session: Session,
    draft: PolicyDraft,
    name: str,
    actor: Actor,
    now: datetime,
    person_id: str | None,
    words: str = "",
) -> events.Event:
    return events.record(
        session,
        council_id=draft.council_id,
        name=name,
        subject_id=draft.id,
        person_id=person_id,
        actor=actor,
        at=now,
        refs={"policy_id": draft.id, "hash": draft.hash},
        words=words or None,
    )
