"""What happens in rooms that no call of the API reaches, for `neighbours` with something in every table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from service.claims import unsent
from service.councils import actions as councils
from service.councils import codes as sign_in_codes
from service.councils import providers
from service.councils.providers import ProviderGiven
from service.events import SYSTEM, Actor
from service.ledger import codes, periods
from service.own_data import actions as own_data
from service.own_data import retention
from service.payouts import putting_off
from service.people import actions as people
from service.people import authorities, helping, lines, lost, recipients, stopping
from service.people import queries as people_known
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from service.rails import credentials
from service.rails.inbox import RailNotice
from service.rails.stripe_shapes import StripeCall
from service.sessions import asking
from service.vault import Vault
from tests.notices.written_to import is_written_to
from tests.receipts.sent import sent

if TYPE_CHECKING:
    from tests.neighbours import Furnished


def in_every_room(session: Session, one: Furnished, *, asked: str) -> None:
    """A member of staff with a link, and a thing of each kind about the person. `asked`: an offer to them."""
    council, stage = one.council, one.council.stage
    member = councils.add_staff(
        session,
        council_id=council.id,
        email="bo@example.org",
        name="Bo",
        roles=("lead",),
        now=stage.clock(),
    )
    councils.make_link(
        session, council_id=council.id, kind="staff", subject_id=member.id, goes_to="/", now=stage.clock()
    )
    _at_other_doors(session, one)
    is_written_to(session, council_id=council.id, person_id=one.ids["person_id"], now=stage.clock())
    _asks(session, one)
    _about_a_persons_money(session, council_id=council.id, person_id=one.ids["person_id"], now=stage.clock())
    entra = ProviderGiven("https://login.example", "reciprocal", "hidden", {"Lead": ("lead",)})
    own: dict[str, Any] = {"council_id": council.id, "now": stage.clock()}
    providers.put(session, given=entra, vault=stage.hands.vault, **own)
    _about_a_claim(session, one)
    lines.put(session, person_id=one.ids["person_id"], per="week", amount_pence=12347, starts=3, **own)
    person = Actor("person", one.ids["person_id"])
    putting_off.for_offer(session, offer_id=asked, answer="now", actor=person, **own)
    credentials.add(
        session,
        council_id=council.id,
        rail="stripe",
        kind="webhook_secret",
        values={"secret": "whsec_example"},
        vault=stage.hands.vault,
        actor=SYSTEM,
        now=stage.clock(),
    )


def _asks(session: Session, one: Furnished) -> None:
    """Somebody asks about their offer."""
    asking.ask_question(
        session,
        council_id=one.council.id,
        offer_id=one.ids["offer_id"],
        words="Is there a lift?",
        actor=Actor("person", one.ids["person_id"]),
        now=one.council.stage.clock(),
    )


def _about_a_claim(session: Session, one: Furnished) -> None:
    """A picture of a receipt was sent with one, and somebody began another and did not send it."""
    stage, person_id = one.council.stage, one.ids["person_id"]
    about: dict[str, Any] = {"council_id": one.council.id, "person_id": person_id}
    now, keeping = stage.clock(), stage.hands.receipts
    sent(session, **about, claim_id=one.ids["claim_id"], keeping=keeping, now=now)
    which = unsent.Which(**about, session_id=one.ids["session_id"])
    own = Actor("person", person_id)
    unsent.answer(session, which=which, number=0, name=unsent.KIND, value="bus", actor=own, now=now)


def _at_other_doors(session: Session, one: Furnished) -> None:
    """A code, a month that is closed, and somebody whom Stripe knows and was asked to pay."""
    council, now = one.council, one.council.stage.clock()
    codes.set_code(
        session,
        council_id=council.id,
        line="bus",
        subjective="3333",
        vat_code="OS",
        starts_on=now.date(),
        actor=SYSTEM,
        now=now,
    )
    periods.close(session, council_id=council.id, period="2026-01", actor=SYSTEM, now=now)
    kept: dict[str, Any] = {"record_class": "payments", "years": 7, "starts_on": now.date()}
    retention.keep_for(session, council_id=council.id, **kept, actor=SYSTEM, now=now)
    method = people_known.current_method(session, council_id=council.id, person_id=one.ids["person_id"])
    assert method is not None
    recipient = recipients.want(
        session,
        council_id=council.id,
        method_id=method.id,
        financial_account="fa_test_example",
        now=now,
    )
    vault = council.stage.hands.vault
    recipient.name_at_bank_sealed = vault.seal({"name": "Ada at the bank"})
    session.add(
        RailNotice(
            council_id=council.id,
            rail="stripe",
            external_id="evt_test_example",
            key="",
            about="obp_test_example",
            body_sealed=vault.seal({"body": "{}"}),
            received_at=now,
        )
    )
    place = "fa_test_example|acct_test_example|gbba_test_example|match"
    session.add(
        StripeCall(
            council_id=council.id,
            key="att_example",
            payment_id=one.ids["payment_id"],
            place=place,
            called_at=now,
        )
    )


def _about_a_persons_money(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """Their contact changed, a change of theirs waits for a code, and somebody may act for them."""
    about: dict[str, Any] = {"council_id": council_id, "person_id": person_id, "now": now}
    one, other = Actor("staff", "stf_1"), Actor("staff", "stf_2")
    stopping.change_contact(session, email="ada@example.net", phone="", actor=one, **about)
    given = people.MethodGiven("voucher")
    people.set_method(
        session,
        given=given,
        allowed=["voucher"],
        hold_hours=0,
        vault=Vault((Fernet.generate_key().decode(),)),
        actor=Actor("person", person_id),
        **about,
    )
    sign_in_codes.ask(
        session, kind="person", subject_id=person_id, way="text", council_id=council_id, now=now
    )
    lost.ask(session, council_id=council_id, name="Ada", reach="07700 900 982", words="", now=now)
    document = AuthorityGiven("attorney", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
    row = authorities.record(session, given=document, actor=one, **about)
    authorities.check(session, council_id=council_id, authority_id=row.id, actor=other, now=now)
    own_data.ask(session, actor=Actor("person", person_id), **about)
    helper = HelperGiven("supporter", "Hal Helper", "hal@example.net", until_day=now.date())
    helping.name(session, given=helper, actor=Actor("person", person_id), **about)
