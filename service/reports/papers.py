"""How does a statement or letter read, on screen, printed and as a PDF? One set of words for all three.

A paper is a list of blocks. The page and the PDF are made from the same blocks, so no figure can stand in one
and not in the other. The PDF is tagged (PDF/UA-1): title, language, headings, tables with their headers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from service.days import date_in_words
from service.money import pounds
from service.reports.statement_shapes import (
    Due,
    NotTaken,
    PersonStatement,
    StatementLine,
    Sums,
    sums_of,
)

TEMPLATE = Path(__file__).with_name("paper.typ")


@dataclass(frozen=True)
class Block:
    """One part of a paper. `kind`: heading, text, facts (pairs) or table.

    In a table, columns named in `figures` hold sums, and `last` is the row that adds them up.
    """

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    columns: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A whole paper. `wide`: its pages lie on their side, for tables with many columns."""

    title: str
    author: str
    blocks: tuple[Block, ...]
    wide: bool = False


def pdf(paper: Paper, *, made_at: datetime) -> bytes:
    """The paper as a tagged PDF, with the fonts that come with the maker: none of this machine."""
    import typst  # Heavy, and wanted only here.

    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards="ua-1",
        timestamp=made_at.replace(microsecond=0),
        sys_inputs={"paper": json.dumps(asdict(paper))},
    )
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one piece.")
    return made


def short_day(day: date | None) -> str:
    """`2026-03-03` → `3 March 2026`."""
    return date_in_words(day) if day else ""


def days_of(found: PersonStatement) -> str:
    """`6 April 2026 to 5 April 2027`; one day stands alone."""
    first, last = short_day(found.period.since), short_day(found.period.until)
    return first if first == last else f"{first} to {last}"


def contact_of(found: PersonStatement) -> str:
    """Whom to ask, in one line."""
    known = (found.contact_name, found.contact_email, found.contact_phone)
    return ", ".join(text for text in known if text) or found.council


def statement_paper(found: PersonStatement) -> Paper:
    """The statement for the person."""
    blocks = [
        Block("facts", rows=_about(found)),
        Block("heading", "In short"),
        Block("facts", rows=_in_short(found)),
        Block("heading", "What we paid you"),
        _payments("Payments to you", found.paid, found.sums),
        Block("text", EXPLAINED),
    ]
    if found.given:
        blocks += [
            Block("heading", "What we gave away for you"),
            _payments("Payments to others for you", found.given, sums_of(found.given)),
        ]
    if found.due:
        blocks += [Block("heading", "What is still to come"), _to_come(found.due)]
    if found.not_taken:
        blocks += [Block("heading", "What you did not take"), _not_taken(found.not_taken)]
    blocks += [
        Block("heading", "Questions"),
        Block("text", f"Is something wrong or not clear? Ask us: {contact_of(found)}."),
    ]
    return Paper("Statement of your payments", found.council, tuple(blocks), wide=True)


EXPLAINED = (
    "A fee is for your time. Costs repaid are what you had spent to take part, like a bus fare. A flat sum "
    "is a set amount for a cost. The days above are the days on which we paid."
)


def _about(found: PersonStatement) -> tuple[tuple[str, ...], ...]:
    return (
        ("For", found.person),
        ("From", found.council),
        ("Your number here", found.known_as),
        ("Days", days_of(found)),
        ("Made on", short_day(found.made_on)),
    )


def _in_short(found: PersonStatement) -> tuple[tuple[str, ...], ...]:
    rows = list(sum_rows(found.sums, "Paid to you in all"))
    if found.given:
        rows.append(("Given away for you", pounds(found.given_sums.total_pence)))
    if found.due:
        rows.append(("Agreed and still to come", pounds(found.due_pence)))
    return tuple(rows)


def sum_rows(sums: Sums, in_all: str) -> tuple[tuple[str, ...], ...]:
    """Fee, costs and flat sums apart, and all together."""
    rows = [
        ("Fees", pounds(sums.fee_pence)),
        ("Costs repaid", pounds(sums.costs_pence)),
        ("Flat sums", pounds(sums.flat_pence)),
    ]
    if sums.taken_pence:
        rows.append(("Taken off, with a yes, because too much was paid before", _less(sums)))
    return (*rows, (in_all, pounds(sums.total_pence)))


def _less(sums: Sums | StatementLine) -> str:
    return pounds(-sums.taken_pence)


COLUMNS = ("What it was for", "Day it was for", "Promised by", "Paid on", "Fee", "Costs repaid", "Flat sum")
IN_ALL = "In all"


def _payments(caption: str, lines: tuple[StatementLine, ...], sums: Sums, *, due: bool = True) -> Block:
    """Every payment in a row. `due`: with the day that was promised."""
    if not lines:
        return Block("text", "Nothing in these days.")
    less = ("Taken off",) if sums.taken_pence or any(line.taken_pence for line in lines) else ()
    columns = (*(name for name in COLUMNS if due or name != "Promised by"), *less, IN_ALL)
    rows = tuple(_row(line, bool(less), due) for line in lines)
    apart = (pounds(sums.fee_pence), pounds(sums.costs_pence), pounds(sums.flat_pence))
    taken = (_less(sums),) if less else ()
    last = (IN_ALL, *[""] * (3 if due else 2), *apart, *taken, pounds(sums.total_pence))
    return Block("table", caption, rows, columns, ("Fee", "Costs repaid", "Flat sum", *less, IN_ALL), last)


def _row(line: StatementLine, less: bool, due: bool) -> tuple[str, ...]:
    title = f"Came back to us: {line.title}" if line.came_back else line.title
    if line.given_to:
        title = f"{title}, to {line.given_to}"
    promised = (short_day(line.due_on) or "No day",) if due else ()
    return (
        title,
        short_day(line.worked_on) or "No day",
        *promised,
        short_day(line.on),
        pounds(line.fee_pence),
        pounds(line.costs_pence),
        pounds(line.flat_pence),
        *((_less(line),) if less else ()),
        pounds(line.amount_pence),
    )


def _to_come(due: tuple[Due, ...]) -> Block:
    rows = tuple(
        (
            one.title,
            short_day(one.worked_on) or "No day",
            short_day(one.due_on) or "No day",
            pounds(one.amount_pence),
        )
        for one in due
    )
    last = (IN_ALL, "", "", pounds(sum(one.amount_pence for one in due)))
    columns = ("What it is for", "Day it was for", "Promised by", "How much")
    return Block("table", "Agreed, and not paid by today", rows, columns, ("How much",), last)


def _not_taken(found: tuple[NotTaken, ...]) -> Block:
    rows = tuple(
        (one.title, short_day(one.worked_on) or "No day", one.why, pounds(one.amount_pence)) for one in found
    )
    columns = ("What it was for", "Day it was for", "What you chose", "How much")
    return Block("table", "Money that you did not take", rows, columns, ("How much",))


def letter_paper(found: PersonStatement) -> Paper:
    """A letter for anybody who asks the person about this money. Facts only: no advice and no verdict."""
    who, council = found.person, found.council
    return Paper(
        "Letter about payments for involvement",
        council,
        (
            Block(
                "facts",
                rows=(
                    ("Date", short_day(found.made_on)),
                    ("From", council),
                    ("About", who),
                    ("Our number for this person", found.known_as),
                ),
            ),
            Block("text", f"{who} asked us for this letter, to show to anybody who asks."),
            Block("heading", "What involvement is"),
            Block(
                "text",
                f"{council} asks people to share what they know from their own lives. It helps us to plan "
                f"our services, to check them, and to make them better. {who} takes part in this.",
            ),
            Block(
                "text",
                f"Taking part is a choice. {who} can say no to any session, and can stop at any time.",
            ),
            Block("heading", f"What we paid from {days_of(found)}"),
            Block("facts", rows=sum_rows(found.sums, "Paid in all")),
            _payments(f"Payments to {who}", found.paid, found.sums, due=False),
            Block(
                "text",
                "A fee is for time. Costs repaid are money that was spent to take part, like a bus fare. "
                "A flat sum is a set amount for a cost.",
            ),
            Block("heading", "How we pay"),
            Block("text", _how(found)),
            Block("heading", "Who can be asked"),
            Block("text", f"Questions about this letter can be sent to us: {contact_of(found)}."),
        ),
        wide=True,
    )


def _how(found: PersonStatement) -> str:
    if not found.ways:
        return "We made no payment in these days."
    ways = [way[0].lower() + way[1:] for way in found.ways]
    return f"We paid in this way: {'; '.join(ways)}. We pay for each session apart, once it is agreed."
