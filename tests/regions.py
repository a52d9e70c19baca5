"""A region with councils in it, as `reciprocal region add` makes one; and drafts of its base."""

from __future__ import annotations

from pathlib import Path

from service import ids
from service.councils import actions as councils
from service.councils.model import REGION
from service.days import utc_now
from service.events import SYSTEM
from service.policy import actions as policies
from service.policy.sources import Sources
from tests.stage import Council, Stage

BASE = Path("policies/region/middleshire.yaml")


def region(stage: Stage, slug: str = "middleshire", *members: Council) -> Council:
    """A region that published the base of the library, with a key for its policy owner as `lead`."""
    region_id, now = ids.new("cou"), utc_now()
    with stage.hands.db.council(region_id) as session:
        new = councils.NewCouncil(slug=slug, name=slug.title(), kind=REGION)
        councils.found(session, council_id=region_id, given=new, now=now)
        policies.adopt(session, council_id=region_id, sources=Sources.from_path(BASE), actor=SYSTEM, now=now)
    made = Council(stage, region_id, {})
    made.doors["lead"] = made.key("policy_owner")
    for one in members:
        join(one, made)
    return made


def join(council: Council, wanted: Council) -> None:
    """The council becomes part of the region."""
    with council.stage.hands.db.council(council.id) as session:
        councils.join_region(session, council_id=council.id, region_id=wanted.id, now=utc_now())


def leave(council: Council) -> None:
    """The council is in no region any more."""
    with council.stage.hands.db.council(council.id) as session:
        councils.leave_region(session, council_id=council.id, now=utc_now())


def base_text(*, version: str = "1.1", online: str = "£16.50") -> str:
    """The region's base with another rate online. The examples that use the rate are worked anew, by hand."""
    found = BASE.read_text().replace('version: "1.0"', f'version: "{version}"', 1)
    found = found.replace("2026-04-01: £15.50", f"2026-04-01: {online}", 1)
    if online == "£16.50":
        for old, new in WORKED_ANEW:
            assert old in found
            found = found.replace(old, new)
    return found


WORKED_ANEW = (
    ("fee: £15.50, expenses: £5.00, total: £20.50", "fee: £16.50, expenses: £5.00, total: £21.50"),
    ("worked: £15.50 for one hour", "worked: £16.50 for one hour"),
    ("total: £13.18", "total: £14.03"),
    (
        "51 minutes at £15.50 is £13.175, which rounds up to £13.18",
        "£16.50 is £14.025, which rounds up to £14.03",
    ),
)
