"""The door for words that were made here and wait for their readers: `reciprocal council words …`."""

from __future__ import annotations

import argparse
from datetime import date

from service.cli_money import Connect, council_id_of
from service.days import date_in_words, utc_now
from service.errors import one_fault
from service.events import SYSTEM
from service.notices import reviews
from service.policy.commands import Subparsers


def register(of_council: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal council`."""
    verbs = of_council.add_parser("words", help="Welsh and Easy Read: drafts until they are reviewed")
    by_verb = verbs.add_subparsers(dest="what", required=True)
    show = by_verb.add_parser("show", help="how each file of words stands")
    show.add_argument("council", help="the council's short name")
    show.set_defaults(run=lambda given: _show(given, connect))
    read = by_verb.add_parser("read", help="print a file of words, for whoever reviews it")
    read.add_argument("file", choices=reviews.ALL_FILES)
    read.set_defaults(run=_read)
    review = by_verb.add_parser("review", help="somebody fluent, or an Easy Read group, has read a file")
    review.add_argument("council", help="the council's short name")
    review.add_argument("file", choices=reviews.ALL_FILES)
    review.add_argument("--hash", required=True, help="of the text that was read, as `show` prints it")
    review.add_argument("--by", required=True, help="who has read it, or which group")
    review.add_argument("--on", required=True, metavar="DAY", help="when, like 2026-11-26")
    review.set_defaults(run=lambda given: _review(given, connect))


def _show(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        found = reviews.states(session, council_id=council_id)
    for one in found:
        stands = (
            f"reviewed by {one.reviewed_by} on {date_in_words(one.reviewed_on)}"
            if one.reviewed_on
            else "a draft: changed since it was reviewed"
            if one.before
            else "a draft"
        )
        print(f"{one.file:13} {one.hash[:12]}  {stands}")
    return 0


def _read(given: argparse.Namespace) -> int:
    print(reviews.text_of(given.file))
    print(f"Hash: {reviews.hash_of(given.file)[:12]}")
    return 0


def _review(given: argparse.Namespace, connect: Connect) -> int:
    try:
        on = date.fromisoformat(given.on)
    except ValueError as error:
        raise one_fault("", "Give the day like 2026-11-26.") from error
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        row = reviews.record(
            session,
            council_id=council_id,
            file=given.file,
            seen=given.hash,
            reviewed_by=given.by,
            reviewed_on=on,
            actor=SYSTEM,
            now=utc_now(),
        )
        seen = reviews.reviewed(session, council_id=council_id)
    print(f"{row.file} counts as reviewed by {row.reviewed_by} until its text changes.")
    for words, files in reviews.FILES.items():
        if row.file in files:
            print(f"People may {'now see' if words in seen else 'not yet see'} words in {words}.")
    return 0
