"""How does a message reach another system, and never one of our own? By one address, looked at first.

The name is resolved once; every address it has must be public; the call goes to an address that was looked
at, and to no other, so a name that changes its mind between the two gains nothing. No redirect is followed,
no proxy is used, and what is answered is not read beyond its status.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from service.errors import one_fault

TIMEOUT_SECONDS = 5.0
WHOLE_CALL_SECONDS = 10.0
AGENT = "Reciprocal-Webhooks/1"

# NAT64: an IPv4 address in the last 32 bits.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[..., list[Any]]


@dataclass(frozen=True)
class Target:
    """Where a message goes: the address that was looked at, and the name that its certificate must bear."""

    secure: bool
    host: str
    port: int
    path: str
    address: str


@dataclass(frozen=True)
class Reply:
    """What came of a call: a status, or a plain sentence why there is none."""

    status: int | None
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the other side has it."""
        return self.status is not None and 200 <= self.status < 300


def look_at(url: str, *, loopback: bool, lookup: Lookup = socket.getaddrinfo) -> Target:
    """Resolve and check an address. `loopback`: this machine is allowed, and plain http there.

    Raises `Invalid` at `/url`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise one_fault("/url", "Give a whole address, like https://finance.example.org/hooks.") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or not host or any(ord(c) <= 32 for c in url):
        raise one_fault("/url", "Give a whole address, like https://finance.example.org/hooks.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise one_fault("/url", "Leave out the name, the password and anything after a #.")
    port = port or (443 if parts.scheme == "https" else 80)
    found = _resolved(host, port, lookup)
    own = all(address.is_loopback for address in found)
    if parts.scheme == "http" and not (loopback and own):
        raise one_fault("/url", "Use https. Plain http is only for a test on the same machine.")
    for address in found:
        if not (is_public(address) or (loopback and address.is_loopback)):
            raise one_fault("/url", "This address is inside a private network. Give one on the internet.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port, path, str(found[0]))


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also where it hides another in itself."""
    inner: Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            return False
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _resolved(host: str, port: int, lookup: Lookup) -> list[Address]:
    try:
        found = lookup(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise one_fault("/url", "We cannot find this address. Check how it is spelt.") from error
    return [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]


def post(
    target: Target,
    *,
    body: bytes,
    headers: Mapping[str, str],
    context: ssl.SSLContext,
    whole_seconds: float = WHOLE_CALL_SECONDS,
) -> Reply:
    """Send one message. Never raises for what the other side does."""
    lines: list[socket.socket] = []
    # Somebody who answers a letter at a time does not hold us longer than this.
    watch = threading.Timer(whole_seconds, _hang_up, (lines,))
    watch.daemon = True
    watch.start()
    try:
        lines.append(socket.create_connection((target.address, target.port), timeout=TIMEOUT_SECONDS))
        if target.secure:
            lines.append(context.wrap_socket(lines[0], server_hostname=target.host))
        call = http.client.HTTPConnection(target.host, target.port, timeout=TIMEOUT_SECONDS)
        call.sock = lines[-1]
        call.request("POST", target.path, body=body, headers={"User-Agent": AGENT, **headers})
        return Reply(call.getresponse().status)
    except ssl.SSLError:
        return Reply(None, "Its certificate could not be checked.")
    except TimeoutError:
        return Reply(None, "It did not answer in time.")
    except (OSError, http.client.HTTPException, ValueError):
        return Reply(None, "The line broke, or nobody answered.")
    finally:
        watch.cancel()
        for line in lines:
            line.close()


def _hang_up(lines: list[socket.socket]) -> None:
    for line in lines:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
