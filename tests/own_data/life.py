"""Somebody who used all that there is, in words that stand nowhere else: for tests of what stays of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from service.claims import unsent
from service.councils import actions as councils
from service.days import london_day
from service.events import Actor
from service.messages.protocol import Message
from service.notices import queries as notices
from service.notices import reaching, sendings
from service.notices.reaching import Choice
from service.people import authorities, helping, lines, lost, signing_in, stopping
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from service.sessions import asking
from tests.receipts.sent import sent
from tests.stage import Council, told

NAME, EMAIL, PHONE = "Zebedee Quillfeather", "zebedee@quillfeather.example", "01632960777"
OLD_EMAIL, ACCOUNT, NOTE = "before@quillfeather.example", "00733445", "Zebedee takes a taxi with his dog"
CHARITY, STREET = "Quillfeather Rest Home", "77 Quillfeather Row"
# Of who helps them, and who may act on their money.
OF_OTHERS = ("Hepzibah", "hepzibah@helps.example", "01632960778", "Ignatius", "ignatius@acts.example")


def key_of(council: Council, person_id: str) -> dict[str, Any]:
    """Whose things, as every room asks for it."""
    return {"council_id": council.id, "person_id": person_id}


def letters_that_wait(council: Council) -> int:
    """How many letters somebody here would print and post."""
    with council.stage.hands.db.council(council.id) as session:
        return len(sendings.letters(session, council_id=council.id, state="to_print"))


def a_life(council: Council) -> str:
    """Somebody with old and new contacts, an account, a note, a gift, a helper, a receipt and a line."""
    person_id = council.person(
        NAME, account=ACCOUNT, email=OLD_EMAIL, phone=PHONE, external_reference="ZQ-1966"
    )
    with council.stage.hands.db.council(council.id) as session:
        stopping.change_contact(
            session,
            **key_of(council, person_id),
            email=EMAIL,
            phone=PHONE,
            actor=Actor("staff", "stf_1"),
            now=council.stage.clock(),
        )
    gift = council.session()
    offer_id = council.offer(gift, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    told(council.tick(gift, person_id))
    council.stage.drain()
    (payment,) = [p for p in council.payments() if p["rail"] == "charity"]
    paid_on = council.stage.clock().date().isoformat()
    told(council.finance.post(f"payments/{payment['id']}/paid", {"bank_reference": "G1", "paid_on": paid_on}))
    facts = {"activity": "advisory_network", "role": "member", "minutes": 300, "on": paid_on}
    cost = {"category": "bus", "amount_pence": 410, "receipt": True, "note": NOTE}
    claim = told(council.lead.post("claims", {"person": person_id, "facts": facts, "expenses": [cost]}), 201)
    council.stage.drain()
    path = f"claims/{claim['id']}"
    for verb, words in (("ask", {"question": f"{NAME}, which bus?"}), ("approve", {})):
        seen = council.lead.get(path).headers["ETag"]
        told(council.approver.post(f"{path}/{verb}", words, seen=seen))
    council.stage.drain()
    _on_their_own_pages(council, person_id, claim["id"], offer_id)
    council.stage.drain()
    return person_id


def _on_their_own_pages(council: Council, person_id: str, claim_id: str, offer_id: str) -> None:
    """What a person says and does there, by the rooms that the pages ask."""
    asked_about = council.offer(council.session(), person_id)
    with council.stage.hands.db.council(council.id) as session:
        who, now = key_of(council, person_id), council.stage.clock()
        own: dict[str, Any] = {"actor": Actor("person", person_id), "now": now}
        keeping = council.stage.hands.receipts
        sent(session, **who, claim_id=claim_id, keeping=keeping, now=now)
        which = unsent.Which(**who, session_id=council.session())
        unsent.answer(session, which=which, number=0, name=unsent.KIND, value="bus", **own)
        unsent.answer(session, which=which, number=0, name="note", value=NOTE, **own)
        lines.put(session, **who, per="week", amount_pence=9000, starts=0, now=now)
        words = f"{NAME} asks: is there a lift?"
        for offer in (offer_id, asked_about):
            asking.ask_question(session, council_id=council.id, offer_id=offer, words=words, **own)
        _is_helped(session, council, person_id)
        _is_written_to(session, council, person_id)
        lost.ask(session, council_id=council.id, name=NAME, reach="01632 960 777", words=NOTE, now=now)
        lost.ask(session, council_id=council.id, name="Olga Other", reach="01632 960 001", words="", now=now)
        signing_in.ask(
            session, council_id=council.id, kind="person", subject_id=person_id, way="text", now=now
        )


def _is_helped(session: Session, council: Council, person_id: str) -> None:
    """A helper, who was sent a link, and somebody whose document one person has seen."""
    name, email, phone, attorney, acts_at = OF_OTHERS
    now = council.stage.clock()
    until = london_day(now) + timedelta(days=90)
    given = HelperGiven("supporter", name, email, phone, may_answer=True, until_day=until)
    helper = helping.name(
        session, **key_of(council, person_id), given=given, actor=Actor("person", person_id), now=now
    )
    councils.make_link(
        session, council_id=council.id, kind="helper", subject_id=helper.id, goes_to="/", now=now
    )
    document = AuthorityGiven(
        "attorney", attorney, acts_at, "A deed about Zebedee", london_day(now), london_day(now)
    )
    authorities.record(
        session, **key_of(council, person_id), given=document, actor=Actor("staff", "stf_1"), now=now
    )


def _is_written_to(session: Session, council: Council, person_id: str) -> None:
    """They chose letters, in Easy Read, and one waits to be printed."""
    now = council.stage.clock()
    choice = Choice("letter", "easy", f"{STREET}\nExampleton\nEX1 9ZQ")
    reaching.choose(
        session, **key_of(council, person_id), given=choice, actor=Actor("person", person_id), now=now
    )
    notice = notices.of_person(session, **key_of(council, person_id))[0]
    letter = Message(notice.id, NAME, notice.subject, notice.body, by="letter")
    sendings.to_print(session, council_id=council.id, message=letter, notice_id=notice.id, now=now)
