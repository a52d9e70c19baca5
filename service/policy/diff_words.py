"""How is a change to a policy said, so that somebody who is paid by it can read it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from service.policy.diff_figures import (
    amount_named,
    capital,
    cell,
    clause_at,
    ended,
    filling,
    grows,
    listed,
    numbered,
    on_first_day,
    origin,
    reach,
    shown,
    small,
    spaced,
)
from service.policy.document import Document, other_words, quantity
from service.policy.language.fields import HOLE

if TYPE_CHECKING:
    from service.policy.diff import Change, Path

_PER = re.compile(r"^(.*), (an? [a-z ]+)$")
_CLAUSE = re.compile(r" \([Cc]lause [^()]*\)")
# First lines that change nothing of what somebody is paid.
NOT_OURS = frozenset({"version", "effective_from", "source", "slug", "review_by", "extends"})
_NOT_SAID = frozenset({"clause", "sentence", "name"})
SECTIONS = {
    "fees": "fee",
    "amounts": "amount",
    "expenses": "cost",
    "activities": "activity",
    "roles": "role",
    "paid_time": "rule about time",
    "cancellation": "rule about cancelling",
    "eligibility": "rule about who is paid",
    "receipts": "rule about receipts",
    "agreement": "rule about asking first",
    "deadlines": "deadline",
    "approval": "rule about who agrees",
    "payment": "payment rule",
    "warnings": "notice",
    "terms": "term",
    "facts": "question",
    "examples": "worked example",
    "reference": "table",
    "reference_amounts": "amount",
}
PARAMETERS = {
    "agreed_first": "what must be agreed first",
    "amount": "the sum",
    "bands": "the table",
    "by": "who on the staff must agree",
    "co_producers": "how many co-producers must agree",
    "expect": "what is expected",
    "at_most": "the most that is paid",
    "at_least": "the least that is paid",
    "each": "what it is paid for",
    "field": "the field in law",
    "is": "the answer that is wanted",
    "kind": "how it is worked out",
    "notice_under": "the notice below which it holds",
    "over": "the sum above which it is needed",
    "passenger": "the rate for each passenger",
    "passengers_at_most": "the number of passengers that count",
    "pay": "what is paid",
    "pays": "who is paid what",
    "payment_above": "the sum above which a second person releases a payment",
    "rate": "the rate",
    "receipt": "the receipt that is needed",
    "run_above": "the sum above which a second person releases a payment run",
    "runs": "when payments go together",
    "second_release": "what a second person releases",
    "share": "the share of the fee",
    "unsaid": "what happens when nobody says",
    "up_to": "the limit",
    "who": "who agrees",
    "within": "the time in which we promise to pay",
}
FORM_NAMES = {"cy": "Welsh", "easy": "Easy Read"}
# Sections that are one rule, whose keys are told by name.
TOPICS = {"sign_off": "who must agree to a change of the policy"}
HEADER = {
    "name": "the name of the policy",
    "status": "the standing of the policy",
    "source": "the source",
    "extends": "the policy it builds on",
    "effective_to": "the day on which it ends",
    "review_by": "the day by which it is looked at again",
    "nation": "the nation whose working days count",
    "week_starts": "the day on which a week starts",
    "slug": "the short name",
}


class Teller:
    """Tells changes from one document to another."""

    def __init__(self, before: Document, after: Document) -> None:
        self.before, self.after = before, after

    def clause(self, path: Path) -> str:
        """The clause of the nearest rule, as the new version numbers it; empty when there is none."""
        return clause_at(self.after, path) or clause_at(self.before, path)

    def sentence(self, change: Change) -> str:
        """One change in plain words."""
        path = change.path
        if change.kind == "order":
            return f"The rules under {spaced(path[-1])} are asked in another order: {listed(change.becomes)}."
        if path[0] == "policy":
            return self._header(change)
        if "values" in path[1:] and path[0] in ("amounts", "reference_amounts"):
            return self._dated(change)
        if len(path) == (1 if path[0] in TOPICS else 2) and isinstance(change.was, dict) != isinstance(
            change.becomes, dict
        ):
            return self._rule(change)
        if path[-1] == "sentence" and change.kind == "changed":
            return self._reworded(change)
        if path[0] != "examples" and other_words(path[-1])[1]:
            return self._other_words(change)
        if path[-1] == "clause" and change.kind == "changed":
            return (
                f"{self._label(path[:-1], self.after)} is now clause {change.becomes}. It was {change.was}."
            )
        return self._parameter(change)

    def plain(self, change: Change) -> str:
        """One change for those who are paid by the policy; empty for numbers and the order of rules."""
        path, rule = change.path, change.becomes
        if change.kind == "order" or path[-1] == "clause" or (path[0] == "policy" and path[-1] in NOT_OURS):
            return ""
        if change.kind == "added" and isinstance(rule, dict):
            new = [one for one in (rule, *rule.values()) if isinstance(one, dict) and "sentence" in one]
            if len(path) <= 2 and new:
                said = " ".join(self._filled(str(one["sentence"]), one, self.after) for one in new)
                return f"{self._from()}there is something new: “{said}”"
        return _CLAUSE.sub("", self.sentence(change))

    # The first lines

    def _header(self, change: Change) -> str:
        if len(change.path) == 1:
            return f"The first lines of the policy are {change.kind}: {self._plain(change, 'becomes')}."
        key = str(change.path[1])
        was, becomes = self._plain(change, "was"), self._plain(change, "becomes")
        if key == "version" and change.kind == "changed":
            return f"This is version {becomes}. It was version {was}."
        if key == "effective_from" and change.kind == "changed":
            return f"It counts from {becomes}. The version before counts from {was}."
        return capital(self._moves(HEADER.get(key, spaced(key)), change, ""))

    # Sums by date

    def _dated(self, change: Change) -> str:
        """A value that holds from a day."""
        path = change.path
        place = path.index("values")
        if len(path) == place + 1:
            return self._parameter(change)
        starts = str(path[place + 1])
        label, per = self._amount_name(path[:place])
        if len(path) > place + 2 and path[-1] != "amount":
            return self._moves(f"the {spaced(path[-1])} of {label} from {shown(starts)}", change, "")
        was, becomes = cell(change.was), cell(change.becomes)
        if change.kind == "added":
            before = self._value_before(path[:place], starts)
            return f"From {shown(starts)} {grows(label, before, becomes, per)}{origin(change.becomes)}"
        if change.kind == "removed":
            return f"{capital(label)} no longer changes to {shown(was or '')}{per} on {shown(starts)}."
        return f"From {shown(starts)} {grows(label, was, becomes, per)}"

    def _value_before(self, path: Path, starts: str) -> str | None:
        """What held until that day in the new version."""
        series = reach(self.after, (*path, "values"))
        earlier = sorted(one for one in series if one < starts) if isinstance(series, dict) else []
        return cell(series[earlier[-1]]) if earlier else None

    def _amount_name(self, path: Path) -> tuple[str, str]:
        """`(mileage by car, " a mile")` of the amount called `Mileage by car, a mile`."""
        amount = reach(self.after, path) or reach(self.before, path) or {}
        name = str(amount.get("name") or spaced(path[-1]))
        match = _PER.match(name)
        label, per = (match[1], f" {match[2]}") if match else (name, "")
        if path[0] == "reference_amounts":
            group = str(path[1]).rpartition(".")[0]
            table = reach(self.after, ("reference", group)) or reach(self.before, ("reference", group))
            label = f"{label} ({small(str((table or {}).get('name', group)))})"
        return small(label), per

    # Rules

    def _rule(self, change: Change) -> str:
        """A whole rule comes or goes."""
        new = change.kind != "removed"
        rule = change.becomes if new else change.was
        doc = self.after if new else self.before
        if not isinstance(rule, dict):
            rule = {}
        label = self._label(change.path, doc)
        text = str(rule.get("sentence", ""))
        said = f' "{self._filled(text, rule, doc)}"' if text else ""
        if not new:
            return f"{label} is taken out{numbered(rule.get('clause'))}.{said}"
        rest = {}
        for key, value in rule.items():
            form = other_words(key)[1]
            if form:
                said += f' In {FORM_NAMES[form]}: "{self._filled(str(value), rule, doc)}"'
            elif key not in _NOT_SAID:
                rest[key] = value
        if change.path[0] in TOPICS:
            rest = {PARAMETERS.get(key, key): _role_words(value) for key, value in rest.items()}
        details = f" {capital(ended(self._said(rest, doc)))}" if rest else ""
        if change.path[0] == "examples":
            return f"{label} is new.{details}"
        return f"{self._from()}there is something new: {label}{numbered(rule.get('clause'))}.{said}{details}"

    def _reworded(self, change: Change) -> str:
        was = self._filled(str(change.was), reach(self.before, change.path[:-1]), self.before)
        becomes = self._filled(str(change.becomes), reach(self.after, change.path[:-1]), self.after)
        label = self._label(change.path[:-1], self.after)
        return f'{label}{numbered(self.clause(change.path))} now reads: "{becomes}" It read: "{was}"'

    def _other_words(self, change: Change) -> str:
        """Welsh or Easy Read words come, go or change."""
        path = change.path
        key, form = other_words(path[-1])
        owner = path[:-1] if len(path) > 2 else (path[0], key)
        rule = path[:-1]
        label = self._label(owner, self.after)
        if key == "change":
            label = f"What would help with {small(label)}"
        found = f"{label}{numbered(self.clause(rule))}: the {FORM_NAMES[form]} words"
        was, becomes = (
            self._filled(str(one), reach(doc, rule), doc)
            for one, doc in ((change.was, self.before), (change.becomes, self.after))
        )
        if change.kind == "added":
            return f'{found} are new: "{becomes}"'
        if change.kind == "removed":
            return f'{found} are taken out. They were: "{was}"'
        return f'{found} change. They are now: "{becomes}" They were: "{was}"'

    def _parameter(self, change: Change) -> str:
        """One setting of one rule."""
        path = change.path
        if len(path) == 1 and (said := self._rules_of(change)):
            return said
        if len(path) == 1:
            subject = f"the part of the policy about {spaced(path[0])}"
        elif len(path) == 2 and path[0] in ("roles",):
            subject = f"the name of the role {spaced(path[1])}"
        else:
            owner = 1 if path[0] in TOPICS or path[0] not in SECTIONS else 2
            steps = [self._step(path[: place + 1]) for place in range(owner, len(path))]
            subject = f"{small(self._label(path[:owner], self.after))}: {', '.join(steps)}"
        if path[0] == "examples":
            return capital(self._moves(subject, change, ""))
        return self._from() + self._moves(subject, change, self._per(path)) + self._end(path)

    def _rules_of(self, change: Change) -> str:
        """The rules of a whole part that comes, each by its sentence, or by its name where it has none."""
        rules = change.becomes
        if change.kind != "added" or not isinstance(rules, dict):
            return ""
        found = []
        for rule in rules.values():
            if not isinstance(rule, dict) or not {"sentence", "name"} & rule.keys():
                return ""
            text = str(rule.get("sentence") or rule["name"])
            found.append(f'"{self._filled(text, rule, self.after)}"{numbered(rule.get("clause"))}')
        return f"{self._from()}there is something new, under {spaced(change.path[0])}: {'; '.join(found)}."

    def _step(self, path: Path) -> str:
        """The last part of a path, by the name that people know it by."""
        key = path[-1]
        if isinstance(key, int):
            row = reach(self.after, path)
            if isinstance(row, dict):
                return str(
                    row.get("name") or self._said({k: v for k, v in row.items() if k != "pay"}, self.after)
                )
            return f"row {key + 1}"
        if path[-2] == "pays":
            role = reach(self.after, ("roles", key))
            return small(role) if isinstance(role, str) else spaced(key)
        if path[-2] == "runs":
            return {"on": "the days", "at": "the time"}.get(key, spaced(key))
        return PARAMETERS.get(key, spaced(key))

    def _end(self, path: Path) -> str:
        clause = self.clause(path)
        return f" (Clause {clause}.)" if clause else ""

    def _per(self, path: Path) -> str:
        """` a night` behind a cap that holds for each night."""
        rule = reach(self.after, path[:-1])
        if not isinstance(rule, dict) or path[-1] not in ("rate", "passenger", "at_most", "amount"):
            return ""
        kind, each = rule.get("kind"), rule.get("each")
        if path[-1] in ("rate", "passenger"):
            return {"hourly": " an hour", "mileage": " a mile"}.get(str(kind), "")
        return f" an {each}" if each == "hour" else f" a {each}" if isinstance(each, str) else ""

    # Words

    def _from(self) -> str:
        starts = reach(self.after, ("policy", "effective_from"))
        return f"From {shown(starts)} " if isinstance(starts, str) else "From now on "

    def _moves(self, subject: str, change: Change, per: str) -> str:
        was, becomes = self._plain(change, "was"), self._plain(change, "becomes")
        if change.kind == "added":
            return ended(f"{subject} is stated: {becomes}{per}")
        if change.kind == "removed":
            return ended(f"{subject} is no longer stated. It was {was}{per}")
        old, new = quantity(change.was), quantity(change.becomes)
        if old and new and old.unit == new.unit:
            verb = "rises" if new.number > old.number else "falls"
            return f"{subject} {verb} from {was} to {becomes}{per}."
        return ended(f"{subject} changes from {was} to {becomes}{per}")

    def _plain(self, change: Change, which: str) -> str:
        doc = self.before if which == "was" else self.after
        value = getattr(change, which)
        if change.path[0] in TOPICS:
            value = _role_words(value)
        if len(change.path) >= 3 and change.path[-2] == "pays" and isinstance(value, str):
            fee = reach(doc, ("fees", value))
            if isinstance(fee, dict) and "sentence" in fee:
                return f'{spaced(value)} ("{self._filled(str(fee["sentence"]), fee, doc)}")'
        return self._said(value, doc)

    def _said(self, value: Any, doc: Document) -> str:
        """Any value in words: a name of an amount with its figure, a table row by row."""
        if isinstance(value, dict):
            parts = []
            for key, one in value.items():
                words = key == "sentence" and isinstance(one, str)
                inner = self._filled(one, value, doc) if words else self._said(one, doc)
                parts.append(f"{spaced(key)} {f'({inner})' if isinstance(one, dict) else inner}")
            return ", ".join(parts) or "nothing"
        if isinstance(value, list):
            separator = "; " if any(isinstance(one, dict) for one in value) else ", "
            return separator.join(self._said(one, doc) for one in value) or "nothing"
        if isinstance(value, str):
            amount = amount_named(doc, value)
            if amount is not None:
                figure = on_first_day(doc, amount)
                return f"{small(str(amount.get('name', value)))} ({figure})"
            return shown(value)
        return "nothing"

    def _filled(self, sentence: str, rule: Any, doc: Document) -> str:
        """A rule's sentence with its figures, as they stand on the version's first day."""

        return HOLE.sub(lambda hole: filling(rule, hole[1], doc), sentence)

    def _label(self, path: Path, doc: Document) -> str:
        """What people call a rule: its name, else its key, with the kind of rule it is."""
        section = str(path[0])
        rule = reach(doc, path) or reach(self.before, path)
        if section in ("reference_amounts", "amounts"):
            return capital(self._amount_name(path)[0])
        if len(path) < 2 or section in TOPICS:
            return f"The rule about {TOPICS.get(section, spaced(section))}"
        if isinstance(rule, dict) and isinstance(rule.get("name"), str):
            return str(rule["name"])
        if section == "examples":
            return f'The worked example "{path[1]}"'
        return f"The {SECTIONS.get(section, spaced(section))} '{spaced(path[1])}'"


def _role_words(value: Any) -> Any:
    """Roles of the staff in plain letters."""
    return [spaced(one) for one in value] if isinstance(value, list) else value
