"""Which council is this page of, who is looking, and what time is it? Settled once, before a view runs.

The council comes from the first part of the address. Who is looking comes from the signed cookie, which holds
ids only, one for each council; the council's own record is asked on every page, so that somebody who has left
is out at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app, g, session
from flask_limiter import Limiter
from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.councils.colours import require_readable
from service.councils.model import NOT_IN_A_REGION, REGION, REGION_SCOPES, Caller
from service.councils.tables import Council
from service.days import utc_now
from service.db import Database
from service.errors import Forbidden, NotFound, NotSignedIn
from service.events import Actor
from service.messages.protocol import By
from service.notices import ways
from service.people import authorities, helping
from service.people import queries as people
from service.people.modulus import Modulus
from service.receipts.keeping import Keeping
from service.settings import Settings
from service.vault import Vault
from service.web import sign_in_time
from service.web.brand import Brand

# Where answers of a short form with several pages are kept in the signed cookie until they are sent.
ANSWERS = "answers"

# Pages for people who are paid, which a region has not.
FOR_PEOPLE = (
    "web.me.",
    "web.sign_in.ask_as_person",
    "web.sign_in_code.",
    "web.sign_in_lost.",
    "web.public.how_we_work_out",
)

# Signed in as one of these, a browser is none of the others: they see the same pages, not as the same.
INSTEAD = ("person", "attorney", "helper")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Here:
    """The council of this page. `at` is where its addresses begin: `/exampleshire`."""

    council_id: str
    brand: Brand
    nation: str

    @property
    def at(self) -> str:
        """Where this council's addresses begin."""
        return f"/{self.brand.slug}"


@dataclass(frozen=True)
class Me:
    """The person whose pages these are; `acting` is whoever looks in their place, by the id of their `kind`.

    `kind`: person, attorney or helper; `may`: what a helper may do, `until` which day.
    """

    id: str
    name: str
    acting: str = ""
    kind: str = "person"
    may: frozenset[str] = frozenset()
    until: date | None = None

    @property
    def actor(self) -> Actor:
        """How events name them."""
        return Actor(self.kind, self.acting or self.id)


def settings() -> Settings:
    """The settings of this installation."""
    return cast(Settings, current_app.extensions["settings"])


def db() -> Database:
    """The database."""
    return cast(Database, current_app.extensions["db"])


def limiter() -> Limiter:
    """What counts how often an address asks."""
    [found] = current_app.extensions["limiter"]
    return cast(Limiter, found)


def vault() -> Vault:
    """Where bank details are locked away."""
    return Vault(settings().encryption_keys)


def modulus() -> Modulus:
    """What checks bank details."""
    return cast(Modulus, current_app.extensions["modulus"])


def receipts() -> Keeping:
    """Where pictures of receipts are kept."""
    return cast(Keeping, current_app.extensions["receipts"])


def now() -> datetime:
    """This moment, the same for everything that one page does."""
    if "now" not in g:
        g.now = utc_now()
    return cast(datetime, g.now)


def here() -> Here:
    """The council of this page."""
    return cast(Here, g.here)


def council_id() -> str:
    """The council of this page, by id."""
    return here().council_id


def at() -> str:
    """Where the addresses of this page's council begin: `/exampleshire`."""
    return here().at


@contextmanager
def room() -> Iterator[Session]:
    """One transaction within the walls of this page's council."""
    with db().council(here().council_id) as found:
        yield found


def me() -> Me:
    """The person who is signed in to this council. Raises `NotSignedIn`."""
    if g.get("me") is None:
        raise NotSignedIn("Ask for a link to sign in. It takes a minute, and you do not need a password.")
    return cast(Me, g.me)


def my_kind() -> str:
    """As what they are signed in: the person, whoever acts on their money, or a helper."""
    return me().kind


def is_fresh() -> bool:
    """Whether the person has shown who they are not long ago, as how they are paid needs."""
    return sign_in_time.is_fresh(my_kind(), council_id(), now=now())


def can_text() -> bool:
    """Whether texts leave here, or are shown as in a demonstration: else nobody is asked for a number."""
    if current_app.config["TEXTS"]:
        return True
    return "text" in open_ways()


def open_ways() -> frozenset[By]:
    """By which ways messages leave here."""
    if "open_ways" not in g:
        with room() as within:
            g.open_ways = ways.open_ways(within, council_id=council_id(), settings=settings(), vault=vault())
    return cast(frozenset[By], g.open_ways)


def staff() -> Caller:
    """The member of staff who is signed in to this council. Raises `NotSignedIn`."""
    if g.get("staff") is None:
        raise NotSignedIn("Sign in with your work email address to see this page.")
    return cast(Caller, g.staff)


def staff_actor() -> Actor:
    """How events name the member of staff."""
    return Actor("staff", staff().id)


def may(scope: str) -> bool:
    """Whether the member of staff may do this."""
    return scope in staff().scopes


def needs(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only for staff whose roles allow it. Raises `Forbidden`."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if staff().of_region and scope not in REGION_SCOPES:
                raise Forbidden(NOT_IN_A_REGION)
            if not may(scope):
                raise Forbidden("Your role does not open this page. Ask an involvement lead if you need it.")
            return view(*args, **kwargs)

        return guarded

    return guard


def brand_of(council: Council) -> Brand:
    """A council's record as pages need it."""
    return Brand(
        slug=council.slug,
        name=council.name,
        colours=require_readable(background=council.header_colour, foreground=council.header_text_colour),
        contact_name=council.contact_name,
        contact_email=council.contact_email,
        contact_phone=council.contact_phone,
        region=council.kind == REGION,
    )


def my_places() -> list[tuple[str, str, Brand]]:
    """Every council in which this browser is signed in as a person: its id, theirs there, and its looks.

    Each is asked within its own walls, so that somebody who has left a council is out there at once.
    """
    found = []
    for council_id in session.get("person", {}):
        with db().council(council_id) as within:
            person = _person(within, council_id)
            if person is not None:
                council = councils.get(within, council_id=council_id)
                found.append((council_id, person.id, brand_of(council)))
    return sorted(found, key=lambda place: place[2].name)


def all_councils() -> list[Brand]:
    """Every council of this installation, by name; regions pay nobody, so people have no page there."""
    return [brand for brand in all_brands() if not brand.region]


def all_brands() -> list[Brand]:
    """Every council and region of this installation, by name."""
    found = []
    for council_id in db().council_ids():
        with db().council(council_id) as within:
            found.append(brand_of(councils.get(within, council_id=council_id)))
    return sorted(found, key=lambda brand: brand.name)


def enter(council_id: str) -> None:
    """Make this page the council's, and find out who is looking."""
    with db().council(council_id) as within:
        council = councils.get(within, council_id=council_id)
        g.here = Here(council_id, brand_of(council), council.nation)
        g.brand = g.here.brand
        g.me = _person(within, council_id) or _attorney(within, council_id) or _helper(within, council_id)
        g.staff = _member(within, council_id)


def enter_by_address(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the council's short name out of the address. Raises `NotFound`."""
    slug = (values or {}).pop("slug", None)
    if slug is None:
        return
    with db().crossing() as outside:
        council_id = councils.council_id_of(outside, slug=slug)
    if council_id is None:
        raise NotFound("There is no council at this address. Check it, or use the link in your last message.")
    enter(council_id)
    if here().brand.region and (endpoint or "").startswith(FOR_PEOPLE):
        raise NotFound("A region pays nobody itself. Use the link in your last message, from your council.")


def sign_in(kind: str, subject_id: str, *, fresh: bool = True) -> None:
    """Remember somebody in the signed cookie, for this council. `kind`: person, attorney, helper or staff.

    Not `fresh`: how they are paid is asked about anew. Who is signed in already stays as they are then.
    """
    if fresh or not _is_already(kind, subject_id):
        session.permanent = True
        become(kind, subject_id)
        sign_in_time.begin(kind, council_id(), now=now(), fresh=fresh)


def _is_already(kind: str, subject_id: str) -> bool:
    return g.get("me") is not None and me().actor == Actor(kind, subject_id)


def become(kind: str, subject_id: str) -> None:
    """From now on this browser is somebody else of this kind; the sign-in is as old as it was.

    Whoever acts for a person is not that person, and a browser is one of them.
    """
    same = INSTEAD if kind in INSTEAD else (kind,)
    before = {session.get(one, {}).get(council_id()) for one in same}
    if before - {None, subject_id}:
        session.pop(ANSWERS, None)
    for one in same:
        session[one] = {c: who for c, who in session.get(one, {}).items() if c != council_id()}
    session[kind] = {**session.get(kind, {}), here().council_id: subject_id}


def where_to(goes_to: str) -> str:
    """Where somebody goes once they are in. For a plain way in, the page that they were on their way to."""
    wanted = str(session.pop("next", ""))
    plain = goes_to.rstrip("/") in (f"{at()}/me", f"{at()}/staff")
    return wanted if plain and wanted.startswith(goes_to.rstrip("/") + "/") else goes_to


def leave(kind: str) -> None:
    """Forget them, for this council, and what they had begun to type."""
    session.pop(ANSWERS, None)
    for one in INSTEAD if kind in INSTEAD else (kind,):
        sign_in_time.forget(one, council_id())
        session[one] = {c: who for c, who in session.get(one, {}).items() if c != here().council_id}


def sign_out(kind: str) -> None:
    """Forget them, for every council, and what they had begun to type: phones and computers are shared."""
    session.pop(ANSWERS, None)
    for one in INSTEAD if kind in INSTEAD else (kind,):
        for council_id in session.pop(one, {}):
            sign_in_time.forget(one, council_id)


def is_in_elsewhere(kind: str) -> bool:
    """Whether this browser is signed in to another council too, as somebody whom signing out forgets."""
    every = {c for one in (INSTEAD if kind in INSTEAD else (kind,)) for c in session.get(one, {})}
    return bool(every - {council_id()})


def _person(within: Session, council_id: str) -> Me | None:
    person_id = session.get("person", {}).get(council_id)
    found = people.by_ids(within, council_id=council_id, person_ids={person_id}) if person_id else {}
    person = found.get(person_id)
    if person is None or person.erased_at is not None:
        return None
    return Me(person_id, person.name) if _counts("person", council_id, person.signed_out_at) else None


def _attorney(within: Session, council_id: str) -> Me | None:
    """Whoever may act on somebody's money at this moment; out at once when that has ended."""
    authority_id = session.get("attorney", {}).get(council_id)
    if not authority_id or not _counts("attorney", council_id, None):
        return None
    row = authorities.get(within, council_id=council_id, authority_id=authority_id)
    if not authorities.in_force(row, now=now()):
        return None
    person = people.get(within, council_id=council_id, person_id=row.person_id)
    return Me(person.id, person.name, acting=row.id, kind="attorney")


def _helper(within: Session, council_id: str) -> Me | None:
    """Whoever helps somebody at this moment; out at once when that has ended, or its last day is over."""
    helper_id = session.get("helper", {}).get(council_id)
    if not helper_id or not _counts("helper", council_id, None):
        return None
    row = helping.get(within, council_id=council_id, helper_id=helper_id)
    if not helping.in_force(row, now=now()):
        return None
    person = people.get(within, council_id=council_id, person_id=row.person_id)
    return Me(person.id, person.name, acting=row.id, kind="helper", may=helping.may(row), until=row.until_day)


def _member(within: Session, council_id: str) -> Caller | None:
    staff_id = session.get("staff", {}).get(council_id)
    if not staff_id:
        return None
    out_at = councils.staff_signed_out_at(within, council_id=council_id, staff_id=staff_id)
    if not _counts("staff", council_id, out_at):
        return None
    return councils.caller_by_staff(within, council_id=council_id, staff_id=staff_id)


def _counts(kind: str, council_id: str, signed_out_at: datetime | None) -> bool:
    return sign_in_time.stands(kind, council_id, signed_out_at=signed_out_at, now=now())
