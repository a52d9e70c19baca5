"""What do the rooms know about a draft or a version of the policy? Turned into shapes for its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.councils import queries as councils
from service.councils.model import ROLES
from service.days import london_day
from service.money import pounds
from service.people import queries as people
from service.policy import confirming, life, proving, queries
from service.policy.diff import Told
from service.policy.engine import Policy, read_policy
from service.policy.faults import Fault, PolicyFaults
from service.policy.life import Author, Missing
from service.policy.queries import Standing
from service.policy.sources import Sources
from service.policy.tables import PolicyDraft, PolicySignOff, PolicySimulation
from service.reports import regional_words, simulation_words
from service.web import here, wording
from service.web.policies import Clause, clauses_of
from service.web.staff.policy_shapes import (
    ExampleRow,
    FaultRow,
    Line,
    PolicyPage,
    SignRow,
    Stage,
    Trial,
    VersionRow,
)
from service.web.statuses import Status

COLOURS = {
    "draft": "grey",
    "simulated": "",
    "signed_off": "turquoise",
    "published": "green",
    "superseded": "grey",
}
DONE, NOT_YET = Status("Done", "green"), Status("Not yet", "grey")
ANSWERS = {
    None: Status("No answer yet", "yellow"),
    True: Status("Agrees", "green"),
    False: Status("Does not agree", "red"),
}
OUTCOMES = {"payable": "payable", "not_payable": "not payable", "needs_person": "left to a person"}
FAULTS_SHOWN = 50


def me() -> Author:
    """The member of staff who is signed in, as one who writes, signs and publishes."""
    caller = here.staff()
    return Author("staff", caller.id, roles=caller.roles)


def names(session: Session, person_ids: Sequence[str] = ()) -> dict[str, str]:
    """Names by ids: of staff always, of people where this member of staff may see people."""
    found = councils.names_of(session, council_id=here.council_id())
    if here.may("people:read"):
        known = people.by_ids(session, council_id=here.council_id(), person_ids=set(person_ids))
        found |= {person.id: person.name for person in known.values()}
    return found


def state_word(standing: Standing, today: date) -> Status:
    """A state in words. A published version that has not begun says from when it counts."""
    if standing.state == "published" and standing.version is not None:
        begun = standing.version.effective_from <= today
        return Status("In force", "green") if begun else Status("Published for later", "turquoise")
    return Status(life.STATES[standing.state], COLOURS[standing.state])


def rows(session: Session) -> list[VersionRow]:
    """Drafts that are not published, then every version, the newest first."""
    today, key = london_day(here.now()), {"council_id": here.council_id()}
    known = names(session)
    found = queries.standings(session, today=today, **key)
    drafts = queries.drafts(session, policy_ids=[one.row.id for one in found if one.version is None], **key)
    written = {draft.id: draft for draft in drafts}
    return [_row(one, written.get(one.row.id), known, today) for one in found]


def _row(one: Standing, draft: PolicyDraft | None, known: Mapping[str, str], today: date) -> VersionRow:
    when = who = ""
    if one.version is not None:
        when = f"Counts from {wording.short_day(one.version.effective_from)}"
        who = f"Published by {_actor(one.version.published_by, known)}"
    elif draft is not None:
        when = f"Written on {wording.day_and_time(draft.made_at)}"
        who = f"By {life.said_by(queries.author_of(draft), known)}"
    return VersionRow(one.row.id, one.title, state_word(one, today), when, who)


def page_title(session: Session, policy_id: str) -> str:
    """What a draft or a version is called, by its id. Raises `NotFound`."""
    found = queries.standing(
        session, council_id=here.council_id(), policy_id=policy_id, today=london_day(here.now())
    )
    return found.title


def page(session: Session, policy_id: str) -> PolicyPage:
    """One draft or version. Raises `NotFound`."""
    key, today = {"council_id": here.council_id(), "policy_id": policy_id}, london_day(here.now())
    standing = queries.standing(session, today=today, **key)
    draft, row = _draft(session, policy_id), standing.row
    sources = Sources.from_json(row.sources)
    faults = [Fault(**fault) for fault in standing.faults]
    policy = _readable(sources)
    told = queries.changes(session, on=today, **key)
    tried = queries.simulations(session, **key)
    signed = queries.sign_offs(session, **key)
    known = names(session, [one.signer_id for one in signed])
    missing = (
        queries.missing_of(session, draft=draft, on=today) if draft and not standing.published_at else None
    )
    examples = tuple(_example(proof) for proof in proving.prove(policy)) if policy else ()
    trials = tuple(trial(one) for one in tried)
    own = draft is not None and me().may_be(queries.author_of(draft))
    return PolicyPage(
        id=row.id,
        title=row.name or "A draft that cannot be read yet",
        version=row.version or "",
        status=state_word(standing, today),
        published=standing.published_at is not None,
        over=standing.state == "superseded",
        own=own,
        author=life.said_by(queries.author_of(draft), known) if draft else "",
        stages=_stages(
            draft, standing, faults, examples, trials, missing, known, readable=policy is not None
        ),
        faults=fault_rows(faults, main=sources.main),
        lines=lines(sources.files[sources.main], faults, main=sources.main),
        unconfirmed=_unconfirmed(policy),
        examples=examples,
        changes=_told(told, of_examples=False),
        example_changes=_told(told, of_examples=True),
        trials=trials,
        signs=_signs(session, signed, known),
        missing=tuple(missing.words(known)) if missing else (),
        to_publish=tuple(still_missing(missing, known, own=own)) if missing else (),
        clauses=_clauses(policy, standing, today),
        may_write=here.may("policies:write"),
        may_sign=_may_sign(session, draft, today),
    )


def _draft(session: Session, policy_id: str) -> PolicyDraft | None:
    """The draft that became this version, or is one still; None for a version that was adopted."""
    found = queries.drafts(session, council_id=here.council_id(), policy_ids=[policy_id])
    return found[0] if found else None


def _may_sign(session: Session, draft: PolicyDraft | None, today: date) -> bool:
    if draft is None or me().may_be(queries.author_of(draft)):
        return False
    return life.may_sign(me(), queries.needs(session, draft=draft, on=today))


def _readable(sources: Sources) -> Policy | None:
    try:
        return read_policy(sources)
    except PolicyFaults:
        return None


def _clauses(policy: Policy | None, standing: Standing, today: date) -> tuple[Clause, ...]:
    """What a version says: today, or on its first or last day where it is not in force today."""
    if policy is None or standing.version is None:
        return ()
    until = min(today, policy.effective_to or today)
    return tuple(clauses_of(policy, on=max(standing.version.effective_from, until)))


# Mistakes and lines


def fault_rows(faults: Sequence[Fault], *, main: str) -> tuple[FaultRow, ...]:
    """Each mistake as a sentence with its line and clause, and where that line is."""
    return tuple(_fault(fault, main) for fault in faults[:FAULTS_SHOWN])


def _fault(fault: Fault, main: str) -> FaultRow:
    own = fault.file == main
    where = f"Line {fault.line}" if own else f"{fault.file}, line {fault.line}"
    clause = f", clause {fault.clause}" if fault.clause else ""
    return FaultRow(f"{where}{clause}: {fault.what} {fault.remedy}", f"#line-{fault.line}" if own else "")


def lines(text: str, faults: Sequence[Fault], *, main: str) -> tuple[Line, ...]:
    """A text line by line, with the lines marked on which something is wrong."""
    wrong = {fault.line for fault in faults if fault.file == main}
    return tuple(Line(n, line, n in wrong) for n, line in enumerate(text.splitlines() or [""], 1))


def _unconfirmed(policy: Policy | None) -> tuple[tuple[str, str], ...]:
    """Figures that nobody has read at their source, each with the line of the text that confirms it."""
    found = confirming.unconfirmed(policy.tree) if policy else []
    return tuple(
        (f"{one.amount.name}, from {wording.short_day(one.day)}", f"{one.key}: where you read it")
        for one in found
    )


# Examples and changes


def _example(proof: proving.Proof) -> ExampleRow:
    expect = proof.example.expect
    return ExampleRow(
        name=proof.example.name,
        expected=_sums(expect, {key: key for key in proving.SUMS}),
        came_out=_sums(proof.answer, proving.SUMS, only=expect) if proof.answer else "nothing",
        problems=tuple(proof.problems),
    )


def _sums(found: Mapping[str, Any], keys: Mapping[str, str], only: Mapping[str, Any] | None = None) -> str:
    """`fee £15.50, total £20.50`: the sums that an example speaks of; else the outcome."""
    wanted = found if only is None else only
    said = [f"{key} {pounds(int(found[name]))}" for key, name in keys.items() if key in wanted]
    outcome = str(found.get("outcome", "payable"))
    return ", ".join(said) or OUTCOMES.get(outcome, outcome)


def _told(told: Sequence[Told], *, of_examples: bool) -> tuple[str, ...]:
    return tuple(one.sentence for one in told if (one.change.path[0] == "examples") is of_examples)


# Trials


def trial(row: PolicySimulation) -> Trial:
    """One time that a text was tried on past claims."""
    return Trial(
        id=row.id,
        policy_id=row.policy_id,
        since=row.since,
        until=row.until,
        asked_at=row.asked_at,
        headline=_headline(row.answer) if row.answer else "This is under way.",
        answer=row.answer,
    )


def _headline(answer: Mapping[str, Any]) -> str:
    """A region's answer is by council, a council's by person."""
    if "councils" in answer:
        return regional_words.sentences(answer)[0]
    return simulation_words.headline(answer)


def usual_period(today: date) -> dict[str, str]:
    """The year until today, as typed into the boxes for two days."""
    found: dict[str, str] = {}
    for name, day in (("since", today - timedelta(days=365)), ("until", today)):
        found |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return found


# Signing off


def _signs(
    session: Session, signed: Sequence[PolicySignOff], known: Mapping[str, str]
) -> tuple[SignRow, ...]:
    said = [row.event_id for row in signed if row.event_id is not None]
    words = events.words_of(session, council_id=here.council_id(), event_ids=said)
    return tuple(
        SignRow(
            who=life.said_by(Author(row.kind, row.signer_id, row.signer_by), known),
            part=_part(row),
            status=ANSWERS[row.agrees],
            words=words.get(row.event_id or 0, ""),
            at=row.answered_at or row.asked_at,
        )
        for row in signed
    )


def _part(row: PolicySignOff) -> str:
    if row.kind == "person":
        return "Paid by this policy"
    return ", ".join(ROLES.get(role, role) for role in row.roles) or "Staff"


def still_missing(missing: Missing, names: Mapping[str, str], *, own: bool) -> list[str]:
    """Who must still agree. Whoever publishes is a second person, unless the draft is their own."""
    mine = set(me().roles)
    second = missing.second and own
    roles = tuple(role for role in missing.roles if own or role not in mine)
    return Missing(second, roles, missing.co_producers, missing.waiting, missing.against).words(names)


# The life of a draft, step by step


def _stages(
    draft: PolicyDraft | None,
    standing: Standing,
    faults: Sequence[Fault],
    examples: Sequence[ExampleRow],
    trials: Sequence[Trial],
    missing: Missing | None,
    known: Mapping[str, str],
    *,
    readable: bool,
) -> tuple[Stage, ...]:
    """Each step from written to published. A version that was adopted has the last only."""
    last = _published(standing, known)
    if draft is None:
        return (last,)
    who = life.said_by(queries.author_of(draft), known)
    return (
        Stage("Written", DONE, f"{wording.day_and_time(draft.made_at)}, by {who}"),
        _checked(faults),
        _examples(examples, readable),
        _tried(trials),
        _signed_off(missing, known),
        last,
    )


def _checked(faults: Sequence[Fault]) -> Stage:
    if not faults:
        return Stage("Checked", DONE, "No mistakes.")
    count = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
    return Stage("Checked", Status("Has mistakes", "red"), f"{count}. Each is listed on this page.")


def _examples(examples: Sequence[ExampleRow], readable: bool) -> Stage:
    if not readable:
        return Stage("Worked examples", NOT_YET, "They are run once the text can be read.")
    right = sum(not one.problems for one in examples)
    words = f"{right} of {len(examples)} come out as expected."
    fine = examples and right == len(examples)
    return Stage("Worked examples", DONE if fine else Status("Do not come out", "red"), words, "#examples")


def _tried(trials: Sequence[Trial]) -> Stage:
    done = next((one for one in trials if one.answer is not None), None)
    if done is not None:
        return Stage("Tried on past claims", DONE, done.headline, "#trials")
    if trials:
        return Stage(
            "Tried on past claims", Status("Under way", "yellow"), "Look again in a minute.", "#trials"
        )
    return Stage("Tried on past claims", NOT_YET)


def _signed_off(missing: Missing | None, known: Mapping[str, str]) -> Stage:
    if missing is None or missing.nothing:
        return Stage("Signed off", DONE)
    status = Status("Somebody does not agree", "red") if missing.against else NOT_YET
    return Stage("Signed off", status, " ".join(missing.words(known)), "#sign-off")


def _published(standing: Standing, known: Mapping[str, str]) -> Stage:
    version = standing.version
    if version is None:
        return Stage("Published", NOT_YET)
    when = f"{wording.day_and_time(version.published_at)}, by {_actor(version.published_by, known)}."
    return Stage("Published", DONE, f"{when} It counts from {wording.short_day(version.effective_from)}.")


def _actor(text: str, known: Mapping[str, str]) -> str:
    """`staff:stf_1` by name; the service itself by what it is."""
    kind, _, who = text.partition(":")
    return "the service" if kind == "system" else known.get(who, who)
