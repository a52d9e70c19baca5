"""Can words that were made here be reviewed by command, as they are and by council, and only then be sent?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.cli import main
from service.errors import Invalid
from service.events import Actor
from service.notices import reaching, reviews, telling
from service.notices.reaching import Choice
from service.notices.reviews import FILES
from service.settings import Settings
from service.tasks import hands as in_use
from tests.stage import Council, Stage

Run = Callable[..., int]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`reciprocal council words …`, in this test's database."""
    for name in ("database_url", "redis_url", "secret_key"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    monkeypatch.setenv("ENCRYPTION_KEYS", ",".join(settings.encryption_keys))
    return lambda *given: main(["council", "words", *given])


@contextmanager
def at_work(stage: Stage, *, demo: bool) -> Iterator[None]:
    """As if this process served a demonstration, or not."""
    before = in_use._in_use[:]
    in_use.use(replace(stage.hands, settings=replace(stage.settings, demo=demo)))
    try:
        yield
    finally:
        in_use._in_use[:] = before


def review(run: Run, slug: str, *files: str) -> None:
    for file in files:
        seen = reviews.hash_of(file)[:12]
        assert run("review", slug, file, "--hash", seen, "--by", "Nia Fluent", "--on", "2026-01-02") == 0


def asks_for(council: Council, words: str) -> str:
    """Somebody who would like these words, and is asked to a session. Answers what they were written."""
    person_id = council.person(email="ada@example.org")
    with council.stage.hands.db.council(council.id) as session:
        reaching.choose(
            session,
            council_id=council.id,
            person_id=person_id,
            given=Choice("email", words),
            actor=Actor("person", person_id),
            now=council.stage.clock(),
        )
    council.offer(council.session(), person_id)
    council.stage.drain()
    query = (
        "SELECT words, goes_to, subject, body FROM notices WHERE person_id = %s"
        " ORDER BY event_id DESC LIMIT 1"
    )
    with council.stage.admin() as line:
        ((words_used, goes_to, *said),) = line.execute(query, (person_id,)).fetchall()
    page = "" if words_used == "en" else f"/{words_used}"
    assert re.fullmatch(rf"offers/off_\w+{page}", goes_to)
    return "\n".join([words_used, *said])


def test_a_person_gets_english_until_the_welsh_was_read(
    stage: Stage, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    council, other = stage.council(), stage.council("demoford")
    with at_work(stage, demo=False):
        assert asks_for(council, "cy").startswith("en\nWould you like to join us?")
        review(run, "exampleshire", *FILES["cy"][:-1])
        assert asks_for(council, "cy").startswith("en\n")
        review(run, "exampleshire", FILES["cy"][-1])
        assert "People may now see words in cy." in capsys.readouterr().out
        welsh = asks_for(council, "cy")
        assert welsh.startswith("cy\nHoffech chi ymuno â ni? Over a Brew\nHelo Ada Example,")
        assert "Byddwn yn talu £15.50 i chi am eich amser." in welsh
        assert "DRAFFT" not in welsh
        assert asks_for(council, "easy").startswith("en\n")
        assert asks_for(other, "cy").startswith("en\n")


def test_the_demonstration_sends_drafts_with_a_mark(stage: Stage) -> None:
    council = stage.council()
    with at_work(stage, demo=True):
        easy = asks_for(council, "easy")
    assert easy.startswith("easy\nWill you join us? Over a Brew\nHello Ada Example,\n\nDRAFT.")
    assert "You get £15.50 for your time." in easy


def test_the_command_shows_how_each_file_stands(
    stage: Stage, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.council()
    review(run, "exampleshire", "easy")
    with stage.admin() as line:
        line.execute("UPDATE word_reviews SET hash = repeat('0', 64)")
    review(run, "exampleshire", "cy")
    capsys.readouterr()
    assert run("show", "exampleshire") == 0
    shown = dict(row.split(None, 1) for row in capsys.readouterr().out.splitlines())
    assert list(shown) == list(reviews.ALL_FILES)
    assert shown["cy"] == f"{reviews.hash_of('cy')[:12]}  reviewed by Nia Fluent on 2 January 2026"
    assert shown["easy"].endswith("  a draft: changed since it was reviewed")
    assert shown["pages_easy"].endswith("  a draft")
    assert run("read", "reasons_cy") == 0
    assert "Mae hyn yn dod i {total}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--hash", "0123456789ab"), "This is not the text that is in use."),
        (("--hash", "0"), "This is not the text that is in use."),
        (("--by", " "), "Say who has read it"),
        (("--on", "2999-01-01"), "This one is to come."),
        (("--on", "soon"), "Give the day like 2026-11-26."),
    ],
)
def test_a_review_of_something_else_counts_for_nothing(
    stage: Stage, run: Run, capsys: pytest.CaptureFixture[str], given: tuple[str, str], sentence: str
) -> None:
    stage.council()
    before = stage.picture()
    good = {"--hash": reviews.hash_of("cy"), "--by": "Nia Fluent", "--on": "2026-01-02"}
    told = [word for pair in (good | dict([given])).items() for word in pair]
    assert run("review", "exampleshire", "cy", *told) == 1
    assert sentence in capsys.readouterr().err
    assert stage.picture() == before


def test_a_changed_text_has_another_hash(tmp_path: Path) -> None:
    assert len({reviews.hash_of(file) for file in reviews.ALL_FILES}) == len(reviews.ALL_FILES)
    read = reviews.text_of("cy")
    (tmp_path / "cy.yaml").write_text(read.replace("Helo", "Hylo", 1))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reviews, "FOLDER", tmp_path)
        assert reviews.text_of("cy") != read
        assert reviews.hash_of.__wrapped__("cy") != reviews.hash_of("cy")
    assert "{total}" in reviews.text_of("reasons_easy")
    assert telling.table("cy")["draft"] in reviews.text_of("cy")


def test_a_file_that_there_is_not_cannot_be_reviewed(stage: Stage) -> None:
    council = stage.council()
    with stage.hands.db.council(council.id) as session, pytest.raises(Invalid):
        reviews.record(
            session,
            council_id=council.id,
            file="fr",
            seen="0" * 12,
            reviewed_by="Nia",
            reviewed_on=stage.clock().date(),
            actor=Actor("system", "x"),
            now=stage.clock(),
        )
