"""Are stylesheets and scripts fast, cached for ever, and free of the government's own marks?"""

from __future__ import annotations

import gzip

from flask.testing import FlaskClient

from service.web.assets import FILES, asset
from tests.web.world import World

VENDORED = "govuk-frontend-6.3.0/govuk-frontend.min.css"


def test_the_vendored_stylesheet_has_no_crest_and_no_government_typeface() -> None:
    sheet = FILES[VENDORED].plain.decode().lower()
    assert [word for word in ("crest", "gds transport", "@font-face", "url(") if word in sheet] == []


def test_a_file_is_squeezed_and_kept_for_ever_under_an_address_that_changes_with_it(world: World) -> None:
    client = world.client()
    squeezed = client.get(asset(VENDORED), headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(squeezed.data) == client.get(asset(VENDORED)).data


def test_an_old_address_still_answers_but_is_not_kept(world: World) -> None:
    answer = world.client().get("/assets/0123456789abcdef/reciprocal.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")


def test_there_is_no_way_out_of_the_folder(world: World) -> None:
    assert world.client().get("/assets/x/../__init__.py").status_code == 404
    assert world.client().get("/assets/x/..%2f__init__.py").status_code == 404


def test_a_council_whose_colours_cannot_be_read_has_no_stylesheet(world: World) -> None:
    client = world.client()
    assert client.get("/theme/5b2a6e-ffffff.css").text == (
        ":root{--council-background:#5b2a6e;--council-text:#ffffff}\n"
    )
    assert client.get("/theme/ffffff-eeeeee.css").status_code == 404


def _weight(client: FlaskClient, path: str) -> int:
    return len(client.get(path, headers={"Accept-Encoding": "gzip"}).data)


def test_a_first_visit_is_light_and_each_page_after_it_lighter(world: World) -> None:
    world.tick("jo")
    client = world.client("person", "jo")
    page = _weight(client, f"/{world.slug}/me")
    rest = sum(_weight(client, asset(name)) for name in FILES if not name.endswith("register.js"))
    assert page < 10_000
    assert page + rest < 50_000
