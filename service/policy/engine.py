"""What does a policy answer? Texts in; an assessment, a catalogue and terms out."""

from __future__ import annotations

import bisect
import functools
import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

from service.policy import asking, checking, proving, wording
from service.policy.facts import FactKind, Facts, Vocabulary, read_facts
from service.policy.faults import Fault, PolicyFaults
from service.policy.frame import Frame
from service.policy.language.process import vocabulary_of
from service.policy.language.tree import check_table, is_table, read_tree
from service.policy.model import Expense, Term, Tree, Undecided, Unpaid
from service.policy.plan import make_plan
from service.policy.printed import Printed, print_plan
from service.policy.resolve import OnDay, change_days
from service.policy.sources import Sources
from service.policy.steps import NEEDS_PERSON, NOT_PAYABLE, OUTCOMES
from service.policy.straight import Judgement, Straight

ENGINE_VERSION = "1.0"
_PLAIN = frozenset({str, int, bool, float, type(None)})


class Policy:
    """A compiled policy. Immutable to its users; days are compiled when they are first asked about.

    `since`: take it as if it had counted from an earlier day, by the rules of its own first one.
    """

    def __init__(self, sources: Sources, tree: Tree, *, since: date | None = None) -> None:
        self.sources = sources
        self.tree = tree
        self.hash = sources.hash
        header = tree.header
        self.slug, self.version, self.name = header.slug, header.version, header.name
        self.status, self.source = header.status, header.source
        self.effective_from, self.effective_to = header.effective_from, header.effective_to
        self.review_by, self.nation = header.review_by, header.nation
        self.vocabulary: Vocabulary = vocabulary_of(tree.own_facts, tree.counters)
        self.days = change_days(tree)
        self._days = [day.isoformat() for day in self.days]
        self._first = (since or self.effective_from).isoformat()
        self._end = self.effective_to.isoformat() if self.effective_to else "9"
        self._frames: dict[int, Frame] = {}
        self._lock = threading.Lock()

    # Judging

    def frame(self, on: date) -> Frame:
        """The rules that hold on that day, compiled once for all days between two changes."""
        index = max(bisect.bisect_right(self.days, on) - 1, 0)
        found = self._frames.get(index)
        if found is None:
            with self._lock:
                found = self._frames.get(index)
                if found is None:
                    plan = make_plan(self.tree, self.vocabulary, self.days[index])
                    found = Frame(self.tree, self.vocabulary, plan, print_plan(plan, trace=True))
                    self._frames[index] = found
        return found

    def holds(self, on: date) -> bool:
        """Whether the policy is in force that day."""
        return self._first <= on.isoformat() and (self.effective_to is None or on < self.effective_to)

    def assess(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The assessment of a claim, an offer or a what-if, as plain JSON. Raises `FactFaults`.

        Sums are pence. The caller adds `policy.id`. Facts in, same answer out, for ever.
        """
        return self.assess_by(facts, judges=None)

    def assess_by(self, facts: Mapping[str, Any], *, judges: Printed | None) -> dict[str, Any]:
        """As `assess`, with other judges than the compiled ones: the reference walker, in tests."""
        checked = read_facts(facts, vocabulary=self.vocabulary)
        on = checked.on
        frame = self.frame(on)
        judged = None
        if judges is not None:
            frame = Frame(self.tree, self.vocabulary, frame.plan, judges)
        else:
            parts = checked.contributions if checked.several else None
            judged = frame.straight.judge(checked.claim, checked.expenses, parts)
        answer = judged.assessment() if judged is not None else frame.assess(checked)
        if not self.holds(on):
            self._out_of_force(answer, on)
        answer["facts"] = _clean(facts)
        answer["policy"] = {"version": self.version, "hash": self.hash, "slug": self.slug, "name": self.name}
        answer["engine_version"] = ENGINE_VERSION
        return answer

    def totals(self, facts: Mapping[str, Any]) -> tuple[int, int, int]:
        """Outcome (its place in `OUTCOMES`), fee and expenses in pence, of facts that were read before.

        As `assess`, without the words. Raises `FactFaults` when a rule meets a fact that does not fit.
        """
        found = None
        on = facts.get("on")
        if type(on) is str and self._first <= on < self._end:
            found = self._straight(on).totals(facts, facts.get("expenses") or (), facts.get("contributions"))
        if found is not None:
            return found
        answer = self.assess(facts)
        return OUTCOMES.index(answer["outcome"]), answer["fee_pence"], answer["expenses_pence"]

    def judge(self, facts: Mapping[str, Any]) -> Judgement | None:
        """As `totals`, with the trace. None when the claim must be assessed at length."""
        on = facts.get("on")
        if type(on) is not str or not self._first <= on < self._end:
            return None
        return self._straight(on).judge(facts, facts.get("expenses") or (), facts.get("contributions"))

    def _straight(self, on: str) -> Straight:
        index = max(bisect.bisect_right(self._days, on) - 1, 0)
        frame = self._frames.get(index) or self.frame(self.days[index])
        return frame.straight

    def _out_of_force(self, answer: dict[str, Any], on: date) -> None:
        """On a day before or after the policy, every line is left to a person."""
        text = f"This policy started on {wording.day(self.effective_from)}."
        if self.effective_to is not None and on >= self.effective_to:
            text = f"This policy ended on {wording.day(self.effective_to)}, and does not say what follows."
        reason = {"clause": "policy", "rule": "policy", "text": text, "figures": {"on": on.isoformat()}}
        for line in answer["lines"]:
            line.update(outcome=OUTCOMES[NEEDS_PERSON], amount_pence=0, reasons=[reason])
            line.pop("would_change", None)
        answer.update(
            fee_pence=0, expenses_pence=0, total_pence=0, pay_by=None, reasons=[reason], warnings=[]
        )
        answer["outcome"] = OUTCOMES[NEEDS_PERSON if answer["lines"] else NOT_PAYABLE]
        answer["approval_route"] = ["approver"]

    # Telling

    def covers(self, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Which costs are paid back for this activity, before anything is spent.

        Each is `{category, name, text, clause, receipt, receipt_text, agreed_first, agreed_text, asks}`.
        """
        checked = read_facts(facts, vocabulary=self.vocabulary)
        frame = self.frame(checked.on)
        frame.check(Facts({**checked.claim, "fee": False}, [{**one} for one in checked.contributions]))
        found = []
        for key, expense in self.tree.expenses.items():
            mark = frame.judges.covers[key](checked.claim, {})[0]
            if mark != NOT_PAYABLE and self.holds(checked.on):
                found.append(self._cover(frame, key, expense))
        return found

    def _cover(self, frame: Frame, key: str, expense: Expense) -> dict[str, Any]:
        receipts, agreed = expense.receipts, expense.agreed_first
        sentences = frame.plan.sentences
        return {
            "category": key,
            "name": expense.name,
            "text": frame.plan.cover_words[key],
            "clause": expense.rule.clause,
            "receipt": receipts is not None,
            "receipt_text": sentences[receipts.rule.key] if receipts else "",
            "agreed_first": agreed is not None,
            "agreed_text": sentences[agreed.key] if agreed else "",
            "asks": self.asks(key),
        }

    def asks(self, category: str) -> list[str]:
        """The facts that a form should ask for one kind of cost."""
        expense = self.tree.expenses[category]
        frame = self.frame(self.effective_from)
        found = list(frame.plan.expense_needs[category])
        if expense.passenger is not None:
            found.append("passengers")
        found += [one.fact for one in expense.only_if if one.fact and one.fact in self.vocabulary.expense]
        if expense.receipts is not None:
            found.append("receipt")
        if expense.agreed_first is not None:
            found.append("agreed_before")
        return list(dict.fromkeys(found))

    def catalogue(self, *, on: date) -> dict[str, Any]:
        """What the policy knows that day, each with a plain name, so that a client can build its form."""
        tree = self.tree
        frame = self.frame(on)
        activities = [
            {
                "key": one.key,
                "name": one.name,
                "field": one.field,
                "roles": list(one.pays),
                "paid_roles": [
                    role for role, fee in one.pays.items() if not isinstance(tree.fees[fee], Unpaid)
                ],
                "asks": self._activity_asks(frame, one.key),
            }
            for one in tree.activities.values()
        ]
        return {
            "activities": activities,
            "roles": [{"key": key, "name": name} for key, name in tree.roles.items()],
            "expense_categories": [
                {"key": key, "name": one.name, "asks": self.asks(key)} for key, one in tree.expenses.items()
            ],
            "payment_methods": [{"kind": kind, "name": name} for kind, name in tree.methods.items()],
            "facts": _fact_rows(self.vocabulary.claim)
            + [row for row in _fact_rows(self.vocabulary.expense) if row["key"] not in self.vocabulary.claim],
        }

    def _activity_asks(self, frame: Frame, activity: str) -> list[str]:
        found: list[str] = []
        for role in self.tree.activities[activity].pays:
            found += frame.plan.fee_needs[activity, role]
        for one in self.tree.eligibility:
            mine = not one.activities or activity in one.activities
            asked = one.unsaid == "ask" and one.applies_to != "expenses"
            if mine and asked and one.fact and one.fact in self.vocabulary.claim:
                found.append(one.fact)
        return list(dict.fromkeys(found))

    def terms(self, *, on: date) -> dict[str, Any]:
        """What the policy says about the process: holds, cancellation, approval, promise, notices.

        `hold_new_details_hours` and `offer_needs` are always there; the rest as the policy states it.
        """
        frame = self.frame(on)
        at = OnDay(self.tree, on)
        sentences = frame.plan.sentences
        found: dict[str, Any] = {"hold_new_details_hours": 0, "offer_needs": {"who": ["automatic"]}}
        for term in self.tree.terms:
            found.update(_term(term, at, sentences[term.rule.key]))
        found["cancellation"] = [
            {
                "notice_under_hours": None if one.under is None else one.under // 60,
                "percent": _percent(at.number(one.share)),
                "clause": one.rule.clause,
                "text": sentences[one.rule.key],
            }
            for one in self.tree.cancellation
        ]
        found["approval"] = [
            {"up_to_pence": limit, "who": list(who), "clause": reason.clause, "text": reason.text}
            for limit, who, reason in frame.plan.approval
        ]
        promise = frame.plan.promise
        found["payment_promise"] = (
            {"within": promise[0], "unit": promise[1], "clause": promise[2].clause, "text": promise[2].text}
            if promise
            else None
        )
        advance = frame.plan.beyond.advance
        found["advance"] = (
            {"at_most_pence": advance[0], "clause": advance[1].clause, "text": advance[1].text}
            if advance
            else None
        )
        choice = frame.plan.choice
        found["choice"] = {"clause": choice.clause, "text": choice.text} if choice else None
        found["week_starts"] = self.tree.header.week_starts
        return found


def _term(term: Term, at: OnDay, text: str) -> dict[str, Any]:
    said = {"clause": term.rule.clause, "text": text}
    if isinstance(term.value, tuple):
        return {term.key: {"who": list(term.value), **said}}
    if term.value is None:
        return {term.key: said}
    number = at.number(term.value)
    if term.key == "hold_new_details":
        hours = 0 if isinstance(number, Undecided) else -(-number // 60)
        return {"hold_new_details_hours": hours, "hold_new_details": said}
    return {term.key: {"amount": None if isinstance(number, Undecided) else number, **said}}


def _percent(share: int | Undecided) -> int | None:
    return None if isinstance(share, Undecided) else share // 100


def _fact_rows(kinds: Mapping[str, FactKind]) -> list[dict[str, str]]:
    return [{"key": kind.key, "name": kind.name, "unit": kind.unit} for kind in kinds.values()]


def _clean(value: Any) -> Any:
    """A copy that is plain JSON: days as texts, decimals as the numbers they are."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict and _PLAIN.issuperset(map(type, value.values())):
        return value.copy()
    if kind is dict or isinstance(value, Mapping):
        return {key: one if type(one) in _PLAIN else _clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    return value.isoformat() if isinstance(value, date) else float(value)


@functools.lru_cache(maxsize=256)
def _compiled(sources: _Hashed) -> Policy:
    policy = read_policy(sources.sources)
    if failing := proving.failures(policy):
        raise PolicyFaults(failing)
    return policy


def read_policy(sources: Sources) -> Policy:
    """A policy whose worked examples have not run yet. Raises `PolicyFaults` for mistakes in its rules."""
    tree = read_tree(sources)
    if faults := checking.structure(tree):
        raise PolicyFaults(faults)
    return Policy(sources, tree)


def ask_policy(sources: Sources) -> list[Fault]:
    """What the author should be asked: nothing here keeps a policy from being published."""
    if is_table(sources):
        return []
    tree = checking.beside(sources)[1]
    return asking.questions(tree) if tree is not None else []


def check_policy(sources: Sources, *, today: date | None = None) -> list[Fault]:
    """Every mistake that keeps a policy from being published; empty when there is none.

    Beyond what `compile_policy` refuses, every rule of the main file must be reached by a worked example.
    A reference table is checked as what it is. With `today`, a review that is overdue is a fault too.
    """
    try:
        if is_table(sources):
            return check_table(sources)
        policy = read_policy(sources)
    except PolicyFaults as found:
        more, tree = checking.beside(sources)
        late = asking.past_review(tree, today) if tree is not None and today else []
        return sorted({*found.faults, *more, *late})
    overdue = asking.past_review(policy.tree, today) if today else []
    return sorted({*proving.failures(policy), *proving.unproved(policy), *overdue})


class _Hashed:
    """Sources as a cache key: equal when their hash is."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def __hash__(self) -> int:
        return hash(self.sources.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and other.sources.hash == self.sources.hash


def compile_policy(sources: Sources) -> Policy:
    """A policy ready to answer; cached by the hash of its texts.

    Its worked examples run first. Raises `PolicyFaults` with every mistake, or every example that fails.
    """
    return _compiled(_Hashed(sources))
