"""Which stories does each council live through? One function a story; its docstring tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from service.dev.clock import Calendar
from service.dev.journeys import online
from service.dev.town import Town

STORIES: dict[str, tuple[Callable[[Town, Calendar], Iterator[datetime]], ...]] = {
    "exampleshire": (online.an_hour_over_a_brew,),
    "samplebury": (),
    "demoford": (),
}
