"""Signing: a body and the time it is sent, so that the other side knows whose it is.

The token itself is never sent: it is the key of the signature, and of the name by which the
other side finds it.
"""

import hmac
import re
from hashlib import sha256

from bicameral.errors import EndpointRefused

SHORTEST_TOKEN, LONGEST_TOKEN = 16, 1_000
_TOKEN = re.compile(rf"[\x21-\x7e]{{{SHORTEST_TOKEN},{LONGEST_TOKEN}}}")
_KEY_NAME = b"bicameral relay key"
_DIGITS = 16


def signed_headers(token: str, body: bytes, *, timestamp: int, key: str) -> dict[str, str]:
    """Return the headers of a request; `timestamp` in seconds, `key` the same on every attempt."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "bicameral-preflight",
        "Idempotency-Key": key,
        "X-Bicameral-Key": _hmac(token, _KEY_NAME)[:_DIGITS],
        "X-Bicameral-Timestamp": str(timestamp),
        "X-Bicameral-Signature": f"sha256={signature(token, body, timestamp=timestamp)}",
    }


def signature(token: str, body: bytes, *, timestamp: int) -> str:
    """Return HMAC-SHA256 of the timestamp, a newline and the body, in hexadecimal digits."""
    return _hmac(token, str(timestamp).encode() + b"\n" + body)


def check_token(token: str) -> str:
    """Return a token that can sign; raises `EndpointRefused`, which does not quote it."""
    if not _TOKEN.fullmatch(token):
        raise EndpointRefused(
            "the token of the relay cannot be used: it has blanks, other than ASCII characters, "
            f"or not {SHORTEST_TOKEN} to {LONGEST_TOKEN} of them",
            next_step="set the token that the relay's operator gave you",
        )
    return token


def _hmac(token: str, message: bytes) -> str:
    return hmac.new(token.encode(), message, sha256).hexdigest()
