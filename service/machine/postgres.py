"""How does the embedded PostgreSQL come to be, and how is it reached?"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from service.errors import Unavailable
from service.machine import ground

ADMIN = "reciprocal_admin"
OWNER = "reciprocal_owner"
APP = "reciprocal_app"
DATABASE = "reciprocal"
PORT = 5432
STOP_SIGNAL = signal.SIGINT
PATIENCE_SECONDS = 30

# The encoding and order of text come from PostgreSQL itself, so they are the same on every machine.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

_ROLES = Path(__file__).with_name("roles.sql")


class DatabaseTrouble(Unavailable):
    """The embedded database did not come up, or did not do as told."""

    title = "The database is not available"


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One cluster: its data folder, the folder of its socket, the folder of its programs."""

    data: Path
    socket: Path
    programs: Path

    def initialise(self) -> None:
        """Make the cluster if there is none. A cluster half made by a broken start is made again."""
        if self.data.exists():
            self._check_version()
            ground.server_folder(self.data)
            return
        making = self.data.with_name(self.data.name + ".new")
        if making.exists():
            subprocess.run(["rm", "-rf", str(making)], check=True)
        ground.server_folder(making)
        command = [str(self.programs / "initdb"), "-D", ground.as_server_sees(making), "-U", ADMIN]
        command += ["--auth=trust", "--no-instructions", *_LOCALE]
        done = subprocess.run(
            ground.tethered(command, directory=making),
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = _last_words(done.stderr or done.stdout)
            raise DatabaseTrouble(f"The database could not be made: {said}")
        making.rename(self.data)

    def _check_version(self) -> None:
        """Refuse data that another major version of PostgreSQL wrote."""
        found = (self.data / "PG_VERSION").read_text().strip()
        told = self._run("postgres", "--version").stdout.split()[-1]
        if told.split(".")[0] != found:
            raise DatabaseTrouble(
                f"The data in {self.data} was written by PostgreSQL {found} and this is {told}. "
                "Start the release that wrote it, or move the data with pg_dump and pg_restore."
            )

    def command(self, *settings: str, untied: bool = False) -> list[str]:
        """The command line that runs the cluster in the foreground; `settings` are `name=value`."""
        every = (
            "listen_addresses=",
            f"unix_socket_directories={self.socket}",
            "unix_socket_permissions=0700",
            f"port={PORT}",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_checkpoints=off",
            *settings,
        )
        line = [str(self.programs / "postgres"), "-D", ground.as_server_sees(self.data)]
        line += [word for setting in every for word in ("-c", setting)]
        return ground.tethered(line, directory=self.data, signal_number=STOP_SIGNAL, untied=untied)

    def wait(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until it answers. After a hard kill the first seconds are refused; that is no fault."""
        ends = time.monotonic() + seconds
        while True:
            done = self._psql("postgres", "SELECT 1")
            if done.returncode == 0:
                return
            if time.monotonic() > ends:
                raise DatabaseTrouble(f"The database does not answer: {_last_words(done.stderr)}")
            time.sleep(0.05)

    def run(self, sql: str, *, database: str = "postgres") -> str:
        """Run `sql` as the cluster's superuser and answer what it printed. Raises `DatabaseTrouble`."""
        done = self._psql(database, sql)
        if done.returncode != 0:
            raise DatabaseTrouble(f"The database refused: {_last_words(done.stderr)}")
        return done.stdout.strip()

    def make_roles(self) -> None:
        """Make the three roles of the service, where they are missing."""
        self.run(_ROLES.read_text())

    def make_database(self, name: str = DATABASE, *, template: str = "template0") -> None:
        """Make a database that the owner role owns, if there is none of that name."""
        if name not in self.run("SELECT datname FROM pg_database").splitlines():
            self.run(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")

    def url(self, *, role: str, database: str = DATABASE) -> str:
        """The address as one role, in the form that SQLAlchemy reads."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.socket), safe='/')}&port={PORT}"

    def pid(self) -> int | None:
        """The running server's process, as its own file tells it."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _psql(self, database: str, sql: str) -> subprocess.CompletedProcess[str]:
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket), "-p", str(PORT))
        return self._run("psql", *options, "-U", ADMIN, "-d", database, "-f", "-", words=sql)

    def _run(self, program: str, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs / program), *arguments],
            input=words,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        """What its programs may see: nothing of ours, and the same language everywhere."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
