"""How is a file from outside read without danger? In a process of its own, with little memory and time.

A small file may unpack to more than a machine holds, or break the program that reads it. Here it breaks a
process that knows no secret and is about to end. `python -m service.receipts.apart KIND MEMORY` reads the
file from its input and writes one line of JSON, then the receipt made anew.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from pathlib import Path

from service.errors import Invalid
from service.receipts import papers, pictures
from service.receipts.model import PDF, Cleaned, not_taken

SECONDS = 30
MEMORY = 1536 * 1024 * 1024
ROOT = Path(__file__).parents[2]

# Two at a time for each process of the web, so that many pictures at once wait rather than fill the machine.
_ROOM = threading.BoundedSemaphore(2)


def clean(data: bytes, *, kind: str, memory: int = MEMORY) -> Cleaned:
    """A receipt made anew. `memory`: bytes that it may take. Raises `Invalid` with what to do instead."""
    command = [sys.executable, "-m", "service.receipts.apart", kind, str(memory)]
    try:
        with _ROOM:
            done = subprocess.run(
                command, input=data, capture_output=True, cwd=ROOT, env={}, timeout=SECONDS, check=False
            )
        head, _, made = done.stdout.partition(b"\n")
        told = json.loads(head)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise not_taken("We could not read this file. Take a new picture, or send another file") from error
    if "fault" in told:
        raise not_taken(told["fault"])
    return Cleaned(told["kind"], made, told["pages"], told["digest"])


def main(kind: str, memory: str) -> None:
    """The other process: from its input to its output."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    data = sys.stdin.buffer.read()
    try:
        made = papers.clean(data) if kind == PDF else pictures.clean(data, kind=kind)
    except Invalid as refusal:
        sys.stdout.write(json.dumps({"fault": refusal.errors[0].detail}) + "\n")
        return
    head = {"kind": made.kind, "pages": made.pages, "digest": made.digest}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + made.data)


if __name__ == "__main__":
    main(*sys.argv[1:])
