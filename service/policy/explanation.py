"""How is an assessment said in plain English? From its own reasons and figures, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.money import pounds

Assessment = Mapping[str, Any]


def explain(assessment: Assessment) -> list[str]:
    """Short paragraphs for the person: the sum, each line and why, how it adds up, what happens next.

    Every sum that is said adds up to the total. Notices come last.
    """
    paragraphs = [headline(assessment)]
    paragraphs += [" ".join(line_sentences(line)) for line in assessment["lines"]]
    paragraphs += adding_up(assessment)
    next_ = [reason["text"] for reason in assessment["reasons"]]
    if next_:
        paragraphs.append(" ".join(next_))
    paragraphs += [warning["text"] for warning in assessment["warnings"]]
    return paragraphs


def headline(assessment: Assessment) -> str:
    """The answer in a sentence or two."""
    fee, costs, total = (assessment[key] for key in ("fee_pence", "expenses_pence", "total_pence"))
    if assessment["outcome"] == "needs_person":
        if total:
            return f"A person needs to look at part of this. The part we are sure of is {_sums(fee, costs)}."
        return "A person needs to look at this before we can say what is paid."
    if assessment["outcome"] == "not_payable":
        return "Nothing is due for this. The reasons are below."
    return f"This comes to {_sums(fee, costs)}."


def _sums(fee: int, costs: int) -> str:
    if fee and costs:
        return f"{pounds(fee + costs)}: {pounds(fee)} for your time and {pounds(costs)} for your costs"
    return f"{pounds(fee)} for your time" if fee else f"{pounds(costs)} for your costs"


def line_sentences(line: Mapping[str, Any]) -> list[str]:
    """One line of an assessment: what it is, what it comes to, why, and what would help."""
    found = [f"{line_name(line)}: {line_answer(line)}."]
    found += [_with_clause(reason) for reason in line["reasons"]]
    found += [f"What would help: {_small(change['text'])}" for change in line.get("would_change", ())]
    return found


def line_name(line: Mapping[str, Any]) -> str:
    """What a line is for, such as `Over a Brew (Co-chair)` or `Bus or tram`."""
    role = line.get("role_name")
    return f"{line['name']} ({role[0].lower()}{role[1:]})" if role else str(line["name"])


def line_answer(line: Mapping[str, Any]) -> str:
    """`£15.50`, `not paid`, or `a person will decide`."""
    if line["outcome"] == "needs_person":
        return "a person will decide"
    if line["outcome"] == "not_payable":
        return "not paid"
    claimed = line.get("claimed_pence")
    if claimed is not None and claimed > line["amount_pence"]:
        return f"{pounds(line['amount_pence'])} of the {pounds(claimed)} asked for"
    return pounds(line["amount_pence"])


def adding_up(assessment: Assessment) -> list[str]:
    """`£15.50 + £4.10 = £19.60`, when more than one line is paid."""
    sums = [line["amount_pence"] for line in assessment["lines"] if line["amount_pence"]]
    if len(sums) < 2:
        return []
    return [f"{' + '.join(pounds(one) for one in sums)} = {pounds(assessment['total_pence'])}."]


def _with_clause(reason: Mapping[str, Any]) -> str:
    clause = reason["clause"]
    if clause in ("", "not stated", "policy"):
        return str(reason["text"])
    return f"{reason['text']} (Rule {clause}.)"


def _small(text: str) -> str:
    """A sentence after a colon starts small, unless it starts with a name."""
    first = text.split(" ", 1)[0]
    return text if first in ("I",) else text[:1].lower() + text[1:]
