"""How long does a sign-in last, and was it a moment ago? The signed cookie keeps when it was, and when it was
last used.

None of these is a setting: a council that made them longer would lengthen the time for which a phone left on
a bus is an open purse.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import session

# Without a page being asked for. An hour is a long form read slowly; a facilitator's phone lies in a pocket
# through a session, and the register must not ask for a sign-in at its end.
IDLE = {
    "person": timedelta(hours=1),
    "attorney": timedelta(hours=1),
    "helper": timedelta(hours=1),
    "staff": timedelta(hours=4),
}
# However busy: a day at most, so that a browser in a library forgets overnight.
WHOLE = timedelta(hours=12)
# How somebody is paid is shown and changed only so long after they have shown who they are. Longer than a
# code takes to come, to be found and to be typed by somebody who takes their time.
FRESH = timedelta(minutes=30)
# The cookie is written anew at most so often.
NOTE_EVERY = timedelta(minutes=1)
TIMES = "signed_in"


def begin(kind: str, council_id: str, *, now: datetime, fresh: bool = True) -> None:
    """They have shown who they are just now; or, where it is not `fresh`, only well enough to look."""
    shown = now if fresh else now - FRESH
    _note(kind, council_id, shown.timestamp(), now.timestamp())


def stands(kind: str, council_id: str, *, signed_out_at: datetime | None, now: datetime) -> bool:
    """Whether a sign-in still counts; one that does has been used at this moment."""
    shown, used = _times(kind, council_id)
    idle = IDLE.get(kind, min(IDLE.values()))
    if shown is None or used is None or now - used >= idle or now - shown >= WHOLE:
        return False
    if signed_out_at is not None and shown <= signed_out_at:
        return False
    if now - used >= NOTE_EVERY:
        _note(kind, council_id, shown.timestamp(), now.timestamp())
    return True


def is_fresh(kind: str, council_id: str, *, now: datetime) -> bool:
    """Whether they have shown who they are not long ago."""
    shown, _ = _times(kind, council_id)
    return shown is not None and now - shown < FRESH


def forget(kind: str, council_id: str) -> None:
    """They are signed out in this browser."""
    session[TIMES] = {k: v for k, v in session.get(TIMES, {}).items() if k != f"{kind}:{council_id}"}


def _times(kind: str, council_id: str) -> tuple[datetime | None, datetime | None]:
    found = session.get(TIMES, {}).get(f"{kind}:{council_id}")
    if not found:
        return None, None
    shown, used = (datetime.fromtimestamp(one, UTC) for one in found)
    return shown, used


def _note(kind: str, council_id: str, shown: float, used: float) -> None:
    session[TIMES] = {**session.get(TIMES, {}), f"{kind}:{council_id}": [shown, used]}
