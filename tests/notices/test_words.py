"""Is every message there in every form, with the same figures, short enough and easy enough to read?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest

from service.notices import telling
from service.notices.model import GREETING, NAME_SAYS, WAITS_BECAUSE, WORDINGS
from service.notices.telling import TEXTS, WHOLE, parts, people_keys, phrase, table
from service.tasks import NEXT
from service.web.person.easy_lines import PICTURES as LINES
from service.web.pictures import PICTURES
from tests.reading_age import pools, reading_age

# As long as they may well be: the longest name of a council in England, and an address for this service.
LONGEST = {
    "council": "Bournemouth, Christchurch and Poole Council",
    "amount": "£12,345.67",
    "pay_by": "30 September 2026",
    "when": "Wednesday 30 September 2026, 10:30am to 12:30pm",
    "paid": "We will pay you £1,234.50 for your time.",
    "code": "123456",
    "link": "https://payments.exampleshire.gov.uk/link/" + "x" * 43,
    "stop": "https://payments.exampleshire.gov.uk/link/" + "y" * 43,
}
# These places must not be lost in a text, where the English message has them.
NEEDED_IN_A_TEXT = {"amount", "code", "link", "stop"}
OLDEST_READER = 11


def places(text: str) -> set[str]:
    """The names of the places in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def whole(words: str, key: str) -> str:
    """A message's subject and body, unfilled."""
    if words == "en":
        return f"{WORDINGS[key].subject}\n{WORDINGS[key].body}"
    return "\n".join(parts(words, key))


@pytest.mark.parametrize("words", WHOLE)
def test_every_message_is_there_whole_and_none_that_is_not_sent(words: str) -> None:
    assert sorted(table(words)["messages"]) == sorted(people_keys())


@pytest.mark.parametrize("file", TEXTS)
def test_every_message_is_there_as_a_text(file: str) -> None:
    assert sorted(table(file)["messages"]) == sorted(people_keys())


def test_everything_that_people_hear_of_has_words() -> None:
    heard = {name for name, tasks in NEXT.items() if "notices.write" in tasks}
    assert len(heard) > 30
    assert heard - set(people_keys()) == set()


@pytest.mark.parametrize("words", WHOLE)
def test_a_translation_has_the_places_of_the_english_and_no_other(words: str) -> None:
    wrong = {
        key: places(whole(words, key)) ^ places(whole("en", key))
        for key in people_keys()
        if places(whole(words, key)) != places(whole("en", key))
    }
    assert wrong == {}


@pytest.mark.parametrize("words", WHOLE)
def test_a_translation_says_each_sum_in_its_subject_where_the_english_does(words: str) -> None:
    for key in people_keys():
        subject, _ = parts(words, key)
        assert places(subject) == places(WORDINGS[key].subject), key


def test_a_text_says_the_sum_and_has_the_links_and_nothing_that_the_message_has_not() -> None:
    for file in TEXTS:
        for key, text in table(file)["messages"].items():
            english = places(whole("en", key))
            assert places(text) <= english | {"council"}, (file, key)
            assert english & NEEDED_IN_A_TEXT <= places(text), (file, key)


def test_a_text_fits_with_the_longest_names_and_sums() -> None:
    lengths: dict[tuple[str, str], int] = {}
    for file in TEXTS:
        words = file.removeprefix("text_")
        for key in people_keys():
            told = telling.in_short(key=key, facts=dict(LONGEST), words=words)
            lengths[file, key] = len(told.format_map(LONGEST))
            assert lengths[file, key] > 100, (file, key)
    worst = sorted(lengths.items(), key=lambda item: -item[1])
    assert worst[0][1] <= telling.LONGEST_TEXT, worst[:10]


def test_a_text_names_nobody_and_says_nothing_of_their_bank() -> None:
    for file in TEXTS:
        for key, text in table(file)["messages"].items():
            assert not places(text) & {"name", "because", "before", "who", "words", "reasons", "where"}, key
            assert not re.search(r"\bbank|\bbanc", text, re.IGNORECASE), (file, key)


def _sentences(text: str) -> str:
    """A body as it is read: places with something short in them, and each line a sentence."""
    filled = re.sub(r"\{(?:amount|paid)\}", "£10.00", text.replace("{not_me}", ""))
    filled = re.sub(r"\{\w+\}", "this", filled)
    return " ".join(
        line if line[-1] in ".?!:" else f"{line}." for line in filled.splitlines() if line.strip()
    )


def _ages() -> Iterator[tuple[float, str, str]]:
    """Reading age, words and key. Short messages are measured with those beside them."""
    for words in ("en", "easy"):
        said = {key: _sentences(whole(words, key)) for key in people_keys()}
        for key, text in said.items():
            if len(text.split()) >= 40:
                yield round(reading_age(text), 1), words, key
        for pooled in pools(list(said.values())):
            yield round(reading_age(pooled), 1), words, f"{pooled[:40]}…"
    texts = [_sentences(text) for text in table("text_en")["messages"].values()]
    yield from ((round(reading_age(pooled), 1), "text_en", f"{pooled[:40]}…") for pooled in pools(texts))
    pages = [
        _sentences(text)
        for room in ("offer", "claim", "statement")
        for text in table("pages_easy")[room].values()
    ]
    yield from ((round(reading_age(pooled), 1), "pages_easy", f"{pooled[:40]}…") for pooled in pools(pages))


def test_a_child_of_eleven_can_read_every_message_and_the_hardest_stand_first() -> None:
    worst = sorted(_ages(), reverse=True)
    assert len(worst) > 30
    assert worst[0][0] <= OLDEST_READER, worst[:10]


def test_easy_read_is_easier_than_plain_english() -> None:
    plain, easy = (
        reading_age(" ".join(_sentences(whole(words, key)) for key in people_keys()))
        for words in ("en", "easy")
    )
    assert easy < plain - 0.5


@pytest.mark.parametrize("words", WHOLE)
def test_our_own_phrases_have_the_same_places(words: str) -> None:
    for plain, other in table(words)["phrases"]:
        assert sorted(re.findall(r"\{\d\}", plain)) == sorted(re.findall(r"\{\d\}", other)), plain


def test_everything_that_we_say_in_a_place_has_welsh_words() -> None:
    ours = [
        *WAITS_BECAUSE.values(),
        *NAME_SAYS.values(),
        "your claim",
        "Online",
        "We will tell you where",
        "We will pay you £15.50 for your time.",
        "Before, it was: Into a bank account account ending 2345.",
    ]
    assert [one for one in ours if phrase(one, "cy") == one] == []
    assert phrase(ours[-2], "cy") == "Byddwn yn talu £15.50 i chi am eich amser."


def test_days_and_times_in_welsh() -> None:
    assert (
        telling.in_welsh("Tuesday 3 March 2026, 2pm to 3:30pm") == "Dydd Mawrth 3 Mawrth 2026, 2yp tan 3:30yp"
    )
    assert telling.in_welsh("Friday 1 May 2026, 9am, to Saturday 2 May 2026, midday") == (
        "Dydd Gwener 1 Mai 2026, 9yb tan Dydd Sadwrn 2 Mai 2026, hanner dydd"
    )
    assert telling.in_welsh("16 February 2026") == "16 Chwefror 2026"
    assert telling.in_welsh("Go to room 2") == "Go to room 2"


def test_a_key_that_a_file_lacks_is_said_in_english() -> None:
    facts = {"name": "Ada", "council": "C", "contact": "c", "link": "L", "words": ""}
    told = telling.said(key="person.link_asked", facts=facts, words="fr")
    assert told.words == "en"
    assert told.body.startswith(GREETING.format(name="Ada"))


def test_the_easy_pages_say_the_same_in_both_languages_and_have_their_pictures() -> None:
    easy, welsh = table("pages_easy"), table("pages_cy")
    for room in ("offer", "claim", "statement"):
        assert sorted(easy[room]) == sorted(welsh[room])
        for key, text in easy[room].items():
            assert places(text) == places(welsh[room][key]), (room, key)
    lines = {f"{room}.{key}" for room in ("offer", "claim", "statement") for key in easy[room]}
    assert set(LINES) <= lines
    assert set(LINES.values()) <= set(PICTURES)
