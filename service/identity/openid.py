"""Who does a council's own provider say that somebody is? OpenID Connect, authorisation code with PKCE.

The browser carries a state, a nonce and a verifier of ours there and back; the code is exchanged from here,
and the token counts only if it is signed by the provider, made for us, for this visit, and now. Microsoft
Entra is the example: issuer `https://login.microsoftonline.com/<tenant>/v2.0`.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.identity.protocol import Client, Identity, NotAnswering, NotTrusted, Visit

# Signed with a private key; a secret that both sides know, or no signature, would let us be fooled.
ALGORITHMS = ["RS256", "PS256", "ES256"]
TIMEOUT_SECONDS = 5.0
LEEWAY_SECONDS = 60
# What a provider says of itself seldom changes; a key that is new is looked up at once.
KEPT_SECONDS = 3600.0
LOOK_AGAIN_SECONDS = 30.0
SAYS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass
class _Known:
    """What one provider says of itself, and when we asked. `ticks` only ever go forward."""

    says: dict[str, Any]
    keys: KeySet
    asked_at: float


class OpenId:
    """Speaks with providers, and remembers for a while what each says of itself."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._ticks = clock, ticks
        self._known: dict[str, _Known] = {}

    def begin(self, client: Client, *, back: str) -> Visit:
        """Where to send the browser. Raises `NotAnswering`."""
        says = self._provider(client).says
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        address, state = _session(client, back).create_authorization_url(
            says["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        return Visit(str(state), nonce, verifier, str(address))

    def finish(self, client: Client, *, visit: Visit, back: str, answer: Mapping[str, str]) -> Identity:
        """Who came back with this answer. Raises `NotTrusted`, `NotAnswering`."""
        if not hmac.compare_digest(answer.get("state", "").encode(), visit.state.encode()):
            raise NotTrusted("This sign-in was not begun in this browser. Go back and begin again.")
        if answer.get("iss", client.issuer) != client.issuer:
            raise NotTrusted("Another provider answered. Go back and begin again.")
        if not answer.get("code"):
            raise NotTrusted("Your provider did not let you in, or you said no. Go back and try again.")
        token = self._token(client, visit=visit, back=back, code=answer["code"])
        claims = self._claims(client, visit, str(token.get("id_token") or ""))
        return Identity(str(claims["sub"]), str(claims.get("name") or ""), claims)

    def _token(self, client: Client, *, visit: Visit, back: str, code: str) -> Mapping[str, Any]:
        address = self._provider(client).says["token_endpoint"]
        try:
            found: Mapping[str, Any] = _session(client, back).fetch_token(
                address,
                grant_type="authorization_code",
                code=code,
                code_verifier=visit.verifier,
                redirect_uri=back,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            raise NotTrusted("Your provider did not know this sign-in. Go back and begin again.") from error
        except (requests.RequestException, ValueError) as error:
            raise _not_answering() from error
        return found

    def _claims(self, client: Client, visit: Visit, token: str) -> dict[str, Any]:
        try:
            read = self._read(client, token)
            wanted = {"iss": {"value": client.issuer}, "aud": {"value": client.client_id}}
            claims = CodeIDToken(
                read.claims, read.header, wanted, {"nonce": visit.nonce, "client_id": client.client_id}
            )
            claims.validate(now=int(self._clock()), leeway=LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
            raise NotTrusted(
                "We could not trust what your provider sent. Go back and begin again."
            ) from error
        return dict(claims)

    def _read(self, client: Client, token: str) -> jwt.Token:
        """The token, if one of the provider's keys signed it. A key that is new to us is looked up once."""
        known = self._provider(client)
        try:
            return jwt.decode(token, known.keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if self._ticks() - known.asked_at < LOOK_AGAIN_SECONDS:
                raise
            return jwt.decode(token, self._look_up(client).keys, algorithms=ALGORITHMS)

    def _provider(self, client: Client) -> _Known:
        known = self._known.get(client.issuer)
        if known is None or self._ticks() - known.asked_at > KEPT_SECONDS:
            known = self._look_up(client)
        return known

    def _look_up(self, client: Client) -> _Known:
        says = _json(f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
        if says.get("issuer") != client.issuer or not all(isinstance(says.get(name), str) for name in SAYS):
            raise _not_answering()
        try:
            keys = KeySet.import_key_set(_json(says["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _not_answering() from error
        self._known[client.issuer] = _Known(says, keys, self._ticks())
        return self._known[client.issuer]


def _session(client: Client, back: str) -> OAuth2Session:
    return OAuth2Session(
        client.client_id,
        client.secret,
        scope="openid profile email",
        redirect_uri=back,
        code_challenge_method="S256",
    )


def _json(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise _not_answering() from error
    if not isinstance(found, dict):
        raise _not_answering()
    return found


def _not_answering() -> NotAnswering:
    return NotAnswering("Try again in a few minutes. If it lasts, ask your IT team.")
