"""Changes to the policy that a person was asked to read: as sentences, with room for their answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import events
from service.days import london_day
from service.errors import Invalid, NotFound
from service.policy import queries, signing
from service.policy.life import Author
from service.policy.tables import PolicySignOff
from service.web import here, wording
from service.web.answers import Answers
from service.web.person.shapes import Entry
from service.web.statuses import Status

pages = Blueprint("policy", __name__, url_prefix="/policy")


@dataclass(frozen=True)
class ReadingPage:
    """What would change, and what the person said. `said` is empty while they have not answered."""

    id: str
    title: str
    starts: str
    past: bool
    changes: tuple[str, ...]
    all_changes: tuple[str, ...]
    example_changes: tuple[str, ...]
    said: str
    words: str
    published: bool


@pages.get("/<policy_id>")
def show(policy_id: str) -> str:
    """Read what would change."""
    return _render(policy_id, Answers())


@pages.post("/<policy_id>")
def answer(policy_id: str) -> str | Response | tuple[str, int]:
    """Agree, or do not."""
    answers = Answers(request.form)
    agrees = answers.one_of("agrees", {"yes", "no"}, "Choose if you agree")
    if agrees:
        try:
            with here.room() as session:
                signing.answer(
                    session,
                    council_id=here.council_id(),
                    policy_id=policy_id,
                    signer=Author("person", here.me().id),
                    agrees=agrees == "yes",
                    words=answers["words"],
                    now=here.now(),
                )
            return redirect(f"{here.at()}/me/policy/{policy_id}", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/words": "words"})
    return _render(policy_id, answers), 422


def waiting(session: Session) -> list[Entry]:
    """Drafts that the person was asked to read and has not answered, for their own page.

    Once anything is published, what was asked before is over: another draft was taken, or this one.
    """
    key = {"council_id": here.council_id()}
    asked = queries.sign_offs_of(session, person_id=here.me().id, **key)
    if not any(row.agrees is None for row in asked):
        return []
    published = max((one.published_at for one in queries.all_versions(session, **key)), default=None)
    rows = [
        row
        for row in asked
        if row.agrees is None and row.asked_at and (published is None or row.asked_at >= published)
    ]
    named = {
        draft.id: draft.name
        for draft in queries.drafts(session, policy_ids=[row.policy_id for row in rows], **key)
    }
    return [
        Entry(
            title=f"Changes to our rules: {named[row.policy_id]}",
            when=f"We asked you on {wording.short_day(row.asked_at)}." if row.asked_at else "",
            href=f"{here.at()}/me/policy/{row.policy_id}",
            status=Status("Waiting for your answer", "orange"),
            amount_pence=None,
            next_step="Read what would change, and say if you agree.",
            to_do=True,
        )
        for row in rows
    ]


def _render(policy_id: str, answers: Answers) -> str:
    g.place = "my"
    with here.room() as session:
        page = _page(session, policy_id)
    return render_template("person/policy.html", page=page, answers=answers)


def _page(session: Session, policy_id: str) -> ReadingPage:
    key = {"council_id": here.council_id(), "policy_id": policy_id}
    row = _asked(session, policy_id)
    draft = queries.draft(session, **key)
    told = queries.changes(session, on=london_day(here.now()), **key)
    version = queries.version(session, **key)
    words = events.words_of(session, council_id=here.council_id(), event_ids=[row.event_id or 0])
    starts = version.effective_from if version else draft.effective_from
    return ReadingPage(
        id=policy_id,
        title=draft.name or "Our rules",
        starts=wording.short_day(starts) if starts else "",
        past=starts is not None and starts < london_day(here.now()),
        changes=tuple(one.plain for one in told if one.plain and one.change.path[0] != "examples"),
        all_changes=tuple(one.sentence for one in told if one.change.path[0] != "examples"),
        example_changes=tuple(one.sentence for one in told if one.change.path[0] == "examples"),
        said={None: "", True: "You agree.", False: "You do not agree."}[row.agrees],
        words=words.get(row.event_id or 0, ""),
        published=version is not None,
    )


def _asked(session: Session, policy_id: str) -> PolicySignOff:
    """The person's own row. Raises `NotFound` for a draft that they were not asked to read."""
    for row in queries.sign_offs_of(session, council_id=here.council_id(), person_id=here.me().id):
        if row.policy_id == policy_id:
            return row
    raise NotFound("We cannot find that. Use the link in your message, or look on your own page.")
