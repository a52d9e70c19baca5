"""How does the region come to be? Itself with its base, councils with their policies and staff, people as
they join, then their stories, told by the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.event import listens_for
from sqlalchemy.orm import Session

from service import events, ids
from service.councils import actions as councils
from service.councils import queries as council_queries
from service.dev.cast import MIDDLESHIRE, REGION, Cast
from service.dev.clock import Calendar, Clock, at
from service.dev.journeys import STORIES
from service.dev.remembering import remember, remembered
from service.dev.telling import Story, finish_what_was_begun, tell
from service.dev.town import Town
from service.events import SYSTEM
from service.messages.outbox import Outbox
from service.policy import actions as policies
from service.policy.sources import Sources
from service.settings import Settings
from service.tasks.hands import Hands, hands_for

BEGAN = "the tale began"
POLICIES = Path(__file__).parents[2] / "policies"

# Who of a council's people joined when: how many, and how many weeks ago.
JOINED = ((6, -19), (4, -14), (99, -9))


def build(settings: Settings, *, told_at: datetime) -> dict[str, str]:
    """Make the region, or finish one that was broken off. Answers slug → council id, in the region's order.

    A council of one of these names that was here before any tale, or so long ago that its steps are no
    longer kept, stays as it is.
    """
    clock = Clock(told_at)
    hands = _hands(settings, clock)
    here = {cast.council.slug: council_id for cast in REGION if (council_id := _living(hands, cast))}
    began = {slug: moment for slug, council_id in here.items() if (moment := _began(hands, council_id))}
    days = Calendar(min(began.values(), default=told_at))
    if began:
        clock.shows = min(_came_to(hands, [here[slug] for slug in began]), days.told_at)
        finish_what_was_begun(hands)
    stories: list[Story] = []
    region_id = _living(hands, MIDDLESHIRE) or _found(hands, MIDDLESHIRE, days)
    for cast in REGION:
        slug = cast.council.slug
        if slug not in here:
            here[slug] = _found(hands, cast, days)
        elif slug not in began:
            continue
        _joins(hands, cast, region_id, days, council_id=here[slug])
        stories += _stories(hands, cast, days, council_id=here[slug])
    tell(stories, hands=hands, clock=clock, until=days.told_at, resumed=bool(began))
    hands.db.close()
    return {cast.council.slug: here[cast.council.slug] for cast in REGION}


def _hands(settings: Settings, clock: Clock) -> Hands:
    """Hands that send nothing by mail, whatever the settings say, and do not wait for the disk at each step:
    should the power fail, the last moments are told again.
    """
    hands = replace(hands_for(settings, clock=clock), way=Outbox())

    @listens_for(hands.db.engine, "connect")
    def unhurried(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute("SET synchronous_commit = off")
        connection.autocommit = False

    return hands


def _living(hands: Hands, cast: Cast) -> str | None:
    with hands.db.crossing() as outside:
        return council_queries.council_id_of(outside, slug=cast.council.slug)


def _began(hands: Hands, council_id: str) -> datetime | None:
    with hands.db.council(council_id) as session:
        moment = remembered(session, council_id=council_id, step=BEGAN)
    return datetime.fromisoformat(moment) if moment else None


def _came_to(hands: Hands, council_ids: Iterable[str]) -> datetime:
    """The moment that an earlier telling had come to: what it left undone belongs there."""
    moments = []
    for council_id in council_ids:
        with hands.db.council(council_id) as session:
            moments.append(events.last_moment(session, council_id=council_id))
    return max(moments)


def _found(hands: Hands, cast: Cast, days: Calendar) -> str:
    """A council with its policy and its staff, whole or not at all."""
    council_id, now = ids.new("cou"), at(days.day("monday", weeks=-20), "09:00")
    sources = Sources.from_path(POLICIES / cast.folder / cast.policy)

    def verb(session: Session) -> str:
        councils.found(session, council_id=council_id, given=cast.council, now=now)
        policies.adopt(session, council_id=council_id, sources=sources, actor=SYSTEM, now=now)
        for member in cast.staff:
            address = cast.address_of(member.name)
            councils.add_staff(
                session, council_id=council_id, email=address, name=member.name, roles=member.roles, now=now
            )
        return days.told_at.isoformat()

    with hands.db.council(council_id) as session:
        remember(session, council_id=council_id, step=BEGAN, verb=verb)
    return council_id


def _joins(hands: Hands, cast: Cast, region_id: str, days: Calendar, *, council_id: str) -> None:
    """The council becomes part of the region, once; should it leave, it stays away."""
    now = at(days.day("monday", weeks=-20), "09:30")

    def verb(session: Session) -> str:
        councils.join_region(session, council_id=council_id, region_id=region_id, now=now)
        return region_id

    with hands.db.council(council_id) as session:
        remember(session, council_id=council_id, step=f"{cast.council.slug} joins", verb=verb)


def _stories(hands: Hands, cast: Cast, days: Calendar, *, council_id: str) -> list[Story]:
    told = [
        story(Town(hands, council_id, cast, story.__name__), days) for story in STORIES[cast.council.slug]
    ]
    return [_people_join(Town(hands, council_id, cast, "people_join"), days), *told]


def _people_join(town: Town, days: Calendar) -> Iterator[datetime]:
    """People are added by an involvement lead, and say how they would like to be paid."""
    waiting, lead = list(town.cast.people), town.who_is("lead")
    for many, weeks in JOINED:
        joining, waiting = waiting[:many], waiting[many:]
        yield at(days.day("monday", weeks=weeks), "11:15")
        for who in joining:
            town.welcomes(lead, who)
        yield at(days.day("monday", weeks=weeks), "16:40")
        for who in joining:
            if who.method:
                town.wants(who.name.split()[0], who.method, told_by=who.told_by or None)
