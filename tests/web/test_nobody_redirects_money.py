"""Can anybody but the person change where money in force goes? Every address there is, by every role.

Each call carries everything that any form or body about money asks for. What is in force must stay as it is.
"""

from __future__ import annotations

from typing import Any

import pytest

from service.councils import actions as councils
from service.councils.model import ROLES
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


@pytest.fixture
def one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    """A council with something of each kind. Form tokens are another test's matter."""
    monkeypatch.setitem(stage.app.config, "WTF_CSRF_METHODS", set())
    made = furnished(stage, rail="sandbox")
    stage.drain()
    return made


def in_force(stage: Stage) -> list[Any]:
    """Every way of being paid that counts now, sealed details included."""
    with stage.admin() as line:
        query = "SELECT person_id, id, kind, details_sealed FROM payment_methods WHERE state = 'current'"
        return sorted(line.execute(query).fetchall())


def staff_of(one: Furnished, *roles: str) -> str:
    now = one.council.stage.clock()
    with one.council.stage.hands.db.council(one.council.id) as session:
        email = f"{'-'.join(roles).replace('_', '-')}@example.org"
        member = councils.add_staff(
            session, council_id=one.council.id, email=email, name="Bo", roles=roles, now=now
        )
        return str(member.id)


def test_no_member_of_staff_changes_what_is_in_force_by_any_page(one: Furnished) -> None:
    stage = one.council.stage
    before, called = in_force(stage), 0
    assert before
    for roles in (*((role,) for role in ROLES), tuple(ROLES)):
        client = stage.app.test_client()
        sign_in(client, one.council.id, "staff", staff_of(one, *roles))
        for door in ("staff", "me"):
            for method, path in pages_of(one, door):
                client.open(path, method=method, data=THEFT if method != "GET" else None, headers=OURS)
                called += 1
                assert in_force(stage) == before, (roles, method, path)
    assert called > 300
    stage.drain()
    assert in_force(stage) == before


def test_no_key_changes_what_is_in_force_by_any_call(one: Furnished) -> None:
    stage = one.council.stage
    before, called = in_force(stage), 0
    rules = [
        (method, rule.rule)
        for rule in stage.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and hasattr(stage.app.view_functions[rule.endpoint], "shares")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS", "GET"}
    ]
    assert ("PUT", "/v1/people/<person_id>/payment_method") in rules
    for roles in (*((role,) for role in ROLES), tuple(ROLES)):
        door = one.council.key(*roles)
        for number, (method, rule) in enumerate(rules):
            assert scope_of(stage, method, rule)
            for body in ({}, bank_account("00733445"), {"kind": "none"}, THEFT):
                once = f"theft-{'-'.join(roles)}-{number}-{len(body)}"
                door.send(method, filled(rule, one.ids), body, once=once)
                called += 1
        assert in_force(stage) == before, roles
    assert called > 500
    stage.drain()
    assert in_force(stage) == before


def test_an_attorney_reaches_one_page_alone_and_changes_nothing_without_their_code(one: Furnished) -> None:
    stage, now = one.council.stage, one.council.stage.clock()
    about: dict[str, Any] = {"council_id": one.council.id, "now": now}
    document = AuthorityGiven("deputy", "Al Attorney", "al@example.net", "LPA 1", now.date(), now.date())
    with stage.hands.db.council(one.council.id) as session:
        row = authorities.record(
            session, person_id=one.ids["person_id"], given=document, actor=Actor("staff", "stf_1"), **about
        )
        authorities.check(session, authority_id=row.id, actor=Actor("staff", "stf_2"), **about)
    before = in_force(stage)
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
    assert in_force(stage) == before
    with stage.hands.db.council(one.council.id) as session:
        authorities.end(session, authority_id=row.id, actor=Actor("staff", "stf_1"), **about)
    assert client.get("/exampleshire/me/payment-method/").status_code == 303


def test_a_way_round_would_be_seen(one: Furnished) -> None:
    before = in_force(one.council.stage)
    told(one.council.pays_into(one.ids["person_id"], "00733445"), 202)
    assert in_force(one.council.stage) == before
    one.council.confirms(one.ids["person_id"])
    assert in_force(one.council.stage) != before
