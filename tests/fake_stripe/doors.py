"""The doors that the real Stripe does not have (`/_test/…`), and its hosted form (`/onboard/…`).

GET  /_test/book                        every line
GET  /_test/money                       payment_id → what was moved for it
GET  /_test/state                       faults that happened, requests, webhook answers, what is done late
POST /_test/faults                      {name: chance, seed, …} from now on
POST /_test/once                        {fault, path}
POST /_test/webhooks                    {url, secret, platform?, shape?}
POST /_test/platforms                   {secret, financial_account, pence}
POST /_test/credit                      {financial_account, pence}
POST /_test/payments/<id>/<step>        post, fail, return, cancel; {reason}
POST /_test/next_match                  {method, result}
GET  /onboard/<token>                   the form, once, for 300 seconds; else on to `refresh_url`
POST /onboard/<token>                   {sort_code, account_number} → on to `return_url`
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.fake_stripe import calls, shapes
from tests.fake_stripe.faults import Faults
from tests.fake_stripe.world import LINKS_LIVE, Draft, Told

if TYPE_CHECKING:
    from tests.fake_stripe.server import FakeStripe

STEPS = {"post": "posted", "fail": "failed", "return": "returned", "cancel": "canceled"}
FORM = b"""<!doctype html><title>Your bank</title><form method="post">
<input name="sort_code"><input name="account_number"><button>Save</button></form>"""


def answer(handler: Any, fake: FakeStripe, *, method: str, path: str, raw: bytes) -> None:
    """Serve one of these doors."""
    parts = path.strip("/").split("/")
    if parts[0] == "onboard":
        _onboard(handler, fake, method=method, token=parts[1], raw=raw)
        return
    given = json.loads(raw or b"{}")
    if method == "GET":
        handler.reply(200, _look(fake, parts[1]))
    else:
        handler.reply(200, _do(fake, parts[1:], given))


def _look(fake: FakeStripe, what: str) -> Any:
    if what == "book":
        return fake.world.book.lines()
    if what == "money":
        return {name: [asdict(one) for one in rows] for name, rows in fake.money().items()}
    return {
        "faults": dict(fake.dice.faults.happened),
        "still_to_do": len(fake.still_to_do),
        # Copied first: others go on counting meanwhile.
        "requests": [[*name, times] for name, times in dict(fake.requests).items()],
        "webhooks": [[*name, times] for name, times in dict(fake.post.answers).items()],
    }


def _do(fake: FakeStripe, parts: list[str], given: dict[str, Any]) -> Any:
    if parts[0] == "faults":
        fake.dice.faults = Faults.of(given)
    elif parts[0] == "once":
        fake.dice.once(given["fault"], path=given.get("path", "/v2/"))
    elif parts[0] == "webhooks":
        fake.tell(**given)
    elif parts[0] == "platforms":
        return asdict(fake.open_platform(**given))
    elif parts[0] == "credit":
        fake.world.credit(**given)
    elif parts[0] == "next_match":
        fake.world.next_match(**given)
    elif parts[0] == "payments":
        return fake.world.move(parts[1], STEPS[parts[2]], given.get("reason", ""))
    return {"done": True}


def _onboard(handler: Any, fake: FakeStripe, *, method: str, token: str, raw: bytes) -> None:
    link = fake.world.links.get(token)
    if link is None:
        handler.send(404, b"", {})
        return
    if method == "GET":
        if link["used"] or fake.world.clock() - link["at"] > LINKS_LIVE:
            handler.send(303, b"", {"Location": link["refresh_url"]})
            return
        fake.world.write(Draft(fake.world.clock(), lines=[link | {"used": True}]))
        handler.send(200, FORM, {"Content-Type": "text/html"})
        return
    finish(fake, token=token, **dict(parse_qsl(raw.decode())))
    handler.send(303, b"", {"Location": link["return_url"] or link["refresh_url"]})


def finish(fake: FakeStripe, *, token: str, sort_code: str, account_number: str) -> str:
    """Somebody filled in the hosted form. Answers the payout method's id."""
    world, link = fake.world, fake.world.links[token]
    platform = world.platforms[link["platform"]]
    draft = Draft(world.clock())
    asked = calls.Asked(world, platform, link["account"], {}, draft, fake.url)
    method = calls.add_method(
        asked, recipient=link["account"], sort_code=sort_code, number=account_number, intent=None
    )
    account = world.find(platform, link["account"])
    kind = "v2.core.account[configuration.recipient].updated"
    world.tell(draft, platform, kind, account, url=f"{calls.ACCOUNTS}/{account['id']}")
    draft.told.append(_returned(world.clock(), platform.id, account))
    world.write(draft)
    return str(method["id"])


def _returned(at: float, platform: str, account: dict[str, Any]) -> Told:
    event = shapes.thin_event(
        "v2.core.account_link.returned", account, url=f"{calls.ACCOUNTS}/{account['id']}", at=at
    )
    return Told(platform, event | {"related_object": None, "data": {"account_id": account["id"]}}, account)
