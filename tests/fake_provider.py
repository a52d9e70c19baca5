"""A council's own sign-in, as it could be: OpenID Connect over real HTTP, its own keys, faults on wish.

It checks what a provider checks: the client and its secret, where the browser goes back to, that a code is
used once, and that the verifier belongs to the challenge.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, SECRET = "reciprocal", "not-a-secret"


@dataclass
class Provider:
    """One provider. `claims` are those of whoever signs in next; `bend` spoils a token's claims."""

    claims: dict[str, Any] = field(default_factory=dict)
    bend: Callable[[dict[str, Any]], None] = lambda claims: None
    # Which key signs, and by which name: `ours`, `strange` (published by nobody), `next`, `shared`, `none`.
    signs: str = "ours"
    answers: bool = True
    issuer: str = ""
    says_issuer: str = ""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, RSAKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("ours", "strange", "next"):
            self.keys[name] = _key(name)
        self.published = ["ours"]

    def visit(self, address: str) -> str:
        """Whoever signs in comes here, and says yes. Answers where the browser goes back to."""
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        assert asked["client_id"] == CLIENT_ID
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        """A code for a token."""
        asked = self.codes.pop(sent.get("code", ""), None)
        client = f"{CLIENT_ID}:{SECRET}"
        if basic != client and f"{sent.get('client_id')}:{sent.get('client_secret')}" != client:
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        fits = asked and (asked["code_challenge"], asked["redirect_uri"]) == (challenge, sent["redirect_uri"])
        if asked is None or not fits:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.claims
        self.bend(claims)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.signs == "none":
            return f"{_plain({'alg': 'none'})}.{_plain(claims)}."
        if self.signs == "shared":
            # The well-known trick: the public key taken for a secret that both sides know.
            said = f"{_plain({'alg': 'HS256', 'kid': 'ours'})}.{_plain(claims)}"
            secret = self.keys["ours"].as_pem(private=False)
            return f"{said}.{_base64(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"
        kid = "ours" if self.signs == "strange" else self.signs
        return jwt.encode({"alg": "RS256", "kid": kid}, claims, self.keys[self.signs], algorithms=["RS256"])

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """What it says of itself."""
        self.asked.append(path)
        if not self.answers:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            addresses = {name: f"{self.issuer}/{leaf}" for name, leaf in names.items()}
            return 200, {"issuer": self.says_issuer or self.issuer, **addresses}
        if path == "/keys":
            return 200, {"keys": [self.keys[name].as_dict(private=False) for name in self.published]}
        return 404, {}


@cache
def _key(name: str) -> RSAKey:
    """Making one takes long, so a process makes each once."""
    return RSAKey.generate_key(2048, {"kid": name})


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _plain(said: dict[str, Any]) -> str:
    return _base64(json.dumps(said).encode())


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*provider.get(self.path))

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = {name: one[0] for name, one in parse_qs(self.rfile.read(length).decode()).items()}
            _, _, told = self.headers.get("Authorization", "").partition("Basic ")
            basic = ":".join(unquote(part) for part in base64.b64decode(told).decode().split(":", 1))
            self._answer(*(provider.token(sent, basic) if self.path == "/token" else (404, {})))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
