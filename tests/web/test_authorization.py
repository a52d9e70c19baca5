"""May everybody do what the table says, and nothing else, by any route, on anybody's things?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from service.app import create_app
from service.settings import Settings
from tests.stage import Stage
from tests.web import authorizing
from tests.web.authorizing import COLUMNS, NOBODYS, OWNERS, Forgetting, Row, Town, refused, routes, table

# To a provider that nobody answers for in this town, which is said with 503.
LEADS_AWAY = {"GET /<slug:slug>/staff/sign-in/account"}
# Past the door there is no such thing here: it is in another state, or of a region, or named in a form.
ELSEWHERE = {
    "GET /<slug:slug>/me/claims/<claim_id>/wrong",
    "POST /<slug:slug>/me/claims/<claim_id>/wrong",
    "GET /<slug:slug>/me/payments/on/<day>",
    "GET /<slug:slug>/staff/councils",
    "GET /<slug:slug>/staff/councils/<simulation_id>",
    "GET /<slug:slug>/staff/payments/<payout_id>/came-back",
    "POST /<slug:slug>/staff/payments/<payout_id>/came-back",
    "GET /<slug:slug>/staff/payments/<payout_id>/handed-over",
    "POST /<slug:slug>/staff/payments/<payout_id>/handed-over",
    "GET /<slug:slug>/staff/payments/<payout_id>/taken-back",
    "POST /<slug:slug>/staff/payments/<payout_id>/taken-back",
    "POST /<slug:slug>/staff/exports/suppliers",
    "POST /<slug:slug>/staff/machine/dismiss",
    "POST /<slug:slug>/staff/machine/retry",
    "POST /v1/queues/jobs/<job_id>/dismiss",
    "POST /v1/queues/jobs/<job_id>/retry",
    "GET /assets/<fingerprint>/<path:name>",
    "GET /theme/<background>-<text>.css",
    "GET /link/<token>",
    "POST /link/<token>",
    "GET /stripe/<token>",
    "GET /stripe/<token>/back",
}
HOLE = Row("POST", "/<slug:slug>/staff/claims/<claim_id>/hole", frozenset("LAB"))
OWN_HOLE = Row("POST", "/<slug:slug>/me/claims/<claim_id>/hole", frozenset("psah"))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with two routes too many, whose views ask nobody who they are."""
    made = create_app(settings)
    for hole in (HOLE, OWN_HOLE):
        made.add_url_rule(hole.rule, f"web.{hole.rule}", lambda **_: "Agreed.", methods=["POST"])
    yield made
    made.extensions["db"].close()


def wrong(town: Town, rows: dict[str, Row]) -> list[str]:
    """Everybody whom a route does not answer as the table says, on what is their own."""
    known, real, found = routes(town.app), town.app.extensions["db"], []
    forgetting = Forgetting(town.stage.settings.database_url)
    before = town.stage.picture()
    for letter in COLUMNS:
        for row in (one for one in rows.values() if _tells_something(letter, one)):
            rule = known[row.call]
            town.app.extensions["db"] = forgetting if letter in row.may else real
            who = _owner(rule) if letter in "ps" else ""
            answer = town.call(letter, row, rule, ids=_own_ids(town, rule, letter), who=who)
            odd = (answer.status_code >= 500 and row.call not in LEADS_AWAY) or (
                answer.status_code == 404 and row.call not in ELSEWHERE
            )
            if odd or refused(answer) == (letter in row.may):
                found.append(f"{COLUMNS[letter]}: {row.call}: {answer.status_code}")
    town.app.extensions["db"] = real
    if town.stage.picture() != before:
        found.append("something changed")
    forgetting.close()
    return found


def _tells_something(letter: str, row: Row) -> bool:
    """Whoever may come in without signing in may do so as anybody. To a machine's call a person is nobody, to
    a person's page each member of staff is the same, and to a page for staff so are all who act for a person.
    """
    if letter == "n":
        return True
    if "n" in row.may:
        return letter == "L"
    if row.rule.startswith("/v1/"):
        return letter not in "psah"
    return letter in "npsahL" if "/me" in row.rule else letter not in "sah"


def _owner(rule: Rule) -> str:
    return next((OWNERS[name] for name in rule.arguments if name in OWNERS), "ada")


def _own_ids(town: Town, rule: Rule, letter: str) -> dict[str, str]:
    """On a person's pages, and beside an offer, a session is the one that they were asked to and came to."""
    ids = town.ids["own"]
    theirs = letter in "psah" or {"session_id", "offer_id"} <= set(rule.arguments)
    return {**ids, "session_id": ids["attended_id"]} if theirs else ids


def let_in(town: Town, rows: dict[str, Row]) -> list[str]:
    """Every call on a thing of another person, or of another council, that is not turned away.

    On a person's pages everybody tries who may come there: the person, also one who signed in a while ago,
    and whoever acts for them or helps them.
    """
    known, found = routes(town.app), []
    before = town.stage.picture()
    for row in rows.values():
        rule = known[row.call]
        about = set(rule.arguments) - NOBODYS
        tries = [("elsewhere", "", town.ids["own"])] if "/staff" in row.rule and row.may - {"n"} else []
        if about and "n" not in row.may:
            tries += [("all", "", town.ids["other"])]
            for letter in "psah" if "/me" in row.rule else row.may & {"p", "s"}:
                tries += [(letter, "nil", _own_ids(town, rule, letter)), (letter, "ada", town.ids["other"])]
        for column, who, ids in tries:
            if "n" in row.may:
                continue
            answer = town.call(column, row, rule, ids=ids, who=who)
            if not (refused(answer) or answer.status_code == 404):
                found.append(f"{column} {who}: {row.call}: {answer.status_code}")
    if town.stage.picture() != before:
        found.append("something changed")
    return found


def test_every_route_has_a_line_in_the_table_and_no_line_is_over(app: Flask) -> None:
    known, lines = routes(app), table()
    new = [Row(*call.split(" ", 1), frozenset()) for call in sorted(set(known) - set(lines))]
    assert [row.call for row in new] == sorted((HOLE.call, OWN_HOLE.call)), "\n".join(
        row.line() for row in new
    )
    assert set(lines) - set(known) == set()


@pytest.mark.long
def test_everybody_may_do_what_the_table_says_and_no_more(stage: Stage, app: Flask) -> None:
    town = authorizing.build(stage, app)
    hole = {HOLE.call: HOLE}
    seen = {line.partition(":")[0] for line in wrong(town, hole)}
    assert seen == {"nobody", "person", "facilitator", "finance", "ops", "policy_owner"}
    assert len(let_in(town, hole)) == 2
    through = [line.partition(":")[0] for line in let_in(town, {OWN_HOLE.call: OWN_HOLE})]
    assert through == ["all ", *(f"{letter} {who}" for letter in "psah" for who in ("nil", "ada"))]
    assert wrong(town, table()) == []
    assert let_in(town, table()) == []
