"""What did somebody type for a claim and not send yet? Kept here, so that any phone can go on with it.

Never commits. Nothing is judged: a cost is answers by the name of their question, and ids of receipts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service import events
from service.claims import actions, queries
from service.claims.drafting import NewClaim, take_turns
from service.claims.model import MAY_BE_CHANGED
from service.claims.tables import Claim, UnsentClaim
from service.errors import Moved, one_fault
from service.events import Actor

KEPT_FOR = timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)
MOST_COSTS = 20

# The question that says which other questions there are, and the one about a receipt.
KIND, RECEIPT = "kind", "receipt"


@dataclass(frozen=True)
class Which:
    """Whose unsent claim, for which session, and the sent claim that it would change, if any."""

    council_id: str
    person_id: str
    session_id: str
    changes: str = ""


@dataclass(frozen=True)
class Cost:
    """One cost as it was typed. `answers` may be incomplete.

    `of`: the number of this cost in the sent claim that it was laid out from, if any.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    receipts: tuple[str, ...] = ()
    of: int | None = None

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
    _put(session, which, costs, number, replace(cost, answers={**answers, name: value}), now)
    _note(session, which, "unsent.changed", actor=actor, now=now)


def add_receipt(
    session: Session, *, which: Which, number: int, receipt_id: str, actor: Actor, now: datetime
) -> None:
    """Keep a receipt with a cost, which then has one."""
    costs = _for_changing(session, which)
    cost = costs[number] if number < len(costs) else Cost()
    _put(session, which, costs, number, _with(cost, receipt_id), now)
    _note(session, which, "unsent.changed", actor=actor, now=now)


def drop_receipt(session: Session, *, which: Which, receipt_id: str, actor: Actor, now: datetime) -> None:
    """Keep a receipt no longer; whether there is one is asked again when it was the last."""
    costs = _for_changing(session, which)
    for number, cost in enumerate(costs):
        if receipt_id in cost.receipts:
            left = tuple(one for one in cost.receipts if one != receipt_id)
            answers = {n: v for n, v in cost.answers.items() if left or n != RECEIPT}
            _put(session, which, costs, number, replace(cost, answers=answers, receipts=left), now)
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
    begun = _for_changing(session, which)
    claim = actions.locked(session, council_id=which.council_id, claim_id=which.changes)
    require_may_be_changed(claim)
    if begun:
        return
    costs = [_laid_out(claim, number, receipts.get(number, ())) for number in range(len(claim.expenses))]
    _store(session, which, costs, now, began_from=claim.version)


def change_of(claim: Claim) -> Which:
    """The change of a sent claim, whether it was begun or not."""
    return Which(claim.council_id, claim.person_id, claim.session_id or "", claim.id)


def take_turn(session: Session, *, which: Which) -> None:
    """Two phones take turns, also before there is a row. Taken before a claim is locked, never after."""
    take_turns(session, council_id=which.council_id, session_id=which.session_id, person_id=which.person_id)


def receive(session: Session, *, claim: Claim, number: int, receipt_id: str, was: int, now: datetime) -> None:
    """A receipt came for a cost of a sent claim: a change of it that was begun takes it up.

    `was`: the version of the claim before. A cost that was taken out of the change is put back with it.
    """
    which = change_of(claim)
    costs = _for_changing(session, which)
    if not costs:
        return
    place = next((place for place, cost in enumerate(costs) if cost.of == number), len(costs))
    if place == len(costs):
        costs.append(_laid_out(claim, number, ()))
    costs[place] = _with(costs[place], receipt_id)
    row = session.get(UnsentClaim, _key(which))
    is_up_to_date = row is not None and row.began_from == was
    _store(session, which, costs, now, began_from=claim.version if is_up_to_date else None)


def moved_on(session: Session, *, which: Which) -> Claim | None:
    """The sent claim as it is now, if it was changed after its change was begun here, and still may be."""
    row = session.get(UnsentClaim, _key(which)) if which.changes else None
    if row is None:
        return None
    claim = queries.get(session, council_id=which.council_id, claim_id=which.changes)
    return claim if claim.state in MAY_BE_CHANGED and claim.version != row.began_from else None


def require_may_be_changed(claim: Claim) -> None:
    """Raise `ClaimHasMoved` when somebody has agreed a claim, or it has no costs of its own to change."""
    if claim.state not in MAY_BE_CHANGED or claim.kind != "expenses":
        raise actions.ClaimHasMoved(
            "This claim cannot be changed here any more. Look at it again: it says what you can do now."
        )


def send(
    session: Session, *, which: Which, actor: Actor, now: datetime, seen: int | None = None
) -> tuple[Claim, dict[str, int]]:
    """Send what was typed: as a new claim, or as the next version of the one that it changes.

    `seen`: the version of that one that the person saw beside it; the one that they began from if none.
    Answers the claim and receipt id → number of its cost. Raises as `submit` and `edit` do, and `Moved`.
    """
    costs = _for_changing(session, which)
    if not costs:
        raise one_fault("/expenses", "This has been sent, or taken away. Look on your own page")
    expenses = tuple(cost.expense for cost in costs)
    key = {"council_id": which.council_id}
    if which.changes:
        claim = actions.locked(session, **key, claim_id=which.changes)
        require_may_be_changed(claim)
        if moved_on(session, which=which) and claim.version != seen:
            raise Moved("This claim was changed after you began. What you typed is kept. Look at both first.")
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
    """The costs, while nobody else changes them."""
    take_turn(session, which=which)
    return find(session, which=which)


def _laid_out(claim: Claim, number: int, receipts: Sequence[str]) -> Cost:
    """A cost of a sent claim, as answers."""
    given = claim.expenses[number]
    answers = {KIND: given["category"], **{n: v for n, v in given.items() if n != "category"}}
    return Cost(answers, tuple(receipts), number)


def _with(cost: Cost, receipt_id: str) -> Cost:
    return replace(cost, answers={**cost.answers, RECEIPT: True}, receipts=(*cost.receipts, receipt_id))


def _put(session: Session, which: Which, costs: list[Cost], number: int, cost: Cost, now: datetime) -> None:
    if number >= MOST_COSTS:
        raise one_fault("/expenses", f"{MOST_COSTS} costs fit into one claim. Send it, then begin another")
    if number < len(costs):
        costs[number] = cost
    else:
        costs.append(cost)
    _store(session, which, costs, now)


def _store(
    session: Session, which: Which, costs: list[Cost], now: datetime, *, began_from: int | None = None
) -> None:
    if not costs:
        forget(session, which=which)
        return
    rows = [
        {"answers": dict(cost.answers), "receipts": list(cost.receipts)}
        | ({} if cost.of is None else {"of": cost.of})
        for cost in costs
    ]
    row = session.get(UnsentClaim, _key(which))
    if row is None:
        made = UnsentClaim(**vars(which), costs=rows, made_at=now, changed_at=now, began_from=began_from)
        session.add(made)
    else:
        row.costs, row.changed_at = rows, now
        row.began_from = began_from or row.began_from
    session.flush()


def _costs(row: UnsentClaim) -> list[Cost]:
    return [Cost(one["answers"], tuple(one["receipts"]), one.get("of")) for one in row.costs]


def _key(which: Which) -> tuple[str, str, str, str]:
    return (which.council_id, which.person_id, which.session_id, which.changes)


def _is(which: Which) -> tuple[Any, ...]:
    return (
        UnsentClaim.council_id == which.council_id,
        UnsentClaim.person_id == which.person_id,
        UnsentClaim.session_id == which.session_id,
        UnsentClaim.changes == which.changes,
    )
