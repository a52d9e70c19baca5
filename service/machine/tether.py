"""How does a server end when we do, as the user it should be? A few lines that run before it starts.

    python -I -S tether.py [--user NAME] [--directory DIR] [--signal NUMBER] [--untied] -- COMMAND…

Changes into the folder while it still may, becomes the user, asks the kernel for a signal when the parent
dies, and turns into the command. Standard library only and run by path, so it costs a few milliseconds.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> None:
    """Ask Linux to send this process `number` when its parent ends. Other systems go without."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def become(name: str) -> None:
    """Give up being root for good. The order matters: groups first, the user last."""
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def main(arguments: list[str]) -> None:
    """Prepare this process and turn it into the command; never returns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--directory")
    parser.add_argument("--signal", type=int, default=int(signal.SIGTERM))
    parser.add_argument("--untied", action="store_true", help="outlive the parent")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args(arguments)
    if asked.directory:
        os.chdir(asked.directory)
    if asked.user:
        become(asked.user)
    if not asked.untied:
        # After the change of user: the kernel forgets the wish when the user changes.
        die_with_parent(asked.signal)
    os.execvp(asked.command[0], asked.command)


if __name__ == "__main__":
    main(sys.argv[1:])
