"""Somebody at their own pages with a line of their own, and a Monday on which weeks are easy to see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from service.days import LONDON
from service.payouts import choosing
from service.payouts.choice_tables import PaymentChoice
from service.sessions import actions as sessions
from service.sessions import queries as session_queries
from service.sessions.actions import NewOffer, NewSession
from service.sessions.tables import Offer
from service.tasks import payouts as payout_tasks
from tests.web.test_paid import post
from tests.web.world import World

ASKED = "This would take you past your own line"
# Half past midday on a Monday, so that weeks are easy to see.
MONDAY = datetime(2026, 11, 30, 12, 30, tzinfo=LONDON)


@dataclass
class Jo:
    """Somebody at their own pages, who is offered a place at boards of two hours, £36.00 each."""

    world: World
    client: FlaskClient

    @property
    def at(self) -> str:
        return f"/{self.world.slug}/me"

    def sets(self, pounds: str, *, per: str = "week", starts: str = "0") -> None:
        """Set a line, page by page."""
        post(self.client, f"{self.at}/line/{per}", starts=starts)
        page = post(self.client, f"{self.at}/line/{per}/amount", choice="other", amount=pounds)
        assert f"£{float(pounds):,.2f}</span> in a {per}" in page.text

    def offered(self, day: date, *, title: str = "Board") -> str:
        """A board on that day at two. Answers the offer's id."""
        begins = datetime(day.year, day.month, day.day, 14, tzinfo=LONDON)
        new = NewSession(title, "making_it_real_board", begins, begins + timedelta(hours=2), online=True)
        world = self.world
        with world.db.council(world.council_id) as session:
            key: dict[str, Any] = {
                "council_id": world.council_id,
                "actor": world.lead,
                "now": datetime.now(LONDON),
            }
            held = sessions.plan(session, given=new, **key)
            world.sessions[title] = held.id
            given = NewOffer(world.people["jo"], "member")
            return sessions.offer(session, session_id=held.id, given=given, **key).id

    def presses_yes(self, offer_id: str) -> str:
        """Press "Yes" on the page of an offer, and read where that leads."""
        page = self.client.get(f"{self.at}/offers/{offer_id}").text
        (token,) = set(re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page))
        headers = {"Referer": "http://localhost/"}
        answer = self.client.post(
            f"{self.at}/offers/{offer_id}/yes",
            data={"csrf_token": token},
            headers=headers,
            follow_redirects=True,
        )
        assert answer.status_code == 200
        return answer.text

    def offer(self, offer_id: str) -> Offer:
        with self.world.db.council(self.world.council_id) as session:
            return session_queries.offer(session, council_id=self.world.council_id, offer_id=offer_id)

    def choices(self) -> list[PaymentChoice]:
        with self.world.db.council(self.world.council_id) as session:
            return choosing.standing(
                session, council_id=self.world.council_id, person_id=self.world.people["jo"]
            )

    def read(self, leaf: str = "") -> str:
        found = self.client.get(self.at + leaf)
        assert found.status_code == 200
        return found.text

    def sweep(self) -> None:
        """The clock comes round, and what follows is done."""
        world = self.world
        payout_tasks.sweep(world.hands, council_id=world.council_id, now=datetime.now(LONDON))
        world.drain()


def boxes(day: date) -> dict[str, str]:
    return {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}
