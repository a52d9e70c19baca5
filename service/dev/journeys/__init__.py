"""Which stories does each council live through? One function a story; its docstring tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from service.dev.clock import Calendar
from service.dev.journeys import boards, coaching, festivals, networks, online, panels, reviews, visits
from service.dev.town import Town

STORIES: dict[str, tuple[Callable[[Town, Calendar], Iterator[datetime]], ...]] = {
    "exampleshire": (
        online.an_hour_over_a_brew,
        online.a_brew_called_off,
        visits.two_days_in_demoford,
        reviews.reading_case_files,
        panels.choosing_a_team_manager,
        panels.a_panel_to_come,
        online.the_next_brew,
        online.last_evening,
        online.money_on_its_way,
    ),
    "samplebury": (
        coaching.a_director_learns,
        festivals.walk_in_my_shoes,
        boards.making_it_real,
        boards.the_board_next_month,
        online.the_next_brew,
        online.last_evening,
    ),
    "demoford": (
        networks.the_regional_network,
        networks.the_latest_meeting,
        reviews.the_next_case_files,
        visits.two_days_in_samplebury,
        online.last_evening,
    ),
}
