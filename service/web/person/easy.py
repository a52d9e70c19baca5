"""The offer, the reasons of a claim and the statement in Easy Read with pictures, and as short in Welsh."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.days import london_day
from service.errors import NotFound
from service.notices import reasons
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.policy import queries as policies
from service.sessions import queries as sessions
from service.web import here
from service.web.person import easy_lines
from service.web.person.easy_lines import EasyLine, Paid, Speaker
from service.web.person.my_page import title_of
from service.web.person.reading import own as own_claim
from service.web.words import other_words, require

pages = Blueprint("easy", __name__)
WORDS = "any(easy, cy):words"


@pages.app_context_processor
def _links() -> dict[str, object]:
    """Any page may link to itself in other words, where it has them."""
    return {"other_words": other_words}


@pages.get(f"/offers/<offer_id>/<{WORDS}>")
def offer(offer_id: str, words: str) -> str:
    """An offer, before anybody says yes."""
    council_id, speaker = here.council_id(), Speaker(words)
    with here.room() as session:
        draft = require(session, words)
        found = sessions.offer(session, council_id=council_id, offer_id=offer_id)
        if found.person_id != here.me().id:
            raise NotFound("We cannot find that offer. Use the link in your message, or look on your page.")
        held = sessions.get(session, council_id=council_id, session_id=found.session_id)
        said = reasons.paragraphs(session, council_id=council_id, answer=found.assessment, words=words)
        policy = policies.by_id(session, council_id=council_id, policy_id=found.policy_id).policy
        covered = policy.covers(sessions.base_facts(held) | found.facts | {"role": found.role})
    lines = easy_lines.of_offer(
        speaker,
        found,
        held,
        paragraphs=said,
        costs=bool(covered),
        contact=_contact(),
        now=here.now(),
    )
    may_answer = found.state in ("made", "declined") and held.ends_at >= here.now()
    heading = speaker.say("offer.heading" if found.state == "made" else "offer.answered").text
    return _shown(
        speaker,
        heading,
        lines,
        draft=draft,
        back=f"/offers/{offer_id}",
        answer=found.state if may_answer else "",
    )


@pages.get(f"/claims/<claim_id>/<{WORDS}>")
def claim(claim_id: str, words: str) -> str:
    """What a claim comes to, and why."""
    council_id, speaker = here.council_id(), Speaker(words)
    with here.room() as session:
        draft = require(session, words)
        found = own_claim(session, claim_id)
        answer = approvals.answer(session, council_id=council_id, claim=found)
        said = reasons.paragraphs(session, council_id=council_id, answer=answer, words=words)
        wanted = found.session_id or ""
        held = sessions.by_ids(session, council_id=council_id, session_ids={wanted}).get(wanted)
    lines = easy_lines.of_claim(
        speaker, found, title=title_of(found, held), paragraphs=said, contact=_contact()
    )
    heading = speaker.say("claim.heading").text
    return _shown(speaker, heading, lines, draft=draft, back=f"/claims/{claim_id}")


@pages.get(f"/statement/<{WORDS}>")
def statement(words: str) -> str:
    """What was paid: in this tax year, or from and to a day (`?from=2026-04-06&to=2026-06-30`)."""
    speaker, today = Speaker(words), london_day(here.now())
    since, until = _day("from", _tax_year(today)), _day("to", today)
    with here.room() as session:
        draft = require(session, words)
        rows = payouts.of_person(session, council_id=here.council_id(), person_id=here.me().id)
        paid = [r for r in rows if r.state == "paid" and r.paid_on and since <= r.paid_on <= until]
        parts, told = _told(session, paid)
    lines = easy_lines.of_statement(speaker, told, since=since, until=until, parts=parts, contact=_contact())
    return _shown(speaker, speaker.say("statement.heading").text, lines, draft=draft, back="/payments")


def _told(session: Session, paid: list[Payout]) -> tuple[dict[str, int], list[Paid]]:
    """What came of fees and of costs, and each payment. What comes off a payment comes off the fee."""
    key = {"council_id": here.council_id()}
    owed = payouts.obligations(session, **key, obligation_ids={row.obligation_id for row in paid})
    parts, told = {"fees": 0, "costs": 0}, []
    for row in paid:
        costs = min(owed[row.obligation_id].expenses_pence, row.amount_pence)
        parts["costs"] += costs
        parts["fees"] += row.amount_pence - costs
        claim = own_claim(session, row.claim_id)
        wanted = claim.session_id or ""
        held = sessions.by_ids(session, **key, session_ids={wanted}).get(wanted)
        on = row.paid_on or london_day(row.made_at)
        told.append(Paid(on, row.amount_pence, title_of(claim, held), row.give_to or ""))
    return parts, told


def _shown(
    speaker: Speaker, heading: str, lines: list[EasyLine], *, draft: bool, back: str, answer: str = ""
) -> str:
    return render_template(
        "easy/page.html",
        lang="cy" if speaker.words == "cy" else "en",
        words=speaker.table,
        heading=heading,
        lines=lines,
        draft=draft,
        back_to=f"{here.at()}/me{back}",
        answer=answer,
    )


def _contact() -> str:
    brand = here.here().brand
    return brand.contact_phone or brand.contact_email or brand.name


def _tax_year(today: date) -> date:
    """The day on which this tax year began."""
    begins = date(today.year, 4, 6)
    return begins if today >= begins else date(today.year - 1, 4, 6)


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args[name])
    except (KeyError, ValueError):
        return otherwise
