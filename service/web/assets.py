"""How do stylesheets and scripts reach a reader fast? Named by their content, cached for ever, sent squeezed.

Every file under `static/` is read once when the process starts. Its address carries one fingerprint of the
whole folder, so a release changes all addresses together and a script may import its neighbour by its name.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
SERVED = {".css", ".js", ".svg", ".png"}

assets = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its kind, its bytes, and the same bytes squeezed."""

    kind: str
    plain: bytes
    squeezed: bytes


def _read(folder: Path) -> dict[str, Asset]:
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in SERVED):
        plain = path.read_bytes()
        kind = mimetypes.types_map.get(path.suffix, "application/octet-stream")
        found[path.relative_to(folder).as_posix()] = Asset(kind, plain, gzip.compress(plain, 9, mtime=0))
    return found


FILES = _read(FOLDER)
FINGERPRINT = hashlib.sha256(
    b"".join(name.encode() + b"\0" + hashlib.sha256(a.plain).digest() for name, a in FILES.items())
).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a static file. A name that does not exist is a mistake in a template: `KeyError`."""
    if name not in FILES:
        raise KeyError(f"There is no static file called {name!r}")
    return f"/assets/{FINGERPRINT}/{name}"


@assets.get("/assets/<fingerprint>/<path:name>")
def send(fingerprint: str, name: str) -> Response:
    """One static file. An address from an earlier release gets today's file, kept for a minute only."""
    found = FILES.get(name)
    if found is None:
        abort(404)
    squeeze = request.accept_encodings.quality("gzip") > 0
    answer = Response(found.squeezed if squeeze else found.plain, mimetype=found.kind)
    answer.headers["Cache-Control"] = FOR_EVER if fingerprint == FINGERPRINT else "public, max-age=60"
    answer.headers["Vary"] = "Accept-Encoding"
    if squeeze:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def install(app: Flask) -> None:
    """Serve the files and let templates say `asset("reciprocal.css")`."""
    app.register_blueprint(assets)
    app.jinja_env.globals["asset"] = asset
