"""How is a message said in somebody's own words: in English, in Welsh, in Easy Read, and as a short text?

The English stands in `model.py`. What stands beside it, by the same keys, is in `words/`: `cy` and `easy` are
whole messages, `text_en` and `text_cy` are texts. A key that a file lacks is said in English. Figures and
names are the English message's own; only what we say around them is said otherwise (`phrases`), and days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.notices.model import GOODBYE, GREETING, WORDINGS
from service.policy.form_words import MONTHS_CY

FOLDER = Path(__file__).with_name("words")
WHOLE = ("cy", "easy")
TEXTS = ("text_en", "text_cy")
# What a text message may be: two parts of what one screen of a plain phone holds.
LONGEST_TEXT = 306
# Names are cut in texts so that the whole is never too long.
LONGEST_TITLE = 30

# These are written to people who work here, in English.
FOR_STAFF = frozenset(("books.breach", "rail.short_of_funds"))

# These lead to a page that is there in the same words: nothing else is to be done than to read and answer.
LEAD_TO_THE_SAME_WORDS = frozenset(
    (
        "offer.made",
        "offer.on_the_day",
        "offer.accepted",
        "offer.less_taken",
        "offer.accepted_unpaid",
        "offer.cancelled",
        "offer.place_cancelled",
        "claim.waiting",
        "claim.waiting_away",
        "claim.needs_person",
        "claim.approved",
        "claim.approved_away",
        "claim.approved_waits",
        "claim.refused",
        "claim.withdrawn",
        "claim.stopped",
    )
)

# The places in which our own words stand. All others hold figures, names and what people wrote.
OURS = (
    *("title", "when", "where", "paid", "because", "before", "less", "pay_by"),
    *("promise", "paid_how", "costs", "touch", "due", "until", "may", "did", "how", "who", "length"),
)

DAYS_CY = {
    "Monday": "Dydd Llun",
    "Tuesday": "Dydd Mawrth",
    "Wednesday": "Dydd Mercher",
    "Thursday": "Dydd Iau",
    "Friday": "Dydd Gwener",
    "Saturday": "Dydd Sadwrn",
    "Sunday": "Dydd Sul",
}
_DAY = re.compile(rf"\b(?:({'|'.join(DAYS_CY)}) )?(\d{{1,2}}) ({'|'.join(MONTHS_CY)}) (\d{{4}})\b")
_LENGTHS_CY = ((re.compile(r"\bhours?\b"), "awr"), (re.compile(r"\bminutes?\b"), "munud"))
_CLOCK = re.compile(r"\b(\d{1,2}(?::\d\d)?)(am|pm)\b")


@dataclass(frozen=True)
class Told:
    """One message in somebody's words. `short`: the same as a text."""

    words: str
    subject: str
    body: str
    short: str


@cache
def table(name: str) -> Mapping[str, Any]:
    """One file of words, as it stands in the release."""
    found: Mapping[str, Any] = YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text())
    return found


def people_keys() -> tuple[str, ...]:
    """Every key that people are written to by."""
    return tuple(key for key in WORDINGS if key not in FOR_STAFF)


def said(*, key: str, facts: Mapping[str, str], words: str, draft: bool = False) -> Told:
    """A message filled with facts. `draft`: nobody has reviewed these words, and the message says so."""
    if words not in WHOLE or key not in table(words)["messages"]:
        wording = WORDINGS[key]
        short = in_short(key=key, facts=facts, words="en")
        return Told(
            "en",
            wording.subject.format_map(facts),
            (GREETING + wording.body + GOODBYE).format_map(facts),
            short,
        )
    own = table(words)
    subject, body = parts(words, key)
    filled = translated(facts, words)
    if draft:
        # Behind the greeting's name no mark is missed, and none can be taken for the message.
        body = f"{own['draft']}\n\n{body}"
    whole = own["greeting"] + body + GOODBYE
    return Told(
        words,
        subject.format_map(filled),
        whole.format_map(filled),
        in_short(key=key, facts=facts, words="cy" if words == "cy" else "en"),
    )


def goes_to(*, key: str, facts: Mapping[str, str], words: str) -> str:
    """The page that a message leads to, in the same words where it is there in them."""
    page = WORDINGS[key].goes_to.format_map(facts)
    return f"{page}/{words}" if words in WHOLE and key in LEAD_TO_THE_SAME_WORDS else page


def parts(words: str, key: str) -> tuple[str, str]:
    """The subject and the body of a key, unfilled."""
    own = table(words)
    found = own["messages"][key]
    return found["subject"], found["body"].rstrip("\n").replace("{not_me}", own["not_me"])


def subject_of(*, key: str, words: str) -> str:
    """The subject of a key that has no places, in these words where they have it."""
    own = table(words)["messages"] if words in WHOLE else {}
    return str(own[key]["subject"]) if key in own else WORDINGS[key].subject


def in_short(*, key: str, facts: Mapping[str, str], words: str) -> str:
    """The text message of a key, filled as far as it is now; nothing where there is none."""
    texts = table("text_cy" if words == "cy" else "text_en")["messages"]
    if key not in texts:
        return ""
    filled = translated(facts, words) if words == "cy" else facts.copy()  # type: ignore[attr-defined]
    title = filled.get("title", "")
    if len(title) > LONGEST_TITLE:
        filled["title"] = f"{title[: LONGEST_TITLE - 1].rstrip()}…"
    return str(texts[key].format_map(filled)).replace("  ", " ")


def translated(facts: Mapping[str, str], words: str) -> Any:
    """Facts with our own words in them said in these words. The kind of mapping stays what it is."""
    found = facts.copy()  # type: ignore[attr-defined]
    for name in OURS:
        if name in facts:
            # A list has a line for each thing.
            found[name] = "\n".join(phrase(line, words) for line in facts[name].split("\n"))
    if words == "cy" and "length" in facts:
        for pattern, welsh in _LENGTHS_CY:
            found["length"] = pattern.sub(welsh, found["length"])
    return found


def phrase(text: str, words: str) -> str:
    """One of our own sentences in these words; a sentence that we have no words for stays as it is."""
    for pattern, template in _phrases(words):
        match = pattern.fullmatch(text)
        if match:
            text = template.format(*(phrase(one, words) for one in match.groups()))
            break
    return in_welsh(text) if words == "cy" else text


def in_welsh(text: str) -> str:
    """Days and times: `Tuesday 3 March 2026, 2pm to 3pm` → `Dydd Mawrth 3 Mawrth 2026, 2yp tan 3yp`."""

    def day(match: re.Match[str]) -> str:
        name = f"{DAYS_CY[match[1]]} " if match[1] else ""
        return f"{name}{match[2]} {MONTHS_CY[match[3]]} {match[4]}"

    if _DAY.search(text):
        text = re.sub(r"(?<=[mdy]),? to (?=[\dmA-Z])", " tan ", text)
        text = text.replace("midday", "hanner dydd").replace("midnight", "hanner nos")
    text = _DAY.sub(day, text)
    return _CLOCK.sub(lambda match: f"{match[1]}{'yb' if match[2] == 'am' else 'yp'}", text)


@cache
def _phrases(words: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"\\\{\d\\\}", "(.+)", re.escape(plain)), re.DOTALL), other)
        for plain, other in table(words).get("phrases", ())
    )
