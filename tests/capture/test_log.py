"""The log in one process: lines, modes, limits, rotation, and what others do to its files."""

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bicameral.capture import log as log_module
from bicameral.capture.locks import held_lock
from bicameral.capture.log import DEFAULT_LIMITS, RotatedLog
from bicameral.capture.rotation import Limits, tidy
from bicameral.capture.rows import read_rows
from bicameral.capture.stamps import Stamps
from bicameral.errors import HomeUnusable

DAY_NS = 86_400 * 1_000_000_000
NOW_NS = 1_780_000_000 * 1_000_000_000
SMALL = Limits(size_bytes=1_000, age_seconds=30 * 86_400, keep=5)
MakeLog = Callable[..., RotatedLog]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "events.jsonl"


@pytest.fixture(params=[True, False], ids=["held open", "opened for each line"])
def make_log(request: pytest.FixtureRequest, path: Path) -> Iterator[MakeLog]:
    """Build logs on one path; both ways to write must keep every promise."""
    made: list[RotatedLog] = []

    def make(limits: Limits = SMALL) -> RotatedLog:
        made.append(RotatedLog(path, limits=limits, holds_open=request.param))
        return made[-1]

    yield make
    for log in made:
        log.close()


def line(number: int, *, time_ns: int = NOW_NS, padding: int = 0) -> bytes:
    row = {"ts": Stamps().write(time_ns), "n": number, "p": "x" * padding}
    return json.dumps(row).encode()


def write(log: RotatedLog, number: int, *, time_ns: int = NOW_NS, padding: int = 0) -> None:
    log.append(line(number, time_ns=time_ns, padding=padding), time_ns=time_ns)


def numbers(path: Path) -> list[object]:
    return [row["n"] for row in read_rows(path)]


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if entry.suffix != ".lock")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_limits_are_those_that_are_promised() -> None:
    """50 MB or 30 days, five files kept."""
    assert Limits(size_bytes=50_000_000, age_seconds=30 * 24 * 3600, keep=5) == DEFAULT_LIMITS


def test_nothing_is_made_before_the_first_line(make_log: MakeLog, path: Path) -> None:
    """Building the server must leave no trace; only capture that happens may."""
    make_log()

    assert not path.parent.exists()


def test_each_line_is_one_json_object_in_order(make_log: MakeLog, path: Path) -> None:
    """The plainest promise."""
    log = make_log(DEFAULT_LIMITS)
    for number in range(100):
        write(log, number)

    rows = path.read_bytes().split(b"\n")
    assert rows.pop() == b""
    assert [json.loads(row)["n"] for row in rows] == list(range(100))
    assert (log.counts.attempted, log.counts.written, log.counts.dropped) == (100, 100, 0)


def test_modes_are_owner_only_under_any_umask_and_after_rotation(
    make_log: MakeLog, path: Path
) -> None:
    """A umask of 0 gives everyone every bit that was asked for; of 0777, nobody any."""
    for umask in (0, 0o777):
        before = os.umask(umask)
        try:
            log = make_log()
            for number in range(30):
                write(log, number, padding=100)
        finally:
            os.umask(before)
        rotated = [entry for entry in path.parent.iterdir() if entry.name.startswith(path.name)]
        assert len(rotated) > 2
        assert {mode(entry) for entry in rotated if entry.suffix != ".lock"} == {0o600}
        assert mode(path.parent) == 0o700


def test_wide_modes_that_are_found_are_tightened(make_log: MakeLog, path: Path) -> None:
    """An older version, or a copy from elsewhere, may have left them open."""
    path.parent.mkdir(mode=0o755)
    path.write_bytes(b"")
    path.chmod(0o666)

    write(make_log(), 1)

    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_full_file_is_put_aside_and_five_are_kept(make_log: MakeLog, path: Path) -> None:
    """`.1` is the newest; what is beyond the fifth is gone."""
    log = make_log()
    for number in range(100):
        write(log, number, padding=200)
    write(log, 100)

    assert names(path) == ["events.jsonl", *(f"events.jsonl.{n}" for n in range(1, 6))]
    kept = numbers(path)
    assert kept == list(range(101 - len(kept), 101))
    sizes = [path.with_name(f"events.jsonl.{n}").stat().st_size for n in range(1, 6)]
    assert all(1_000 <= size < 1_000 + 300 for size in sizes)
    assert log.counts.dropped == 0


def test_an_old_file_is_put_aside_by_its_first_row(make_log: MakeLog, path: Path) -> None:
    """Age by the last write would let a row live on for as long as others follow it."""
    log = make_log(DEFAULT_LIMITS)
    for day in range(32):
        write(log, day, time_ns=NOW_NS + day * DAY_NS)

    aside = path.with_name("events.jsonl.1").read_bytes().splitlines()
    assert [json.loads(row)["n"] for row in aside] == list(range(30))
    assert numbers(path) == list(range(32))


def test_a_row_lives_one_age_at_least_and_two_at_most(make_log: MakeLog, path: Path) -> None:
    """Files put aside expire too, also under a process that never restarts."""
    log = make_log(DEFAULT_LIMITS)
    for day in range(200):
        write(log, day, time_ns=NOW_NS + day * DAY_NS)

        kept = [int(str(number)) for number in numbers(path)]
        assert kept == list(range(kept[0], day + 1))
        assert day - kept[0] <= 60
        assert kept[0] == 0 or day - (kept[0] - 1) >= 30


def test_what_expired_while_nobody_wrote_goes_with_the_next_line(
    make_log: MakeLog, path: Path
) -> None:
    """A row of 400 days ago must not outlive a long holiday, whatever its file's own dates."""
    path.parent.mkdir()
    path.with_name("events.jsonl.2").write_bytes(line(1, time_ns=NOW_NS - 400 * DAY_NS) + b"\n")
    path.with_name("events.jsonl.1").write_bytes(line(2, time_ns=NOW_NS - 40 * DAY_NS) + b"\n")
    path.write_bytes(line(3, time_ns=NOW_NS - 20 * DAY_NS) + b"\n")

    write(make_log(), 4)

    assert numbers(path) == [2, 3, 4]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_line_after_a_long_silence_does_not_expire_with_the_old_ones(
    make_log: MakeLog, path: Path, is_new: bool
) -> None:
    """A hook is a process of its own, and the next one would remove what this one wrote."""
    log = make_log(DEFAULT_LIMITS)
    write(log, 1)
    later = NOW_NS + 61 * DAY_NS
    write(make_log(DEFAULT_LIMITS) if is_new else log, 2, time_ns=later)
    write(make_log(DEFAULT_LIMITS), 3, time_ns=later + 1)
    write(make_log(DEFAULT_LIMITS), 4, time_ns=later + DAY_NS)

    assert numbers(path) == [2, 3, 4]


def test_a_first_row_without_a_stamp_gives_way_to_the_next(make_log: MakeLog, path: Path) -> None:
    """A torn first line must not make a file young for ever."""
    path.parent.mkdir()
    old = line(1, time_ns=NOW_NS - 31 * DAY_NS)
    path.write_bytes(b'{"ts": "20\n[]\n' + b"[" * 9_000 + b'\n{"ts": "soon"}\n' + old + b"\n")

    write(make_log(), 2)

    assert names(path) == ["events.jsonl", "events.jsonl.1"]
    assert json.loads(path.read_bytes())["n"] == 2


def test_a_file_without_any_stamp_has_the_age_of_its_last_change(
    make_log: MakeLog, path: Path
) -> None:
    """Nothing better is known of it."""
    path.parent.mkdir()
    path.with_name("events.jsonl.1").write_bytes(b"no row\n")
    long_ago = (NOW_NS - 61 * DAY_NS) // 1_000_000_000
    os.utime(path.with_name("events.jsonl.1"), (long_ago, long_ago))

    write(make_log(), 1)

    assert names(path) == ["events.jsonl"]


def test_a_clock_that_goes_backwards_costs_nothing(make_log: MakeLog, path: Path) -> None:
    """No line is lost and no file put aside because time was corrected."""
    log = make_log(DEFAULT_LIMITS)
    write(log, 1, time_ns=NOW_NS)
    write(log, 2, time_ns=NOW_NS - 3_600 * 1_000_000_000)
    write(log, 3, time_ns=NOW_NS - 10_000 * DAY_NS)
    write(log, 4, time_ns=NOW_NS)

    assert numbers(path) == [1, 2, 3, 4]
    assert names(path) == ["events.jsonl"]


def test_a_gap_left_by_a_crash_is_filled_and_nothing_moves_behind_it(
    make_log: MakeLog, path: Path
) -> None:
    """A rotation that died half-way must not cost the oldest file."""
    path.parent.mkdir()
    for number, content in ((1, 30), (3, 20), (4, 10), (5, 0)):
        path.with_name(f"events.jsonl.{number}").write_bytes(line(content) + b"\n")
    log = make_log()
    for number in range(40, 50):
        write(log, number, padding=100)
        if path.with_name("events.jsonl.2").exists():
            break

    assert [row for row in numbers(path) if int(str(row)) < 40] == [0, 10, 20, 30]


def test_two_writers_see_each_others_rotation(make_log: MakeLog, path: Path) -> None:
    """The one that did not rotate still holds the old file: its line is found there."""
    one, two = make_log(Limits(1_000, 86_400, 50)), make_log(Limits(1_000, 86_400, 50))
    for number in range(0, 100, 2):
        write(one, number, padding=50)
        write(two, number + 1, padding=50)

    assert sorted(numbers(path), key=str) == sorted(range(100), key=str)
    assert len(names(path)) > 5


def test_a_straggler_in_a_file_that_is_gone_writes_again(path: Path) -> None:
    """A writer that slept through all rotations holds a file without a name."""
    sleeper, busy = RotatedLog(path, limits=SMALL), RotatedLog(path, limits=SMALL)
    write(sleeper, 1_000)
    for number in range(60):
        write(busy, number, padding=200)
    assert 1_000 not in numbers(path)

    write(sleeper, 2_000)

    assert numbers(path)[-1] == 2_000


def test_a_removed_file_is_made_again_at_once(make_log: MakeLog, path: Path) -> None:
    """Somebody tidies up by hand; the next line must not go where nobody can read it."""
    log = make_log()
    write(log, 1)
    path.unlink()
    write(log, 2)

    assert numbers(path) == [2]
    assert mode(path) == 0o600


def test_a_removed_home_is_made_again(make_log: MakeLog, path: Path) -> None:
    """The same, one folder up."""
    log = make_log()
    write(log, 1)
    for entry in path.parent.iterdir():
        entry.unlink()
    path.parent.rmdir()
    write(log, 2)

    assert numbers(path) == [2]
    assert mode(path.parent) == 0o700


def test_a_replaced_file_is_written_to(make_log: MakeLog, path: Path) -> None:
    """An erasure writes what may stay to a new file and puts it in place of the old one."""
    log = make_log()
    write(log, 1)
    write(log, 2)
    path.with_name("new").write_bytes(line(2) + b"\n")
    path.with_name("new").replace(path)
    write(log, 3)

    assert numbers(path) == [2, 3]


def test_a_truncated_file_is_continued(make_log: MakeLog, path: Path) -> None:
    """`> events.jsonl` is how many people empty a log."""
    log = make_log()
    write(log, 1)
    os.truncate(path, 0)
    write(log, 2)

    assert path.read_bytes() == line(2) + b"\n"


def test_a_file_that_was_moved_away_is_left_within_a_second(make_log: MakeLog, path: Path) -> None:
    """A backup by `mv` must not take the rest of the day with it."""
    log = make_log()
    write(log, 1)
    path.rename(path.with_name("backup"))
    write(log, 2, time_ns=NOW_NS + 1_000_000_000)
    write(log, 3, time_ns=NOW_NS + 1_000_000_001)

    backup, current = numbers(path.with_name("backup")), numbers(path)
    assert [*backup, *current] == [1, 2, 3]
    assert 3 in current


def test_a_file_that_stays_in_place_is_kept_open_beyond_a_second(
    make_log: MakeLog, path: Path
) -> None:
    """Looking whether the file is still there must not disturb it."""
    log = make_log()
    for second in range(5):
        write(log, second, time_ns=NOW_NS + second * 1_000_000_000)

    assert numbers(path) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("torn", [b'{"n": 7, "ts', b'{"n": 7}', b"\xff\xfe", b'{"a": "\\'])
def test_a_line_after_a_torn_one_is_found_once(make_log: MakeLog, path: Path, torn: bytes) -> None:
    """The line of a process that died costs no other; the writer may be long at work."""
    log = make_log()
    write(log, 1)
    with path.open("ab") as file:
        file.write(torn)
    write(log, 2)
    write(log, 3)

    rows = read_rows(path)
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert rows.skipped == 1
    assert log.counts.dropped == 0


def test_the_first_line_of_a_process_after_a_torn_one_is_found_once(
    make_log: MakeLog, path: Path
) -> None:
    """The same for a writer that has just started."""
    path.parent.mkdir()
    path.write_bytes(line(1) + b'\n{"n": ')
    write(make_log(), 2)

    rows = read_rows(path)
    assert [row["n"] for row in rows] == [1, 2]
    assert rows.skipped == 1


def make_directory(path: Path) -> None:
    path.mkdir(parents=True)


def make_symlink(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(os.devnull)


def make_pipe(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)


@pytest.mark.parametrize("plant", [make_directory, make_symlink, make_pipe])
def test_what_is_no_file_of_ours_is_not_written_to(
    make_log: MakeLog, path: Path, plant: Callable[[Path], None]
) -> None:
    """A planted link would leak, a planted pipe would hold the caller up for ever."""
    plant(path)
    log = make_log()

    with pytest.raises(OSError, match=r"directory|symbolic|regular"):
        write(log, 1)

    assert (log.counts.written, log.counts.dropped) == (0, 1)


def test_a_home_that_cannot_be_made_is_an_error_each_time(make_log: MakeLog, path: Path) -> None:
    """And it is no error any more as soon as it can."""
    path.parent.write_text("a file", encoding="utf-8")
    log = make_log()
    for number in range(3):
        with pytest.raises(HomeUnusable):
            write(log, number)
    path.parent.unlink()
    write(log, 3)

    assert numbers(path) == [3]
    assert (log.counts.attempted, log.counts.dropped) == (4, 3)


def test_a_home_behind_a_link_is_used(make_log: MakeLog, path: Path, tmp_path: Path) -> None:
    """People keep their dot files elsewhere; a linked home is theirs to choose."""
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    path.parent.symlink_to("elsewhere")

    write(make_log(), 1)

    assert numbers(tmp_path / "elsewhere" / path.name) == [1]
    assert mode(tmp_path / "elsewhere") == 0o700


def test_a_rotation_that_fails_does_not_fail_the_line(make_log: MakeLog, path: Path) -> None:
    """The line is in the file; that the file stays large is told beside it."""
    log = make_log()
    for number in range(1, 6):
        # A folder with something in it cannot be replaced by a file.
        make_directory(path.with_name(f"events.jsonl.{number}") / "in the way")
    for number in range(20):
        write(log, number, padding=100)

    assert json.loads(path.read_bytes().splitlines()[-1])["n"] == 19
    assert log.counts.dropped == 0
    assert log.rotation_error


def test_threads_share_one_log(make_log: MakeLog, path: Path) -> None:
    """Tools run in worker threads of one server."""
    log = make_log(Limits(size_bytes=5_000, age_seconds=86_400, keep=500))

    def write_many(first: int) -> None:
        for number in range(first, first + 100):
            write(log, number)

    threads = [threading.Thread(target=write_many, args=(n * 100,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(int(str(number)) for number in numbers(path)) == list(range(800))
    assert (log.counts.written, log.counts.dropped) == (800, 0)


def test_a_line_within_a_line_is_dropped_instead_of_waiting_for_itself(path: Path) -> None:
    """A signal handler may interrupt a line and write one: it must not wait for ever."""
    log = RotatedLog(path)
    held = threading.Event()
    done = threading.Event()

    def hold() -> None:
        with log._guard:
            held.set()
            assert done.wait(120)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(120)
    with pytest.raises(OSError, match="still being written"):
        write(log, 1)
    done.set()
    thread.join()

    write(log, 2)
    assert numbers(path) == [2]
    assert (log.counts.written, log.counts.dropped) == (1, 1)


def test_a_file_that_is_removed_after_every_write_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's endless tidying must not hold the caller up for ever."""
    really_write = os.write

    def write_and_remove(descriptor: int, content: bytes) -> int:
        written = really_write(descriptor, content)
        path.unlink()
        return written

    log = RotatedLog(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_and_remove)
        with pytest.raises(OSError, match="as often as it was made"):
            write(log, 1)
    write(log, 2)

    assert numbers(path) == [2]
    assert (log.counts.written, log.counts.dropped) == (1, 1)


def test_a_lock_that_stays_taken_is_given_up_where_each_line_needs_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process elsewhere costs lines, never the caller's time without end."""
    monkeypatch.setattr(log_module, "LOCK_ATTEMPTS", 3)
    log = RotatedLog(path, holds_open=False)
    write(log, 1)
    with held_lock(path.with_name("events.jsonl.lock")) as is_mine:
        assert is_mine
        with pytest.raises(OSError, match="lock stayed taken"):
            write(log, 2)
    write(log, 3)

    assert numbers(path) == [1, 3]
    assert log.counts.dropped == 1


def test_tidying_where_there_is_nothing_does_nothing(path: Path) -> None:
    """Another process may have put the file aside a moment ago."""
    path.parent.mkdir()

    expiry_ns = tidy(path, SMALL, time_ns=NOW_NS, expiry_ns=0)

    assert expiry_ns == NOW_NS + 30 * DAY_NS
    assert names(path) == []


def test_a_forgotten_log_gives_its_descriptor_back(path: Path) -> None:
    """A server that builds many must not run out of them."""
    log = RotatedLog(path)
    write(log, 1)
    write(log, 2)
    descriptor = log._descriptor
    assert descriptor is not None
    del log

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
