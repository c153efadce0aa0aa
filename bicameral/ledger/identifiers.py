"""Opaque identifiers that sort by time: a prefix and a ULID.

Form: 48 bits of milliseconds and 80 random bits in Crockford's base 32
(https://github.com/ulid/spec).
"""

from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BYTES = 10


def make_identifier(prefix: str, *, time_ms: int, random_bytes: Callable[[int], bytes]) -> str:
    """Return `prefix_` and 26 characters; identifiers of later milliseconds sort later."""
    value = (time_ms << 80) | int.from_bytes(random_bytes(_RANDOM_BYTES), "big")
    shifts = range((_LENGTH - 1) * 5, -1, -5)
    return f"{prefix}_" + "".join(_ALPHABET[(value >> shift) & 31] for shift in shifts)
