"""`python -m service.machine`: what `./run` becomes once everything is installed."""

from __future__ import annotations

import os
import sys

from service.machine import asked
from service.machine.launcher import launch

if __name__ == "__main__":
    sys.exit(launch(asked.read(sys.argv[1:]), environ=os.environ))
