"""What did somebody type for a claim and not send yet? Kept here, so that any phone can go on with it.

Never commits. Nothing is judged: a cost is answers by the name of their question, and ids of receipts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service import events
from service.claims import actions, queries
from service.claims.drafting import NewClaim, take_turns
from service.claims.model import MAY_BE_CHANGED
from service.claims.tables import Claim, UnsentClaim
from service.errors import one_fault
from service.events import Actor

KEPT_FOR = timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)
MOST_COSTS = 20

# The question that says which other questions there are.
KIND = "kind"


@dataclass(frozen=True)
class Which:
    """Whose unsent claim, for which session, and the sent claim that it would change, if any."""

    council_id: str
    person_id: str
    session_id: str
    changes: str = ""


@dataclass(frozen=True)
class Cost:
    """One cost as it was typed. `answers` may be incomplete."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    receipts: tuple[str, ...] = ()

    @property
    def expense(self) -> dict[str, Any]:
        """The cost as a claim has it. What was left empty is not in it."""
        facts = {name: value for name, value in self.answers.items() if value not in (None, "")}
        return {"category": facts.pop(KIND), **facts}


def find(session: Session, *, which: Which) -> list[Cost]:
    """Every cost that was typed so far; none where nothing was."""
    row = session.get(UnsentClaim, _key(which), populate_existing=True)
    return _costs(row) if row else []


def of_person(session: Session, *, council_id: str, person_id: str) -> list[UnsentClaim]:
    """What somebody began and did not send, the newest first."""
    query = select(UnsentClaim).where(
        UnsentClaim.council_id == council_id, UnsentClaim.person_id == person_id
    )
    return list(session.scalars(query.order_by(UnsentClaim.changed_at.desc())))


def answer(
    session: Session, *, which: Which, number: int, name: str, value: Any, actor: Actor, now: datetime
) -> None:
    """Keep one answer about the cost with this number, from 0. Another kind of cost has other questions."""
    costs = _for_changing(session, which)
    cost = costs[number] if number < len(costs) else Cost()
    answers = dict(cost.answers)
    if name == KIND and answers.get(KIND) != value:
        answers = {}
    _put(session, which, costs, number, Cost({**answers, name: value}, cost.receipts), now)
    _note(session, which, "unsent.changed", actor=actor, now=now)


def add_receipt(
    session: Session, *, which: Which, number: int, receipt_id: str, actor: Actor, now: datetime
) -> None:
    """Keep a receipt with a cost, which then has one."""
    costs = _for_changing(session, which)
    cost = costs[number] if number < len(costs) else Cost()
    with_it = Cost({**cost.answers, "receipt": True}, (*cost.receipts, receipt_id))
    _put(session, which, costs, number, with_it, now)
    _note(session, which, "unsent.changed", actor=actor, now=now)


def drop_receipt(session: Session, *, which: Which, receipt_id: str, actor: Actor, now: datetime) -> None:
    """Keep a receipt no longer; whether there is one is asked again when it was the last."""
    costs = _for_changing(session, which)
    for number, cost in enumerate(costs):
        if receipt_id in cost.receipts:
            left = tuple(one for one in cost.receipts if one != receipt_id)
            answers = {n: v for n, v in cost.answers.items() if left or n != "receipt"}
            _put(session, which, costs, number, Cost(answers, left), now)
            _note(session, which, "unsent.changed", actor=actor, now=now)


def drop_cost(session: Session, *, which: Which, number: int, actor: Actor, now: datetime) -> None:
    """Take one cost out. The last one takes the whole with it."""
    costs = _for_changing(session, which)
    if number < len(costs):
        del costs[number]
        _store(session, which, costs, now)
        _note(session, which, "unsent.changed" if costs else "unsent.thrown_away", actor=actor, now=now)


def begin_change(
    session: Session, *, which: Which, receipts: Mapping[int, Sequence[str]], now: datetime
) -> None:
    """Lay the costs of a sent claim out to be changed. What was begun before stays. Raises `ClaimHasMoved`.

    `receipts`: the number of a cost, from 0 → its receipts.
    """
    claim = queries.get(session, council_id=which.council_id, claim_id=which.changes)
    require_may_be_changed(claim)
    if _for_changing(session, which):
        return
    costs = [
        Cost({KIND: cost["category"], **{n: v for n, v in cost.items() if n != "category"}},
             tuple(receipts.get(number, ())))
        for number, cost in enumerate(claim.expenses)
    ]  # fmt: skip
    _store(session, which, costs, now)


def require_may_be_changed(claim: Claim) -> None:
    """Raise `ClaimHasMoved` when somebody has agreed a claim, or it has no costs of its own to change."""
    if claim.state not in MAY_BE_CHANGED or claim.kind != "expenses":
        raise actions.ClaimHasMoved(
            "This claim cannot be changed here any more. Look at it again: it says what you can do now."
        )


def send(session: Session, *, which: Which, actor: Actor, now: datetime) -> tuple[Claim, dict[str, int]]:
    """Send what was typed: as a new claim, or as the next version of the one that it changes.

    Answers the claim and receipt id → number of its cost. Raises as `submit` and `edit` do.
    """
    costs = _for_changing(session, which)
    if not costs:
        raise one_fault("/expenses", "This has been sent, or taken away. Look on your own page")
    expenses = tuple(cost.expense for cost in costs)
    key = {"council_id": which.council_id}
    if which.changes:
        claim = actions.locked(session, **key, claim_id=which.changes)
        require_may_be_changed(claim)
        claim = actions.edit(
            session, **key, claim_id=claim.id, expenses=expenses, seen=claim.tag, actor=actor, now=now
        )
    else:
        given = NewClaim(which.person_id, session_id=which.session_id, expenses=expenses, with_fee=False)
        claim = actions.submit(session, **key, given=given, actor=actor, now=now)
    forget(session, which=which)
    return claim, {one: number for number, cost in enumerate(costs) for one in cost.receipts}


def throw_away(session: Session, *, which: Which, actor: Actor, now: datetime) -> None:
    """Somebody wants what was typed no more. Safe to repeat."""
    if _for_changing(session, which):
        forget(session, which=which)
        _note(session, which, "unsent.thrown_away", actor=actor, now=now)


def _note(session: Session, which: Which, name: str, *, actor: Actor, now: datetime) -> None:
    """What a helper does to it is written down for the person, once an hour where it is only changed.

    What somebody types for themselves is nobody else's to know.
    """
    if actor.kind != "helper":
        return
    about: dict[str, Any] = {
        "council_id": which.council_id,
        "name": name,
        "person_id": which.person_id,
        "session_id": which.session_id,
        "actor": actor,
    }
    if name == "unsent.changed" and events.done_since(session, **about, since=now - NOTED_EVERY):
        return
    refs = {"changes": which.changes} if which.changes else {}
    events.record(session, **about, subject_id=which.session_id, at=now, refs=refs)


def forget(session: Session, *, which: Which) -> None:
    """Drop what was typed."""
    session.execute(delete(UnsentClaim).where(*_is(which)), execution_options={"synchronize_session": False})


def forget_old(session: Session, *, council_id: str, now: datetime) -> None:
    """Drop what nobody went on with for ninety days."""
    session.execute(
        delete(UnsentClaim).where(
            UnsentClaim.council_id == council_id, UnsentClaim.changed_at < now - KEPT_FOR
        ),
        execution_options={"synchronize_session": False},
    )


def _for_changing(session: Session, which: Which) -> list[Cost]:
    """The costs, while nobody else changes them: two phones take turns, also before there is a row."""
    take_turns(session, council_id=which.council_id, session_id=which.session_id, person_id=which.person_id)
    return find(session, which=which)


def _put(session: Session, which: Which, costs: list[Cost], number: int, cost: Cost, now: datetime) -> None:
    if number >= MOST_COSTS:
        raise one_fault("/expenses", f"{MOST_COSTS} costs fit into one claim. Send it, then begin another")
    if number < len(costs):
        costs[number] = cost
    else:
        costs.append(cost)
    _store(session, which, costs, now)


def _store(session: Session, which: Which, costs: list[Cost], now: datetime) -> None:
    if not costs:
        forget(session, which=which)
        return
    rows = [{"answers": dict(cost.answers), "receipts": list(cost.receipts)} for cost in costs]
    row = session.get(UnsentClaim, _key(which))
    if row is None:
        session.add(UnsentClaim(**vars(which), costs=rows, made_at=now, changed_at=now))
    else:
        row.costs, row.changed_at = rows, now
    session.flush()


def _costs(row: UnsentClaim) -> list[Cost]:
    return [Cost(one["answers"], tuple(one["receipts"])) for one in row.costs]


def _key(which: Which) -> tuple[str, str, str, str]:
    return (which.council_id, which.person_id, which.session_id, which.changes)


def _is(which: Which) -> tuple[Any, ...]:
    return (
        UnsentClaim.council_id == which.council_id,
        UnsentClaim.person_id == which.person_id,
        UnsentClaim.session_id == which.session_id,
        UnsentClaim.changes == which.changes,
    )
