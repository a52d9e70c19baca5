"""How do staff get in with the account that they have at work? There and back by way of their provider.

What this visit must bring back stands in the signed cookie, for ten minutes, and is used once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, redirect, render_template, request, session
from werkzeug.wrappers import Response

from service.councils import providers
from service.councils.providers import NotWelcome, ProviderGiven
from service.errors import ReciprocalError
from service.identity.protocol import Client, NotAnswering, NotTrusted, Visit
from service.web import demo_provider, here, limits

if TYPE_CHECKING:
    from service.identity.openid import OpenId

pages = Blueprint("sign_in_staff", __name__)
VISIT = "visit"
VISIT_SECONDS = 600


@pages.get("/<slug:slug>/staff/sign-in/account")
def leave() -> Response | tuple[str, int]:
    """On to the council's own sign-in."""
    client, _ = _provider()
    try:
        with limits.trying():
            visit = _openid().begin(client, back=_back())
    except NotAnswering as refusal:
        return _refused(refusal, 503)
    session[VISIT] = {here.council_id(): [visit.state, visit.nonce, visit.verifier, here.now().timestamp()]}
    return redirect(visit.address, 303)


@pages.get("/<slug:slug>/staff/sign-in/back")
def come_back() -> Response | tuple[str, int]:
    """Back from there: whoever they are, they come in with the roles that they have there now."""
    client, given = _provider()
    kept = session.pop(VISIT, {}).get(here.council_id())
    try:
        if not kept or here.now().timestamp() - float(kept[3]) > VISIT_SECONDS:
            raise NotTrusted("This sign-in was not begun in this browser, or too long ago. Begin again.")
        with limits.trying():
            identity = _openid().finish(
                client, visit=Visit(*kept[:3]), back=_back(), answer=request.args.to_dict()
            )
        with here.room() as within:
            member = providers.welcome(
                within, council_id=here.council_id(), given=given, identity=identity, now=here.now()
            )
    except (NotTrusted, NotWelcome) as refusal:
        return _refused(refusal, 403)
    except NotAnswering as refusal:
        return _refused(refusal, 503)
    here.sign_in("staff", member.id)
    return redirect(here.where_to(f"{here.at()}/staff"), 303)


def _provider() -> tuple[Client, ProviderGiven]:
    """The council's own; in a demonstration, where it has none, the pretend one."""
    with here.room() as within:
        row = providers.of(within, council_id=here.council_id())
    if row is not None:
        given = ProviderGiven(
            row.issuer,
            row.client_id,
            "",
            {value: tuple(roles) for value, roles in row.roles.items()},
            row.roles_claim,
            row.address_claim,
        )
        return providers.client_of(row, vault=here.vault()), given
    if not here.settings().demo:
        abort(404)
    return demo_provider.client(), demo_provider.given()


def _openid() -> OpenId:
    """What speaks with providers. Read only where staff sign in by one, since it is heavy."""
    from service.identity.openid import OpenId

    if "openid" not in current_app.extensions:
        current_app.extensions["openid"] = OpenId()
    return cast(OpenId, current_app.extensions["openid"])


def _back() -> str:
    return f"{here.settings().base_url.rstrip('/')}{here.at()}/staff/sign-in/back"


def _refused(refusal: ReciprocalError, status: int) -> tuple[str, int]:
    return render_template("sign_in/refused.html", title=refusal.title, detail=refusal.detail), status
