"""Can anybody but the person change where money in force goes? Every address there is, by every role.

Each call carries everything that any form or body about money asks for. What is in force must stay as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from service.councils import actions as councils
from service.councils.model import ROLES, SCOPES_OF_ROLE
from service.events import Actor
from service.people import authorities
from service.people.authorities import AuthorityGiven
from tests.neighbours import Furnished, filled, furnished, pages_of, scope_of
from tests.stage import Stage, bank_account, told
from tests.web.cookies import sign_in

OURS = {"Referer": "http://localhost/"}
THEFT = {
    **bank_account("00733445"),
    "charity": "A charity of mine",
    "answer": "yes",
    "code": "000000",
    "was_theirs": "yes",
    "by": "somebody",
    "give_to": "me",
    "email": "thief@example.org",
}
PAID_INTO = ("PUT", "/v1/people/<person_id>/payment_method")
BODIES: tuple[dict[str, str], ...] = (THEFT, bank_account("00733445"), {"kind": "none"}, {})


@pytest.fixture
def one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    """A council with something of each kind. Form tokens are another test's matter."""
    monkeypatch.setitem(stage.app.config, "WTF_CSRF_METHODS", set())
    made = furnished(stage, rail="sandbox")
    stage.drain()
    return made


def in_force(line: psycopg.Connection[Any]) -> list[Any]:
    """Every way of being paid that counts now, sealed details included."""
    query = "SELECT person_id, id, kind, details_sealed FROM payment_methods WHERE state = 'current'"
    return sorted(line.execute(query).fetchall())


@pytest.fixture
def line(stage: Stage) -> Iterator[psycopg.Connection[Any]]:
    """One line to look with, for as long as it takes."""
    with stage.admin() as opened:
        yield opened


def staff_of(one: Furnished, *roles: str) -> str:
    now = one.council.stage.clock()
    with one.council.stage.hands.db.council(one.council.id) as session:
        email = f"{'-'.join(roles).replace('_', '-')}@example.org"
        member = councils.add_staff(
            session, council_id=one.council.id, email=email, name="Bo", roles=roles, now=now
        )
        return str(member.id)


def test_no_member_of_staff_changes_what_is_in_force_by_any_page(
    one: Furnished, line: psycopg.Connection[Any]
) -> None:
    stage = one.council.stage
    before, called = in_force(line), 0
    answered: dict[tuple[str, ...], Counter[int]] = {}
    assert before
    everything = tuple(ROLES)
    for roles in (*((role,) for role in ROLES), everything):
        client = stage.app.test_client()
        sign_in(client, one.council.id, "staff", staff_of(one, *roles))
        # To a page of a person's, each member of staff is the same.
        for door in ("staff", "me") if roles in (("lead",), everything) else ("staff",):
            for method, path in pages_of(one, door):
                if path.endswith("/sign-out"):
                    # All that came after it would end at the door.
                    continue
                answer = client.open(
                    path, method=method, data=THEFT if method != "GET" else None, headers=OURS
                )
                called += 1
                if door == "staff":
                    answered.setdefault(roles, Counter())[answer.status_code] += 1
                assert in_force(line) == before, (roles, method, path)
    assert called > 300
    assert sum(n for status, n in answered[everything].items() if status not in (303, 401, 403)) > 100
    stage.drain()
    assert in_force(line) == before


def test_no_key_changes_what_is_in_force_by_any_call(one: Furnished, line: psycopg.Connection[Any]) -> None:
    stage = one.council.stage
    before, called, waits = in_force(line), 0, []
    rules = [
        (method, rule.rule)
        for rule in stage.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and hasattr(stage.app.view_functions[rule.endpoint], "shares")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}
    ]
    assert PAID_INTO in rules
    for roles in (*((role,) for role in ROLES), tuple(ROLES)):
        door = one.council.key(*roles)
        scopes = {scope for role in roles for scope in SCOPES_OF_ROLE[role]}
        for number, (method, rule) in enumerate(rules):
            for body in BODIES if scope_of(stage, method, rule) in scopes else BODIES[:1]:
                once = f"theft-{'-'.join(roles)}-{number}-{len(body)}"
                answer = door.send(method, filled(rule, one.ids), body, once=once)
                called += 1
                if (method, rule) == PAID_INTO and roles == ("lead",):
                    waits.append(answer.status_code)
        assert in_force(line) == before, roles
    assert called > 500
    # What a lead writes down waits for the person's code.
    assert 202 in waits
    stage.drain()
    assert in_force(line) == before


def test_an_attorney_reaches_one_page_alone_and_changes_nothing_without_their_code(
    one: Furnished, line: psycopg.Connection[Any]
) -> None:
    stage, now = one.council.stage, one.council.stage.clock()
    about: dict[str, Any] = {"council_id": one.council.id, "now": now}
    document = AuthorityGiven("deputy", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
    with stage.hands.db.council(one.council.id) as session:
        row = authorities.record(
            session, person_id=one.ids["person_id"], given=document, actor=Actor("staff", "stf_1"), **about
        )
        authorities.check(session, authority_id=row.id, actor=Actor("staff", "stf_2"), **about)
    before = in_force(line)
    client = stage.app.test_client()
    sign_in(client, one.council.id, "attorney", row.id)
    found = {}
    for method, path in pages_of(one, "me"):
        if not path.endswith("/sign-out"):
            answer = client.open(path, method=method, data=THEFT if method != "GET" else None, headers=OURS)
            found[f"{method} {path}"] = answer.status_code
    opened = {
        call
        for call, status in found.items()
        if status in (200, 303) and "/payment-method" not in call and "/me/again" not in call
    }
    assert opened <= {"GET /exampleshire/me/"}
    assert found["GET /exampleshire/me/payment-method/"] == 200
    assert all(status == 403 for call, status in found.items() if "/claims/" in call or "/offers/" in call)
    assert in_force(line) == before
    with stage.hands.db.council(one.council.id) as session:
        authorities.end(session, authority_id=row.id, actor=Actor("staff", "stf_1"), **about)
    assert client.get("/exampleshire/me/payment-method/").status_code == 303


def test_a_way_round_would_be_seen(one: Furnished, line: psycopg.Connection[Any]) -> None:
    before = in_force(line)
    told(one.council.pays_into(one.ids["person_id"], "00733445"), 202)
    assert in_force(line) == before
    one.council.confirms(one.ids["person_id"])
    assert in_force(line) != before
