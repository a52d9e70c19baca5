"""Can the pages between a region and its councils be read by everybody, in two widths?"""

from __future__ import annotations

from service.councils import actions as councils
from tests.browser.conftest import Visitor
from tests.web.test_regions import Shared, share


def sign_in(visitor: Visitor, shared: Shared) -> None:
    with visitor.world.db.council(shared.own.id) as session:
        token = councils.make_link(
            session,
            council_id=shared.own.id,
            kind="staff",
            subject_id=shared.staff_id,
            goes_to="/middleshire/staff",
            now=visitor.world.now,
        )
    visitor.page.goto(f"{visitor.url}/link/{token}")
    visitor.press("Sign me in")


def test_the_pages_of_a_region(visitor: Visitor) -> None:
    visitor.world.tick("jo", "wei")
    shared = share(visitor.world)
    found = shared.tried()
    sign_in(visitor, shared)
    for name, path in {
        "policy": "policy",
        "councils": "councils",
        "tried": f"councils/{found['simulation']}",
        "not-here": "people",
    }.items():
        visitor.page.goto(f"{visitor.url}/middleshire/staff/{path}")
        visitor.look(f"region-{name}", status=403 if name == "not-here" else 200)
    visitor.page.goto(f"{visitor.url}/middleshire")
    visitor.look("region-home")
    visitor.page.goto(f"{visitor.url}/demo")
    visitor.look("region-demo")


def test_a_council_takes_a_version_on(visitor: Visitor) -> None:
    shared = share(visitor.world)
    visitor.sign_in("staff", "sam")
    visitor.open("/staff/policy")
    visitor.follow("New versions from your region")
    assert visitor.sees("There is nothing newer.")
    shared.published()
    visitor.open("/staff/policy/bases")
    visitor.look("staff-bases")
    visitor.press("Make a draft on version 1.1")
    assert visitor.sees("Version 1.1: draft")
    visitor.look("staff-bases-made")
