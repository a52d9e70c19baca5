"""Where does a story take place? One council: who is who there, and how a step of the tale is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.dev.cast import Cast
from service.dev.remembering import remember
from service.events import Actor
from service.people import queries as people
from service.tasks.hands import Hands

Verb = Callable[[Session], Any]


@dataclass
class Place:
    """One council, as one story sees it."""

    hands: Hands
    council_id: str
    cast: Cast
    story: str
    _ids: dict[str, str] = field(default_factory=dict)

    def who_is(self, role: str) -> str:
        """The first name of somebody on the staff with this role."""
        return next(member.name.split()[0] for member in self.cast.staff if role in member.roles)

    def id_of(self, name: str) -> str:
        """The id of somebody by first name, whether they are paid or work for the council."""
        if name not in self._ids:
            with self.hands.db.council(self.council_id) as session:
                paid = people.find(session, council_id=self.council_id)
                staff = councils.staff(session, council_id=self.council_id)
            named = [(who.name, who.id) for who in paid] + [(who.name, who.id) for who in staff]
            self._ids = {name.split()[0]: known for name, known in named}
        return self._ids[name]

    def as_person(self, name: str) -> dict[str, Any]:
        """Where, who and when of something that somebody does for themselves."""
        return self._as(Actor("person", self.id_of(name)))

    def as_staff(self, name: str) -> dict[str, Any]:
        """Where, who and when of something that a member of staff does."""
        return self._as(Actor("staff", self.id_of(name)))

    def _as(self, actor: Actor) -> dict[str, Any]:
        return {"council_id": self.council_id, "actor": actor, "now": self.hands.clock()}

    def step(self, step: str, verb: Verb) -> str:
        """Do one step in a transaction of its own. Answers the id of what it made."""
        with self.hands.db.council(self.council_id) as session:
            return remember(session, council_id=self.council_id, step=f"{self.story}: {step}", verb=verb)

    def each(self, step: str, names: tuple[str, ...], verb: Callable[[Session, str], Any]) -> None:
        """One step in which several people do the same."""

        def all_of_them(session: Session) -> str:
            for name in names:
                verb(session, name)
            return ""

        self.step(f"{step}: {', '.join(names)}", all_of_them)
