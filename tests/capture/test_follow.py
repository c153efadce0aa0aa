"""A log is read to its end, every line once, whatever happens to its files (PT-11, PT-12)."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.capture import follow
from bicameral.capture.follow import Follower, Place, end_of
from bicameral.capture.rotation import Limits, tidy

ALWAYS_FULL = Limits(size_bytes=1, keep=20)


def read_on(path: Path, places: list[Place]) -> tuple[list[bytes], list[Place], bool]:
    """Read what is new; return the lines, the places, and whether something was amiss."""
    with Follower(path, places) as follower:
        parts = []
        while part := follower.read():
            assert part.endswith(b"\n")
            parts.append(part)
        return b"".join(parts).splitlines(), follower.places(), follower.is_surprised


def write(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def rotate(path: Path) -> None:
    tidy(path, ALWAYS_FULL, time_ns=0, expiry_ns=1)


STEPS = st.lists(
    st.one_of(
        st.just("rotate"),
        st.just("read"),
        st.integers(min_value=1, max_value=4),
        st.just("half a line"),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(steps=STEPS)
def test_every_line_is_read_once_in_its_order(
    steps: list[str | int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the mix of writing, rotating, tearing and reading."""
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    places: list[Place] = []
    written: list[bytes] = []
    found: list[bytes] = []
    half = b""
    for step in [*steps, "read"]:
        if step == "read":
            lines, places, is_surprised = read_on(path, places)
            assert not is_surprised
            found += lines
        elif step == "rotate":
            # Half a line that is put aside is nobody's: its writer is gone.
            if path.exists():
                rotate(path)
                half = b""
        elif step == "half a line":
            text = f"half{len(written)}".encode()
            write(path, text)
            half += text
        else:
            for _ in range(int(step)):
                line = f"line{len(written)}".encode()
                write(path, line + b"\n")
                written.append(half + line)
                half = b""
    assert found == written


def test_a_last_line_without_its_end_waits(tmp_path: Path) -> None:
    """Its writer may be in the middle of it."""
    path = tmp_path / "log"
    write(path, b"one\ntw")
    lines, places, _ = read_on(path, [])
    assert lines == [b"one"]
    write(path, b"o\n")
    assert read_on(path, places)[0] == [b"two"]


def test_a_first_line_without_its_end_waits_too(tmp_path: Path) -> None:
    """A file that has no line yet is nowhere in the places."""
    path = tmp_path / "log"
    write(path, b"on")
    lines, places, _ = read_on(path, [])
    assert (lines, places) == ([], [])
    write(path, b"e\n")
    assert read_on(path, places)[0] == [b"one"]


def test_nothing_there_is_nothing_to_read(tmp_path: Path) -> None:
    """Neither a log nor even its folder."""
    assert read_on(tmp_path / "none" / "log", []) == ([], [], False)
    assert end_of(tmp_path / "log") is None


def test_a_file_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    """Who cut it may have written on; some lines come again, and the caller is told."""
    path = tmp_path / "log"
    write(path, b"one\ntwo\nthree\n")
    places = read_on(path, [])[1]
    os.truncate(path, 8)
    assert read_on(path, places) == ([b"one", b"two"], read_on(path, [])[1], True)


def test_a_file_that_was_cut_and_grew_again_is_read_anew(tmp_path: Path) -> None:
    """Its size alone would not tell."""
    path = tmp_path / "log"
    write(path, b"one\ntwo\nthree\n")
    places = read_on(path, [])[1]
    os.truncate(path, 4)
    write(path, b"TWO\nTHREE\nFOUR\n")
    lines, _, is_surprised = read_on(path, places)
    assert (lines, is_surprised) == ([b"one", b"TWO", b"THREE", b"FOUR"], True)


def test_a_new_file_under_the_number_of_an_old_one_is_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    """File systems give numbers out again, often at once."""
    path = tmp_path / "log"
    write(path, b"one\ntwo\n")
    [place] = read_on(path, [])[1]
    path.unlink()
    write(path, b"three\nfour\nfive\n")
    state = path.stat()
    reused = Place(state.st_dev, state.st_ino, place.head, place.tail, place.offset)
    lines, _, is_surprised = read_on(path, [reused])
    assert (lines, is_surprised) == ([b"three", b"four", b"five"], True)


def test_a_copy_put_in_place_of_a_file_is_read_on(tmp_path: Path) -> None:
    """Restored from a backup it is another file with the same lines."""
    path = tmp_path / "log"
    write(path, b"one\ntwo\n")
    places = read_on(path, [])[1]
    content = path.read_bytes()
    path.rename(tmp_path / "elsewhere")
    write(path, content + b"three\n")
    lines, _, is_surprised = read_on(path, places)
    assert (lines, is_surprised) == ([b"three"], False)


def test_a_removed_file_is_told(tmp_path: Path) -> None:
    """What comes in its place may hold the same lines again."""
    path = tmp_path / "log"
    write(path, b"one\n")
    places = read_on(path, [])[1]
    path.unlink()
    assert read_on(path, places) == ([], [], True)


def test_what_is_written_while_reading_waits_for_the_next_time(tmp_path: Path) -> None:
    """A run ends, however busy the writers are; rotation meanwhile loses nothing."""
    path = tmp_path / "log"
    write(path, b"one\n")
    with Follower(path) as follower:
        write(path, b"two\n")
        rotate(path)
        write(path, b"three\n")
        assert follower.read() == b"one\n"
        assert follower.read() == b""
        places = follower.places()
    assert read_on(path, places)[0] == [b"two", b"three"]


def test_a_file_that_shrinks_while_it_is_read_ends_early(tmp_path: Path) -> None:
    """The reader takes what is there."""
    path = tmp_path / "log"
    write(path, b"one\ntwo\n")
    with Follower(path) as follower:
        os.truncate(path, 4)
        assert follower.read() == b"one\n"
        assert follower.read() == b""


def test_long_lines_are_read_whole_and_endless_ones_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded by the longest line that can be a row."""
    monkeypatch.setattr(follow, "CHUNK_BYTES", 8)
    monkeypatch.setattr(follow, "LONGEST_LINE", 40)
    path = tmp_path / "log"
    write(path, b"a" * 30 + b"\nshort\n" + b"b" * 100 + b"\nlast\n" + b"c" * 50)
    with Follower(path) as follower:
        parts = []
        while part := follower.read():
            parts.append(part)
        assert b"".join(parts) == b"a" * 30 + b"\nshort\nlast\n"
        assert follower.skipped == 1
        places = follower.places()
    write(path, b"\nend\n")
    with Follower(path, places) as follower:
        assert follower.read() == b"end\n"
        assert follower.skipped == 1


def test_a_long_line_whose_end_is_cut_off_meanwhile_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size was taken before the file shrank."""
    monkeypatch.setattr(follow, "CHUNK_BYTES", 8)
    path = tmp_path / "log"
    write(path, b"a" * 30 + b"\n")
    with Follower(path) as follower:
        os.truncate(path, 20)
        assert follower.read() == b""


def test_a_very_long_first_line_identifies_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its beginning is enough."""
    monkeypatch.setattr(follow, "HEAD_BYTES", 4)
    path = tmp_path / "log"
    write(path, b"a long line\n")
    lines, places, _ = read_on(path, [])
    assert lines == [b"a long line"]
    write(path, b"more\n")
    assert read_on(path, places)[0] == [b"more"]
