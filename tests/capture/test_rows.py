"""Reading a log back: order, what does not parse, and from the end (PT-12)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.capture.rows import CHUNK_BYTES, encode_row, read_lines_backwards, read_rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_a_log_that_does_not_exist_has_no_rows(path: Path) -> None:
    """Neither has one whose home is not there."""
    assert list(read_rows(path)) == []
    assert list(read_rows(path.parent / "nowhere" / "events.jsonl")) == []


def test_files_are_read_oldest_first_across_a_gap(path: Path) -> None:
    """A rotation that died half-way leaves a number out; what stands behind it counts."""
    path.write_bytes(b'{"n":4}\n')
    path.with_name("events.jsonl.1").write_bytes(b'{"n":3}\n')
    path.with_name("events.jsonl.10").write_bytes(b'{"n":1}\n')
    path.with_name("events.jsonl.9").write_bytes(b'{"n":2}\n')
    path.with_name("events.jsonl.lock").write_bytes(b"")
    path.with_name("events.jsonl.old").write_bytes(b'{"n":0}\n')

    assert [row["n"] for row in read_rows(path)] == [1, 2, 3, 4]


def test_what_does_not_parse_is_skipped_and_counted_at_each_reading(path: Path) -> None:
    """One bad line must cost neither the rest nor the knowledge that it was there."""
    bad = [b"", b"{", b"[1]", b"null", b"\xff", b"[" * 100_000, b"\0" * 20, b'{"a":1}{"b":2}']
    path.write_bytes(b"\n".join([b'{"n":1}', *bad, b'{"n":2}']) + b"\n")
    rows = read_rows(path)

    for _ in range(2):
        assert [row["n"] for row in rows] == [1, 2]
        assert rows.skipped == len(bad)


def test_a_last_line_without_its_newline_counts_if_it_is_whole(path: Path) -> None:
    """A writer may be between the two."""
    path.write_bytes(b'{"n":1}\n{"n":2}')

    assert [row["n"] for row in read_rows(path)] == [1, 2]


def test_backwards_gives_the_newest_line_first_over_all_files(path: Path) -> None:
    """The last row of a session is near the end, and may be in a file put aside."""
    path.write_bytes(b"5\n6\n")
    path.with_name("events.jsonl.1").write_bytes(b"3\n4\n")
    path.with_name("events.jsonl.2").write_bytes(b"1\n2\n")

    lines = [line for line in read_lines_backwards(path, most_bytes=1_000) if line]

    assert lines == [b"6", b"5", b"4", b"3", b"2", b"1"]


def test_backwards_stops_at_its_limit(path: Path) -> None:
    """A server's start must not read 50 MB."""
    path.write_bytes((b"x" * 99 + b"\n") * 10_000)

    lines = list(read_lines_backwards(path, most_bytes=CHUNK_BYTES))

    assert CHUNK_BYTES // 100 - 1 <= len(lines) <= CHUNK_BYTES // 100 + 1


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50_000).filter(lambda line: b"\n" not in line), max_size=12))
def test_backwards_is_forwards_turned_round(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    """Whatever the lines and however they fall on the borders of what is read at once."""
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))

    found = list(read_lines_backwards(path, most_bytes=10**9))

    assert list(reversed(found)) == [*lines, b""]


def test_a_row_is_one_line_whatever_is_in_it() -> None:
    """A newline within a value must not begin another row, nor a broken text end the capture."""
    line = encode_row({"text": "a\nb\u2028\ud800", "n": 1})

    assert b"\n" not in line
    assert json.loads(line) == {"text": "a\nb\u2028?", "n": 1}
