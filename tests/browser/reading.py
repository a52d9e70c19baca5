"""How old must the reader of a page be? One measure, for the tests and for `benchmarks/pages`."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.reading_age import reading_age

# Every text that a page says, with its details open; and whether it stands in a row of a list or table.
BLOCKS = "main h1, main h2, main h3, main p, main li:not(:has(p)), main dd, main label, main .govuk-hint"
TEXTS = """blocks => {
  document.querySelectorAll('details').forEach(one => one.open = true);
  return [...document.querySelectorAll(blocks)].map(one => [
    one.innerText.trim(), Boolean(one.closest('.rcp-card, table, .govuk-summary-list, .rcp-lines'))]);
}"""
# What nobody reads as a sentence: a council's name, a rule's number, an address.
NAMED = re.compile(r"Exampleshire County Council|\(rule [^)]*\)|\S+@\S+|https?://\S+")


def age_of(page: Page) -> float:
    """The reading age of all that a page says; 0 where it says nothing.

    In a row of a list or table a text without the mark that ends a sentence is left out: it is the name of a
    person or a thing, a sum or a day. Every sentence counts, wherever it stands.
    """
    found = page.evaluate(TEXTS, BLOCKS)
    said = [text for text, in_row in found if text and not (in_row and _is_named(text))]
    words = NAMED.sub("", ". ".join(said))
    return round(reading_age(words), 1) if re.search("[a-z]", words) else 0.0


def _is_named(text: str) -> bool:
    return not re.search(r"[.?!](\s|$)", text)
