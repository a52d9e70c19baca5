"""Does the housekeeper go on to the next council when something is wrong with one?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.rails.sandbox import LOST_ANSWER, Sandbox
from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.stage import A_WHILE, Stage


class InTrouble(Sandbox):
    """The pretend bank, whose book for one council cannot be read."""

    trouble = ""

    def pass_time(self, *, council_id: str, now: datetime) -> list[str]:
        if council_id == self.trouble:
            raise RuntimeError("Their book cannot be read.")
        return super().pass_time(council_id=council_id, now=now)


def test_the_other_councils_money_is_looked_after(stage: Stage) -> None:
    councils = sorted((stage.council("exampleshire"), stage.council("demoford")), key=lambda c: c.id)
    for council in councils:
        council.ticked(account=LOST_ANSWER)
    stage.drain()
    sandbox = InTrouble(stage.hands.db, clock=stage.clock)
    sandbox.trouble = councils[0].id
    in_use.use(replace(stage.hands, sandbox=sandbox))
    stage.clock.forward(A_WHILE)
    housekeeping.sweep_payouts()
    housekeeping.seal_events()
    assert [c.payments()[0]["status"] for c in councils] == ["unknown", "paid"]
    stage.settle()
    assert [c.payments()[0]["status"] for c in councils] == ["paid", "paid"]
