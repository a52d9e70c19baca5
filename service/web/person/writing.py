"""Which claim is being written, which of its costs, and which question comes next? Shared by its pages.

What was typed lies on the server, so that it outlives a session and goes on on another phone. An address
names the session; `claim` in it names a sent claim that is being changed, and `cost` which cost, from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from service.claims import unsent
from service.claims.unsent import KIND, Cost, Which
from service.days import london_day
from service.errors import NotFound
from service.policy.engine import Policy
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession
from service.web import here
from service.web.person import questions, reading
from service.web.person.shapes import Ask

CHECK = "check"


@dataclass
class Writing:
    """A claim as it was typed so far, and the questions of its costs. `number`: the cost at hand, from 0."""

    held: InvolvementSession
    which: Which
    number: int
    costs: list[Cost]
    policy: Policy
    covered: list[dict[str, Any]]
    _asks: dict[str, list[Ask]] = field(default_factory=dict)

    @property
    def cost(self) -> Cost:
        """The cost at hand; an empty one where it is about to begin."""
        return self.costs[self.number] if self.number < len(self.costs) else Cost()

    def asks(self, cost: Cost) -> list[Ask]:
        """Every question about a cost, as far as they are known: what it was first, then what that needs."""
        kind = str(cost.answers.get(KIND))
        if kind not in self._asks:
            first = questions.which_kind(self.covered)
            known = {choice.value for choice in first.choices}
            on = london_day(self.held.starts_at)
            more = questions.asks_of(self.policy, on=on, category=kind) if kind in known else []
            self._asks[kind] = [first, *more]
        return self._asks[kind]

    def missing(self, cost: Cost) -> str:
        """The first question about a cost that has no answer yet."""
        return next((ask.name for ask in self.asks(cost) if ask.name not in cost.answers), "")

    def cover(self, cost: Cost) -> Mapping[str, Any]:
        """What the policy says of this kind of cost before it is spent."""
        return next((row for row in self.covered if row["category"] == cost.answers.get(KIND)), {})

    def to(self, leaf: str, *, number: int | None = None, **more: str) -> str:
        """The address of one of the claim's pages."""
        at = self.number if number is None else number
        query = {"claim": self.which.changes} if self.which.changes else {}
        query |= {"cost": str(at + 1)} if at and leaf != CHECK else {}
        asked = f"?{urlencode({**query, **more})}" if query or more else ""
        return f"{here.at()}/me/costs/{self.held.id}/{leaf}{asked}"

    def next(self) -> str:
        """Where to go on: the first question without an answer, of any cost; else the check page."""
        for number, cost in enumerate(self.costs):
            if name := self.missing(cost):
                return self.to(name, number=number)
        return self.to(CHECK) if self.costs else self.to(KIND, number=0)

    @property
    def leaves_to(self) -> str:
        """The page from which the claim was begun."""
        return f"{here.at()}/me/claims/{self.which.changes}" if self.which.changes else f"{here.at()}/me"


def opened(session: Session, session_id: str) -> Writing:
    """The claim that this address names, if it is this person's. Raises `NotFound`."""
    held = _begun(session, session_id)
    which = Which(here.council_id(), here.me().id, held.id, request.args.get("claim", ""))
    costs = unsent.find(session, which=which)
    if which.changes and not costs:
        raise NotFound("This change has been sent, or it was never begun. Look at your claim again.")
    typed = request.args.get("cost", "1")
    number = int(typed[:3]) - 1 if typed.isascii() and typed.isdigit() else 0
    facts = sessions.facts_for(
        session, council_id=held.council_id, session_id=held.id, person_id=here.me().id
    ).facts
    policy = reading.policy_on(session, held.council_id, london_day(held.starts_at))
    return Writing(held, which, max(0, min(number, len(costs))), costs, policy, policy.covers(facts))


def _begun(session: Session, session_id: str) -> InvolvementSession:
    """The session, if this person had something to do with it. Raises `NotFound`."""
    key = {"council_id": here.council_id(), "session_id": session_id}
    held = sessions.get(session, **key)
    ticked = sessions.attendance(session, person_id=here.me().id, **key)
    offers = sessions.offers_of(session, council_id=here.council_id(), person_id=here.me().id)
    # A place that was called off counts: money may have been spent on it already.
    asked = any(o.session_id == session_id and o.state != "declined" for o in offers)
    if ticked is None and not asked:
        raise NotFound("We cannot find that session among yours. Look on your own page, or contact us.")
    return held
