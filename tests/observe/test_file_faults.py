"""The faults of the log, at `trace.jsonl`: many processes, kills, a full disk."""

import os
import signal
from collections import Counter
from pathlib import Path

from bicameral.capture.rows import read_rows
from tests.capture.processes import run, run_at_once, start

TRACE = """
import os, pathlib
from dataclasses import replace
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.environment import read_environment
from bicameral.observe.recorder import Recorder
from bicameral.observe.ring import Ring
from bicameral.tracing import span
def recorder(path, size):
    environment = replace(read_environment(), home=path.parent, warn=lambda text: None)
    log = RotatedLog(path, limits=Limits(size_bytes=size, keep=100_000))
    return Recorder(environment, ring=Ring(), log=log)
def call(tracer, name):
    with tracer.begin("tool", name, "test", None), span("ledger", f"{name}.read", "x"):
        pass
"""
WRITE_MANY = (
    TRACE
    + """
process, path, count = sys.argv[1:]
tracer = recorder(pathlib.Path(path), 3_000)
wait_for_the_others()
for number in range(int(count)):
    call(tracer, f"{process}-{number}")
print(tracer.log.counts.written, tracer.log.counts.dropped, tracer.last_error)
"""
)
UNTIL_KILLED = (
    TRACE
    + """
tracer = recorder(pathlib.Path(sys.argv[1]), 3_000)
wait_for_the_others()
number = 0
while True:
    call(tracer, f"killed-{number}")
    os.write(1, b"%d\\n" % number)
    number += 1
"""
)
FULL_DISK = (
    TRACE
    + """
import resource
tracer = recorder(pathlib.Path(sys.argv[1]), 3_000_000)
wait_for_the_others()
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
for number in range(10):
    call(tracer, f"full-{number}")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
call(tracer, "after")
print(tracer.log.counts.written, tracer.log.counts.dropped)
"""
)


def operations(path: Path) -> Counter[object]:
    return Counter(row["operation"] for row in read_rows(path))


def test_every_span_of_many_processes_is_found_exactly_once(tmp_path: Path) -> None:
    """Servers of several clients share one home, and rotate one file."""
    path = tmp_path / "home" / "trace.jsonl"
    outputs = run_at_once(WRITE_MANY, 8, path, 100)

    assert outputs == ["200 0 \n"] * 8
    names = [f"{process}-{number}" for process in range(8) for number in range(100)]
    expected = Counter([*names, *(f"{name}.read" for name in names)])
    assert operations(path) == expected
    aside = [each for each in path.parent.iterdir() if each.name != "trace.jsonl.lock"]
    assert len(aside) > 8
    assert {each.stat().st_mode & 0o777 for each in aside} == {0o600}


def test_a_kill_costs_at_most_the_line_being_written(tmp_path: Path) -> None:
    """Whatever was finished before stands there, once."""
    path = tmp_path / "home" / "trace.jsonl"
    finished = 0
    for _ in range(5):
        process = start(UNTIL_KILLED, path)
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        before = operations(path) if path.parent.exists() else Counter()
        process.stdin.write("\n")
        process.stdin.flush()
        told = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait(30)
        process.stdin.close()
        process.stdout.close()
        grown = operations(path) - before
        for number in told:
            assert grown[f"killed-{number}"] == grown[f"killed-{number}.read"] == 1
        finished += len(told)
    rows = read_rows(path)
    assert len(list(rows)) >= 2 * finished >= 200
    assert rows.skipped <= 5


def test_a_full_disk_costs_only_what_did_not_fit(tmp_path: Path) -> None:
    """It is counted, no call fails of it, and the next span has a line of its own."""
    path = tmp_path / "home" / "trace.jsonl"
    output = run(FULL_DISK, path)

    written, dropped = map(int, output.splitlines()[-1].split())
    assert written + dropped == 22
    assert 0 < dropped < 20
    rows = read_rows(path)
    found = [row["operation"] for row in rows]
    assert len(found) == written
    assert found[-2:] == ["after.read", "after"]
    assert rows.skipped == 1
