"""The record of calibrations: nothing lost, whoever writes, and however a writer ends."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral import __version__
from bicameral.errors import TransitionRefused
from bicameral.preflight.topic import Gate
from bicameral.review.calibration import records
from bicameral.review.calibration.gates import CALIBRATIONS_FILE, gate_of, read_gate
from bicameral.review.calibration.records import (
    apply_gate,
    gate_in_force,
    read_history,
    revert_gate,
)
from tests.conftest import environment_at

FIRST, SECOND = Gate(coverage=0.4), Gate(coverage=0.4, most=1)
APPLY = """
import sys
from pathlib import Path
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.records import apply_gate
from tests.conftest import environment_at
environment = environment_at(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    apply_gate(environment, Gate(most=1 + number % 20), evidence={"rows": ["r"] * 500},
               who=f"{sys.argv[2]} {number}")
    print(number, flush=True)
"""


def start(home: Path, name: str, times: int) -> "subprocess.Popen[str]":
    """Start a process that applies many times once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPLY, str(home), name, str(times)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def tell(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def test_a_row_says_what_held_what_holds_why_who_and_when(tmp_path: Path) -> None:
    """Whoever finds a gate in force can see where it came from."""
    evidence = {"cost_ratio": 2, "rows": ["a", "b"]}
    apply_gate(environment_at(tmp_path), FIRST, evidence=evidence, who="Ada")
    [line] = (tmp_path / CALIBRATIONS_FILE).read_text("utf-8").splitlines()
    row = json.loads(line)
    assert row["ts"] == "2026-05-28T20:26:40.000000Z"
    assert (row["action"], row["who"], row["package"]) == ("apply", "Ada", __version__)
    assert row["gate"]["coverage"] == 0.4
    assert row["previous"]["coverage"] == Gate().coverage
    assert row["gate"].keys() == row["previous"].keys() == set(Gate.__dataclass_fields__)
    assert row["evidence"] == evidence


def test_reverts_walk_back_one_apply_at_a_time(tmp_path: Path) -> None:
    """And every gate that ever held stays on record."""
    environment = environment_at(tmp_path)
    for gate in (FIRST, SECOND):
        apply_gate(environment, gate, evidence={}, who="me")
    assert gate_of(revert_gate(environment, who="me").gate) == FIRST
    apply_gate(environment, SECOND, evidence={}, who="me")
    assert gate_of(revert_gate(environment, who="me").gate) == FIRST
    assert gate_of(revert_gate(environment, who="me").gate) == Gate()
    with pytest.raises(TransitionRefused, match="none to revert"):
        revert_gate(environment, who="me")
    history = read_history(tmp_path)
    assert [row.action for row in history.rows] == "apply apply revert apply revert revert".split()
    assert gate_in_force(history.rows) == Gate()


def test_without_an_apply_there_is_nothing_to_revert(tmp_path: Path) -> None:
    """And the refusal makes no row."""
    with pytest.raises(TransitionRefused):
        revert_gate(environment_at(tmp_path / "home"), who="me")
    assert read_history(tmp_path / "home").rows == ()


def test_what_cannot_be_used_is_not_what_a_new_gate_follows(tmp_path: Path) -> None:
    """The default held meanwhile, and so it is what a revert brings back."""
    environment = environment_at(tmp_path)
    apply_gate(environment, FIRST, evidence={}, who="me")
    path = tmp_path / CALIBRATIONS_FILE
    path.write_text(path.read_text("utf-8").replace('"most":3', '"most":0'), encoding="utf-8")
    row = apply_gate(environment, SECOND, evidence={}, who="me")
    assert gate_of(row.previous) == Gate()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("existing", [None, 0o666])
def test_the_file_is_its_owners_alone(tmp_path: Path, existing: int | None) -> None:
    """Also where it was found wider, and whatever the umask."""
    path = tmp_path / "home" / CALIBRATIONS_FILE
    if existing is not None:
        path.parent.mkdir(mode=0o777)
        path.touch()
        path.chmod(existing)
    before = os.umask(0)
    try:
        apply_gate(environment_at(path.parent), FIRST, evidence={}, who="me")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX")
@pytest.mark.parametrize(
    "plant", [Path.mkdir, lambda path: path.symlink_to("/dev/null"), os.mkfifo]
)
def test_nothing_is_written_through_what_is_no_file(
    tmp_path: Path, plant: Callable[[Path], object]
) -> None:
    """A planted link or pipe gets nothing."""
    plant(tmp_path / CALIBRATIONS_FILE)
    with pytest.raises(OSError, match=r".+"):
        apply_gate(environment_at(tmp_path), FIRST, evidence={}, who="me")


def test_a_disk_that_is_full_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a row is taken back, and the person is told."""
    environment = environment_at(tmp_path)
    apply_gate(environment, FIRST, evidence={}, who="me")
    before = (tmp_path / CALIBRATIONS_FILE).read_bytes()
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda at, line: write(at, line[:40]))
        with pytest.raises(OSError, match="bytes fitted") as caught:
            apply_gate(environment, SECOND, evidence={}, who="me")
    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / CALIBRATIONS_FILE).read_bytes() == before


def test_a_lock_that_stays_taken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits forever, and nothing is written without the lock."""
    import fcntl

    apply_gate(environment_at(tmp_path), FIRST, evidence={}, who="me")
    monkeypatch.setattr(records, "LOCK_ATTEMPTS", 3)
    with (tmp_path / CALIBRATIONS_FILE).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another process"):
            apply_gate(environment_at(tmp_path), SECOND, evidence={}, who="me")
    assert len(read_history(tmp_path).rows) == 1


def test_appliers_at_once_lose_nothing_and_each_follows_the_one_before(tmp_path: Path) -> None:
    """Four processes, twenty-five applies each: a hundred rows in one unbroken chain."""
    processes = [start(tmp_path, f"p{number}", 25) for number in range(4)]
    for process in processes:
        tell(process)
    for process in processes:
        process.communicate(timeout=300)
        assert process.returncode == 0
    history = read_history(tmp_path)
    assert history.skipped == 0
    assert sorted(row.who for row in history.rows) == sorted(
        f"p{number} {turn}" for number in range(4) for turn in range(25)
    )
    gates = [Gate(), *(gate_of(row.gate) for row in history.rows)]
    assert [gate_of(row.previous) for row in history.rows] == gates[:-1]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("acknowledged", [0, 1, 2, 3, 5, 8])
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    """And what is there is whole rows; the next apply goes on from the last of them."""
    process = start(tmp_path, "killed", 100_000)
    tell(process)
    assert process.stdout
    for number in range(acknowledged):
        assert process.stdout.readline() == f"{number}\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=300)
    history = read_history(tmp_path)
    assert history.skipped == 0
    assert len(history.rows) >= acknowledged
    assert [row.who for row in history.rows] == [f"killed {n}" for n in range(len(history.rows))]
    row = apply_gate(environment_at(tmp_path), FIRST, evidence={}, who="me")
    assert gate_of(row.previous) == gate_in_force(history.rows)
    assert read_gate(tmp_path, lambda _text: None) == FIRST
