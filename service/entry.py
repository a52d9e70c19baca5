"""Where does the command `reciprocal` begin? With what it needs: a policy is checked without a database.

Reading a policy takes a part of the time that it takes to load the rest of the service.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from service.policy import commands


def main(argv: Sequence[str] | None = None) -> int:
    """As `service.cli.main`, which is loaded only when it is needed."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["policy"] and words[1:2] and words[1] in commands.VERBS:
        parser = argparse.ArgumentParser(prog="reciprocal")
        commands.register(parser.add_subparsers(required=True))
        return commands.run(parser.parse_args(words))
    from service import cli

    return cli.main(words)
