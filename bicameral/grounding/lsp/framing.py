"""Messages of a language server on its pipes: a length, then JSON, one after another.

All that is read is bounded and checked. What is no message ends the conversation: nothing
after it can be trusted to begin where a message begins.
"""

import json
from collections.abc import Mapping
from typing import IO, Any

MOST_HEADER_BYTES = 4_096
MOST_BODY_BYTES = 8 * 1024 * 1024

Message = dict[str, Any]


class ProtocolBroken(Exception):
    """What a program wrote is no message; the text says in which way."""


def encode(message: Mapping[str, object]) -> bytes:
    """Return a message as it goes over the pipe."""
    # In ASCII, because a lone surrogate could not be encoded as anything else.
    body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def read_message(stream: IO[bytes]) -> Message | None:
    """Wait for the next message; None at the end of the stream.

    Raises `ProtocolBroken` for everything that is none, and for one that is too large.
    """
    length = _read_length(stream)
    if length is None:
        return None
    body = stream.read(length)
    if len(body) < length:
        raise ProtocolBroken("ended in the middle of a message")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolBroken("wrote a message that is not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolBroken("wrote a message that is no object")
    return message


def _read_length(stream: IO[bytes]) -> int | None:
    """Read the headers; return the length they announce, None at the end of the stream."""
    length, left = None, MOST_HEADER_BYTES
    while line := stream.readline(left):
        left -= len(line)
        if not line.endswith(b"\n"):
            raise ProtocolBroken("wrote something that is no header")
        if not line.strip():
            return _checked(length)
        name, colon, value = line.partition(b":")
        if not colon or not name.replace(b"-", b"").isalpha():
            raise ProtocolBroken("wrote something that is no header")
        if name.lower() == b"content-length":
            length = value.strip()
    if left < MOST_HEADER_BYTES:
        raise ProtocolBroken("ended in the middle of a header, or wrote one without end")
    return None


def _checked(length: bytes | None) -> int:
    if length is None or not length.isdigit() or len(length) > len(str(MOST_BODY_BYTES)) + 1:
        raise ProtocolBroken("wrote a message without a usable length")
    if int(length) > MOST_BODY_BYTES:
        raise ProtocolBroken(f"wrote a message larger than {MOST_BODY_BYTES // 1024 // 1024} MiB")
    return int(length)
