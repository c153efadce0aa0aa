"""Batches: some rows as they would be sent, in one file whose name is the digest of its bytes.

So a batch is known by its content, wherever it is met again, and one that is torn is known
for it. The names are in the order of time.
"""

import re
from hashlib import sha256

import msgspec

from bicameral.capture.stamps import Stamps, read_stamp_ns

SCHEMA = 1
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-([0-9a-f]{32})\.json")
_DIGITS = 32


class BatchRow(msgspec.Struct, frozen=True):
    """One row: `id` is a keyed digest of the line that it was made from."""

    id: str
    kind: str
    row: dict[str, object]


class Batch(msgspec.Struct, frozen=True):
    """What one request sends."""

    schema: int
    rows: list[BatchRow]


class Torn(ValueError):
    """A file of the spool is not what its name says; the message is the reason."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Batch, strict=True)


def encode_batch(batch: Batch) -> bytes:
    """Return a batch as it is stored and sent."""
    return _encoder.encode(batch)


def name_of(content: bytes, *, time_ns: int) -> str:
    """Return the name of a batch that was made at a time."""
    stamp = Stamps().write(time_ns).replace("-", "").replace(":", "")
    return f"{stamp}-{_digest(content)}.json"


def is_name(name: str) -> bool:
    """Tell whether a name is one of ours."""
    return _NAME.fullmatch(name) is not None


def key_of(name: str) -> str:
    """Return the digest in a name: the same content has the same, on every attempt."""
    found = _NAME.fullmatch(name)
    return found[2] if found else ""


def time_of(name: str) -> int:
    """Return when a batch was made, in nanoseconds; 0 for a name that is none of ours."""
    found = _NAME.fullmatch(name)
    return read_stamp_ns(found[1]) if found else 0


def decode_batch(name: str, content: bytes) -> Batch:
    """Return the batch in a file; raises `Torn` where it is not the one that was written."""
    if not is_name(name):
        raise Torn("its name is none of ours")
    if key_of(name) != _digest(content):
        raise Torn("its content is not what was written")
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Torn("it is no batch") from None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:_DIGITS]
