"""How old must a reader be? Flesch-Kincaid, for everything that is said to people."""

from __future__ import annotations

import re


def syllables(word: str) -> int:
    """A plain count of vowel groups, a silent last e left out."""
    found = len(re.findall(r"[aeiouy]+", word))
    return max(1, found - (word.endswith("e") and not word.endswith("le")))


def reading_age(text: str) -> float:
    """Flesch–Kincaid grade plus five. Rule marks and figures are left out: nobody sounds them out."""
    plain = re.sub(r"\(Rule [^)]*\.\)|£[\d,.]*\d", "", text)
    sentences = [one for one in re.split(r"[.!?:]+(?:\s|$)", plain) if re.search(r"[a-zA-Z]", one)]
    words = re.findall(r"[a-z']+", plain.lower())
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59 + 5


def pools(texts_: list[str]) -> list[str]:
    """Texts one behind the other, cut wherever a hundred words have come together."""
    found, here = [], ""
    for one in texts_:
        here = f"{here} {one}".strip()
        if len(here.split()) >= 100:
            found.append(here)
            here = ""
    if here:
        found[-1:] = [f"{found[-1]} {here}"] if found else [here]
    return found
