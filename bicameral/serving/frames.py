"""JSON-RPC lines: bytes into checked frames, and answers into lines.

Standard library only, as it runs before anything heavy is imported. Whatever a client
sends, it gets a frame or a fault that can be answered, never an exception.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603
NO_ID = "null"
LONGEST_LINE = 16 * 1024 * 1024  # bytes
EDGE = 256  # bytes kept of each end of a line that is too long
MOST_FAULTS = 100

# Where clients put the id of a request: first or second key, or last.
_ID = rb'"id"\s*:\s*(-?\d{1,18}|"[^"\\\x00-\x1f]{1,64}")\s*'
_ID_AT_START = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?' + _ID + rb",")
_ID_AT_END = re.compile(rb',\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*' + _ID + rb"\}\s*$")


@dataclass(frozen=True, slots=True)
class Frame:
    """One well-formed message.

    `key` is the request's id as JSON text, so that 1 and "1" differ; `None` for a
    notification or a reply. `method` is `None` for a reply.
    """

    message: Mapping[str, object]
    method: str | None
    key: str | None
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message cannot be taken, and the id (JSON text) of the request that hears it."""

    key: str
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Oversized:
    """The two ends of a line that was too long to keep."""

    head: bytes
    tail: bytes


def split_lines(
    chunks: Iterable[bytes], *, limit: int = LONGEST_LINE
) -> Iterator[bytes | Oversized]:
    """Cut a stream of bytes into lines without their ends, holding `limit` bytes at most.

    A last line without its newline counts too.
    """
    held, head = bytearray(), b""
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            held += end
            yield _line(held, head, limit)
            held, head = bytearray(), b""
        held += rest
        if len(held) > limit:
            head = head or bytes(held[:EDGE])
            del held[:-EDGE]
    if held or head:
        yield _line(held, head, limit)


def read_frame(line: bytes | Oversized) -> Frame | list[Fault]:
    """Check one line against JSON-RPC 2.0 as MCP uses it; an empty list means: say nothing."""
    if isinstance(line, Oversized):
        return [_oversized_fault(line)]
    if not line.strip():
        return []
    try:
        message = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return [Fault(_key_in(line), PARSE_ERROR, f"not JSON in UTF-8: {_short(error)}")]
    return _check(message)


def result_line(key: str, result: str) -> str:
    """Write the answer to a request; `result` is JSON text."""
    return f'{{"jsonrpc":"2.0","id":{key},"result":{result}}}'


def fault_line(fault: Fault) -> str:
    """Write a fault as the answer that its sender hears."""
    error = json.dumps({"code": fault.code, "message": fault.message}, separators=(",", ":"))
    return f'{{"jsonrpc":"2.0","id":{fault.key},"error":{error}}}'


def key_of(identifier: object) -> str | None:
    """Return a request id as JSON text, or `None` when it cannot be one."""
    if isinstance(identifier, str) or type(identifier) is int:
        return json.dumps(identifier)
    return None


def _check(message: object) -> Frame | list[Fault]:
    if isinstance(message, list):
        return _batch_faults(message)
    if not isinstance(message, dict):
        return [Fault(NO_ID, INVALID_REQUEST, "a message is a JSON object")]
    if "method" not in message and ("result" in message or "error" in message):
        # A reply is never answered, or two peers could go on refusing each other for ever.
        return Frame(message, None, None, {})
    key = key_of(message.get("id"))
    wrong = _what_is_wrong(message, key)
    if wrong:
        return [Fault(key or NO_ID, INVALID_REQUEST, wrong)]
    return Frame(message, message["method"], key, message.get("params") or {})


def _what_is_wrong(message: Mapping[str, object], key: str | None) -> str | None:
    if message.get("jsonrpc") != "2.0":
        return '"jsonrpc" must be "2.0"'
    if not isinstance(message.get("method"), str):
        return '"method" must be text'
    if "id" in message and key is None:
        return '"id" must be text or a whole number'
    if not isinstance(message.get("params"), dict | None):
        return '"params" must be an object'
    return None


def _batch_faults(batch: list[object]) -> list[Fault]:
    keys = [key_of(each.get("id")) for each in batch if isinstance(each, dict) and "method" in each]
    asked = [key for key in keys if key is not None][:MOST_FAULTS] or [NO_ID]
    text = "batches are not served: send one message per line"
    return [Fault(key, INVALID_REQUEST, text) for key in asked]


def _line(held: bytearray, head: bytes, limit: int) -> bytes | Oversized:
    if head or len(held) > limit:
        return Oversized(head or bytes(held[:EDGE]), bytes(held[-EDGE:]))
    return bytes(held)


def _oversized_fault(line: Oversized) -> Fault:
    found = _ID_AT_START.match(line.head) or _ID_AT_END.search(line.tail)
    key = found[1].decode("utf-8", "replace") if found else NO_ID
    return Fault(key, INVALID_REQUEST, f"a message may have {LONGEST_LINE} bytes at most")


def _key_in(line: bytes) -> str:
    """Find the id of a request that is not valid, so that its sender does not wait for ever."""
    found = _ID_AT_START.match(line[:EDGE]) or _ID_AT_END.search(line[-EDGE:])
    return found[1].decode("utf-8", "replace") if found else NO_ID


def _short(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number is out of range"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
