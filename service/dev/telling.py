"""In which order are the stories told? By the day, whatever story it is, as life would have it.

A story is a generator. It yields the moment that it waits for; at that moment it does its next thing and
yields again. Between any two moments everything that follows is carried out, under the same clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from service import log
from service.dev.clock import Clock
from service.errors import ReciprocalError
from service.tasks import (  # noqa: F401 - they declare tasks
    NEXT,
    approvals,
    claims,
    controls,
    corrections,
    listening,
    notices,
    payouts,
    recipients,
    relay,
)
from service.tasks import policies as policy_tasks  # noqa: F401 - so does this
from service.tasks.delivery import carry
from service.tasks.hands import Hands

Story = Iterator[datetime]


class AheadOfTime(ValueError):
    """A story did something at a moment that is still to come."""


def tell(
    stories: Iterable[Story], *, hands: Hands, clock: Clock, until: datetime, resumed: bool = False
) -> None:
    """Tell all stories to their ends, none beyond `until`.

    `resumed`: an earlier telling broke off and the service may have gone on since; then a story that no
    longer fits what it finds is left as it stands.
    """
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        _wait(waiting, number, story)
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        if moment > until:
            raise AheadOfTime(f"{getattr(story, '__name__', 'A story')} reaches {moment}, after {until}.")
        clock.shows = moment
        try:
            _wait(waiting, number, story)
        except ReciprocalError as trouble:
            if not resumed:
                raise
            log.get().warning("demo.story_left", story=getattr(story, "__name__", ""), why=trouble.detail)
        if not waiting or waiting[0][0] != moment:
            relay.drain(hands, following=NEXT)


def finish_what_was_begun(hands: Hands) -> None:
    """What was on its way when an earlier telling broke off is done now, as after any crash."""

    def carry_now(task: str, _queue: str, deliveries: list[tuple[str, int]]) -> None:
        carry(hands, task=task, deliveries=deliveries)

    # Whoever held it is gone: a day later it would count as lost, so it does at once.
    later = hands.clock() + timedelta(days=1)
    relay.hand_over(hands.db, following=NEXT, publish=carry_now, at=later, hand_again=timedelta())
    relay.drain(hands, following=NEXT)


def _wait(waiting: list[tuple[datetime, int, Story]], number: int, story: Story) -> None:
    """Let a story go on to the next moment that it waits for, if it is not over."""
    moment = next(story, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, number, story))
