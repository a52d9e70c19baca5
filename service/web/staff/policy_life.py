"""What becomes of a draft: tried on past claims, put to people, agreed, published."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.councils import queries as councils
from service.days import london_day
from service.errors import Invalid, Refused
from service.people import queries as people
from service.people import readers
from service.policy import actions, queries, signing
from service.policy.life import SECOND_PERSONS
from service.policy.tables import PolicyDraft
from service.reports import simulation, simulation_words
from service.web import here, typed_times, wording
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff import policy_reading
from service.web.staff.policy import pages, whole
from service.web.staff.policy_shapes import PublishPage
from service.web.staff.shapes import Choice

__all__ = ["pages"]
BOXES = 5


@pages.post("/<policy_id>/try")
@needs("policies:write")
def try_it(policy_id: str) -> str | Response | tuple[str, int]:
    """Try a draft on past claims."""
    answers = Answers(request.form)
    since, until = typed_times.read_day(answers, "since"), typed_times.read_day(answers, "until")
    if since and until:
        try:
            with here.room() as session:
                row = simulation.ask(
                    session,
                    council_id=here.council_id(),
                    policy_id=policy_id,
                    since=since,
                    until=until,
                    author=policy_reading.me(),
                    now=here.now(),
                )
            return redirect(f"{_at(policy_id)}/tried/{row.id}", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/since": "since", "/until": "until"})
    return whole(policy_id, answers), 422


@pages.get("/<policy_id>/tried/<simulation_id>")
@needs("policies:read")
def tried(policy_id: str, simulation_id: str) -> str | Response:
    """What a draft would have paid: the total, who gains, who loses, and why. A region's is by council."""
    if here.here().brand.region:
        return redirect(f"{here.at()}/staff/councils/{simulation_id}", 303)
    with here.room() as session:
        row = queries.simulation_of(
            session, council_id=here.council_id(), policy_id=policy_id, simulation_id=simulation_id
        )
        trial = policy_reading.trial(row)
        ids = [one["person"] for one in (row.answer or {}).get("people", ())]
        names = policy_reading.names(session, ids)
        title = policy_reading.page_title(session, policy_id)
    return render_template(
        "staff/policy_tried.html",
        trial=trial,
        title=title,
        names=names,
        difference=simulation_words.difference,
        left=list(simulation_words.left_open(row.answer)) if row.answer else [],
    )


@pages.route("/<policy_id>/ask", methods=["GET", "POST"])
@needs("policies:write")
def ask(policy_id: str) -> str | Response | tuple[str, int]:
    """Ask people who are paid by the policy to read what would change."""
    answers = Answers(request.form)
    if request.method == "POST":
        typed = [answers[f"person-{n}"] for n in range(1, BOXES + 1)]
        chosen = [one for one in typed if one] + answers["people"].split()
        try:
            with here.room() as session:
                readers.ask(
                    session,
                    council_id=here.council_id(),
                    policy_id=policy_id,
                    person_ids=chosen,
                    author=policy_reading.me(),
                    now=here.now(),
                )
            return redirect(f"{_at(policy_id)}#sign-off", 303)
        except Refused as refusal:
            first = "person-1" if here.may("people:read") else "people"
            answers.learn(refusal, {"/people": first, **{f"/people/{n}": first for n in range(BOXES)}})
    with here.room() as session:
        shown = {
            "title": policy_reading.page_title(session, policy_id),
            "policy_id": policy_id,
            "choices": _people(session),
            "boxes": _boxes(session, policy_id),
        }
    page = render_template("staff/policy_ask.html", answers=answers, **shown)
    return (page, 422) if answers.wrong else page


@pages.post("/<policy_id>/sign-off")
@needs("policies:read")
def sign_off(policy_id: str) -> str | Response | tuple[str, int]:
    """Agree to a draft, or do not."""
    answers = Answers({**policy_reading.usual_period(london_day(here.now())), **request.form.to_dict()})
    agrees = answers.one_of("agrees", {"yes", "no"}, "Choose if you agree")
    if agrees:
        try:
            with here.room() as session:
                signing.answer(
                    session,
                    council_id=here.council_id(),
                    policy_id=policy_id,
                    signer=policy_reading.me(),
                    agrees=agrees == "yes",
                    words=answers["words"],
                    now=here.now(),
                )
            return redirect(f"{_at(policy_id)}#sign-off", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/words": "words"})
    return whole(policy_id, answers), 422


@pages.route("/<policy_id>/publish", methods=["GET", "POST"])
@needs("policies:write")
def publish(policy_id: str) -> str | Response | tuple[str, int]:
    """Put a draft in force, from the day that its text names or from a later one."""
    answers = Answers(request.form)
    if request.method == "POST" and _published(policy_id, answers):
        return redirect(_at(policy_id), 303)
    with here.room() as session:
        draft = queries.draft(session, council_id=here.council_id(), policy_id=policy_id)
        page = _publish_page(session, draft)
    shown = render_template("staff/policy_publish.html", page=page, answers=answers)
    return (shown, 422) if answers.wrong else shown


def _published(policy_id: str, answers: Answers) -> bool:
    when = answers.one_of("when", {"own", "later"}, "Choose the first day")
    day = typed_times.read_day(answers, "day") if when == "later" else None
    if answers.wrong:
        return False
    try:
        with here.room() as session:
            actions.publish(
                session,
                council_id=here.council_id(),
                policy_id=policy_id,
                author=policy_reading.me(),
                now=here.now(),
                effective_from=day,
                seen_hash=answers["hash"],
            )
    except signing.NotSignedOff:
        answers.general.append("Nothing was published. Not everybody has agreed yet: see below.")
        return False
    except Refused as refusal:
        answers.learn(refusal, {"/effective_from": "day"})
        return False
    return True


def _publish_page(session: Session, draft: PolicyDraft) -> PublishPage:
    today, mine = london_day(here.now()), policy_reading.me()
    missing = queries.missing_of(session, draft=draft, on=today)
    own = mine.may_be(queries.author_of(draft))
    names = policy_reading.names(session, [*missing.waiting, *(one.signer.id for one in missing.against)])
    first = draft.effective_from or today
    standing = queries.standing(session, council_id=draft.council_id, policy_id=draft.id, today=today)
    tried = standing.state != "draft"
    words = [] if tried else ["It has not been tried on past claims yet."]
    if draft.faults:
        words.append("It still has mistakes.")
    words += policy_reading.still_missing(missing, names, own=own)
    return PublishPage(
        id=draft.id,
        title=standing.title,
        hash=draft.hash,
        first=first,
        says=tuple(_what_happens(session, draft.council_id, first, today)),
        missing=tuple(words),
        who_else=_who_else(session, draft) if own and missing.second else "",
        may=not words,
    )


def _what_happens(session: Session, council_id: str, first: date, today: date) -> list[str]:
    day = wording.short_day(first)
    if first > today:
        return [f"It counts from {day}. Until then nothing changes."]
    if first == today:
        return ["It counts from today."]
    count = claims.judged_count(session, council_id=council_id, since=first, until=today)
    past = "1 claim" if count == 1 else f"{count:,} claims"
    return [
        f"It counts from {day}, which is in the past.",
        f"{past} for activities since then will be looked at again.",
    ]


def _who_else(session: Session, draft: PolicyDraft) -> str:
    """The others who may publish, by name."""
    others = [
        member.name
        for member in councils.staff(session, council_id=draft.council_id)
        if set(member.roles) & set(SECOND_PERSONS) and member.id != draft.author_id
    ]
    return ", ".join(others) or "nobody yet. Ask an involvement lead to add a policy owner"


def _people(session: Session) -> list[Choice]:
    """Everybody who can be asked, by name, where this member of staff may see people."""
    if not here.may("people:read"):
        return []
    found = people.find(session, council_id=here.council_id())
    return [Choice(person.id, person.name) for person in found]


def _boxes(session: Session, policy_id: str) -> int:
    """One box for each person who must agree, and one more."""
    draft = queries.draft(session, council_id=here.council_id(), policy_id=policy_id)
    wanted = queries.needs(session, draft=draft, on=london_day(here.now())).co_producers
    return min(max(wanted, 1) + 1, BOXES)


def _at(policy_id: str) -> str:
    return f"{here.at()}/staff/policy/{policy_id}"
