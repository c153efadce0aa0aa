"""The log among processes: started together, killed, forked, out of disk (PT-11, PT-12)."""

import contextlib
import os
import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import read_rows
from tests.capture.processes import run, run_at_once, start

WRITE_MANY = """
import pathlib, time
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
process, path, count, size, holds_open = sys.argv[1:]
limits = Limits(size_bytes=int(size), age_seconds=86_400, keep=100_000)
log = RotatedLog(pathlib.Path(path), limits=limits, holds_open=holds_open == "True")
wait_for_the_others()
for number in range(int(count)):
    log.append(b'{"id":"%s-%d"}' % (process.encode(), number), time_ns=time.time_ns())
print(log.counts.attempted, log.counts.written, log.counts.dropped, log.rotation_error)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "events.jsonl"


def found_ids(path: Path) -> Counter[object]:
    rows = read_rows(path)
    counted = Counter(row["id"] for row in rows)
    assert rows.skipped == 0, "torn lines"
    return counted


@pytest.mark.parametrize(
    ("holds_open", "processes", "count", "size"),
    [(True, 32, 1_000, 2_000), (True, 4, 2_000, 300), (False, 8, 100, 1_000)],
)
def test_every_line_of_many_processes_is_found_exactly_once(
    path: Path, holds_open: bool, processes: int, count: int, size: int
) -> None:
    """Rotation under load is where lines of other logs are lost, torn and doubled."""
    outputs = run_at_once(WRITE_MANY, processes, path, count, size, holds_open)

    assert outputs == [f"{count} {count} 0 \n"] * processes
    expected = {f"{n}-{i}" for n in range(processes) for i in range(count)}
    assert found_ids(path) == Counter(dict.fromkeys(expected, 1))
    assert len(list(path.parent.iterdir())) > 8, "there was no rotation to survive"


NURSERY = """
import os, pathlib, time
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
limits = Limits(size_bytes=int(sys.argv[2]), age_seconds=86_400, keep=100_000)
told = os.open(sys.argv[3], os.O_WRONLY)
wait_for_the_others()
for number, _ in enumerate(sys.stdin):
    child = os.fork()
    if child == 0:
        log = RotatedLog(pathlib.Path(sys.argv[1]), limits=limits)
        line = 0
        while True:
            log.append(b'{"id":"%d-%d"}' % (number, line), time_ns=time.time_ns())
            os.write(told, b"%d\\n" % line)
            line += 1
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


class Nursery:
    """One process that forks a writer at a time, cheaply; each tells every line it has written."""

    def __init__(self, path: Path, size: int) -> None:
        self._pipe_path = path.parent.parent / "told"
        os.mkfifo(self._pipe_path)
        self._process = start(NURSERY, path, size, self._pipe_path)
        self._told = os.open(self._pipe_path, os.O_RDWR)
        os.set_blocking(self._told, False)
        assert self._answer() == "ready"
        self._say("\n")

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill_one_after(self, lines: int) -> list[int]:
        """Start a writer, kill it once it has told of so many lines; return all it told."""
        self._say("\n")
        writer = int(self._answer())
        os.set_blocking(self._told, True)
        told = b""
        while told.count(b"\n") < lines:
            told += os.read(self._told, 100)
        os.kill(writer, signal.SIGKILL)
        assert self._answer() == "gone"
        os.set_blocking(self._told, False)
        with contextlib.suppress(BlockingIOError):
            told += os.read(self._told, 1_000_000)
        return [int(number) for number in told.split()]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=300) == 0
        self._process.stdout.close()
        os.close(self._told)


def test_a_process_killed_at_any_instant_loses_at_most_the_line_it_was_writing(
    path: Path,
) -> None:
    """200 kills, with rotation going on all the while, beside a writer that goes on."""
    path.parent.mkdir()
    nursery = Nursery(path, 1_500)
    survivor = RotatedLog(path, limits=Limits(1_500, 86_400, 100_000))
    randomness = Random(12)
    told: dict[int, list[int]] = {}
    for number in range(200):
        told[number] = nursery.kill_one_after(randomness.randint(1, 30))
        survivor.append(b'{"id":"survivor-%d"}' % number, time_ns=1)
    nursery.close()
    survivor.close()

    rows = list(read_rows(path))
    found = Counter(str(row["id"]) for row in rows)
    accepted = {f"{number}-{line}" for number, lines in told.items() for line in lines}
    accepted |= {f"survivor-{number}" for number in range(200)}
    assert set(found.values()) == {1}
    assert accepted <= set(found)
    # What is there beside: the line that was written but not yet told of when the kill came.
    assert set(found) - accepted <= {f"{number}-{len(lines)}" for number, lines in told.items()}


FULL_DISK = """
import pathlib, resource
from bicameral.capture.log import RotatedLog
log = RotatedLog(pathlib.Path(sys.argv[1]), holds_open=sys.argv[2] == "True")
wait_for_the_others()
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
def append(number):
    try:
        log.append(b'{"id":%d,"p":"%s"}' % (number, b"x" * 286), time_ns=1)
    except OSError as error:
        print(number, error.args[0])
for number in range(8):
    append(number)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
append(8)
print(log.counts.attempted, log.counts.written, log.counts.dropped)
"""


@pytest.mark.parametrize("holds_open", [True, False])
def test_a_full_disk_costs_only_the_lines_that_did_not_fit(path: Path, holds_open: bool) -> None:
    """The half of a line that fitted must not take the next good one with it."""
    output = run(FULL_DISK, path, holds_open).splitlines()

    assert [text.split()[0] for text in output[1:-1]] == ["3", "4", "5", "6", "7"]
    assert output[-1] == "9 4 5"
    rows = read_rows(path)
    assert [row["id"] for row in rows] == [0, 1, 2, 8]
    assert rows.skipped == 1


def test_another_process_is_not_cost_a_line_by_a_full_disk(path: Path) -> None:
    """It had the file open all the while and knows nothing of the half line."""
    bystander = RotatedLog(path)
    bystander.append(b'{"id":"before"}', time_ns=1)
    run(FULL_DISK, path, True)
    with path.open("ab") as file:
        file.write(b'{"id":"to')
    bystander.append(b'{"id":"after"}', time_ns=1)

    assert [row["id"] for row in read_rows(path)] == ["before", 0, 1, 2, 8, "after"]


FORK = """
import os, pathlib
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
log = RotatedLog(pathlib.Path(sys.argv[1]), limits=Limits(2_000, 86_400, 1_000))
forgotten = RotatedLog(pathlib.Path(sys.argv[1]))
del forgotten
log.append(b'{"id":"first"}', time_ns=1)
wait_for_the_others()
log._guard.acquire()  # as a thread of the parent's may hold it at the moment of the fork
child = os.fork()
if child:
    log._guard.release()
name = b"parent" if child else b"child"
for number in range(500):
    log.append(b'{"id":"%s-%d"}' % (name, number), time_ns=1)
if child:
    os.waitpid(child, 0)
    print(log.counts.dropped)
else:
    os._exit(log.counts.dropped)
"""


def test_a_forked_process_goes_on_writing_beside_its_parent(path: Path) -> None:
    """Shared, the descriptor's position would tell each of them about the other's lines."""
    assert run(FORK, path).splitlines()[-1] == "0"

    expected = {f"{name}-{n}" for name in ("parent", "child") for n in range(500)} | {"first"}
    assert found_ids(path) == Counter(dict.fromkeys(expected, 1))


READ_WHILE_ROTATING = """
import pathlib
from bicameral.capture.rows import read_rows
wait_for_the_others()
for number in range(30):
    ids = [row["id"] for row in read_rows(pathlib.Path(sys.argv[1]))]
    print(len(ids), len(set(ids)), max((int(i.split("-")[1]) for i in ids), default=-1))
"""


def test_a_reader_beside_a_rotating_writer_misses_nothing(path: Path) -> None:
    """What was there when it began is read once, wherever the files move meanwhile."""
    limits = Limits(500, 86_400, 100_000)
    log = RotatedLog(path, limits=limits)
    reader = start(READ_WHILE_ROTATING, path)
    assert reader.stdout is not None
    assert reader.stdin is not None
    assert reader.stdout.readline() == "ready\n"
    reader.stdin.write("\n")
    reader.stdin.flush()
    for number in range(2_000):
        log.append(b'{"id":"w-%d"}' % number, time_ns=1)
    output, _ = reader.communicate(timeout=300)

    for text in output.splitlines():
        count, distinct, highest = map(int, text.split())
        assert count == distinct == highest + 1
    assert reader.returncode == 0


def test_a_lock_held_elsewhere_stops_no_line(path: Path) -> None:
    """A process stopped in the middle of a rotation must not stop all the others."""
    limits = Limits(100, 86_400, 5)
    log = RotatedLog(path, limits=limits)
    log.append(b'{"id":0}', time_ns=1)
    holder = start(HOLD_LOCK, path.with_name("events.jsonl.lock"))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"

    for number in range(1, 50):
        log.append(b'{"id":%d}' % number, time_ns=1)
    assert [entry.name for entry in path.parent.glob("*.1")] == []
    holder.communicate("\n", timeout=300)
    log.append(b'{"id":50}', time_ns=1)

    assert [entry.name for entry in path.parent.glob("*.1")] == ["events.jsonl.1"]
    assert [row["id"] for row in read_rows(path)] == list(range(51))


HOLD_LOCK = """
import pathlib
from bicameral.capture.locks import held_lock
with held_lock(pathlib.Path(sys.argv[1])) as is_mine:
    assert is_mine
    wait_for_the_others()
"""
