"""Do staff come in with their work account as what they are there, and does nobody else?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.serving import make_server

from service.councils import providers
from service.councils import queries as councils
from service.councils.providers import ProviderGiven
from service.councils.tables import Staff
from service.identity.openid import OpenId
from tests import fake_provider
from tests.fake_provider import CLIENT_ID, SECRET, Provider
from tests.web.test_sign_in import send
from tests.web.world import World

ROLES = {"Reciprocal.Lead": ("lead",), "Reciprocal.Money": ("finance", "ops")}
SAM = {
    "sub": "s-1",
    "name": "Sam Field",
    "email": "sam@exampleshire.example",
    "email_verified": True,
    "roles": ["Reciprocal.Lead"],
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Where this council's staff have their accounts."""
    with fake_provider.running() as made:
        made.claims = dict(SAM)
        yield made


@pytest.fixture
def council(world: World, provider: Provider) -> World:
    """A council whose staff sign in there."""
    put(world, provider)
    return world


def put(world: World, provider: Provider, **more: Any) -> None:
    given = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "roles": ROLES,
        **more,
    }
    with world.db.council(world.council_id) as session:
        providers.put(
            session,
            council_id=world.council_id,
            given=ProviderGiven(**given),
            vault=world.hands.vault,
            now=world.now,
        )


def leaves(world: World, client: FlaskClient) -> str:
    """The button on the page for staff. Answers where it leads."""
    answer = client.get(f"/{world.slug}/staff/sign-in/account")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def comes_in(world: World, provider: Provider, client: FlaskClient | None = None) -> tuple[int, str]:
    """There and back. Answers the status, and where it leads or the page's words."""
    client = client or world.client()
    back = urlsplit(provider.visit(leaves(world, client)))
    answer = client.get(f"{back.path}?{back.query}")
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def member(world: World, email: str = SAM["email"]) -> Staff:
    with world.db.council(world.council_id) as session:
        found = councils.staff_by_email(session, council_id=world.council_id, email=email)
        assert found is not None
        return found


def test_a_member_of_staff_comes_in_as_what_they_are_at_work(council: World, provider: Provider) -> None:
    client = council.client()
    client.get(f"/{council.slug}/staff/people")
    assert comes_in(council, provider, client) == (303, f"/{council.slug}/staff/people")
    assert client.get(f"/{council.slug}/staff/people").status_code == 200
    assert member(council).id == council.staff["sam"]
    provider.claims["roles"] = ["Reciprocal.Money", "Something.Else"]
    client = council.client()
    assert comes_in(council, provider, client) == (303, f"/{council.slug}/staff")
    assert member(council).roles == ["finance", "ops"]
    assert client.get(f"/{council.slug}/staff/people").status_code == 403


def test_somebody_with_a_role_who_is_new_here_is_one_of_the_staff_from_now_on(
    council: World, provider: Provider
) -> None:
    provider.claims |= {"sub": "s-2", "name": " Nia  New ", "email": "Nia@exampleshire.example"}
    assert comes_in(council, provider)[0] == 303
    found = member(council, "nia@exampleshire.example")
    assert (found.name, found.roles) == ("Nia New", ["lead"])
    # A new address there changes nothing here: they are known by the provider's own name for them.
    provider.claims["email"] = "nia.newer@exampleshire.example"
    assert comes_in(council, provider)[0] == 303
    assert member(council, "nia@exampleshire.example").id == found.id


def test_somebody_without_a_role_is_told_kindly_and_nothing_is_written(
    council: World, provider: Provider
) -> None:
    provider.claims |= {"sub": "s-3", "email": "una@exampleshire.example", "roles": ["Other"]}
    before = _staff(council)
    status, page = comes_in(council, provider)
    assert (status, "You cannot come in yet" in page, "Your work account is fine." in page) == (
        403,
        True,
        True,
    )
    assert _staff(council) == before


def test_who_has_lost_their_role_there_has_lost_it_here_and_gets_no_link_either(
    council: World, provider: Provider
) -> None:
    client = council.client()
    comes_in(council, provider, client)
    provider.claims["roles"] = []
    assert comes_in(council, provider)[0] == 403
    assert member(council).roles == []
    # The browser that is signed in still has lost it at once.
    assert client.get(f"/{council.slug}/staff/people").status_code == 403
    before = len(_events(council))
    send(council.client(), f"/{council.slug}/staff/sign-in", email=SAM["email"])
    assert len(_events(council)) == before


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email_verified": False}, "an address of yours that it has checked"),
        ({"email": None}, "an address of yours that it has checked"),
        ({"sub": "s-9", "roles": None, "_claim_names": {"roles": "src1"}}, "so many groups"),
    ],
)
def test_nobody_takes_the_place_of_another_by_an_address_that_nobody_checked(
    council: World, provider: Provider, claims: dict[str, Any], said: str
) -> None:
    provider.claims |= claims
    provider.claims = {name: value for name, value in provider.claims.items() if value is not None}
    before = _staff(council)
    status, page = comes_in(council, provider)
    assert (status, said in page) == (403, True)
    assert _staff(council) == before


def test_an_address_that_went_to_somebody_new_does_not_open_the_place_of_who_had_it(
    council: World, provider: Provider
) -> None:
    comes_in(council, provider)
    provider.claims["sub"] = "s-77"
    before = _staff(council)
    status, page = comes_in(council, provider)
    assert (status, "Somebody else came in with this address." in page) == (403, True)
    assert _staff(council) == before


@pytest.mark.parametrize("how", ["another client", "unlinked", "ended and set anew"])
def test_who_came_in_before_comes_in_with_a_new_name_once_the_council_says_so(
    council: World, provider: Provider, how: str
) -> None:
    comes_in(council, provider)
    provider.claims["sub"] = "s-of-another-client"
    put(council, provider)  # The same one again, with a new secret say: nobody is forgotten.
    assert comes_in(council, provider)[0] == 403
    with council.db.council(council.council_id) as session:
        key: dict[str, Any] = {"council_id": council.council_id, "now": council.now}
        if how == "unlinked":
            for _ in range(2):
                providers.unlink(session, **key, email="SAM@exampleshire.example")
        elif how == "ended and set anew":
            providers.end(session, **key)
    if how != "unlinked":
        put(council, provider, client_id="before")
        put(council, provider)
    assert comes_in(council, provider)[0] == 303
    assert member(council).id == council.staff["sam"]
    assert member(council).provider_subject == f"{provider.issuer} s-of-another-client"


def test_groups_and_another_address_claim_do_as_well(world: World, provider: Provider) -> None:
    groups = {"0a1b": ("facilitator",)}
    put(world, provider, roles=groups, roles_claim="groups", address_claim="preferred_username")
    provider.claims = {"sub": "s-5", "preferred_username": SAM["email"], "groups": ["0a1b", "zz"]}
    assert comes_in(world, provider)[0] == 303
    assert member(world).roles == ["facilitator"]


def _bend(name: str, value: Any) -> Any:
    def bend(claims: dict[str, Any]) -> None:
        claims[name] = value

    return bend


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonce", "another visit's"),
        ("nonce", None),
        ("aud", "another client"),
        ("aud", [CLIENT_ID, "another"]),
        ("iss", "https://another.example"),
        ("exp", 1_700_000_000),
        ("iat", 4_000_000_000),
        ("sub", None),
    ],
)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    council: World, provider: Provider, name: str, value: Any
) -> None:
    provider.bend = _bend(name, value) if value is not None else lambda claims: claims.pop(name)
    client = council.client()
    status, page = comes_in(council, provider, client)
    assert (status, "We could not trust what your provider sent." in page) == (403, True)
    assert client.get(f"/{council.slug}/staff").status_code == 303


@pytest.mark.parametrize("signs", ["strange", "shared", "none"])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    council: World, provider: Provider, signs: str
) -> None:
    provider.signs = signs
    client = council.client()
    status, page = comes_in(council, provider, client)
    assert (status, "We could not trust what your provider sent." in page) == (403, True)
    assert client.get(f"/{council.slug}/staff").status_code == 303


def test_a_key_that_is_new_is_looked_up_once_and_not_at_every_wish(
    council: World, provider: Provider
) -> None:
    moment = [0.0]
    council.app.extensions["openid"] = OpenId(ticks=lambda: moment[0])
    assert comes_in(council, provider)[0] == 303
    assert provider.asked.count("/keys") == 1
    provider.signs, provider.published = "next", ["next"]
    assert comes_in(council, provider)[0] == 403
    moment[0] = 31.0
    assert comes_in(council, provider)[0] == 303
    assert provider.asked.count("/keys") == 2


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(council: World, provider: Provider) -> None:
    client, other = council.client(), council.client()
    back = urlsplit(provider.visit(leaves(council, client)))
    answer = f"{back.path}?{back.query}"
    leaves(council, other)
    assert [one.get(answer).status_code for one in (council.client(), other)] == [403, 403]
    assert client.get(answer).status_code == 303
    assert client.get(answer).status_code == 403
    said_no = f"{back.path}?error=access_denied&state={dict(parse_qsl(back.query))['state']}"
    assert client.get(said_no).status_code == 403


def test_a_visit_is_over_after_ten_minutes(council: World, provider: Provider) -> None:
    client = council.client()
    back = urlsplit(provider.visit(leaves(council, client)))
    with client.session_transaction() as cookie:
        (visit,) = cookie["visit"].values()
        cookie["visit"] = {council.council_id: [*visit[:3], visit[3] - 601]}
    assert client.get(f"{back.path}?{back.query}").status_code == 403


def test_a_provider_that_does_not_answer_or_is_another_is_said_so(council: World, provider: Provider) -> None:
    provider.answers = False
    answer = council.client().get(f"/{council.slug}/staff/sign-in/account")
    assert (answer.status_code, "Your work sign-in does not answer" in answer.text) == (503, True)
    provider.answers, provider.says_issuer = True, "https://another.example"
    assert council.client().get(f"/{council.slug}/staff/sign-in/account").status_code == 503


def test_links_can_be_switched_off_and_the_secret_is_sealed(council: World, provider: Provider) -> None:
    path = f"/{council.slug}/staff/sign-in"
    assert "Or get a link by email" in council.client().get(path).text
    with council.db.council(council.council_id) as session:
        row = providers.allow_links(session, council_id=council.council_id, allowed=False, now=council.now)
        assert SECRET not in row.secret_sealed
    page = council.client().get(path).text
    assert ("Or get a link by email" in page, "Sign in with your work account" in page) == (False, True)
    before = len(_events(council))
    assert council.client().post(path, data={"email": SAM["email"]}).status_code == 400
    answer = send(council.client(), path, f"/{council.slug}/sign-in", email=SAM["email"])
    assert (answer[0], len(_events(council))) == (409, before)


def test_the_demonstration_has_a_provider_of_its_own(world: World, app: Flask) -> None:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    app.extensions["settings"] = replace(
        app.extensions["settings"], base_url=f"http://127.0.0.1:{server.server_port}"
    )
    try:
        client = world.client()
        page = client.get(leaves(world, client)).text
        (sam,) = re.findall(r'href="([^"]+)">Sam Field', page)
        back = urlsplit(sam.replace("&amp;", "&"))
        answer = client.get(f"{back.path}?{back.query}")
        assert (answer.status_code, answer.headers.get("Location")) == (303, f"/{world.slug}/staff")
        assert client.get(f"/{world.slug}/staff/people").status_code == 200
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _staff(world: World) -> list[tuple[str, list[str], str | None]]:
    with world.db.council(world.council_id) as session:
        found = councils.staff(session, council_id=world.council_id)
        return [(one.email, one.roles, one.provider_subject) for one in found]


def _events(world: World) -> list[str]:
    with world.db.council(world.council_id) as session:
        return list(session.scalars(text("SELECT name FROM events WHERE name = 'staff.link_asked'")))
