"""How is an assessment said in Welsh or in Easy Read? From its own texts, and the policy that judged.

Assessments are stored in plain English and stay so. A reason's text is its rule's plain sentence with that
day's figures, followed by the working: the sentence is said in the other form where the policy has it, and
the working in words of our own. What has no such words stays in plain English, and `fell_back` remembers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from service.policy.form_words import FRAME, MONTHS_CY, UNITS_CY, WORDS_CY, WORKINGS
from service.policy.model import FORMS, PLAIN, Rule
from service.policy.proving import every_rule
from service.policy.resolve import OnDay

if TYPE_CHECKING:
    from service.policy.engine import Policy

_UNIT = "|".join(sorted(UNITS_CY, key=len, reverse=True))
_QUANTITY = rf"\d[\d,.]*(?: (?:{_UNIT})s?)?(?: \d+ minutes?)?"
_FIGURE = rf"£[\d,]+\.\d\d|\d+p|[\d.]+%|\d+ (?:{'|'.join(MONTHS_CY)}) \d{{4}}|{_QUANTITY}"
_COUNTED = re.compile(rf"(\d) ({_UNIT})s?\b")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS_CY)})\b")


def _pattern(plain: str) -> re.Pattern[str]:
    """`{0} at {1} is {2}.` as a pattern of a whole sentence."""
    parts = re.split(r"(\{\w+\})", plain)
    found = [
        f"(?P<{'text' if part == '{text}' else f'f{part[1:-1]}'}>{'.+' if part == '{text}' else _FIGURE})"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    ]
    return re.compile("".join(found))


_WORKINGS = tuple((_pattern(plain), {"cy": welsh, "easy": easy or plain}) for plain, welsh, easy in WORKINGS)


class Voice:
    """Says parts of one assessment in one form. `fell_back` turns true when plain English had to stand."""

    def __init__(self, form: str = PLAIN, policy: Policy | None = None, on: date | None = None) -> None:
        if form not in (PLAIN, *FORMS):
            raise ValueError(f"There is no form '{form}'. Choose one of: {', '.join((PLAIN, *FORMS))}.")
        self.form = form
        self.fell_back = False
        self._policy = policy if form != PLAIN else None
        self._rules: dict[str, list[Rule]] = {}
        self._changes: dict[str, Mapping[str, str]] = {}
        self._roles: dict[str, str] = {}
        if self._policy is not None:
            self._at = OnDay(self._policy.tree, max(on or self._policy.days[0], self._policy.days[0]))
            self._learn(self._policy)

    def _learn(self, policy: Policy) -> None:
        tree = policy.tree
        rules = [*every_rule(tree), *(one.rule for one in tree.terms), *(one.rule for one in tree.limits)]
        if tree.rounding is not None and tree.rounding.rule is not None:
            rules.append(tree.rounding.rule)
        for rule in rules:
            self._rules.setdefault(rule.key, []).append(rule)
        self._roles = {
            name: said for key, name in tree.roles.items() if (said := self._form_of(f"roles.{key}"))
        }
        conditions = [*tree.eligibility, *(one for cost in tree.expenses.values() for one in cost.only_if)]
        self._changes = {
            one.change: forms for one in conditions if (forms := tree.forms.get(f"{one.rule.key}.change"))
        }

    # Words of our own

    def frame(self, key: str, **figures: str) -> str:
        """A sentence of the frame, such as the headline."""
        return FRAME[key][self.form].format(**figures)

    # The policy's words

    def reason(self, reason: Mapping[str, Any]) -> str:
        """A reason's sentence in this form, then its working."""
        return self._said(str(reason["text"]), self._rules.get(str(reason["rule"]), ()))

    def warning(self, warning: Mapping[str, Any]) -> str:
        """A notice."""
        code = warning["code"]
        rules = [rule for room in ("warnings", "limits") for rule in self._rules.get(f"{room}.{code}", ())]
        return self._said(str(warning["text"]), rules)

    def change(self, text: str) -> str:
        """What would help."""
        if self.form == PLAIN:
            return text
        found = self._changes.get(text, {}).get(self.form)
        return found if found is not None else self._worked(text)

    def name(self, line: Mapping[str, Any]) -> str:
        """What a line is for."""
        section = "activities" if line["kind"] == "fee" else "expenses"
        return self._named(f"{section}.{line['category']}.name", str(line["name"]))

    def role(self, line: Mapping[str, Any]) -> str:
        """The role that a person had, or nothing."""
        plain = line.get("role_name")
        return self._named(f"roles.{line['role']}", str(plain)) if plain else ""

    def _named(self, key: str, plain: str) -> str:
        if self.form == PLAIN:
            return plain
        return self._form_of(key) or self._kept(plain)

    def _form_of(self, key: str) -> str:
        forms = self._policy.tree.forms.get(key, {}) if self._policy is not None else {}
        return forms.get(self.form, "")

    def _kept(self, plain: str) -> str:
        self.fell_back = True
        return plain

    def _said(self, text: str, rules: Iterable[Rule]) -> str:
        if self.form == PLAIN:
            return text
        found = max(self._starting(text, rules), key=lambda pair: len(pair[0]), default=None)
        if found is None:
            return self._worked(text)
        plain, rule = found
        own = rule.forms.get(self.form)
        said = self._kept(plain) if own is None else self._at.filled(rule, own, self._figures)
        rest = text[len(plain) :].strip()
        return f"{said} {self._worked(rest)}" if rest else said

    def _starting(self, text: str, rules: Iterable[Rule]) -> Iterator[tuple[str, Rule]]:
        """The rules whose plain sentence, with that day's figures, the text starts with."""
        for rule in rules:
            plain = self._at.sentence(rule)
            if plain and text.startswith(plain):
                yield plain, rule

    # The working

    def _worked(self, text: str) -> str:
        """The engine's own sentences, one by one; a sentence that we have no words for stays."""
        return " ".join(self._sentence(one) for one in re.split(r"(?<=[.?!]) (?=[A-Z0-9£])", text))

    def _sentence(self, text: str) -> str:
        for pattern, words in _WORKINGS:
            match = pattern.fullmatch(text)
            if match:
                parts = match.groupdict()
                free = parts.pop("text", None)
                if free is not None:
                    free = self._roles.get(free) or self._kept(free)
                figures = [self._figures(parts[f"f{number}"]) for number in range(len(parts))]
                return words[self.form].format(*figures, text=free)
        return self._kept(text)

    def _figures(self, text: str) -> str:
        """A figure as this form says it: `1 hour 30 minutes` → `1 awr 30 munud`."""
        if self.form != "cy":
            return text
        for plain, welsh in WORDS_CY.items():
            text = text.replace(plain, welsh)
        text = re.sub(r"^(\d+)p$", r"\1c", text)
        text = _COUNTED.sub(lambda match: f"{match[1]} {UNITS_CY[match[2]]}", text)
        return _MONTH.sub(lambda match: MONTHS_CY[match[1]], text)
