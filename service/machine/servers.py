"""Which database and queue does this start use: servers of its own, or ones it was given addresses of?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.machine import ground
from service.machine.ground import Ground
from service.machine.parts import OWNER_SETTING
from service.machine.postgres import APP, OWNER, STOP_SIGNAL, Postgres
from service.machine.supervision import Program
from service.machine.valkey import Valkey


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The database and the queue; `postgres` or `valkey` is None where an address was given."""

    postgres: Postgres | None
    valkey: Valkey | None
    database_url: str
    owner_url: str
    redis_url: str

    def programs(self) -> list[Program]:
        """What the supervisor must run for them."""
        found = []
        if self.postgres:
            command = self.postgres.command()
            found.append(
                Program(
                    name="postgres",
                    command=command,
                    rank=1,
                    server=True,
                    stop_signal=STOP_SIGNAL,
                    stop_seconds=20,
                )
            )
        if self.valkey:
            found.append(Program(name="valkey", command=self.valkey.command(), rank=2, server=True))
        return found

    def wait(self) -> None:
        """Wait until our own answer, and see that roles and database are there."""
        if self.postgres:
            self.postgres.wait()
            self.postgres.make_roles()
            self.postgres.make_database()
        if self.valkey:
            self.valkey.wait()


def choose(place: Ground, *, given: Mapping[str, str]) -> Servers:
    """Prepare servers of our own wherever the environment `given` names none.

    Who gives one address and no other for the owner means the same sign-in for both.
    """
    database_url, redis_url = given.get("DATABASE_URL", ""), given.get("REDIS_URL", "")
    owner_url = given.get(OWNER_SETTING) or database_url
    own_postgres = own_valkey = None
    if not (database_url and redis_url):
        postgres_programs, valkey_program = ground.programs()
    if not database_url:
        own_postgres = Postgres(
            data=place.data / "postgres", socket=place.postgres_socket, programs=postgres_programs
        )
        own_postgres.initialise()
        database_url, owner_url = own_postgres.url(role=APP), own_postgres.url(role=OWNER)
    if not redis_url:
        own_valkey = Valkey(data=place.data / "valkey", socket=place.valkey_socket, program=valkey_program)
        redis_url = own_valkey.url()
    return Servers(
        postgres=own_postgres,
        valkey=own_valkey,
        database_url=database_url,
        owner_url=owner_url,
        redis_url=redis_url,
    )
