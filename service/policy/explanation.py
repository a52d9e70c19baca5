"""How is an assessment said to the person? From its own reasons, in plain English or in another form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from service.money import pounds
from service.policy.form_words import FELL_BACK
from service.policy.forms import Voice
from service.policy.model import PLAIN

if TYPE_CHECKING:
    from service.policy.engine import Policy

Assessment = Mapping[str, Any]


def explain(assessment: Assessment, *, form: str = PLAIN, policy: Policy | None = None) -> list[str]:
    """Short paragraphs for the person: the sum, each line and why, how it adds up, what happens next.

    Every sum that is said adds up to the total. Notices come last. `form` may be `cy` (Welsh) or `easy` (Easy
    Read), from the policy that judged. What has no such words stays in plain English, and the second
    paragraph says so. Raises `ValueError` for a form that there is not.
    """
    on = date.fromisoformat(str(assessment["facts"]["on"])[:10]) if policy is not None else None
    voice = Voice(form, policy, on)
    paragraphs = [headline(assessment, voice)]
    paragraphs += [" ".join(line_sentences(line, voice)) for line in assessment["lines"]]
    paragraphs += adding_up(assessment)
    next_ = [voice.reason(reason) for reason in assessment["reasons"]]
    if next_:
        paragraphs.append(" ".join(next_))
    paragraphs += [voice.warning(warning) for warning in assessment["warnings"]]
    if voice.fell_back:
        paragraphs.insert(1, " ".join(FELL_BACK[form]))
    return paragraphs


def headline(assessment: Assessment, voice: Voice) -> str:
    """The answer in a sentence or two."""
    fee, costs, total = (assessment[key] for key in ("fee_pence", "expenses_pence", "total_pence"))
    outcome = assessment["outcome"]
    if outcome == "not_payable":
        return voice.frame("nothing")
    if outcome == "needs_person" and not total:
        return voice.frame("needs a person")
    start = "part" if outcome == "needs_person" else "total"
    of = "both" if fee and costs else "fee" if fee else "costs"
    return voice.frame(f"{start} {of}", total=pounds(total), fee=pounds(fee), costs=pounds(costs))


def line_sentences(line: Mapping[str, Any], voice: Voice) -> list[str]:
    """One line of an assessment: what it is, what it comes to, why, and what would help."""
    found = [f"{line_name(line, voice)}: {line_answer(line, voice)}."]
    found += [_with_clause(reason, voice) for reason in line["reasons"]]
    changes = (_small(voice.change(change["text"])) for change in line.get("would_change", ()))
    found += [voice.frame("help", text=change) for change in changes]
    return found


def line_name(line: Mapping[str, Any], voice: Voice) -> str:
    """What a line is for, such as `Over a Brew (Co-chair)` or `Bus or tram`."""
    name, role = voice.name(line), voice.role(line)
    return f"{name} ({role[0].lower()}{role[1:]})" if role else name


def line_answer(line: Mapping[str, Any], voice: Voice) -> str:
    """`£15.50`, `not paid`, or `a person will decide`."""
    if line["outcome"] == "needs_person":
        return voice.frame("person decides")
    if line["outcome"] == "not_payable":
        return voice.frame("not paid")
    claimed = line.get("claimed_pence")
    if claimed is not None and claimed > line["amount_pence"]:
        return voice.frame("part of", paid=pounds(line["amount_pence"]), asked=pounds(claimed))
    return pounds(line["amount_pence"])


def adding_up(assessment: Assessment) -> list[str]:
    """`£15.50 + £4.10 = £19.60`, when more than one line is paid."""
    sums = [line["amount_pence"] for line in assessment["lines"] if line["amount_pence"]]
    if len(sums) < 2:
        return []
    return [f"{' + '.join(pounds(one) for one in sums)} = {pounds(assessment['total_pence'])}."]


def _with_clause(reason: Mapping[str, Any], voice: Voice) -> str:
    text, clause = voice.reason(reason), reason["clause"]
    if clause in ("", "not stated", "policy"):
        return text
    return f"{text} {voice.frame('rule', clause=clause)}"


def _small(text: str) -> str:
    """A sentence after a colon starts small, unless it starts with a name."""
    first = text.split(" ", 1)[0]
    return text if first in ("I",) else text[:1].lower() + text[1:]
