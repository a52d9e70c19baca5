"""The pretend Stripe as a process of its own, until SIGTERM, SIGINT or a kill."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.fake_stripe.faults import Faults
from tests.fake_stripe.server import FakeStripe


def main() -> None:
    """Read the options, listen, and print the address in one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.fake_stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--book", type=Path)
    parser.add_argument(
        "--account", action="append", default=[], help="secret,financial account,pence; may be repeated"
    )
    parser.add_argument(
        "--webhook",
        action="append",
        default=[],
        help="url,secret[,thin|snapshot[,platform]]; may be repeated",
    )
    parser.add_argument("--faults", default="{}", help='JSON: {"seed": 7, "answer_lost": 0.1, ...}')
    parser.add_argument("--posts-after", type=float, default=0.05, help="seconds; below 0: never by itself")
    given = parser.parse_args()
    fake = FakeStripe(
        book=given.book,
        port=given.port,
        faults=Faults.of(json.loads(given.faults)),
        posts_after=given.posts_after if given.posts_after >= 0 else None,
    )
    for account in given.account:
        secret, name, pence = account.split(",")
        fake.open_platform(secret=secret, financial_account=name, pence=int(pence))
    for webhook in given.webhook:
        url, secret, *rest = webhook.split(",")
        shape, platform = (rest + ["thin", ""][len(rest) :])[:2]
        fake.tell(url=url, secret=secret, shape=shape, platform=platform)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    fake.start()
    print(json.dumps({"url": fake.url}), flush=True)
    ended.wait()
    fake.stop()


if __name__ == "__main__":
    main()
