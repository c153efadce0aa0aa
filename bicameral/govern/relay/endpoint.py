"""The endpoint: where an upload goes, checked before anything is opened.

https alone, or http to this machine; a host and a path, and nothing in which a secret could
hide. What is refused is never quoted, for it may be a secret in the wrong place.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bicameral.errors import EndpointRefused

LONGEST_URL = 2_000
_PLAIN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_PORTS = {"https": 443, "http": 80}
_NEXT = "give an address such as https://relay.example.org/v1/batches"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address; `path` begins with `/`. It is not shown: `repr` says nothing of it."""

    is_secure: bool
    host: str
    port: int
    path: str

    def __repr__(self) -> str:
        return "Endpoint(set)"


def parse_endpoint(text: str) -> Endpoint:
    """Return the endpoint that a text names; raises `EndpointRefused`, which does not quote it."""
    if len(text) > LONGEST_URL or not _PLAIN.fullmatch(text):
        raise _refused("it is empty, too long, or has blanks or characters that no address has")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refused("it is not an address") from None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise _refused("it does not begin with https:// and a host")
    if "@" in parts.netloc:
        raise _refused("it holds a user or a password, and an address is no place for them")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise _refused("it holds a query or a fragment, and those end up in logs")
    if parts.scheme == "http" and not is_loopback(host):
        raise _refused("it is not https; only this machine itself may be reached without")
    if port == 0:
        raise _refused("its port is 0")
    return Endpoint(parts.scheme == "https", host, port or _PORTS[parts.scheme], parts.path or "/")


def is_loopback(host: str) -> bool:
    """Tell whether a host, by its name or number, is this machine itself."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(why: str) -> EndpointRefused:
    return EndpointRefused(f"the endpoint of the relay cannot be used: {why}", next_step=_NEXT)
