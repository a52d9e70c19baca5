"""Is work being done? A mark in the queue's own server that a worker renews at each round of the clock.

It is there only while clock, queue and worker all do their part, and gone seconds after any of them stops.
"""

from __future__ import annotations

import redis

KEY = "reciprocal:pulse"
LASTS_SECONDS = 10


class Pulse:
    """The mark, by the address of the queue's server."""

    def __init__(self, redis_url: str) -> None:
        self._broker = redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)

    def beat(self) -> None:
        """Renew the mark. A queue that is out of reach is no reason to stop the work at hand."""
        try:
            self._broker.set(KEY, "1", ex=LASTS_SECONDS)
        except redis.RedisError:
            return

    def is_there(self) -> bool:
        """Whether the mark is there. Raises `redis.RedisError` when the queue is out of reach."""
        return bool(self._broker.exists(KEY))
