"""Identifiers: random UUIDs (version 4) from the randomness that the environment gives."""

from collections.abc import Callable

# The two bits of the variant (RFC 9562) are set in the first digit of the fourth group.
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def new_uuid4(random_bytes: Callable[[int], bytes]) -> str:
    """Return a random UUID in its usual text form; 122 bits are random."""
    digits = random_bytes(16).hex()
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}"
        f"-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"
    )
