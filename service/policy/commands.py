"""The `reciprocal policy` commands: check, test, assess, explain, diff. Texts in, answers out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from service.policy.diff import diff
from service.policy.engine import Policy, ask_policy, check_policy, compile_policy, read_policy
from service.policy.explanation import explain
from service.policy.faults import FactFault, FactFaults, Fault, PolicyFaults
from service.policy.language.schema import policy_schema
from service.policy.language.tree import is_table
from service.policy.model import FORMS, PLAIN
from service.policy.proving import prove
from service.policy.sources import Sources

OK, FAULTS, BAD_CALL = 0, 1, 2
VERBS = frozenset({"check", "schema", "test", "assess", "explain", "diff"})
_NOT_JSON = FactFault("", "These facts are not JSON.")


Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def register(subparsers: Subparsers) -> Subparsers:
    """Adds `policy` with its verbs, and answers where more can be added.

    Each sets `run`, which takes the arguments and gives an exit status.
    """
    verbs = subparsers.add_parser("policy", help="check and try policies").add_subparsers(
        dest="verb", required=True
    )
    check_ = verbs.add_parser("check", help="find mistakes: file, line, clause, what is wrong and what to do")
    check_.add_argument("files", nargs="+", metavar="FILE")
    check_.add_argument("--json", action="store_true", help="print the mistakes as JSON")
    check_.set_defaults(run=check)
    schema = verbs.add_parser("schema", help="print the JSON Schema of a policy file, for editors")
    schema.set_defaults(run=show_schema)
    test_ = verbs.add_parser("test", help="run the worked examples")
    test_.add_argument("files", nargs="+", metavar="FILE")
    test_.set_defaults(run=test)
    for name, function, words in (
        ("assess", assess, "facts in, assessment out, as JSON"),
        ("explain", tell, "facts in, plain English out"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("file", metavar="FILE")
        verb.add_argument("--facts", required=True, metavar="FACTS.json", help="'-' reads standard input")
        verb.set_defaults(run=function)
    verb.add_argument("--form", choices=(PLAIN, *FORMS), default=PLAIN, help="cy: Welsh; easy: Easy Read")
    diff_ = verbs.add_parser("diff", help="the change between two versions, as sentences")
    diff_.add_argument("old", metavar="OLD")
    diff_.add_argument("new", metavar="NEW")
    diff_.add_argument("--json", action="store_true", help="print the changes as JSON")
    diff_.set_defaults(run=compare)
    return verbs


def run(given: argparse.Namespace) -> int:
    """Runs a command that `register` added."""
    return int(given.run(given) or OK)


def show_schema(_: argparse.Namespace) -> int:
    """Prints what `policies/schema.json` holds."""
    print(json.dumps(policy_schema(), ensure_ascii=False, indent=1))
    return OK


def check(given: argparse.Namespace) -> int:
    """Prints every mistake in every file. 1 if there is one."""
    found: list[Fault] = []
    for file in given.files:
        faults = _faults(file)
        found += faults
        if not given.json:
            for fault in faults:
                print(_at(file, fault))
            if not faults:
                print(f"{file}: no mistakes.")
            for question in _questions(file):
                print("Please look: " + _at(file, question))
    if given.json:
        print(json.dumps([fault.to_json() for fault in found], ensure_ascii=False, indent=2))
    elif found:
        print(f"{len(found)} {'mistake' if len(found) == 1 else 'mistakes'}.", file=sys.stderr)
    return FAULTS if found else OK


def _faults(file: str) -> list[Fault]:
    try:
        return check_policy(Sources.from_path(file), today=datetime.now(UTC).date())
    except PolicyFaults as error:
        return list(error.faults)


def _questions(file: str) -> list[Fault]:
    """What the author is asked; nothing while the file cannot be read at all."""
    try:
        return ask_policy(Sources.from_path(file))
    except PolicyFaults:
        return []


def _at(file: str, fault: Fault) -> str:
    """The fault with the path as the caller wrote it, so that a terminal can open it."""
    name = file if Path(file).as_posix().endswith(fault.file) else fault.file
    clause = f" (clause {fault.clause})" if fault.clause else ""
    return f"{name}:{fault.line}{clause}: {fault.what}\n    {fault.remedy}"


def test(given: argparse.Namespace) -> int:
    """Runs the worked examples of every file, and says how many. 1 if one does not come out."""
    failed = total = 0
    for file in given.files:
        try:
            sources = Sources.from_path(file)
            if is_table(sources):
                print(f"{file}: a reference table, so it has no examples.")
                continue
            policy = read_policy(sources)
        except PolicyFaults as error:
            print("\n".join(_at(file, fault) for fault in error.faults))
            failed += 1
            continue
        proofs = prove(policy)
        total += len(proofs)
        wrong = [proof for proof in proofs if proof.problems]
        failed += len(wrong)
        for proof in wrong:
            for problem in proof.problems:
                print(f"{file}:{proof.example.place.line}: {proof.example.name}: {problem}")
        print(f"{file}: {len(proofs) - len(wrong)} of {len(proofs)} as expected.")
    print(f"{total} worked examples")
    return FAULTS if failed else OK


def compare(given: argparse.Namespace) -> int:
    """Prints every change from one version to another, as sentences."""
    try:
        found = diff(old=Sources.from_path(given.old), new=Sources.from_path(given.new))
    except PolicyFaults as error:
        return _unreadable("", error)
    if given.json:
        print(json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=2))
    else:
        print("\n".join(one.sentence for one in found) or "The two versions say the same.")
    return OK


def assess(given: argparse.Namespace) -> int:
    """Prints an assessment for each set of facts. 2 if some do not fit; the others are still answered."""
    return _answer(given, lambda _, answer: print(json.dumps(answer, ensure_ascii=False)), _as_json)


def tell(given: argparse.Namespace) -> int:
    """As `assess`, in plain English, or in Welsh or Easy Read as far as the policy has the words."""

    def show(policy: Policy, answer: dict[str, Any]) -> None:
        print("\n\n".join(explain(answer, form=given.form, policy=policy)) + "\n")

    return _answer(given, show, _as_words)


def _answer(
    given: argparse.Namespace,
    show: Callable[[Policy, dict[str, Any]], None],
    refuse: Callable[[FactFaults], None],
) -> int:
    try:
        policy = _policy(given.file)
    except PolicyFaults as error:
        return _unreadable(given.file, error)
    status = OK
    try:
        for facts in _facts(given.facts):
            try:
                show(policy, _one(policy, facts))
            except FactFaults as error:
                status = BAD_CALL
                refuse(error)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not plain UTF-8 text"
        print(f"{given.facts}: the facts cannot be read: {why}.", file=sys.stderr)
        return BAD_CALL
    return status


def _policy(file: str) -> Policy:
    sources = Sources.from_path(file)
    if is_table(sources):
        what, remedy = "This is a reference table. Nobody is paid by it.", "Name a policy that uses it."
        raise PolicyFaults([Fault(sources.main, 1, "", what, remedy)])
    return compile_policy(sources)


def _unreadable(file: str, error: PolicyFaults) -> int:
    """Says every mistake of a policy that cannot be used."""
    print("\n".join(_at(file, fault) for fault in error.faults), file=sys.stderr)
    return FAULTS


def _as_json(error: FactFaults) -> None:
    errors = [{"pointer": one.pointer, "detail": one.detail} for one in error.errors]
    print(json.dumps({"title": error.title, "errors": errors}, ensure_ascii=False))


def _as_words(error: FactFaults) -> None:
    """What is wrong with some facts, each with the name of the fact."""
    print(f"{error.title}.", file=sys.stderr)
    for one in error.errors:
        name = f"{one.pointer.strip('/')}: " if one.pointer else ""
        print(f"  {name}{one.detail}", file=sys.stderr)


def _one(policy: Policy, facts: Any) -> dict[str, Any]:
    if isinstance(facts, FactFaults):
        raise facts
    return policy.assess(facts)


def _facts(name: str) -> Iterator[Any]:
    """One JSON value, or one a line. A line that is not JSON becomes the fault to show for it."""
    if name == "-":
        yield from _values(sys.stdin)
        return
    with Path(name).open(encoding="utf-8") as file:
        yield from _values(file)


def _values(file: TextIO) -> Iterator[Any]:
    lines = iter(file)
    first = next((line for line in lines if line.strip()), "")
    found = _parsed(first)
    if isinstance(found, FactFaults):
        rest = list(lines)
        whole = _parsed(first + "".join(rest))
        if not isinstance(whole, FactFaults):
            yield whole
            return
        lines = iter(rest)
    yield found
    yield from (_parsed(line) for line in lines if line.strip())


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return FactFaults([_NOT_JSON])
