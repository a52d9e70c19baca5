"""Can anybody who works for a council see that somebody has a line, or where? Every page, every call."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import time_machine
from flask.testing import FlaskClient

from service.councils import actions as councils
from service.councils.model import ROLES
from service.outgoing.model import TYPES
from service.tasks import NEXT
from tests.neighbours import Furnished, filled, furnished, pages_of, routes
from tests.stage import Stage
from tests.web.cookies import sign_in
from tests.web.test_paid import post

# What differs between two answers to the same question: form tokens, keys of a form that is sent once,
# numbers of requests, and up to when the database's own clock lets a statement reach.
PASSING = re.compile(
    r'name="(?:csrf_token|once)"[^>]*>|"(?:request_id|until)": ?"[^"]+"|req_\w+|nonce-[\w-]+'
)
TRACES = ("123.47", "12347", "own line", "own_line", "/line", "past your")


def answers(stage: Stage, one: Furnished, staff: FlaskClient) -> dict[str, str]:
    """What every staff page and every call that reads answers to somebody who may see everything."""
    found = {path: staff.get(path) for method, path in pages_of(one, "staff") if method == "GET"}
    for method, rule in routes(stage):
        if method == "GET":
            found[rule] = one.door.get(filled(rule, one.ids))
    # Where nothing is shown, nothing can be seen.
    assert sum(answer.status_code == 200 for answer in found.values()) > 50
    return {where: PASSING.sub("", answer.get_data(as_text=True)) for where, answer in found.items()}


def signed_in(stage: Stage, one: Furnished, kind: str) -> FlaskClient:
    """Somebody with every role there is, or the person whose line it is."""
    subject = one.ids["person_id"]
    if kind == "staff":
        with stage.hands.db.council(one.council.id) as session:
            member = councils.add_staff(
                session,
                council_id=one.council.id,
                email="all@example.org",
                name="All Roles",
                roles=tuple(ROLES),
                now=stage.clock(),
            )
            subject = member.id
    return sign_in(stage.app.test_client(), one.council.id, kind, subject)


def test_no_page_and_no_call_shows_that_there_is_a_line(stage: Stage) -> None:
    one = furnished(stage, rail="sandbox")
    person, at = signed_in(stage, one, "person"), "/exampleshire/me"
    staff = signed_in(stage, one, "staff")
    one.council.offer(one.council.session(), one.ids["person_id"])
    stage.drain()
    with time_machine.travel(datetime.now(UTC), tick=False):
        # A file says who saved it first: that is said from the second round on.
        answers(stage, one, staff)
        stage.drain()
        before, picture = answers(stage, one, staff), stage.picture()
        post(person, f"{at}/line/week", starts="3")
        page = post(person, f"{at}/line/week/amount", choice="other", amount="123.47")
        post(person, f"{at}/line/month", starts="14")
        post(person, f"{at}/line/month/amount", choice="uc_work_allowance_with_housing")
        stage.drain()
        after, changed = answers(stage, one, staff), stage.picture()
    # The person sees it, so these traces would be found.
    assert {trace for trace in TRACES if trace in page.get_data(as_text=True)} >= {"123.47", "/line"}
    assert len(before) > 60
    assert {where for where in before if before[where] != after[where]} == set()
    seen = {(where, trace) for where, text in after.items() for trace in TRACES if trace in text.lower()}
    assert seen == set()
    # Nothing else in the database knows: no event, no message, no kept answer.
    assert {name for name in changed if changed[name] != picture[name]} == {"own_lines"}


def test_an_answer_that_moves_no_money_is_nobody_elses_either(stage: Stage) -> None:
    one = furnished(stage, rail="sandbox")
    person, at = signed_in(stage, one, "person"), "/exampleshire/me"
    soon = stage.clock().replace(microsecond=0)
    session_id = one.council.session(minutes=60, ends=soon.replace(year=soon.year + 1))
    offer_id = one.council.invited(session_id, one.ids["person_id"])
    stage.drain()
    picture: dict[str, Any] = stage.picture()
    post(person, f"{at}/line/fees/{offer_id}", choice="now")
    stage.drain()
    changed = stage.picture()
    assert {name for name in changed if changed[name] != picture[name]} == {"payment_choices"}


def test_other_systems_are_not_told_of_a_day_that_was_chosen() -> None:
    assert not {"payment.day_chosen"} & {*TYPES, *NEXT}
