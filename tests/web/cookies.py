"""How does a test sign a browser without eyes in, and make its sign-in older than it is?"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from service.days import utc_now
from service.web.sign_in_time import TIMES


def sign_in(
    client: FlaskClient,
    council_id: str,
    kind: str,
    subject_id: str,
    *,
    shown: timedelta = timedelta(),
    used: timedelta = timedelta(),
) -> FlaskClient:
    """Signed in as somebody. `shown`, `used`: how long ago they showed who they are, and opened a page."""
    moment = utc_now()
    times = [(moment - ago).timestamp() for ago in (max(shown, used), used)]
    with client.session_transaction() as cookie:
        cookie.permanent = True
        cookie[kind] = {**cookie.get(kind, {}), council_id: subject_id}
        cookie[TIMES] = {**cookie.get(TIMES, {}), f"{kind}:{council_id}": times}
    return client


def aged(app: Flask, value: str, *, by: timedelta) -> str:
    """The cookie of a browser as it would be had everybody in it shown who they are so long before."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    held = signer.loads(value)
    held[TIMES] = {one: [shown - by.total_seconds(), used] for one, (shown, used) in held[TIMES].items()}
    return str(signer.dumps(held))
