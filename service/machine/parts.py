"""Which processes make up the service, and by which commands?

The one list: `./run` supervises these, and a test holds `docker-compose.yml` to them.
"""

from __future__ import annotations

from dataclasses import dataclass

# Only what changes tables may sign in as their owner.
OWNER_SETTING = "DATABASE_OWNER_URL"

# Where the web's processes count together; empty at each start. Read by the metrics library itself.
COUNTS_SETTING = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process. `{bind}` and `{data}` in its command stand for an address and a folder it may write."""

    name: str
    command: tuple[str, ...]
    stop_seconds: int = 10

    def words(self, *, bind: str, data: str) -> list[str]:
        """The command with its places filled in."""
        return [word.replace("{bind}", bind).replace("{data}", data) for word in self.command]


MIGRATE = Part(name="migrate", command=("reciprocal", "migrate"))

WEB = Part(
    name="web",
    command=(
        *("gunicorn", "service.app:create_app()", "--bind", "{bind}", "--preload"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
        *("--timeout", "60", "--graceful-timeout", "8", "--no-control-socket"),
    ),
)

# It serves every queue that the service declares.
WORKER = Part(
    name="worker",
    command=(
        *("celery", "--app", "service.worker", "worker", "--concurrency", "4"),
        *("--without-mingle", "--without-gossip"),
    ),
    stop_seconds=20,
)

RELAY = Part(name="relay", command=("reciprocal", "relay"))

BEAT = Part(
    name="beat",
    command=(
        *("celery", "--app", "service.worker", "beat"),
        *("--schedule", "{data}/beat-schedule", "--pidfile", ""),
    ),
    stop_seconds=5,
)

# In the order in which they start.
SUPERVISED = (WEB, WORKER, RELAY, BEAT)
