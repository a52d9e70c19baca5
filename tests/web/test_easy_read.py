"""Can somebody read the offer, the reasons and the statement with pictures, once a group has read them?"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from service.app import create_app
from service.events import SYSTEM
from service.money import pounds
from service.notices import reviews, telling
from service.notices.reviews import FILES
from service.settings import Settings
from service.web import assets
from service.web.pictures import PICTURES, picture_for
from tests.servers import Cluster
from tests.web.test_helpers import helper, named
from tests.web.world import World, build

FOLDER = assets.FOLDER / "pictures"


@pytest.fixture
def real(settings: Settings, hands: object) -> Iterator[World]:
    """A council where real people are paid: no demonstration, so no drafts."""
    made = create_app(replace(settings, demo=False))
    yield build(made, hands)  # type: ignore[arg-type]
    made.extensions["db"].close()


@pytest.fixture
def shown(settings: Settings, hands: object) -> Iterator[World]:
    """A demonstration."""
    made = create_app(replace(settings, demo=True))
    yield build(made, hands)  # type: ignore[arg-type]
    made.extensions["db"].close()


def review(world: World, *files: str) -> None:
    with world.db.council(world.council_id) as session:
        for file in files:
            reviews.record(
                session,
                council_id=world.council_id,
                file=file,
                seen=reviews.hash_of(file)[:12],
                reviewed_by="Easy Read group of Exampleshire",
                reviewed_on=date(2026, 1, 2),
                actor=SYSTEM,
                now=world.now,
            )


def pages(world: World) -> list[str]:
    world.tick("jo")
    at = f"/{world.slug}/me"
    return [
        f"{at}/offers/{world.offers['board-jo']}",
        f"{at}/claims/{world.claims_of('jo')[0].id}",
    ]


def test_nobody_sees_a_draft_until_every_file_of_those_words_was_reviewed(real: World) -> None:
    client = real.client("person", "jo")
    where = [*pages(real), f"/{real.slug}/me/statement"]
    assert [client.get(f"{one}/easy").status_code for one in where] == [404] * 3
    assert [client.get(f"{one}/cy").status_code for one in where] == [404] * 3
    assert "Easy Read" not in client.get(where[0]).text
    review(real, *FILES["easy"][:-1])
    assert client.get(f"{where[0]}/easy").status_code == 404
    review(real, FILES["easy"][-1])
    assert [client.get(f"{one}/easy").status_code for one in where] == [200] * 3
    assert [client.get(f"{one}/cy").status_code for one in where] == [404] * 3
    for one in where[:2]:
        assert f'href="{one}/easy"' in client.get(one).text
    assert "draft" not in client.get(f"{where[0]}/easy").text.lower()


def test_words_that_changed_since_are_a_draft_again(
    real: World, cluster: Cluster, database_name: str
) -> None:
    review(real, *FILES["easy"])
    with real.hands.db.council(real.council_id) as session:
        assert reviews.reviewed(session, council_id=real.council_id) == {"easy"}
    with psycopg.connect(cluster.driver_url(database=database_name), autocommit=True) as line:
        # As if another text had been read than the one in use.
        line.execute("UPDATE word_reviews SET hash = repeat('0', 64) WHERE file = 'easy'")
    with real.db.council(real.council_id) as session:
        assert reviews.reviewed(session, council_id=real.council_id) == frozenset()
        (changed,) = [s for s in reviews.states(session, council_id=real.council_id) if s.before]
    assert (changed.file, changed.reviewed_on) == ("easy", None)


def test_the_demonstration_shows_drafts_and_says_so(shown: World) -> None:
    client = shown.client("person", "jo")
    for one in pages(shown):
        page = client.get(one).text
        assert f'href="{one}/easy"' in page
        assert f'href="{one}/cy"' in page
        assert telling.table("pages_easy")["draft"] in client.get(f"{one}/easy").text
        assert "Drafft yw hwn" in client.get(f"{one}/cy").text
    assert client.get("/demo/pictures").text.count("<figure>") == len(PICTURES) > 20


def test_an_offer_is_one_idea_a_line_with_a_picture_and_can_be_answered(shown: World) -> None:
    offer = f"/{shown.slug}/me/offers/{shown.offers['board-jo']}"
    client = shown.client("person", "jo")
    page = client.get(f"{offer}/easy").text
    lines = re.findall(r'<p class="rcp-easy__words">(.*?)</p>', page)
    shows = re.findall(r'<img class="rcp-easy__picture" src="[^"]+" alt="([^"]+)"', page)
    assert len(lines) == len(shows) > 12
    assert "We ask you to take part in this: Making it Real board." in lines
    assert "The place is Town Hall." in lines
    assert max(len(line.split()) for line in lines) < 40
    assert f'action="{offer}/yes"' in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post(f"{offer}/yes", data={"csrf_token": token[1]})
    assert answer.headers["Location"] == f"{offer}/answered"
    assert "You said yes. Thank you." in client.get(f"{offer}/easy").text
    assert "/no" not in client.get(f"{offer}/easy").text.split("<main")[1]


def test_every_sum_of_the_statement_is_the_ledgers(shown: World) -> None:
    shown.tick("jo")
    client = shown.client("person", "jo")
    (payment,) = shown.payments_of("jo")
    assert payment.state == "paid"
    page = client.get(f"/{shown.slug}/me/statement/easy").text
    paid = pounds(payment.amount_pence)
    assert sorted(re.findall(r"£[\d,.]+\d", page)) == [paid] * 3
    assert f"In all we paid you {paid}." in page
    assert f"{paid} was for your time." in page
    assert "for your costs" not in page
    before = client.get(f"/{shown.slug}/me/statement/cy?since=2020-01-01&until=2020-12-31").text
    assert "Ni thalom ddim i chi yn yr amser hwn." in before
    assert "O Dydd Mercher 1 Ionawr 2020 i Dydd Iau 31 Rhagfyr 2020." in before


def test_the_statement_leads_to_the_same_days_in_other_words_and_back(shown: World) -> None:
    client, at = shown.client("person", "jo"), f"/{shown.slug}/me/statement"
    page = client.get(f"{at}?since=2020-01-01&until=2020-12-31").text
    for words in ("easy", "cy"):
        there = f"{at}/{words}?since=2020-01-01&amp;until=2020-12-31"
        assert f'href="{there}"' in page
        assert f'href="{at}?since=2020-01-01&amp;until=2020-12-31"' in client.get(html.unescape(there)).text
    assert client.get(f"{at}/easy?since=x&until=2026-01-01").status_code == 422


def test_a_statement_that_differs_from_the_books_shows_no_figure_in_any_words(shown: World) -> None:
    shown.tick("jo")
    (payment,) = shown.payments_of("jo")
    with shown.db.council(shown.council_id) as session:
        session.merge(payment).amount_pence += 1
    answer = shown.client("person", "jo").get(f"/{shown.slug}/me/statement/easy")
    assert answer.status_code == 503
    assert "£" not in answer.text.split("<main")[1].split("</main")[0]


def test_a_helper_reads_an_offer_and_a_claim_in_these_words_and_presses_only_what_they_may(
    shown: World,
) -> None:
    offer, claim = pages(shown)
    sees, answers = (
        helper(shown, named(shown, may_answer=may, may_ask=False, email=f"{may}@people.example"))
        for may in (False, True)
    )
    for words in ("easy", "cy"):
        assert f'href="{offer}/{words}"' in sees.get(offer).text
        assert [sees.get(f"{one}/{words}").status_code for one in (offer, claim)] == [200, 200]
        assert sees.get(f"/{shown.slug}/me/statement/{words}").status_code == 403
    assert "We ask you to take part in this: Making it Real board." in sees.get(f"{offer}/easy").text
    assert f"{offer}/yes" not in sees.get(f"{offer}/easy").text
    page = answers.get(f"{offer}/easy").text
    assert f'action="{offer}/yes"' in page
    assert f'action="{offer}/no"' in page
    # Less, nothing, or a charity is for the person alone to say.
    assert f"{offer}/less" not in page


def test_what_is_somebody_elses_stays_theirs(shown: World) -> None:
    where = pages(shown)
    client = shown.client("person", "wei")
    assert [client.get(f"{one}/{words}").status_code for one in where for words in ("easy", "cy")] == [
        404
    ] * 4
    assert shown.client().get(f"{where[0]}/easy").status_code == 303


def test_every_picture_is_drawn_here_in_one_style_and_said_in_words() -> None:
    files = {path.stem: path.read_text() for path in FOLDER.glob("*.svg")}
    assert sorted(files) == sorted(PICTURES)
    start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" fill="none" stroke="#0b0c0c"'
    for name, text in files.items():
        assert text.startswith(start), name
        assert len(text) < 1500, name
        assert re.findall(r"<(?:script|image|text|style)|href", text) == [], name
    assert all(english and welsh for english, welsh in PICTURES.values())


@pytest.mark.parametrize(
    ("sentence", "picture"),
    [
        ("Bus: £4.10.", "bus"),
        ("Hotel: not paid.", "no"),
        ("A person needs to check this first.", "person"),
        ("You get £15.50 for your time.", "money"),
        ("That is by 16 February 2026.", "calendar"),
        ("Please send a receipt.", "receipt"),
        ("10 miles at 45p a mile is £4.50.", "car"),
        ("A fee counts as income, also as a voucher.", "money"),
        ("It may change some benefits.", "money"),
        ("Please get advice of your own.", "helper"),
        ("Nid oes angen i neb gymeradwyo cais hyd at £75.00 sy'n dilyn y rheolau.", "rules"),
        ("Rydym yn addo talu o fewn 10 diwrnod gwaith.", "calendar"),
        ("Mae ffi'n cyfrif fel incwm, hefyd fel taleb.", "money"),
        ("Gall effeithio ar rai budd-daliadau, felly ceisiwch eich cyngor eich hun.", "helper"),
        ("Cadwch eich tocynnau a'ch derbynebau.", "receipt"),
        ("Anything else", "letter"),
    ],
)
def test_a_sentence_of_the_policy_gets_the_picture_of_what_it_speaks_of(sentence: str, picture: str) -> None:
    assert picture_for(sentence) == picture


def test_the_words_are_files_of_the_release() -> None:
    for file in reviews.ALL_FILES:
        assert len(reviews.text_of(file)) > 500
    assert Path(telling.FOLDER / "cy.yaml").is_file()
