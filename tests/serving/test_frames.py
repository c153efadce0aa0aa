"""Whatever a client sends, it gets a frame or a fault, and faults reach who waits."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.serving.frames import (
    INVALID_REQUEST,
    PARSE_ERROR,
    Fault,
    Frame,
    Oversized,
    fault_line,
    key_of,
    read_frame,
    result_line,
    split_lines,
)

REQUEST = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def fault_of(line: bytes | Oversized) -> Fault:
    found = read_frame(line)
    assert isinstance(found, list)
    (fault,) = found
    return fault


def test_a_request_is_read_with_its_id_as_json() -> None:
    """1 and "1" are different requests to a client that uses both."""
    for identifier, key in ((1, "1"), ("1", '"1"'), ("é", '"\\u00e9"')):
        frame = read_frame(json.dumps({**REQUEST, "id": identifier}).encode())
        assert isinstance(frame, Frame)
        assert (frame.key, frame.method, frame.params) == (key, "ping", {})


def test_a_carriage_return_is_white_space() -> None:
    """Some clients end lines as Windows does."""
    assert isinstance(read_frame(json.dumps(REQUEST).encode() + b"\r"), Frame)
    assert read_frame(b"\r") == []


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b"garbage", "null"),
        (b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"x":', "7"),
        (b'{"jsonrpc":"2.0","id":"a","method":"x","params":{"n":NaN}}', '"a"'),
        (b'{"id":3,"method":"x","params":"caf\xe9"}', "3"),
        (b'{"method":"x","params":{"t":"\xff"},"jsonrpc":"2.0","id":4}', "4"),
        (b'{"jsonrpc":"2.0","id":5,"method":"x","params":' + b"[" * 100_000, "5"),
        (b'{"jsonrpc":"2.0","id":6,"n":' + b"1" * 5000 + b"}", "6"),
    ],
)
def test_what_is_not_json_is_answered_to_whoever_waits(line: bytes, key: str) -> None:
    """A request that is dropped in silence blocks its client until a time-out."""
    fault = fault_of(line)
    assert (fault.key, fault.code) == (key, PARSE_ERROR)
    assert len(fault.message) < 100


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (5, "null"),
        ({}, "null"),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, "1"),
        ({"jsonrpc": "2.0", "id": 1}, "1"),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, "1"),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, "null"),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, "null"),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, "null"),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, "1"),
    ],
)
def test_what_is_not_a_request_is_refused_by_its_id(message: object, key: str) -> None:
    """The shape is JSON-RPC's, and the refusal says which part is wrong."""
    fault = fault_of(json.dumps(message).encode())
    assert (fault.key, fault.code) == (key, INVALID_REQUEST)


def test_every_request_of_a_batch_is_told_that_batches_are_not_served() -> None:
    """One refusal without an id would leave all of them waiting."""
    batch = [{**REQUEST, "id": "a"}, {"jsonrpc": "2.0", "method": "note"}, REQUEST, 5]
    found = read_frame(json.dumps(batch).encode())
    assert isinstance(found, list)
    assert [fault.key for fault in found] == ['"a"', "1"]
    assert [fault.key for fault in [fault_of(b"[]")]] == ["null"]


def test_a_reply_is_passed_on_and_never_answered() -> None:
    """Two peers that refuse each other's refusals would not stop."""
    for reply in ({"id": 1, "result": {}}, {"id": None, "error": {"nonsense": 1}}):
        frame = read_frame(json.dumps(reply).encode())
        assert isinstance(frame, Frame)
        assert frame.key is None
        assert frame.method is None


@given(
    line=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["jsonrpc", "id", "method", "params", "x"]), inner, max_size=5
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
@settings(max_examples=300, deadline=None)
def test_no_line_is_beyond_reading(line: bytes) -> None:
    """An exception here would end the server for a client's mistake."""
    found = read_frame(line)
    for fault in found if isinstance(found, list) else []:
        answer = json.loads(fault_line(fault))
        assert answer["id"] is None or key_of(answer["id"]) == fault.key
        assert answer["error"]["code"] == fault.code


@given(
    lines=st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=8),
    sizes=st.lists(st.integers(1, 9), min_size=1),
)
@settings(max_examples=300, deadline=None)
def test_lines_do_not_depend_on_how_the_pipe_cuts_them(
    lines: list[bytes], sizes: list[int]
) -> None:
    """A pipe cuts where it likes; what is too long keeps both its ends."""
    chunks: list[bytes] = []
    stream = b"".join(line + b"\n" for line in lines)
    while stream:
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(stream[:size])
        stream = stream[size:]
    for found, line in zip(split_lines(chunks, limit=5), lines, strict=True):
        assert found == line if len(line) <= 5 else isinstance(found, Oversized)
        if isinstance(found, Oversized):
            assert line.startswith(found.head)
            assert line.endswith(found.tail)


def test_a_last_line_without_its_end_counts() -> None:
    """A client that closes the pipe has said all it had to say."""
    assert list(split_lines([b"a\nb"])) == [b"a", b"b"]
    assert list(split_lines([b"a\n"])) == [b"a"]


@pytest.mark.parametrize(
    ("head", "tail", "key"),
    [
        (b'{"jsonrpc":"2.0","id":9,"method":"x', b"}}", "9"),
        (b'{"method":"x","params":{', b'"},"jsonrpc":"2.0","id":"b"}', '"b"'),
        (b'{"params":{"id":8,', b"}}", "null"),
    ],
)
def test_a_line_that_is_too_long_is_refused_by_its_id(head: bytes, tail: bytes, key: str) -> None:
    """The middle is gone, but clients put the id at one of the ends; an inner id is no id."""
    assert fault_of(Oversized(head, tail)).key == key


def test_an_answer_is_one_line_of_json() -> None:
    """The result is text already: it is not read and written once more."""
    assert json.loads(result_line('"a"', '{"x":[1]}')) == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {"x": [1]},
    }
