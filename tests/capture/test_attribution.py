"""Attribution by path overlap: own session first, newest first, across processes (PT-10)."""

import os
from pathlib import Path

import msgspec
import pytest

from bicameral.capture.attribution import (
    MOST_EVENTS,
    RECENT_NS,
    RecentPreflights,
    SeenPreflight,
    Tail,
    choose_preflight,
)
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.capture.stamps import Stamps

NOW_NS = 1_780_000_000 * 1_000_000_000
MINE, OTHER = "mine", "other"


def seen(
    preflight_id: str,
    session_id: str,
    *hashes: str,
    repository_id: str | None = None,
    time_ns: int = NOW_NS,
) -> SeenPreflight:
    return SeenPreflight(
        ts=Stamps().write(time_ns),
        session_id=session_id,
        preflight_id=preflight_id,
        path_hashes=frozenset(hashes),
        repository_id=repository_id,
        event_type="preflight",
    )


@pytest.mark.parametrize(
    ("oldest_first", "paths", "chosen"),
    [
        ([], ["a"], None),
        ([seen("1", MINE, "a")], ["a"], "1"),
        ([seen("1", MINE, "a")], ["b"], None),
        ([seen("1", MINE, "a")], [], None),
        ([seen("1", MINE)], ["a"], None),
        ([seen("1", MINE, "a", "b", "c")], ["c"], "1"),
        ([seen("1", MINE, "c")], ["a", "b", "c"], "1"),
        ([seen("1", MINE, "a"), seen("2", MINE, "a")], ["a"], "2"),
        ([seen("1", MINE, "a"), seen("2", MINE, "b")], ["a"], "1"),
        ([seen("1", OTHER, "a")], ["a"], "1"),
        ([seen("1", OTHER, "a"), seen("2", OTHER, "a")], ["a"], "2"),
        ([seen("1", MINE, "a"), seen("2", OTHER, "a")], ["a"], "1"),
        ([seen("1", MINE, "a"), seen("2", OTHER, "a", "b")], ["b"], "2"),
        ([seen("1", OTHER, "a", repository_id="here")], ["a"], "1"),
        ([seen("1", MINE, "a", repository_id="elsewhere")], ["a"], None),
        ([seen("1", MINE, "a", repository_id="here"), seen("2", OTHER, "a")], ["a"], "1"),
    ],
)
def test_the_newest_overlapping_preflight_of_the_own_session_comes_first(
    oldest_first: list[SeenPreflight], paths: list[str], chosen: str | None
) -> None:
    """Evidence given to the wrong preflight is worse than none."""
    found = choose_preflight(
        reversed(oldest_first), session_id=MINE, repository_id="here", path_hashes=paths
    )

    assert found == chosen


def test_a_caller_without_a_repository_sees_every_preflight() -> None:
    """Another MCP server may know of no repositories at all."""
    found = choose_preflight(
        [seen("1", MINE, "a", repository_id="elsewhere")],
        session_id=MINE,
        repository_id=None,
        path_hashes=["a"],
    )

    assert found == "1"


class Writer:
    """Another process, as far as the log can tell."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._log = RotatedLog(path, limits=limits)

    def write(self, preflight: SeenPreflight) -> None:
        self._log.append(msgspec.json.encode(preflight), time_ns=NOW_NS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "preflight_events.jsonl"


def find(recent: RecentPreflights, path_hash: str, *, time_ns: int = NOW_NS) -> str | None:
    return recent.find(
        session_id=MINE, repository_id=None, path_hashes=[path_hash], time_ns=time_ns
    )


def test_what_other_processes_write_is_found_as_it_comes(path: Path) -> None:
    """A hook, a second server and this one share nothing but the file."""
    recent = RecentPreflights(path)
    assert find(recent, "a") is None

    writer = Writer(path, Limits())
    writer.write(seen("1", OTHER, "a"))
    assert find(recent, "a") == "1"
    writer.write(seen("2", MINE, "a"))
    assert find(recent, "a") == "2"
    assert find(recent, "b") is None


def test_rotation_hides_nothing(path: Path) -> None:
    """Each look may come after any number of rotations."""
    recent = RecentPreflights(path)
    writer = Writer(path, Limits(size_bytes=500, age_seconds=86_400, keep=5))
    for number in range(60):
        writer.write(seen(str(number), OTHER, f"path {number}"))
        if number % 4 == 3:
            for back in range(4):
                assert find(recent, f"path {number - back}") == str(number - back)


def test_a_process_that_starts_after_a_rotation_sees_what_was_before(path: Path) -> None:
    """The new file is empty then, or not even there."""
    writer = Writer(path, Limits(size_bytes=400, age_seconds=86_400, keep=5))
    writer.write(seen("1", OTHER, "a"))
    for _ in range(3):
        writer.write(seen("2", OTHER, "b"))

    assert path.with_name("preflight_events.jsonl.1").exists()
    assert find(RecentPreflights(path), "a") == "1"


def test_lines_of_other_kinds_and_torn_ones_are_passed_over(path: Path) -> None:
    """The file holds sessions, edits and more."""
    path.parent.mkdir()
    whole = msgspec.json.encode(seen("1", MINE, "a"))
    path.write_bytes(
        b'{"event_type":"session_started"}\n\xff\n' + whole + b"\n" + whole[:40] + b"\n"
        b'{"event_type":"preflight","ts":"2026","session_id":"mine","preflight_id":null,'
        b'"path_hashes":["a"],"repository_id":null}\n'
    )

    assert find(RecentPreflights(path), "a") == "1"


def test_a_line_still_being_written_is_read_when_it_is_whole(path: Path) -> None:
    """Half of it now and half of it later would be no line at all."""
    path.parent.mkdir()
    recent = RecentPreflights(path)
    whole = msgspec.json.encode(seen("1", MINE, "a")) + b"\n"
    path.write_bytes(whole[:50])
    assert find(recent, "a") is None

    with path.open("ab") as file:
        file.write(whole[50:])

    assert find(recent, "a") == "1"


def test_a_preflight_of_long_ago_is_not_recent(path: Path) -> None:
    """Yesterday's question says nothing about today's call."""
    Writer(path, Limits()).write(seen("1", MINE, "a"))
    recent = RecentPreflights(path)

    assert find(recent, "a", time_ns=NOW_NS + RECENT_NS) == "1"
    assert find(recent, "a", time_ns=NOW_NS + RECENT_NS + 1_000) is None


def test_memory_is_bounded(path: Path) -> None:
    """A server that runs for a year must not remember it."""
    recent = RecentPreflights(path)
    writer = Writer(path, Limits())
    writer.write(seen("oldest", MINE, "oldest"))
    assert find(recent, "oldest") == "oldest"
    for number in range(MOST_EVENTS):
        writer.write(seen(str(number), MINE, "a"))
        if number % 100 == 0:
            find(recent, "a")

    assert find(recent, "oldest") is None
    assert len(recent._seen) == MOST_EVENTS


def test_the_tail_of_a_large_file_is_all_that_is_read(path: Path) -> None:
    """The cost must not grow with the log."""
    path.parent.mkdir()
    path.write_bytes(b"".join(b"%05d\n" % number for number in range(10_000)))
    tail = Tail(path, most_bytes=100)

    assert tail.read_new() == [b"%05d" % number for number in range(9_984, 10_000)]
    assert tail.read_new() == []


def test_too_many_new_lines_are_read_from_their_end(path: Path) -> None:
    """The same for what came since the last look."""
    path.parent.mkdir()
    path.write_bytes(b"first\n")
    tail = Tail(path, most_bytes=12)
    assert tail.read_new() == [b"first"]
    with path.open("ab") as file:
        file.write(b"".join(b"%05d\n" % number for number in range(100)))

    assert tail.read_new() == [b"00099"]


def test_a_truncated_file_is_read_from_its_beginning(path: Path) -> None:
    """Somebody emptied it; what came after is new."""
    path.parent.mkdir()
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(path)
    assert tail.read_new() == [b"one", b"two"]
    os.truncate(path, 0)
    assert tail.read_new() == []
    path.write_bytes(b"new\n")

    assert tail.read_new() == [b"new"]
