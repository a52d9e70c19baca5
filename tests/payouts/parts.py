"""Somebody with a fee of £15.00 (an hour at the small policy) that may come in two parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from service.days import london_day
from service.events import Actor
from service.payouts import putting_off
from service.payouts.choosing import begins
from tests.claims.top_ups import now_is
from tests.payouts.corrected import first, overpayments, paid_in_all
from tests.stage import Council, told

# Where the payment of a part stands, and why.
WAITS, PAID = ("held", "ones_own_choice"), ("paid", None)


@dataclass
class Fee:
    """One person, one session of an hour, an accepted offer."""

    council: Council
    session_id: str
    person_id: str
    offer_id: str

    @classmethod
    def promised(cls, council: Council, *, account: str | None = "00012345", **more: Any) -> Fee:
        """They said yes, and nobody has ticked them yet."""
        session_id, person_id = (
            council.session("meeting", minutes=60, **more),
            council.person(account=account),
        )
        return cls(council, session_id, person_id, council.invited(session_id, person_id, "member"))

    @classmethod
    def agreed(cls, council: Council, **more: Any) -> Fee:
        """They came, and it was agreed; nothing was sent yet."""
        fee = cls.promised(council, **more)
        fee.tick(leaving=("payouts.send",))
        return fee

    def tick(self, *, leaving: tuple[str, ...] = (), **more: Any) -> None:
        """The register says this of them now, and what follows is done."""
        told(self.council.tick(self.session_id, self.person_id, **more))
        self.council.stage.drain(leaving=leaving)

    def in_days(self, number: int) -> date:
        return london_day(self.council.stage.clock()) + timedelta(days=number)

    def chooses(
        self, answer: str, *, pence: int | None = None, day: date | None = None, about: str = ""
    ) -> None:
        """The person says how they would like it. `about`: a claim; else the offer, or what became of it."""
        given: dict[str, Any] = {
            "council_id": self.council.id,
            "answer": answer,
            "day": day,
            "now_pence": pence,
            "actor": Actor("person", self.person_id),
            "now": self.council.stage.clock(),
        }
        with self.council.stage.hands.db.council(self.council.id) as session:
            if about:
                putting_off.for_claim(session, claim_id=about, **given)
            else:
                putting_off.for_offer(session, offer_id=self.offer_id, **given)

    def splits(self, pence: int = 500, *, days: int = 9, about: str = "") -> date:
        """So much as usual, and the rest some days later. Answers that day."""
        day = self.in_days(days)
        self.chooses("split", pence=pence, day=day, about=about)
        return day

    def comes(self, day: date) -> None:
        """The first moments of a day; the clock comes round."""
        stage = self.council.stage
        stage.clock.forward(begins(day) - stage.clock())
        stage.sweep(after=timedelta(seconds=1))

    @property
    def claim(self) -> dict[str, Any]:
        """The claim with the fee, or with the first part of it."""
        return first(self.council, self.session_id)

    @property
    def rests(self) -> list[dict[str, Any]]:
        """What was ever put off of it: never more than one claim."""
        rows = told(self.council.lead.get("claims", session=self.session_id))["data"]
        return [now_is(self.council, row) for row in rows if row["kind"] == "rest"]

    @property
    def rest(self) -> dict[str, Any]:
        (found,) = self.rests
        return found

    @property
    def parts(self) -> list[tuple[str, int, str, str | None]]:
        """Of each part: its state and sum, and where its last payment stands and why."""
        found = []
        for one in (self.claim, *self.rests):
            last = one["payments"][-1] if one["payments"] else {"status": "none", "held_because": None}
            found.append((one["status"], one["fee_pence"], last["status"], last["held_because"]))
        return found

    @property
    def paid(self) -> int:
        return paid_in_all(self.council, self.person_id)

    @property
    def over(self) -> int:
        """What was paid too much, as it stands."""
        return sum(row["over_pence"] for row in overpayments(self.council))
