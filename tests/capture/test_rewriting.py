"""Rewriting a log beside its writers: what goes is gone, all else is found exactly once."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from bicameral.capture.locks import held_lock
from bicameral.capture.log import RotatedLog
from bicameral.capture.rewriting import Removed, rewrite_file
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import read_rows
from bicameral.capture.sealing import MARK, seal
from tests.capture.processes import run, start

LIMITS = Limits(size_bytes=50_000_000, age_seconds=86_400, keep=5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir(mode=0o700)
    return tmp_path / "home" / "events.jsonl"


def is_old(line: bytes) -> bool:
    return b'"old' in line


def ids(path: Path) -> list[object]:
    rows = read_rows(path)
    found = [row["id"] for row in rows]
    assert rows.skipped == 0
    return found


def append(log: RotatedLog, *names: str) -> None:
    for name in names:
        log.append(b'{"id":"%s"}' % name.encode(), time_ns=1)


def rewrite(path: Path) -> Removed:
    with held_lock(path.with_name(path.name + ".lock")) as is_mine:
        assert is_mine
        return rewrite_file(path, is_old)


def test_what_goes_is_gone_and_the_rest_stays_as_it_was(path: Path) -> None:
    """Byte for byte, half lines and unknown ones too."""
    path.write_bytes(
        b'{"id":"old1"}\nnot a row\n{"id": "b",  "more":[1]}\n{"id":"old2"}\n{"id":"c"}\n'
    )

    assert rewrite(path) == Removed(lines=2, size_bytes=28)
    assert path.read_bytes() == b'not a row\n{"id": "b",  "more":[1]}\n{"id":"c"}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


def test_a_file_of_which_nothing_stays_is_removed(path: Path) -> None:
    """An empty file would say that something is kept."""
    path.write_bytes(b'{"id":"old1"}\n{"id":"old2"}\n')

    assert rewrite(path).lines == 2
    assert not path.exists()


def test_places_move_with_what_stands_before_them(path: Path) -> None:
    """Whoever has read up to a line goes on behind that line, and reads none twice."""
    lines = [b'{"id":"old1"}\n', b'{"id":"a"}\n', b'{"id":"old2"}\n', b'{"id":"b"}\n']
    path.write_bytes(b"".join(lines))
    ends = [sum(map(len, lines[:number])) for number in range(5)]
    told: list[Mapping[int, int]] = []
    rewrite_file(
        path, is_old, watched=ends, before_replacing=lambda _new, moved: told.append(moved)
    )

    kept = path.read_bytes()
    [moved] = told
    assert [kept[: moved[end]] for end in ends] == [
        b"".join(line for line in lines[:number] if not is_old(line)) for number in range(5)
    ]


def test_a_last_line_without_its_end_is_kept_and_ended(path: Path) -> None:
    """It may be a row that is just being written, by a kind of writer that we do not know."""
    path.write_bytes(b'{"id":"old1"}\n{"id":"b"}\n{"id":"half')

    rewrite(path)
    assert path.read_bytes() == b'{"id":"b"}\n{"id":"half\n'


def test_a_writer_that_holds_the_old_file_finds_the_new_one_at_its_next_line(path: Path) -> None:
    """A line in a file that is gone is a line that nobody finds."""
    log = RotatedLog(path, limits=LIMITS)
    append(log, "old1", "b")
    rewrite(path)
    append(log, "c")
    log.close()

    assert ids(path) == ["b", "c"]
    assert log.counts.dropped == 0


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_line_written_while_the_file_is_sealed_is_found_once(path: Path, is_kept: bool) -> None:
    """Before the mark it is carried over; behind it, its writer writes it again."""
    log = RotatedLog(path, limits=LIMITS)
    append(log, "old1", "a")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    if is_kept:  # the line comes just before the mark, and is looked at when all is over
        os.write(descriptor, b'{"id":"b"}\n')
    content = path.read_bytes()
    mark = seal(descriptor)
    if not is_kept:
        os.write(descriptor, b'{"id":"b"}\n')
    kept = path.with_name("kept")
    kept.write_bytes(content[:mark].replace(b'{"id":"old1"}\n', b""))
    kept.replace(path)
    os.lseek(descriptor, 0, os.SEEK_END)

    log._descriptor, mine = descriptor, log._descriptor
    os.close(mine or 0)
    written = len(b'{"id":"b"}\n')
    os.lseek(descriptor, mark if is_kept else mark + len(MARK) + written, os.SEEK_SET)
    assert log._put_into_replaced(descriptor, written) is is_kept
    log.close()


@pytest.mark.parametrize("holds_open", [True, False])
def test_a_seal_that_a_killed_process_left_stops_nobody(path: Path, holds_open: bool) -> None:
    """The file is as good as before: its writers take the seal off, and lines are found in it."""
    log = RotatedLog(path, limits=LIMITS, holds_open=holds_open)
    append(log, "old1", "a")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    seal(descriptor)
    os.close(descriptor)
    late = RotatedLog(path, limits=LIMITS, holds_open=holds_open)
    append(late, "b")
    append(log, "c")
    assert path.stat().st_mode & 0o777 == 0o600
    found = [row["id"] for row in read_rows(path)]
    assert found == ["old1", "a", "b", "c"]

    rewrite(path)
    assert ids(path) == ["a", "b", "c"], "with the mark that was left"
    append(log, "d")
    append(late, "e")
    assert ids(path) == ["a", "b", "c", "d", "e"]
    assert log.counts.dropped == late.counts.dropped == 0
    log.close()
    late.close()


def test_a_file_that_stays_sealed_costs_a_line_and_not_the_call(path: Path) -> None:
    """A process stopped in the middle of a rewriting must not stop all the others."""
    log = RotatedLog(path, limits=LIMITS)
    append(log, "a")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    with held_lock(path.with_name(path.name + ".lock")) as is_mine:
        assert is_mine
        seal(descriptor)
        with pytest.raises(OSError, match="its file is just being replaced"):
            append(log, "b")
    os.close(descriptor)
    append(log, "c")

    assert log.counts.dropped == 1
    assert [row["id"] for row in read_rows(path)][-1] == "c"
    log.close()


WRITING = """
import pathlib, time
from bicameral.capture import log as logs
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
# How patient a writer is is not what is asked here: nobody else rewrites without a pause.
logs.SEAL_ATTEMPTS = logs.MOST_TRIES = 60_000
name, path, count, size = sys.argv[1:]
log = RotatedLog(pathlib.Path(path), limits=Limits(int(size), 86_400, 100_000))
wait_for_the_others()
for number in range(int(count)):
    log.append(b'{"id":"%s-%d"}' % (name.encode(), number), time_ns=time.time_ns())
print(log.counts.written, log.counts.dropped)
"""


# Every rewriting reads the whole file: in one that never turns over, fewer lines are as many
# hundred rewritings beside the writers.
@pytest.mark.parametrize(("size", "lines"), [(50_000_000, 1_000), (3_000, 3_000)])
def test_every_line_is_found_once_while_the_log_is_rewritten_all_the_time(
    path: Path, size: int, lines: int
) -> None:
    """Six processes write, two of them lines that go; the files are replaced under their hands."""
    names = ["old1", "old2", "a", "b", "c", "d"]
    writers = [start(WRITING, name, path, lines, size) for name in names]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    rounds = 0
    while rounds < 3 or any(writer.poll() is None for writer in writers):
        rounds += 1
        with held_lock(path.with_name(path.name + ".lock"), attempts=30_000) as is_mine:
            assert is_mine
            for each in sorted(path.parent.glob("events.jsonl*")):
                if re.search(r"\.jsonl(\.\d+)?$", each.name):
                    rewrite_file(each, is_old)
    outputs = [writer.communicate(timeout=60)[0] for writer in writers]

    assert outputs == [f"{lines} 0\n"] * len(names)
    for each in sorted(path.parent.glob("events.jsonl*")):
        if re.search(r"\.jsonl(\.\d+)?$", each.name):
            rewrite_file(each, is_old)
    expected = {f"{name}-{n}" for name in "abcd" for n in range(lines)}
    assert Counter(ids(path)) == Counter(dict.fromkeys(expected, 1))


# Each child is killed one step later than the one before, until one comes to its end. A step is
# a line of the code that rewrites; a writer goes on from before until after each kill.
KILLED_AT_EVERY_STEP = """
import os, pathlib, signal
from tests.capture.dying import die_at
from bicameral.capture import rewriting, sealing
from bicameral.capture.locks import held_lock
from bicameral.capture.log import RotatedLog
from bicameral.capture.rows import read_rows
path = pathlib.Path(sys.argv[1])
STEPS = {rewriting.__file__, sealing.__file__}
ROWS = [b'{"id":"old1"}', b'{"id":"a"}', b'{"id":"old2"}', b'{"id":"b"}']
def rewrite(step):
    with held_lock(path.with_name(path.name + ".lock")) as is_mine:
        assert is_mine
        if step is not None:
            die_at(step, STEPS)
        rewriting.rewrite_file(path, lambda line: b'"old' in line)
for step in range(10_000):
    for each in path.parent.iterdir():
        each.unlink()
    log = RotatedLog(path)
    for row in ROWS:
        log.append(row, time_ns=1)
    child = os.fork()
    if child == 0:
        rewrite(step)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    kept = [row["id"] for row in read_rows(path)]
    assert kept in (["a", "b"], ["old1", "a", "old2", "b"]), (step, kept)
    log.append(b'{"id":"c"}', time_ns=1)
    assert [row["id"] for row in read_rows(path)] == kept + ["c"], step
    assert log.counts.dropped == 0
    rewrite(None)
    log.append(b'{"id":"d"}', time_ns=1)
    log.close()
    rows = read_rows(path)
    assert [row["id"] for row in rows] == ["a", "b", "c", "d"], step
    assert rows.skipped == 0
    assert not list(path.parent.glob("*.new"))
    if status == 0:
        print(step)
        break
"""


def test_a_rewriting_killed_at_any_step_leaves_one_file_whole(path: Path) -> None:
    """Nothing half, nothing lost that was to stay, and the next rewriting comes to its end."""
    steps = int(
        run(
            KILLED_AT_EVERY_STEP.replace("import os,", "wait_for_the_others()\nimport os,", 1), path
        ).split()[-1]
    )
    assert steps > 40
