"""What follows when a claim is corrected after it was agreed? Never commits, never calls a rail.

Not paid yet: the claim is worked out again. Paid: what is right is compared with what was paid for it, and
for everything that came on top of it. More is right: only the difference is owed, as a claim of its own.
Less: an overpayment is noted, and a person decides. While money of it is on its way, the correction waits.
The part of a fee that its person put off gives way first, and comes back first, up to what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.claims import actions as claims
from service.claims import correcting, judging, parting, topping
from service.claims import queries as claim_queries
from service.claims.comparing import OPEN as LEFT_OPEN
from service.claims.comparing import PARTS
from service.claims.correcting import Judged, Sums, Wish
from service.claims.model import AGREED, OPEN
from service.claims.tables import Claim, Correction
from service.events import RULE, Actor
from service.payouts import overpaid_queries, overpaying, owing, queries
from service.payouts.actions import lay_out, may_go_another_way
from service.payouts.model import LEFT
from service.payouts.moving import move, standing
from service.payouts.tables import Payout
from service.policy.faults import FactFaults


@dataclass(frozen=True)
class Family:
    """A claim with everything that came on top of it, each row locked."""

    claim: Claim
    top_ups: list[Claim]
    differences: list[Claim]
    rest: Claim | None = None

    @property
    def on_top(self) -> list[Claim]:
        """What came on top, oldest first."""
        return sorted([*self.top_ups, *self.differences], key=lambda one: one.id)

    @property
    def beside(self) -> list[Claim]:
        """All but the claim itself, oldest first: what came on top, and what was put off."""
        return sorted([*self.on_top, *([self.rest] if self.rest else [])], key=lambda one: one.id)

    def paid(self) -> Sums:
        """What was paid for all of it together, by part."""
        return _sums_of(one for one in (self.claim, *self.beside) if one.state == "paid")

    @property
    def waits_pence(self) -> int:
        """What was put off, is agreed, and has not been paid."""
        return self.rest.fee_pence if self.rest is not None and self.rest.state == "approved" else 0


def _sums_of(found: Iterable[Claim]) -> Sums:
    rows = list(found)
    return {"fee": sum(one.fee_pence for one in rows), "expense": sum(one.expenses_pence for one in rows)}


def follow(session: Session, *, council_id: str, claim_id: str, now: datetime) -> None:
    """Make what is owed, and what was paid too much, follow what a claim rests on now. Safe to repeat."""
    found = claim_queries.get(session, council_id=council_id, claim_id=claim_id)
    claim = claims.locked(session, council_id=council_id, claim_id=found.below_id)
    family = Family(
        claim,
        claims.locked_top_ups(session, claim=claim),
        claims.locked_differences(session, claim=claim),
        parting.locked_rest(session, claim=claim),
    )
    wish = correcting.wanted(session, claim)
    if claim.state in AGREED and _stands_as_agreed(session, claim, wish):
        # A slip of the register was put right, whatever its money does just now.
        _fit(session, family, claim.put_off_pence, now=now)
    if claim.state not in AGREED:
        _not_agreed(session, family, wish, now=now)
    elif _on_its_way(session, family):
        _wait(session, family, wish, now=now)
    elif claim.state == "approved":
        _before_it_left(session, family, wish, now=now)
    else:
        _compare(session, family, wish, now=now)


def _stands_as_agreed(session: Session, claim: Claim, wish: Wish) -> bool:
    never = claim_queries.last_correction(session, claim=claim) is None
    return never and wish.same_as(correcting.stands(session, claim))


def _fit(session: Session, family: Family, pence: int, *, now: datetime) -> int:
    """Let what was put off come to so much, where it has not left. Answers what it comes to while it waits.

    What a person here called off stays so.
    """
    rest = family.rest
    if rest is None:
        return 0
    gone = rest.state == "withdrawn"
    if not (gone and claim_queries.withdrawn_by(session, claim=rest) != RULE):
        owing.fit(session, claim=family.claim, pence=pence, now=now)
    return family.waits_pence


def _wait(session: Session, family: Family, wish: Wish, *, now: datetime) -> None:
    """Only what there is to correct waits: a wish that differs, or a correction whose money moved since."""
    claim = family.claim
    differs = not wish.same_as(correcting.stands(session, claim))
    differs = differs or (correcting.was_cancelled(claim) and claim.overpaid_pence > 0)
    if differs or claim_queries.last_correction(session, claim=claim) is not None:
        correcting.wait(session, claim, wish, now=now)
    else:
        correcting.give_up(session, claim)


def _not_agreed(session: Session, family: Family, wish: Wish, *, now: datetime) -> None:
    """The claim is worked out anew, or over. What is still paid on top of one that is over is too much."""
    if family.claim.state in ("withdrawn", "refused"):
        correcting.give_up(session, family.claim)
        _figure(session, family, family.paid(), wish, now=now)
    elif family.rest is not None and family.rest.state == "paid":
        # It is part of what is worked out anew.
        _figure(session, family, dict.fromkeys(PARTS, 0), wish, now=now)


def _on_its_way(session: Session, family: Family) -> bool:
    """Whether any money of these claims may be leaving, or waits for a yes that was asked on old facts."""
    if any(one.state in OPEN for one in family.top_ups):
        return True
    for one in (family.claim, *family.beside):
        if one.state != "approved":
            continue
        owed = queries.obligation_of(session, council_id=one.council_id, claim_id=one.id)
        payout = standing(session, owed=owed) if owed else None
        if one in family.top_ups or (payout is not None and not may_go_another_way(payout=payout)):
            return True
    return False


def _before_it_left(session: Session, family: Family, wish: Wish, *, now: datetime) -> None:
    """Nothing has left for the claim: it is worked out again as a whole, and its payment is laid out anew."""
    claim = family.claim
    stands = not wish.attended or _rests_on(claim, wish)
    rest_paid = family.rest is not None and family.rest.state == "paid"
    if stands or rest_paid or any(one.state in (*AGREED, *OPEN) for one in family.on_top):
        # Taken off the register: `stop` calls the payment off. Paid on top already: it is compared once paid.
        _wait(session, family, wish, now=now)
        return
    stored = claim_queries.assessment(session, council_id=claim.council_id, claim_id=claim.id)
    try:
        correcting.work_out(session, claim, wish, stored=[stored])
    except FactFaults:
        _leave(session, claim, now=now)
        return
    owing.pull_back(session, claim=claim, now=now)
    owing.join(session, claim=claim, now=now)
    claim.facts, claim.expenses = wish.facts, wish.expenses
    correcting.give_up(session, claim)
    kind, _, who = wish.asked_by.partition(":")
    claims.work_out_again(
        session,
        claim=claim,
        actor=RULE if wish.because == "register" else Actor(kind, who),
        now=now,
        asked_on=date.fromisoformat(str(stored.facts["claimed_on"])),
        verb="correct",
    )
    claim.overpaid_pence = 0
    _figure(session, family, dict.fromkeys(PARTS, 0), wish, now=now)
    if any(_taken(session, claim).values()):
        # What came off later fees is compared once the claim is paid again.
        correcting.wait(session, claim, replace(wish, because="followed"), now=now)


def _rests_on(claim: Claim, wish: Wish) -> bool:
    """Whether the claim itself, as it is owed now, rests on what it should."""
    return (claim.facts, claim.expenses) == (wish.facts, wish.expenses)


def _leave(session: Session, claim: Claim, *, now: datetime) -> None:
    """The policy cannot read the corrected facts: the claim stays as it is, and its history says so."""
    correcting.give_up(session, claim)
    claims.tell(session, claim=claim, name="claim.left_as_it_is", now=now)


def _compare(session: Session, family: Family, wish: Wish, *, now: datetime) -> None:
    claim = family.claim
    last = claim_queries.last_correction(session, claim=claim)
    same = wish.same_as(correcting.stands(session, claim))
    if same and last is None and not any(_taken(session, claim).values()):
        correcting.give_up(session, claim)
        _figure(session, family, _beyond(family), wish, now=now)
        return
    try:
        judged = _judged(session, claim, wish)
    except FactFaults:
        _leave(session, claim, now=now)
        return
    paid, had = family.paid(), family.paid()
    had["fee"] += family.waits_pence
    right = _right(session, claim, judged, had)
    taken = _taken(session, claim)
    need = {part: max(0, right[part] - (paid[part] - taken[part])) for part in PARTS}
    need["fee"] -= _fit(session, family, min(claim.put_off_pence, need["fee"]), now=now)
    over = {part: max(0, paid[part] - right[part]) for part in PARTS}
    if same and last is not None and _says_all(family, last, need):
        correcting.give_up(session, claim)
        _figure(session, family, over, wish, now=now)
        return
    for one in family.differences:
        _drop(session, one, now=now)
    if same:
        wish = replace(wish, because="followed", asked_by=str(RULE), event_id=None)
    row = correcting.apply(session, claim, wish, judged=judged, paid=paid, right=right, now=now)
    topping.take_back_offers(session, claim=claim, now=now)
    if judged is not None and (any(need.values()) or _to_decide(judged)):
        correcting.owe_difference(session, claim, row, need=need, judged=judged, now=now)
    _figure(session, family, over, wish, now=now)
    _count(session, claim, judged, now=now)


def _beyond(family: Family) -> Sums:
    """What was paid for corrections of a claim that was worked out as a whole since: it holds them itself.

    So it is with what had been put off, where the fee is paid in one part now.
    """
    apart = [] if family.claim.put_off_pence else [one for one in (family.rest,) if one is not None]
    return _sums_of(one for one in (*family.differences, *apart) if one.state == "paid")


def _judged(session: Session, claim: Claim, wish: Wish) -> Judged | None:
    if not wish.attended:
        return None
    return correcting.work_out(session, claim, wish, stored=correcting.judged_by(session, claim))


def _right(session: Session, claim: Claim, judged: Judged | None, had: Mapping[str, int]) -> Sums:
    """What is right, by part. Where the policy leaves a line to a person, never less than what they had."""
    if judged is None:
        return dict.fromkeys(PARTS, 0)
    lines, left_open = _settled(session, claim, judged)
    right = dict.fromkeys(PARTS, 0)
    for line in lines:
        right[_part(line)] += line["amount_pence"] if line["outcome"] != LEFT_OPEN else 0
    return {part: max(right[part], had[part]) if part in left_open else right[part] for part in PARTS}


def _part(line: Mapping[str, Any]) -> str:
    return "fee" if line["kind"] == "fee" else "expense"


def _settled(session: Session, claim: Claim, judged: Judged) -> tuple[list[Mapping[str, Any]], set[str]]:
    """The lines of an answer, with what a person decided; and the parts that are still to be decided."""
    decided = approvals.whole_answer(session, council_id=claim.council_id, claim=claim)["lines"]
    asked = claim_queries.assessment(session, council_id=claim.council_id, claim_id=claim.id).answer["lines"]
    lines = [
        decided[number]
        if line["outcome"] == LEFT_OPEN and _was_decided(number, line, asked, decided)
        else line
        for number, line in enumerate(judged.answer["lines"])
    ]
    return lines, {_part(line) for line in lines if line["outcome"] == LEFT_OPEN}


def _count(session: Session, claim: Claim, judged: Judged | None, *, now: datetime) -> None:
    """The counters follow what is right: last of all, as their locks come last."""
    if judged is None:
        judging.give_back(session, claim, now=now)
        return
    lines, left_open = _settled(session, claim, judged)
    judging.use_corrected(
        session,
        claim,
        policy_id=judged.policy_id,
        asked=judged.asked,
        lines=lines,
        left_open=bool(left_open),
        now=now,
    )


def _was_decided(number: int, line: Mapping[str, object], asked: list, decided: list) -> bool:  # type: ignore[type-arg]
    """Whether a person gave a sum for the same line, when the claim was agreed."""
    if number >= len(asked) or asked[number]["outcome"] != LEFT_OPEN:
        return False
    same = (asked[number]["category"], asked[number].get("claimed_pence"))
    return same == (line["category"], line.get("claimed_pence")) and decided[number]["outcome"] != LEFT_OPEN


def _to_decide(judged: Judged) -> bool:
    return any(line["outcome"] == LEFT_OPEN for line in judged.answer["lines"])


def _taken(session: Session, claim: Claim) -> Sums:
    """What came off later fees for this claim, by part."""
    taken = dict.fromkeys(PARTS, 0)
    for row in overpaid_queries.of_claims(session, council_id=claim.council_id, claim_ids=[claim.id]):
        taken[row.part] += row.taken_pence
    return taken


def _says_all(family: Family, last: Correction, need: Mapping[str, int]) -> bool:
    """Whether the last correction says all there is to say."""
    mine = [one for one in family.differences if one.correction_number == last.number]
    older = [one for one in family.differences if one.correction_number != last.number]
    if any(one.state in (*OPEN, "approved") for one in older):
        return False
    for one in mine:
        if one.state in ("refused", "withdrawn"):
            return True  # Somebody said no to it, or took it back.
        if one.state != "paid":
            return (one.fee_pence, one.expenses_pence) == (need["fee"], need["expense"])
    return not any(need.values())


def _drop(session: Session, one: Claim, *, now: datetime) -> None:
    """A later correction holds what this was for."""
    correcting.drop_difference(session, one, now=now)
    if one.state == "approved":
        owing.pull_back(session, claim=one, now=now)
        claims.move(session, council_id=one.council_id, claim_id=one.id, verb="stop", actor=RULE, now=now)


def _figure(session: Session, family: Family, over: Mapping[str, int], wish: Wish, *, now: datetime) -> None:
    """Note what was paid too much, and mark the claims that it was paid for, the newest first."""
    taken = _taken(session, family.claim)
    # What came off later fees was too much for as long as it is not paid again.
    over = {part: max(over[part], taken[part]) for part in PARTS}
    overpaying.figure(session, claim=family.claim, over=over, wish=wish, now=now)
    left = sum(max(over[part] - taken[part], 0) for part in PARTS)
    for one in reversed(family.beside):
        if one.state == "paid":
            one.overpaid_pence = min(left, one.total_pence)
            left -= one.overpaid_pence
    if family.claim.state == "paid":
        family.claim.overpaid_pence = left
    session.flush()


def restore(session: Session, *, council_id: str, overpayment_id: str, now: datetime) -> None:
    """The yes has ended, or nothing is owed: payments that have not left are laid out in full again."""
    for taking in overpaid_queries.takings(session, council_id=council_id, overpayment_id=overpayment_id):
        claims.locked(session, council_id=council_id, claim_id=taking.payout.claim_id)
        owed = queries.obligation(session, council_id=council_id, obligation_id=taking.payout.obligation_id)
        payout: Payout | None = standing(session, owed=owed)
        if payout is None or payout.id != taking.payout.id or payout.state in LEFT:
            continue
        if may_go_another_way(payout=payout):
            move(session, council_id=council_id, payout_id=payout.id, verb="cancel", actor=RULE, now=now)
            lay_out(session, owed=owed, now=now)
