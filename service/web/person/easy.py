"""The offer, the reasons of a claim and the statement in Easy Read with pictures, and as short in Welsh."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.claims.tables import Claim
from service.errors import NotFound
from service.notices import given_away, reasons
from service.payouts import lateness
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.policy import queries as policies
from service.sessions import queries as sessions
from service.web import here
from service.web.other_words import other_words, require
from service.web.person import easy_lines, offer_reading, statements
from service.web.person.easy_lines import EasyLine, Speaker
from service.web.person.my_page import title_of
from service.web.person.reading import own as own_claim

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
        may_give = offer_reading.may_give(policy, held)
        covered = policy.covers(sessions.base_facts(held) | found.facts | {"role": found.role})
    lines = easy_lines.of_offer(
        speaker,
        found,
        held,
        paragraphs=said,
        costs=bool(covered),
        may_give=may_give,
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
        less=speaker.table["offer"]["press_less" if may_give else "press_only_less"],
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
        paid = payouts.of_claims(session, council_id=council_id, claim_ids=[claim_id])[claim_id]
        by, charity = lateness.promise(session, claim=found, paid=paid), _charity(session, found, paid)
        key = {"council_id": council_id, "claim_id": found.id, "person_id": found.person_id}
        waits = given_away.waits_for(session, **key)
    lines = easy_lines.of_claim(
        speaker,
        found,
        title=title_of(found, held),
        paragraphs=said,
        contact=_contact(),
        by=by,
        charity=charity,
        waits=waits,
    )
    heading = speaker.say("claim.heading").text
    return _shown(speaker, heading, lines, draft=draft, back=f"/claims/{claim_id}")


@pages.get(f"/statement/<{WORDS}>")
def statement(words: str) -> str:
    """The statement of the days that an address asks for, as the ordinary one: this tax year, say."""
    speaker, asked = Speaker(words), statements.asked_for(request.args)
    with here.room() as session:
        draft = require(session, words)
    lines = easy_lines.of_statement(speaker, statements.found(asked.period), contact=_contact())
    back = f"/statement?{asked.query}"
    return _shown(speaker, speaker.say("statement.heading").text, lines, draft=draft, back=back)


def _charity(session: Session, claim: Claim, paid: list[Payout]) -> str:
    """Who gets the money of a claim in the person's place, or got it."""
    key = {"council_id": claim.council_id}
    if paid:
        return paid[-1].give_to or ""
    return given_away.charity_of(session, **key, claim_id=claim.id, person_id=claim.person_id)


def _shown(
    speaker: Speaker,
    heading: str,
    lines: list[EasyLine],
    *,
    draft: bool,
    back: str,
    answer: str = "",
    less: str = "",
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
        less=less,
    )


def _contact() -> str:
    brand = here.here().brand
    return brand.contact_phone or brand.contact_email or brand.name
