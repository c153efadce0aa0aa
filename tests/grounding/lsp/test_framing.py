"""Messages on a pipe: what was sent comes back, and everything else ends the conversation."""

import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.grounding.lsp.framing import (
    MOST_BODY_BYTES,
    MOST_HEADER_BYTES,
    ProtocolBroken,
    encode,
    read_message,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text(), values, max_size=4), max_size=4))
def test_messages_come_back_as_they_were_sent(messages: list[dict[str, object]]) -> None:
    """One after another, whatever text is in them; then the end is seen as the end."""
    stream = io.BytesIO(b"".join(map(encode, messages)))

    read = [read_message(stream) for _ in messages]

    assert read == [{"jsonrpc": "2.0", **each} for each in messages]
    assert read_message(stream) is None


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        "Content-Type: x\r\ncontent-length:2\r\n\r\n",
        "Content-Length: 2\n\n",
    ],
)
def test_headers_are_read_in_every_spelling(headers: str) -> None:
    """Servers differ in order, case and line ends."""
    assert read_message(io.BytesIO(headers.encode() + b"{}")) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Traceback (most recent call last):\r\n", "no header"),
        (b"hello", "no header"),
        (b"\r\n{}", "without a usable length"),
        (b"Content-Length: two\r\n\r\n{}", "without a usable length"),
        (b"Content-Length: -2\r\n\r\n{}", "without a usable length"),
        (b"Content-Length: 2", "no header"),
        (b"Content-Length: 2\r\n", "in the middle of a header"),
        (b"Content-Length: 9\r\n\r\n{}", "in the middle of a message"),
        (b"Content-Length: 1\r\n\r\n{}", "not JSON"),
        (b"Content-Length: 4\r\n\r\n{\xff\xfe}", "not JSON"),
        (b"Content-Length: 2\r\n\r\n[]", "no object"),
        (b"Content-Length: 4\r\n\r\nnull", "no object"),
        (b"Content-Length: %d\r\n\r\n" % (MOST_BODY_BYTES + 1), "larger than 8 MiB"),
        (b"Content-Length: %s\r\n\r\n" % (b"9" * 4_000), "without a usable length"),
        (b"A: b\r\n" * (MOST_HEADER_BYTES // 6 + 1), "no header"),
        (b"x" * (MOST_HEADER_BYTES + 1), "no header"),
    ],
)
def test_what_is_no_message_is_refused(content: bytes, said: str) -> None:
    """Nothing after it could be trusted to begin where a message begins."""
    with pytest.raises(ProtocolBroken, match=said):
        read_message(io.BytesIO(content))


def test_a_body_of_endless_depth_is_refused() -> None:
    """A reader that overflows would take its thread with it."""
    body = b"[" * 200_000

    with pytest.raises(ProtocolBroken, match="not JSON"):
        read_message(io.BytesIO(b"Content-Length: %d\r\n\r\n" % len(body) + body))


def test_a_length_that_is_too_short_breaks_the_next_message() -> None:
    """A lie about the length is found out at the latest one message later."""
    body = json.dumps({"id": 1}).encode()
    stream = io.BytesIO(b"Content-Length: %d\r\n\r\n" % (len(body) - 2) + body + encode({}))

    with pytest.raises(ProtocolBroken):
        read_message(stream)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_an_end_or_refused(content: bytes) -> None:
    """Nothing that a program writes can raise anything else."""
    stream = io.BytesIO(content)
    with suppress(ProtocolBroken):
        assert isinstance(read_message(stream), dict | None)
