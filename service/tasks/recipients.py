"""What follows when somebody is to be paid by Stripe? Stripe is told, step by step; the name is checked.

Under a hold that covers all that a person is paid, Stripe is told nothing either: it waits, and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.days import london_day
from service.errors import Unavailable
from service.events import Event
from service.payouts import gates, name_checks
from service.payouts.model import HELD_BECAUSE, HELD_BY
from service.people import introducing, recipients, stopping
from service.people.recipients import KIND, OPEN, Facts, Recipient
from service.policy import queries as policies
from service.rails.protocol import NameCheck, Order
from service.rails.stripe import Stripe
from service.rails.stripe_access import Access
from service.rails.stripe_shapes import NotTaken, Place
from service.tasks.delivery import follows
from service.tasks.hands import Hands

# How long somebody who is at Stripe's form is left alone before we look by ourselves.
LOOK_AFTER = timedelta(minutes=10)


class OnHold(Unavailable):
    """A hold covers everything that this person is paid by Stripe."""

    title = "Payments are on hold"


@follows("recipients.set_up", queue="payouts", staged=True)
def set_up(*, event: Event, hands: Hands, now: datetime) -> None:
    """Somebody chose Stripe, or gave Stripe their details: take it as far as it goes.

    Raises `NoAnswer` when Stripe is out of reach, `OnHold` under a hold: then it is tried again, under the
    same keys.
    """
    if event.refs.get("kind") == KIND:
        work(hands, council_id=event.council_id, method_id=event.refs["method_id"], now=now)


@follows("recipients.acknowledge", queue="payouts", staged=True)
def acknowledge(*, event: Event, hands: Hands, now: datetime) -> None:  # noqa: ARG001
    """A person accepted what the bank says of the name: Stripe is told so. Raises `NoAnswer`, `OnHold`."""
    rail, access = hands.stripe, hands.stripe.access(council_id=event.council_id)
    with hands.db.council(event.council_id) as session:
        row = recipients.of_method(session, council_id=event.council_id, method_id=event.refs["method_id"])
    if row and access and row.check_id and row.check_result != "match":
        _may_be_told(hands, council_id=row.council_id, person_id=row.person_id)
        try:
            rail.acknowledge(access=access, key=row.key(f"seen-{row.check_id}"), check_id=row.check_id)
        except NotTaken:
            return


@follows("recipients.let_go", queue="payouts")
def let_go(*, session: Session, event: Event, now: datetime) -> None:
    """Stripe may pay somebody, or waits for them: their payments go, or say what they wait for."""
    name_checks.follow(session, council_id=event.council_id, person_id=event.person_id or "", now=now)


@follows("recipients.renew", queue="payouts", staged=True)
def renew(*, event: Event, hands: Hands, now: datetime) -> None:
    """A council pays from another account at Stripe: everybody who is paid there is told to it."""
    if event.refs["rail"] != KIND:
        return
    with hands.db.council(event.council_id) as session:
        methods = recipients.methods_in_use(session, council_id=event.council_id)
    _work_on(hands, event.council_id, methods, now)


def look_again(hands: Hands, *, council_id: str, now: datetime) -> None:
    """Who has stood still for a while is looked at: Stripe's message may have been lost."""
    with hands.db.council(council_id) as session:
        methods = recipients.standing_still(session, council_id=council_id, before=now - LOOK_AFTER, now=now)
    _work_on(hands, council_id, methods, now)


def _work_on(hands: Hands, council_id: str, methods: Sequence[str], now: datetime) -> None:
    """Take each as far as it goes. Whoever is under a hold is left for a later round of the clock."""
    for method_id in methods:
        try:
            work(hands, council_id=council_id, method_id=method_id, now=now)
        except OnHold:
            continue


def put_to_person(hands: Hands, *, order: Order, check: NameCheck) -> None:
    """A payment was not sent, because the bank says something of the name that nobody has accepted."""
    place = Place.read(order.place)
    if place is None:
        return
    with hands.db.council(order.council_id) as session:
        recipients.doubt_again(
            session,
            council_id=order.council_id,
            account_id=place.recipient,
            check=check,
            vault=hands.vault,
            now=hands.clock(),
        )


def work(hands: Hands, *, council_id: str, method_id: str, now: datetime) -> None:
    """Take a recipient as far as it goes. Safe to repeat, also by two at once.

    Raises `NoAnswer`, `OnHold`.
    """
    access = hands.stripe.access(council_id=council_id)
    if access is None:
        return
    with hands.db.council(council_id) as session:
        row = recipients.want(
            session,
            council_id=council_id,
            method_id=method_id,
            financial_account=access.financial_account,
            now=now,
        )
        council = councils.get(session, council_id=council_id)
        told = recipients.facts(
            session,
            council_id=council_id,
            recipient_id=row.id,
            vault=hands.vault,
            otherwise=council.contact_email,
        )
    if row.state not in OPEN:
        return
    try:
        _steps(hands, hands.stripe, access, told, now)
    except NotTaken as refusal:
        with hands.db.council(council_id) as session:
            recipients.refuse(
                session, council_id=council_id, recipient_id=row.id, reason=refusal.detail, now=now
            )


def _steps(hands: Hands, rail: Stripe, access: Access, told: Facts, now: datetime) -> None:
    row = told.recipient
    at = {"council_id": row.council_id, "recipient_id": row.id}
    whose = {"council_id": row.council_id, "person_id": row.person_id}
    _may_be_told(hands, **whose)
    account = introducing.introduce(hands.db, rail=rail, access=access, told=told)
    if row.payout_method_id is None:
        _may_be_told(hands, **whose)
        found = (
            rail.add_bank_account(
                access=access,
                key=row.key("bank"),
                recipient=account,
                sort_code=told.details.sort_code,
                account_number=told.details.account_number,
            )
            if told.details
            else rail.bank_account_of(access=access, recipient=account)
        )
        with hands.db.council(row.council_id) as session:
            if found is None:
                recipients.wait_for_form(session, **at, now=now)
                return
            usable_at = None if told.details else _usable_at(session, row, now)
            recipients.note_bank_account(session, **at, payout_method_id=found, usable_at=usable_at)
            row.payout_method_id = found
    _may_be_told(hands, **whose)
    check = rail.check_name(
        access=access, key=row.key("name"), recipient=account, payout_method=row.payout_method_id
    )
    with hands.db.council(row.council_id) as session:
        recipients.note_check(session, **at, check=check, vault=hands.vault, now=now)


def _may_be_told(hands: Hands, *, council_id: str, person_id: str) -> None:
    """Read right before each call that tells Stripe something. Raises `OnHold`."""
    with hands.db.council(council_id) as session:
        scope = gates.closed_to(session, council_id=council_id, rail=KIND, person_id=person_id)
    if scope is not None:
        raise OnHold(f"{HELD_BECAUSE[HELD_BY[scope]]} It goes on by itself when that is released.")


def _usable_at(session: Session, row: Recipient, now: datetime) -> datetime:
    """When details may first be used that Stripe was given itself just now."""
    on = london_day(now)
    key = {"council_id": row.council_id, "person_id": row.person_id}
    terms = policies.in_force(session, council_id=row.council_id, on=on).policy.terms(on=on)
    hold_hours = terms.get("hold_new_details_hours", 0)
    return now + timedelta(hours=stopping.hours_for_details(session, **key, hold_hours=hold_hours, now=now))
