"""Who pays on this bench? Our own worker, or one that is broken on purpose, which the judge must catch.

`new_key`: every try at Stripe carries a key of its own · `resend`: the same, and what got no answer is sent
again without asking Stripe what became of it · `ours`: as the service is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

from service import worker
from service.rails.protocol import Answer, Asked
from service.settings import Settings
from service.tasks import hands
from service.tasks.hands import Hands

PAYERS = ("ours", "new_key", "resend")


class Forgetful:
    """The library's client, or a part of it, that never says the same key twice."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return Forgetful(getattr(self._part, name))

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._part(*(_another_key(one) for one in given), **named)


def _another_key(given: Any) -> Any:
    if isinstance(given, dict) and "idempotency_key" in given:
        return given | {"idempotency_key": uuid.uuid4().hex}
    return given


def _never_there(_asked: Asked) -> Answer:
    return Answer("absent")


def _break_it(rail: Any, payer: str) -> None:
    client = rail._client
    rail._client = lambda access: Forgetful(client(access))
    if payer == "resend":
        rail.find = _never_there


def _hands_of(payer: str) -> Callable[[Settings], Hands]:
    whole = hands.checked_hands_for

    def made(settings: Settings) -> Hands:
        given = whole(settings)
        _break_it(given.rails["stripe"], payer)
        return given

    return made


PAYER = os.environ.get("FAULTS_PAYER", "ours")
if PAYER != "ours":
    hands.checked_hands_for = _hands_of(PAYER)


def __getattr__(name: str) -> Any:
    return getattr(worker, name)
