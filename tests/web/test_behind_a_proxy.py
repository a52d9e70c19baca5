"""Behind proxies of our own: is each caller counted by their own address, and is nothing typed lost?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings
from tests.web.world import World

PROXY = {"REMOTE_ADDR": "10.0.0.1"}


@pytest.fixture
def behind(world: World, settings: Settings, request: pytest.FixtureRequest) -> World:
    """The same service, told how many proxies stand before it. Form tokens are another test's matter."""
    told = replace(settings, base_url="https://pay.example", trusted_proxies=request.param)
    app = create_app(told)
    app.config["WTF_CSRF_METHODS"] = set()
    return replace(world, app=app)


def asks(client: FlaskClient, path: str, number: int, forwarded: str) -> int:
    """Somebody asks for a link; `forwarded` is what the proxy says of where from."""
    headers = {"X-Forwarded-For": forwarded, "Referer": "http://localhost/"}
    typed = {"contact": f"nobody-{number}@nowhere.example"}
    return client.post(path, data=typed, headers=headers, environ_base=PROXY).status_code


@pytest.mark.parametrize("behind", [1], indirect=True)
def test_whoever_calls_through_a_proxy_has_a_limit_of_their_own(behind: World) -> None:
    client, path = behind.client(), f"/{behind.slug}/sign-in"
    # What a caller says of themselves comes first, and is not believed.
    first = [asks(client, path, number, f"198.51.100.{number}, 203.0.113.7") for number in range(31)]
    assert first == [303] * 30 + [429]
    assert asks(client, path, 99, "203.0.113.8") == 303


@pytest.mark.parametrize("behind", [0], indirect=True)
def test_where_no_proxy_is_named_nobody_is_believed(behind: World) -> None:
    client, path = behind.client(), f"/{behind.slug}/sign-in"
    found = [asks(client, path, number, f"203.0.113.{number}") for number in range(31)]
    assert found == [303] * 30 + [429]


@pytest.mark.parametrize("behind", [0, 1], indirect=True)
def test_a_form_that_people_sent_to_our_own_address_is_kept(behind: World) -> None:
    client, at = behind.client(), f"/{behind.slug}/me"
    typed = {"words": "Is there a lift?"}
    kept = {
        origin: 'name="words" value="Is there a lift?"'
        in client.post(f"{at}/offers/off_1/question", data=typed, headers={"Origin": origin}).text
        for origin in ("https://pay.example", "https://bad.example", "https://pay.example.bad.example")
    }
    assert list(kept.values()) == [True, False, False]


@pytest.mark.parametrize("behind", [1], indirect=True)
def test_the_scheme_is_what_the_proxy_says(behind: World) -> None:
    client = behind.client()
    found = [
        "Strict-Transport-Security" in client.get("/", headers=headers).headers
        for headers in ({"X-Forwarded-Proto": "https"}, {})
    ]
    assert found == [True, False]
