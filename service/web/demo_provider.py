"""A pretend provider, where the staff of a demonstration have their work accounts. OpenID Connect for real,
but whoever comes chooses who they are.

Only there when the installation is a demonstration. Its one key follows from the service's secret, so that
every process has the same; its codes are signed and live a minute.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from service.councils import queries as councils
from service.councils.model import ROLES
from service.councils.providers import ProviderGiven
from service.identity.protocol import Client
from service.web import here
from service.web.brand import Brand

pages = Blueprint("demo_provider", __name__, url_prefix="/demo/provider")
# What no browser calls, and so no form token guards.
for_the_service = Blueprint("demo_provider_token", __name__, url_prefix="/demo/provider")
CLIENT_ID = "reciprocal-demo"
CODE_SECONDS = 60
# The order of the curve P-256: a private key is a number below it.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def client() -> Client:
    """As what the service is known here."""
    return Client(issuer(), CLIENT_ID, _secret())


def given() -> ProviderGiven:
    """Every role is called here what it is called there."""
    return ProviderGiven(issuer(), CLIENT_ID, _secret(), {role: (role,) for role in ROLES})


def issuer() -> str:
    """Its address."""
    return f"{here.settings().base_url.rstrip('/')}/demo/provider"


@pages.get("/.well-known/openid-configuration")
def says() -> Response:
    """What it says of itself."""
    names = {"authorization_endpoint": "sign-in", "token_endpoint": "token", "jwks_uri": "keys"}
    return jsonify(issuer=issuer(), **{name: f"{issuer()}/{leaf}" for name, leaf in names.items()})


@pages.get("/keys")
def keys() -> Response:
    """The public half of its key."""
    return jsonify(keys=[{**_key().as_dict(private=False), "kid": "demo", "use": "sig", "alg": "ES256"}])


@pages.get("/sign-in")
def choose() -> ResponseReturnValue:
    """Who would you like to be? Only the council that sent the browser here is shown."""
    back, slug = request.args.get("redirect_uri", ""), ""
    for brand in here.all_brands():
        if back == _back_of(brand):
            slug = brand.slug
    if not slug or request.args.get("client_id") != CLIENT_ID:
        return render_template("sign_in/refused.html", title="That sign-in did not work", detail=""), 400
    with here.db().crossing() as outside:
        council_id = councils.council_id_of(outside, slug=slug) or ""
    with here.db().council(council_id) as within:
        members = councils.staff(within, council_id=council_id)
    asked = {name: request.args.get(name, "") for name in ("state", "nonce", "code_challenge")}
    return render_template(
        "demo/provider.html",
        accounts=[
            (m.name, ", ".join(ROLES[role] for role in m.roles), _way_back(back, m, asked)) for m in members
        ],
    )


def _back_of(brand: Brand) -> str:
    return f"{here.settings().base_url.rstrip('/')}/{brand.slug}/staff/sign-in/back"


def _way_back(back: str, member: Any, asked: dict[str, str]) -> str:
    """Where the browser goes as this member of staff."""
    claims = {
        "sub": member.id,
        "name": member.name,
        "email": member.email,
        "email_verified": True,
        "roles": list(member.roles),
        "nonce": asked["nonce"],
    }
    code = _codes().dumps([claims, asked["code_challenge"], back])
    return f"{back}?{urlencode({'code': code, 'state': asked['state']})}"


@for_the_service.post("/token")
def token() -> ResponseReturnValue:
    """A code for a token, from the service alone."""
    from joserfc import jwt

    sent = request.authorization
    known = sent is not None and (sent.username, sent.password) == (CLIENT_ID, _secret())
    try:
        claims, challenge, back = _codes().loads(request.form.get("code", ""), max_age=CODE_SECONDS)
    except BadSignature:
        return jsonify(error="invalid_grant"), 400
    verifier = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    if not known or _plain(verifier) != challenge or back != request.form.get("redirect_uri"):
        return jsonify(error="invalid_grant"), 400
    now = int(here.now().timestamp())
    claims |= {"iss": issuer(), "aud": CLIENT_ID, "iat": now, "exp": now + CODE_SECONDS}
    signed = jwt.encode({"alg": "ES256", "kid": "demo"}, claims, _key(), algorithms=["ES256"])
    return jsonify(access_token="none", token_type="Bearer", id_token=signed)  # noqa: S106 - none is given


def _codes() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(here.settings().secret_key, salt="demo-provider")


def _secret() -> str:
    return _drawn("client").hex()


def _drawn(about: str) -> bytes:
    secret = here.settings().secret_key.encode()
    return hmac.new(secret, f"demo provider: {about}".encode(), hashlib.sha256).digest()


def _key() -> Any:
    """The same in every process: it follows from the service's secret."""
    from joserfc.jwk import ECKey

    number = int.from_bytes(_drawn("key"), "big") % (ORDER - 1) + 1
    pem = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ECKey.import_key(pem)


def _plain(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
