"""What do the rooms know that staff need to see? Turned into shapes for pages, names put to ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.approvals import disagreeing
from service.approvals import queries as approvals
from service.approvals.actions import THE_RULE
from service.approvals.model import AUTOMATIC, Decider
from service.claims import correcting
from service.claims import queries as claims
from service.claims.model import ADVANCE, OPEN
from service.claims.tables import Claim
from service.councils import queries as councils
from service.days import london_day
from service.payouts import lateness
from service.payouts import queries as payouts
from service.people import helping
from service.people import queries as people
from service.policy import queries as policies
from service.policy.engine import Policy
from service.sessions import queries as sessions
from service.web import statuses, wording
from service.web.person import again, correct, questions, sending
from service.web.person import history as own_history
from service.web.person import reading as own
from service.web.person.my_page import title_of
from service.web.person.shapes import Step, TopUp
from service.web.policies import clauses_of
from service.web.staff import history
from service.web.staff.shapes import Asked, Choice, ClaimRow, DecisionPage, Disagreed, LookAgain
from service.web.sums import Sum, sum_of

# Checks that keep somebody from saying yes, but not from asking or refusing.
ONLY_FOR_YES = ("right_role", "two_different_people", "policy_is_sure")


def claim_rows(session: Session, rows: Sequence[Claim], *, council_id: str, today: date) -> list[ClaimRow]:
    """Claims in a list, with the names of people and sessions."""
    named = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in rows})
    held = sessions.by_ids(
        session, council_id=council_id, session_ids={row.session_id for row in rows if row.session_id}
    )
    paid = payouts.of_claims(session, council_id=council_id, claim_ids=[row.id for row in rows])
    days = lateness.promises(session, council_id=council_id, of=rows, paid=paid)
    return [
        ClaimRow(
            id=row.id,
            person=named[row.person_id].name,
            title=title_of(row, held.get(row.session_id or ""), whose="A"),
            total_pence=row.total_pence,
            status=claim_status(row),
            changed_at=row.changed_at,
            pay_by=days[row.id],
            late=lateness.is_late(row, paid[row.id], days[row.id], today),
        )
        for row in rows
    ]


def claim_status(claim: Claim) -> statuses.Status:
    """The short word for a claim. A draft is something that the person was offered."""
    return statuses.word(statuses.CLAIM_FOR_STAFF, claim.state)


def decision_page(
    session: Session, *, council_id: str, claim_id: str, decider: Decider, today: date
) -> DecisionPage:
    """One claim with everything needed to decide it. Raises `NotFound`."""
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    wanted = claim.session_id or ""
    held = sessions.by_ids(session, council_id=council_id, session_ids={wanted}).get(wanted)
    person = people.get(session, council_id=council_id, person_id=claim.person_id)
    found = approvals.standing_in_the_way(session, council_id=council_id, claim_id=claim_id, decider=decider)
    stored = claims.assessment(session, council_id=council_id, claim_id=claim_id)
    policy = policies.by_id(session, council_id=council_id, policy_id=stored.policy_id).policy
    on = _day_of(claim)
    paid = payouts.of_claims(session, council_id=council_id, claim_ids=[claim.id])[claim.id]
    by = lateness.promise(session, claim=claim, paid=paid)
    is_open = claim.state in OPEN
    return DecisionPage(
        id=claim.id,
        seen=claim.tag,
        person_id=person.id,
        person=person.name,
        session_id=claim.session_id or "",
        title=title_of(claim, held, whose="A"),
        when=wording.span(held.starts_at, held.ends_at) if held else wording.day(on),
        status=claim_status(claim),
        sum=_sum(session, claim),
        asked_for=_asked_for(session, claim, policy, on),
        to_look_at=tuple(f.text for f in found if not f.forbids) if is_open else (),
        forbids=tuple(f.text for f in found if f.forbids and f.check not in ONLY_FOR_YES),
        no_yes=tuple(f.text for f in found if f.forbids and f.check in ONLY_FOR_YES),
        steps=_steps(session, claim),
        money=own.money_of(claim, paid, today),
        clauses=tuple(Choice(c.number, f"{c.number}: {_short(c.text)}") for c in clauses_of(policy, on=on)),
        pay_by=by,
        late=lateness.is_late(claim, paid, by, today),
        overpaid_pence=claim.overpaid_pence,
        open=is_open,
        by_rule=_by_rule(session, claim),
        topped=claim.tops_up_id or "",
        topped_pence=_topped_pence(session, claim),
        top_ups=_top_ups(session, claim),
        corrects=claim.corrects_id or "",
        rest_of=claim.rest_of_id or "",
        later=own.later_of(session, claim),
        corrections=correct.of_claim(session, claim),
        may_correct=correct.may_correct(claim),
        again=_again(session, claim) if is_open else None,
        disagreed=_disagreed(session, claim, decider) if disagreeing.waits(session, claim=claim) else None,
    )


def _top_ups(session: Session, claim: Claim) -> tuple[TopUp, ...]:
    found = claims.top_ups(session, council_id=claim.council_id, claim_id=claim.id)
    return tuple(TopUp(one.id, one.total_pence, claim_status(one)) for one in found)


def _topped_pence(session: Session, claim: Claim) -> int:
    """What the claim came to that this one came on top of; its own sum where it stands alone."""
    below = claims.get(session, council_id=claim.council_id, claim_id=claim.tops_up_id or claim.id)
    return below.total_pence


def _by_rule(session: Session, claim: Claim) -> bool:
    """Whether a claim is about to be decided by the policy alone."""
    return claim.state == "submitted" and not _kept_from_the_rule(session, claim)


def _kept_from_the_rule(session: Session, claim: Claim) -> list[str]:
    """Why the policy alone does not agree to a claim, in words."""
    key = {"council_id": claim.council_id, "claim_id": claim.id}
    return [found.text for found in approvals.standing_in_the_way(session, **key, decider=THE_RULE)]


def _sum(session: Session, claim: Claim) -> Sum:
    """The sum of a claim. One that waits for a person is not said to need nobody: why it waits is said."""
    answer = approvals.answer(session, council_id=claim.council_id, claim=claim)
    if answer["approval_route"] != AUTOMATIC or claim.state not in OPEN or _by_rule(session, claim):
        return sum_of(answer, whose="Their")
    found = " ".join(_kept_from_the_rule(session, claim)) or "Somebody is looking at this again."
    why = {"rule": "approval", "clause": "", "text": f"A person has to agree to this one. {found}"}
    others = [one for one in answer["reasons"] if not str(one["rule"]).startswith("approval.")]
    return sum_of({**answer, "reasons": [why, *others]}, whose="Their")


def clause_numbers(session: Session, *, council_id: str, claim_id: str) -> set[str]:
    """The rules that a claim may be refused by: those of the policy that judged it."""
    claim = claims.get(session, council_id=council_id, claim_id=claim_id)
    stored = claims.assessment(session, council_id=council_id, claim_id=claim_id)
    policy = policies.by_id(session, council_id=council_id, policy_id=stored.policy_id).policy
    return {clause.number for clause in clauses_of(policy, on=_day_of(claim))}


def _day_of(claim: Claim) -> date:
    return date.fromisoformat(str(claim.facts["on"])) if "on" in claim.facts else london_day(claim.made_at)


def _again(session: Session, claim: Claim) -> LookAgain | None:
    """What was said before, where the person does not agree with a no to this version of their claim."""
    told = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    words = events.words_of(session, council_id=claim.council_id, event_ids=[event.id for event in told])
    asked = [event for event in told if event.name == "claim.look_again_asked"]
    refused = [event for event in told if event.name == "claim.refused"]
    if not asked or not refused or asked[-1].refs["version"] != claim.version:
        return None
    names = councils.names_of(session, council_id=claim.council_id)
    return LookAgain(
        refused_by=names.get(refused[-1].actor_id, "The council's rules"),
        refused_at=refused[-1].at,
        reason=words.get(refused[-1].id, ""),
        words=words.get(asked[-1].id, ""),
    )


def _disagreed(session: Session, claim: Claim, decider: Decider) -> Disagreed:
    """What the person of an agreed claim does not agree with, and what they say to it."""
    answer = approvals.answer(session, council_id=claim.council_id, claim=claim)
    told = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    words = events.words_of(session, council_id=claim.council_id, event_ids=[event.id for event in told])
    return Disagreed(
        lines=again.lines_in_words(answer, disagreeing.less_paid(answer)),
        words=own_history.last_words(told, words, "claim.look_again_asked"),
        forbids=tuple(disagreeing.in_the_way(session, claim=claim, decider=decider)),
    )


def _asked_for(session: Session, claim: Claim, policy: Policy, on: date) -> tuple[Asked, ...]:
    """The costs as the person gave them, in the words of the questions, each with its receipts.

    What comes on top of a claim that was put right is read beside the costs of that claim, as they are right.
    """
    expenses = claim.expenses
    ahead = claim.kind == ADVANCE
    if ahead:  # Nothing is bought yet, so there is nothing to say of a receipt.
        expenses = [
            {k: v for k, v in one.items() if k not in ("receipt", "agreed_before")} for one in expenses
        ]
    if claim.corrects_id:
        claim = claims.get(session, council_id=claim.council_id, claim_id=claim.corrects_id)
        expenses = correcting.stands(session, claim).expenses
    shown = sending.shown_of_claim(session, claim)
    return tuple(
        replace(
            _asked(expense, policy, on, ahead=ahead),
            receipts=tuple(one for one in shown if one.cost_number == number),
        )
        for number, expense in enumerate(expenses)
    )


def _asked(expense: dict[str, Any], policy: Policy, on: date, *, ahead: bool) -> Asked:
    names = {row["key"]: row["name"] for row in policy.catalogue(on=on)["expense_categories"]}
    facts = {row["key"]: (row["name"], row["unit"]) for row in policy.catalogue(on=on)["facts"]}
    if ahead:
        facts["amount_pence"] = ("About what it will cost", "pence")
    order = [
        key for key in [*policy.asks(expense["category"]), *expense] if key in expense and key != "category"
    ]
    answers = []
    for key in dict.fromkeys(order):
        name, unit = facts.get(key, (key, "text"))
        answers.append((name, questions.said_as(unit, expense[key])))
    name = names.get(expense["category"], expense["category"])
    return Asked(name, tuple(answers), says_receipt=expense.get("receipt") is True)


def _steps(session: Session, claim: Claim) -> tuple[Step, ...]:
    told = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    words = events.words_of(session, council_id=claim.council_id, event_ids=[event.id for event in told])
    names = councils.names_of(session, council_id=claim.council_id)
    person = people.get(session, council_id=claim.council_id, person_id=claim.person_id)
    helpers = helping.of_person(session, council_id=claim.council_id, person_id=claim.person_id)
    names |= {person.id: person.name, **{one.id: f"{one.name}, who helps them" for one in helpers}}
    paid = payouts.of_claims(session, council_id=claim.council_id, claim_ids=[claim.id])[claim.id]
    return history.steps(told, words | own.failures(told, paid), names=names)


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87].rsplit(' ', 1)[0]}…"
