"""Who calls, on whose thing, and what are they told? The pieces of the authorization matrix.

`who_may.txt` is the table. Each route of the URL map is called as everybody who may come to the door: on what
is their own, on another person's, and on another council's. What must be refused is sent to the real
database, and nothing may change; what is allowed is sent to one that forgets, so no call alters the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from service.councils import actions as councils
from service.councils.model import ROLES
from service.days import utc_now
from service.db import Database
from service.events import Actor
from service.notices import sendings
from service.people import authorities, helping, lost
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from service.sessions import asking
from service.web.sign_in_time import FRESH, TIMES
from tests.api.test_walls import body_for
from tests.neighbours import Furnished, furnished
from tests.notices.written_to import is_written_to
from tests.receipts.sent import sent
from tests.stage import Stage, told

TABLE = Path(__file__).parent / "who_may.txt"
# A letter for each column. The helper is one who may do all that a helper may.
COLUMNS = {
    "n": "nobody",
    "p": "person",
    "s": "person who signed in a while ago",
    "a": "attorney",
    "h": "helper",
    "L": "lead",
    "F": "facilitator",
    "A": "approver",
    "B": "budget_holder",
    "M": "finance",
    "O": "ops",
    "P": "policy_owner",
}
# Whose thing it is, where it is not Ada's: the one who was paid too much, and the one who was asked to read.
OWNERS = {"overpayment_id": "pat", "policy_id": "rowan"}
# What stands in an address and is nobody's: days, names, a word of a choice.
NOBODYS = {
    "slug",
    "period",
    "line",
    "day",
    "rail",
    "kind",
    "paper",
    "per",
    "step",
    "token",
    "verb",
    "words",
    "filename",
    "name",
    "job_id",
}
OURS = {"Origin": "http://localhost"}


class Forgetting(Database):
    """A database in which nothing lasts."""

    @contextmanager
    def council(self, council_id: str) -> Iterator[Session]:
        with super().council(council_id) as session:
            yield session
            session.flush()
            session.expunge_all()
            session.rollback()


@dataclass(frozen=True)
class Row:
    """One line of the table: who may call this. `may`: the letters of those who may."""

    method: str
    rule: str
    may: frozenset[str]

    @property
    def call(self) -> str:
        return f"{self.method} {self.rule}"

    def line(self) -> str:
        """As it stands in the table."""
        cells = [letter if letter in self.may else "." for letter in COLUMNS]
        return f"{self.method:<6} {self.rule:<66} {' '.join(cells[:5])}  {' '.join(cells[5:])}"


def table() -> dict[str, Row]:
    """The table as it is written. Raises `ValueError` for a line that is none, or that comes twice."""
    found: dict[str, Row] = {}
    for line in TABLE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, rule, *cells = line.split()
        if len(cells) != len(COLUMNS) or any(
            c not in (".", own) for c, own in zip(cells, COLUMNS, strict=True)
        ):
            raise ValueError(f"This line of the table cannot be read: {line}")
        row = Row(method, rule, frozenset(cells) - {"."})
        if row.call in found:
            raise ValueError(f"This line of the table comes twice: {line}")
        found[row.call] = row
    return found


def routes(app: Flask) -> dict[str, Rule]:
    """`METHOD rule` → rule, for everything that the application answers."""
    return {
        f"{method} {rule.rule.replace(' ', '')}": rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


@dataclass
class Town:
    """Two councils alike, and everybody who may come to the door of the first."""

    stage: Stage
    app: Flask
    own: Furnished
    other: Furnished
    people: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, column: str, row: Row, rule: Rule, *, ids: dict[str, str], who: str = "") -> TestResponse:
        """One call. `who`: which of the people, where a person calls."""
        values = {name: ids.get(name) or _any_word(rule, name) for name in rule.arguments}
        built = rule.build(values, append_unknown=False)
        assert built is not None, row.call
        headers = dict(OURS)
        if (cookie := self.cookies.get(f"{column}{who}") or self.cookies.get(column)) is not None:
            headers["Cookie"] = f"reciprocal={cookie}"
        more: dict[str, Any] = {}
        if row.rule.startswith("/v1/"):
            headers |= {"Authorization": f"Bearer {self.keys[column]}"} if column in self.keys else {}
            headers |= {"Idempotency-Key": f"{column} {row.call} {who}", "If-Match": '"none"'}
            more = {} if row.method == "GET" else {"json": body_for(row.rule, self.ids["own"])}
        elif row.method != "GET":
            more = {"data": {}}
        client = self.app.test_client(use_cookies=False)
        return client.open(built[1], method=row.method, headers=headers, **more)


def _any_word(rule: Rule, name: str) -> str:
    """A word that fits where an address asks for none of our things."""
    items = getattr(rule._converters[name], "items", None)
    plain = {"day": "2026-01-01", "rail": "sandbox", "step": "kind", "filename": "start.js"}
    return sorted(items)[0] if items else plain.get(name, "kind")


def refused(answer: TestResponse) -> bool:
    """Whether somebody was turned away at the door: to sign in, or as not allowed."""
    if answer.status_code == 403 and answer.mimetype == "application/problem+json":
        return "scope" in answer.get_data(as_text=True)
    led = answer.headers.get("Location", "")
    to_sign_in = answer.status_code == 303 and led.endswith(("/sign-in", "/me/again"))
    return to_sign_in or answer.status_code in (401, 403)


def build(stage: Stage, app: Flask) -> Town:
    """Furnish two councils, and let everybody sign in."""
    own, other = (
        furnished(stage, slug, rail="sandbox", policy="samplebury") for slug in ("exampleshire", "demoford")
    )
    app.config["WTF_CSRF_METHODS"] = set()
    [limiter] = app.extensions["limiter"]
    limiter.enabled = False
    people = {"ada": own.ids["person_id"], "nil": own.council.person("Nil Nobody")}
    people["pat"] = told(own.council.lead.get(f"overpayments/{own.ids['overpayment_id']}"))["person"]
    (asked,) = told(own.council.lead.get(f"policies/{own.ids['policy_id']}/sign_offs"))["data"]
    people["rowan"] = asked["who"]
    town = Town(stage, app, own, other, people)
    for name, one in (("own", own), ("other", other)):
        town.ids[name] = {**one.ids, "slug": "exampleshire", **_more(one)}
    _everybody(town)
    stage.drain()
    return town


def _more(one: Furnished) -> dict[str, str]:
    """What stands in addresses of pages alone."""
    council, now = one.council, one.council.stage.clock()
    with council.stage.hands.db.council(council.id) as session:
        key: dict[str, Any] = {"council_id": council.id, "now": now}
        acts = _acts_for(session, one, one.ids["person_id"])
        lost.ask(session, name="Ada", reach="07700 900 982", words="", **key)
        (waiting,) = lost.waiting(session, council_id=council.id)
        sends = _sends(session, one)
        is_written_to(session, person_id=one.ids["person_id"], **key)
        (letter, *_) = sendings.letters(session, council_id=council.id, state="to_print")
    claim = told(council.lead.get(f"claims/{one.ids['claim_id']}"))
    coming = council.session(ends=now.replace(microsecond=0) + timedelta(days=30))
    fee_id = council.invited(coming, one.ids["person_id"])
    (notice,) = _rows(one, "SELECT id FROM notices WHERE council_id = %s LIMIT 1")
    return {
        "request_id": waiting.id,
        "payout_id": one.ids["payment_id"],
        "attended_id": claim["session"],
        "notice_id": notice,
        "subject_id": one.ids["person_id"],
        "letter_id": letter.key,
        "fee_id": fee_id,
        **acts,
        **sends,
    }


def _acts_for(session: Session, one: Furnished, person_id: str) -> dict[str, str]:
    """Somebody who acts on a person's money, and somebody who helps them."""
    now = one.council.stage.clock()
    key: dict[str, Any] = {"council_id": one.council.id, "now": now}
    document = AuthorityGiven("deputy", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
    by = Actor("staff", "stf_1")
    row = authorities.record(session, person_id=person_id, given=document, actor=by, **key)
    authorities.check(session, authority_id=row.id, actor=Actor("staff", "stf_2"), **key)
    given = HelperGiven(
        "supporter", "Hal", "hal@example.net", may_answer=True, may_ask=True, until_day=now.date()
    )
    own = Actor("person", person_id)
    helper = helping.name(session, person_id=person_id, given=given, actor=own, **key)
    return {"authority_id": row.id, "helper_id": helper.id}


def _sends(session: Session, one: Furnished) -> dict[str, str]:
    """A receipt that was sent, and a question about an offer."""
    council, person_id = one.council, one.ids["person_id"]
    now, person = council.stage.clock(), Actor("person", person_id)
    key: dict[str, Any] = {"council_id": council.id, "now": now}
    picture = sent(
        session,
        person_id=person_id,
        claim_id=one.ids["claim_id"],
        keeping=council.stage.hands.receipts,
        **key,
    )
    asked = asking.ask_question(
        session, offer_id=one.ids["offer_id"], words="Is there a lift?", actor=person, **key
    )
    return {"receipt_id": picture.id, "ask_id": asked.id}


def _rows(one: Furnished, query: str) -> list[str]:
    with one.council.stage.admin() as line:
        return [str(found) for (found,) in line.execute(query, (one.council.id,)).fetchall()]


def _everybody(town: Town) -> None:
    """A cookie for each who signs in on a page, a key for each role that a machine may have."""
    council, long_ago = town.own.council, FRESH + timedelta(minutes=1)
    for name, person_id in town.people.items():
        town.cookies[f"p{name}"] = _cookie(town, "person", person_id)
        town.cookies[f"s{name}"] = _cookie(town, "person", person_id, shown=long_ago)
    with council.stage.hands.db.council(council.id) as session:
        for_nil = _acts_for(session, town.own, town.people["nil"])
    for name, acts in (("", town.ids["own"]), ("nil", for_nil)):
        town.cookies[f"a{name}"] = _cookie(town, "attorney", acts["authority_id"])
        town.cookies[f"h{name}"] = _cookie(town, "helper", acts["helper_id"])
    for letter, role in COLUMNS.items():
        if role in ROLES:
            town.cookies[letter] = _cookie(town, "staff", _member(town.own, role))
            town.keys[letter] = council.key(role).key
    town.cookies["all"] = _cookie(town, "staff", _member(town.own, *ROLES))
    town.keys["all"] = council.key(*ROLES).key
    town.cookies["elsewhere"] = _cookie(
        town, "staff", _member(town.other, *ROLES), council=town.other.council.id
    )


def _member(one: Furnished, *roles: str) -> str:
    now, email = utc_now(), f"{'-'.join(roles).replace('_', '-')}@example.org"
    with one.council.stage.hands.db.council(one.council.id) as session:
        member = councils.add_staff(
            session, council_id=one.council.id, email=email, name="Bo", roles=roles, now=now
        )
        return str(member.id)


def _cookie(
    town: Town, kind: str, subject_id: str, *, shown: timedelta = timedelta(), council: str = ""
) -> str:
    council_id, moment = council or town.own.council.id, utc_now()
    times = [(moment - shown).timestamp(), moment.timestamp()]
    signer = town.app.session_interface.get_signing_serializer(town.app)  # type: ignore[attr-defined]
    held = {"_permanent": True, kind: {council_id: subject_id}, TIMES: {f"{kind}:{council_id}": times}}
    return str(signer.dumps(held))
