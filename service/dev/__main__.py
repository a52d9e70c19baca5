"""`python -m service.dev --data DIR`: make the demonstration's region and say in `DIR/demo.json` where it is.

Safe to run again: what is there stays, what was broken off is finished, and keys stay the same.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from service import log
from service.days import utc_now
from service.db import Database
from service.dev import keys, region
from service.dev.cast import MIDDLESHIRE
from service.settings import Settings

# Every demo council pays for this.
DEMO = {"activity": "over_a_brew", "role": "participant"}


def main() -> None:
    """Read the folder, make the region, write the file."""
    parser = argparse.ArgumentParser(prog="python -m service.dev")
    parser.add_argument("--data", type=Path, required=True, help="the folder for demo.json")
    settings = Settings.from_env(os.environ)
    log.configure(level=settings.log_level)
    make(settings, data=parser.parse_args().data)


def make(settings: Settings, *, data: Path) -> dict[str, Any]:
    """The region, and `demo.json` in `data`. Answers what the file says."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, draft = data / "demo.json", data / "demo-keys.json"
    now = utc_now()
    council_ids = region.build(settings, told_at=now)
    known: keys.Keys = keys.read(file).get("api_keys") or keys.read(draft).get("api_keys", {})
    db = Database(settings.database_url, pool_size=1)
    told = {
        "api_keys": keys.keep_or_issue(db, council_ids=council_ids, draft=draft, known=known, now=now),
        "demo": DEMO,
        "pages": pages(list(council_ids)),
    }
    db.close()
    keys.write_privately(file, told)
    draft.unlink(missing_ok=True)
    return told


def pages(slugs: list[str]) -> dict[str, str]:
    """Name → path of the pages to look at first."""
    found = {"be anybody": "/demo"}
    for slug in slugs:
        found |= {slug: f"/{slug}/", f"{slug} staff": f"/{slug}/staff/"}
    shared = MIDDLESHIRE.council.slug
    found[f"{shared} staff"] = f"/{shared}/staff/"
    first = slugs[0]
    return found | {
        "outbox": f"/{first}/staff/messages",
        "queues": f"/{first}/staff/machine",
        "how sums come about": f"/{first}/how-we-work-out-your-money",
        "API": "/v1/docs",
    }


if __name__ == "__main__":
    main()
