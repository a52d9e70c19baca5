"""What was asked for on the command line of `./run`? Standard library only: it is read before installing."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 8000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of `./run`; `data` is an absolute path."""

    port: int
    data: Path
    demo: bool


def _port(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port; choose a number from 1 to 65535")
    return number


def read(arguments: list[str]) -> Asked:
    """Read the options. Prints help or what is wrong, and exits, as argparse does."""
    parser = argparse.ArgumentParser(prog="./run", description="Start Reciprocal on this machine.")
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="where to answer (default: %(default)s)"
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "data", help="where the data is kept")
    parser.add_argument("--no-demo", action="store_true", help="start without the demo region")
    found = parser.parse_args(arguments)
    return Asked(port=found.port, data=found.data.expanduser().resolve(), demo=not found.no_demo)
