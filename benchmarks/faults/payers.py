"""Who pays on this bench? Our own worker, or one that is broken on purpose, which the judge must catch.

`new_key`: each call to the rail carries a key of its own · `resend`: what got no answer is sent again,
under a new key, and nobody asks the rail · `ours`: as the service is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from celery.signals import worker_process_init

from service import worker
from service.rails.protocol import Answer, Asked, Order, Rail
from service.tasks.hands import hands

PAYERS = ("ours", "new_key", "resend")


class NewKey:
    """A payer that makes a new key for each call."""

    def __init__(self, rail: Any) -> None:
        self._rail = rail

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rail, name)

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        """Every order under a key that nobody has seen."""
        answers: list[Answer] = self._rail.pay([replace(one, key=uuid.uuid4().hex) for one in orders])
        return answers


class Resend(NewKey):
    """And one that takes no answer for a no."""

    def find(self, _asked: Asked) -> Answer:
        """Nobody asks."""
        return Answer("absent")


def _broken(rail: Rail, payer: str) -> Rail:
    return {"new_key": NewKey, "resend": Resend}[payer](rail)


@worker_process_init.connect
def _break(**_: Any) -> None:
    """After the service has given the process its hands."""
    payer = os.environ.get("FAULTS_PAYER", "ours")
    if payer != "ours":
        rails = hands().rails
        rails["stripe"] = _broken(rails["stripe"], payer)


def __getattr__(name: str) -> Any:
    return getattr(worker, name)
