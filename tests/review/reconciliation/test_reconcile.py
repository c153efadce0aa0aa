"""A whole run: what it adds, what it leaves, and what happens when something is amiss (PT-20)."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.locks import held_lock
from bicameral.capture.rotation import Limits, tidy
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.errors import LedgerBusy, LedgerError, LedgerTooNew, SaltUnusable
from bicameral.ledger.database import Ledger
from bicameral.review.reconciliation import reconcile as room
from bicameral.review.reconciliation import reviewing
from bicameral.review.reconciliation.reconcile import LOCK_FILE, reconcile
from bicameral.review.reconciliation.state import STATE_FILE, load_state
from bicameral.review.reconciliation.summary import SUMMARY_FILE, Summary, read_summary
from bicameral.review.rows import REVIEW_FILE
from tests.capture.processes import run_at_once
from tests.conftest import MakeEnvironment
from tests.review.reconciliation.parts import BEGIN, HOUR, SECOND, Home, read_rows, stamp

EVENTS = "preflight_events.jsonl"
ENGAGEMENTS = "engagements.jsonl"


def no_ledger() -> Ledger:
    raise AssertionError("the ledger was asked")


def files(home: Path) -> dict[str, bytes]:
    """Return every file but SQLite's index, in which readers take their marks."""
    paths = (path for path in sorted(home.rglob("*")) if path.is_file())
    return {path.name: path.read_bytes() for path in paths if not path.name.endswith("-shm")}


def a_miss(home: Home, at: float = 10, *, session: str = "s1") -> None:
    """One finished session that needs the ledger to be judged."""
    home.preflight(at, "src/pay.py", session=session)
    home.edit(at + 10, "src/pay.py", session=session)
    home.end(at + 20, session=session)


def test_running_again_adds_nothing(home: Home) -> None:
    """PT-20: nothing but the time of the last run changes."""
    home.decide("Charge once", "src/pay.py")
    a_miss(home)
    assert home.run(now=100).added == {"suspected_miss": 1}
    before = files(home.path)

    report = home.run(now=200, ledger=no_ledger)

    assert (report.added, report.totals) == ({}, {"suspected_miss": 1})
    after = files(home.path)
    assert {name for name in after if after[name] != before.get(name)} == {SUMMARY_FILE}


def test_what_is_written_in_pieces_is_as_what_is_written_at_once(home: Home) -> None:
    """Incremental runs over growing, rotating files end with the rows of one run."""
    for number in range(6):
        home.decide(f"Decision {number}", f"src/{number}.py")
        a_miss(home, 100 * number + 10, session=f"s{number}")
        home.preflight(100 * number + 50, session=f"t{number}")
        home.end(100 * number + 60, session=f"t{number}")
        if number % 2:
            for name in (EVENTS, ENGAGEMENTS):
                limits = Limits(size_bytes=1)
                tidy(home.path / name, limits, time_ns=BEGIN, expiry_ns=BEGIN * 2)
        home.run(now=100 * number + 70)
    pieces = home.text()
    for name in (REVIEW_FILE, STATE_FILE):
        (home.path / name).unlink()
    home.run(now=1_000)
    assert home.text() == pieces
    assert len(home.rows()) == 12


def test_only_new_bytes_are_read(home: Home) -> None:
    """A finished session of before is not looked at again: its lines may be gone by now."""
    home.preflight(10)
    home.end(20)
    home.run(now=30)
    path = home.path / EVENTS
    known = path.stat().st_size
    home.preflight(40, session="s2")
    home.end(50, session="s2")
    with path.open("r+b") as file:  # all that was read is overwritten, but for its ends
        first = file.readline()
        file.write(b"#" * (known - len(first) - 300))
    report = home.run(now=60)
    assert (report.added, report.skipped_lines) == ({"normal": 1}, 0)


def test_nothing_captured_is_nothing_to_do(environment: Environment) -> None:
    """Reading makes no home, no lock, no state."""
    report = reconcile(environment, no_ledger)
    assert not report.has_capture
    assert not environment.home.exists()


def test_everything_written_is_the_owners_alone(home: Home) -> None:
    """PT-08, under the widest umask."""
    before = os.umask(0)
    try:
        home.preflight(10)
        home.end(20)
        home.run()
    finally:
        os.umask(before)
    for name in (REVIEW_FILE, STATE_FILE, SUMMARY_FILE, LOCK_FILE):
        assert stat.S_IMODE((home.path / name).stat().st_mode) == 0o600, name
    assert not list(home.path.glob("*.new"))


def test_a_dry_run_writes_nothing_anywhere(home: Home) -> None:
    """It tells what a run would add, and a run then adds it."""
    home.decide("Charge once", "src/pay.py")
    a_miss(home)
    before = files(home.path)
    report = home.run(is_dry=True)
    assert (report.added, report.is_dry) == ({"suspected_miss": 1}, True)
    assert [row.classification for row in report.suspected] == ["suspected_miss"]
    assert files(home.path) == before
    assert home.run().added == {"suspected_miss": 1}


def test_one_session_can_be_wanted_without_losing_the_others(home: Home) -> None:
    """The others stay, and what was written is not written again."""
    for session in ("s1", "s2", "s3"):
        home.preflight(10, session=session)
        home.end(20, session=session)
    assert home.run(session_id="s2").totals == {"normal": 1}
    assert home.run(session_id="s2").added == {}
    report = home.run()
    assert (report.added, report.totals) == ({"normal": 2}, {"normal": 3})
    assert sorted(row.session_id for row in home.rows()) == ["s1", "s2", "s3"]


def test_only_recent_sessions_can_be_wanted(home: Home) -> None:
    """By the newest row of each."""
    home.preflight(10, session="old")
    home.end(20, session="old")
    home.preflight(10, session="new")
    home.end(500, session="new")
    assert home.run(since_ns=BEGIN + 500 * SECOND).added == {"normal": 1}
    assert [row.session_id for row in home.rows()] == ["new"]
    assert home.run().added == {"normal": 1}


def test_an_open_session_of_a_run_for_another_stays_open(home: Home) -> None:
    """What is wanted chooses among the finished."""
    home.preflight(10)
    report = home.run(session_id="s1", now=20)
    assert (report.open_sessions, home.rows()) == (1, [])


def test_two_at_once_do_no_harm(home: Home) -> None:
    """The second leaves at once, and says why."""
    home.preflight(10)
    home.end(20)
    with held_lock(home.path / LOCK_FILE) as is_mine:
        assert is_mine
        assert home.run().is_busy
        assert home.rows() == []
    assert home.run().added == {"normal": 1}


def test_a_run_can_wait_for_the_other(home: Home) -> None:
    """A detached run has time, and the other may have read too early."""
    home.preflight(10)
    home.end(20)
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with held_lock(home.path / LOCK_FILE):
            is_held.set()
            may_go.wait(120)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(120)
    threading.Timer(0.05, may_go.set).start()
    assert home.run(lock_attempts=20_000).added == {"normal": 1}
    holder.join()


RUNNER = """
import dataclasses, pathlib
from bicameral.environment import read_environment
from bicameral.ledger.database import open_ledger
from bicameral.review.reconciliation.reconcile import reconcile
environment = dataclasses.replace(read_environment(), home=pathlib.Path(sys.argv[2]))
wait_for_the_others()
found = reconcile(environment, lambda: open_ledger(environment))
print(found.is_busy, sum(found.added.values()))
"""


def test_many_processes_at_once_write_each_row_once(home: Home) -> None:
    """Session ends of several clients start their reconciliations together."""
    for number in range(200):
        home.preflight(10 + number, session=f"s{number}")
        home.end(20 + number, session=f"s{number}")
    outputs = run_at_once(RUNNER, 4, home.path)
    assert sum(int(each.split()[-1]) for each in outputs) == 200
    ids = [row.id for row in home.rows()]
    assert len(ids) == len(set(ids)) == 200


def test_writers_at_work_meanwhile_lose_nothing(home: Home) -> None:
    """Rows are written, and rotated, while runs read them."""
    environment = home.elsewhere(time_ns=lambda: BEGIN + 10 * SECOND)
    is_done = threading.Event()

    def write() -> None:
        telemetry = Telemetry(
            environment,
            flags=TelemetryFlags(preflight=True),
            limits=Limits(size_bytes=20_000, keep=1_000),
        )
        for number in range(400):
            session = f"s{number}"
            telemetry.start_session(session)
            telemetry.write_preflight_event(
                session_id=session,
                preflight_id=telemetry.new_preflight_id(),
                topic="t",
                file_paths=["a"],
                fired=False,
                surfaced_ids=[],
                reason="no_matches",
            )
            telemetry.end_session(session)
        telemetry.close()
        is_done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not is_done.is_set():
        home.run()
    writer.join()
    home.run()
    assert sorted(row.session_id for row in home.rows()) == sorted(f"s{n}" for n in range(400))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema":99}', b"\xff" * 9])
def test_a_damaged_state_is_as_good_as_none(home: Home, damage: bytes) -> None:
    """Everything is read again and no row is doubled; open sessions are found again too."""
    home.preflight(10)
    home.end(20)
    home.preflight(10, session="open")
    home.run(now=30)
    (home.path / STATE_FILE).write_bytes(damage)
    assert load_state(home.path) is None
    report = home.run(now=40)
    assert (report.added, report.totals, report.open_sessions) == ({}, {"normal": 1}, 1)
    assert load_state(home.path) is not None


def test_a_state_that_cannot_be_read_is_an_error(home: Home) -> None:
    """It may be there and well: nothing is begun anew on a guess."""
    home.preflight(10)
    (home.path / STATE_FILE).mkdir()
    with pytest.raises(OSError, match="directory"):
        home.run()


@pytest.mark.parametrize("how", ["copied", "cut", "same bytes again"])
def test_files_that_were_replaced_double_nothing(home: Home, how: str) -> None:
    """Rows that come again have the ids that stand already."""
    for number in range(5):
        home.preflight(10 + number, session=f"s{number}")
        home.end(20 + number, session=f"s{number}")
    home.run(now=100)
    path = home.path / EVENTS
    content = path.read_bytes()
    if how == "copied":
        path.with_name("aside").write_bytes(content)
        path.with_name("aside").replace(path)
    elif how == "cut":
        os.truncate(path, content.index(b"\n") + 1)
    else:
        path.write_bytes(content[content.index(b"\n") + 1 :])
    home.preflight(50, session="new")
    home.end(60, session="new")
    assert home.run(now=200).added == {"normal": 1}
    assert len({row.id for row in home.rows()}) == len(home.rows()) == 6


def test_a_removed_review_file_begins_anew(home: Home) -> None:
    """A person took it away: what was reviewed stays away."""
    home.preflight(10)
    home.end(20)
    home.run(now=30)
    (home.path / REVIEW_FILE).unlink()
    home.preflight(40, session="s2")
    home.end(50, session="s2")
    report = home.run(now=60)
    assert [row.session_id for row in home.rows()] == ["s2"]
    assert report.totals == {"normal": 1}


def test_without_a_salt_paths_are_not_compared_and_the_report_says_so(home: Home) -> None:
    """A new one would hash everything to something else; none is made."""
    decision = home.decide("Charge once", "src/pay.py")
    a_miss(home)
    preflight = home.preflight(40, "src/pay.py", session="s2")
    home.engage(45, decision, "src/pay.py", preflight_id=preflight, session="s2")
    home.end(50, session="s2")
    (home.path / "salt").unlink()
    report = home.run()
    assert report.added == {"normal": 1, "suspected_miss": 1}
    assert "salt is gone" in report.notes[0]
    assert not (home.path / "salt").exists()


def test_a_salt_that_is_none_stops_the_run_and_loses_nothing(home: Home) -> None:
    """PT-04: it is refused with what to do; the next run goes on."""
    home.decide("Charge once", "src/pay.py")
    a_miss(home)
    salt = (home.path / "salt").read_bytes()
    (home.path / "salt").write_bytes(b"short")
    with pytest.raises(SaltUnusable):
        home.run()
    assert home.rows() == []
    (home.path / "salt").write_bytes(salt)
    assert home.run().added == {"suspected_miss": 1}


def absent(home: Home) -> Callable[[], None]:
    home.ledger.close()
    aside = shutil.move(home.path / "ledger.sqlite3", home.path / "aside")

    def mend() -> None:
        Path(aside).replace(home.path / "ledger.sqlite3")

    return mend


def too_new(home: Home) -> Callable[[], None]:
    def number(version: int) -> None:
        connection = sqlite3.connect(home.path / "ledger.sqlite3")
        connection.execute("delete from schema_migrations where version > 1000")
        if version:
            connection.execute("insert into schema_migrations values (?, 'x', 1)", (version,))
        connection.commit()
        connection.close()

    home.ledger.close()
    number(1_001)
    return lambda: number(0)


def locked(home: Home) -> Callable[[], None]:
    home.ledger.close()
    connection = sqlite3.connect(home.path / "ledger.sqlite3", isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    return connection.close


@pytest.mark.parametrize(
    ("break_it", "error"),
    [(absent, LedgerError), (too_new, LedgerTooNew), (locked, LedgerBusy)],
)
def test_a_ledger_that_cannot_answer_stops_the_run_and_loses_nothing(
    home: Home, break_it: Callable[[Home], Callable[[], None]], error: type[Exception]
) -> None:
    """Silence must not be mistaken for knowledge: the state stays, and the next run goes on."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(5, session="s0")
    home.end(6, session="s0")
    home.run(now=7)
    a_miss(home)
    before = home.text(STATE_FILE)
    mend = break_it(home)
    ledger = Ledger(home.environment, timeout_seconds=0.1)
    with pytest.raises(error) as caught:
        home.run(now=100, ledger=lambda: ledger)
    assert isinstance(caught.value, LedgerError)
    assert home.text(STATE_FILE) == before
    word = read_summary(home.path)
    assert word is not None
    assert word.error.startswith(f"{caught.value.code}: ")
    assert str(home.path) not in word.error
    assert word.totals == {"normal": 1}
    mend()
    assert home.run(now=200).added == {"suspected_miss": 1}
    assert read_summary(home.path) == Summary(
        finished_at=stamp(200),
        added={"suspected_miss": 1},
        totals={"normal": 1, "suspected_miss": 1},
    )


def test_without_a_ledger_silent_sessions_are_judged(make_environment: MakeEnvironment) -> None:
    """Nobody decided anything yet, so there was nothing to miss and nobody to ask."""
    environment = make_environment()
    telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))
    telemetry.start_session("s1")
    telemetry.write_preflight_event(
        session_id="s1",
        preflight_id="p",
        topic="t",
        file_paths=["a"],
        fired=False,
        surfaced_ids=[],
        reason="no_matches",
    )
    telemetry.end_sessions()
    with (environment.home / EVENTS).open("ab") as file:
        line = b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":"s1",'
        file.write(line + b'"event_type":"edit_observed","path_hash":"0"}\n')
    ledger = Ledger(environment)
    assert reconcile(environment, ledger).added == {"normal": 1}
    assert not (environment.home / "ledger.sqlite3").exists()


def test_a_full_disk_stops_the_run_and_loses_nothing(home: Home) -> None:
    """The rows do not fit: the error reaches the caller, and the next run goes on."""
    for number in range(300):
        home.preflight(10 + number)
    home.end(20)
    script = """
import dataclasses, pathlib, resource, signal
from bicameral.environment import read_environment
from bicameral.review.reconciliation.reconcile import reconcile
environment = dataclasses.replace(read_environment(), home=pathlib.Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    reconcile(environment, None)
except OSError as error:
    print(error.errno)
"""
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n" + script, str(home.path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.strip()
    assert load_state(home.path) is None
    home.run(now=3 * HOUR)
    assert len({row.id for row in home.rows()}) == len(home.rows()) == 300


def test_the_first_suspects_are_listed_and_all_are_counted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report fits a screen however long nobody looked."""
    monkeypatch.setattr(reviewing, "MOST_LISTED", 3)
    monkeypatch.setattr(reviewing, "BATCH", 1)
    decision = home.decide("Charge once")
    for number in range(9):
        home.preflight(10 + number, shown=(decision,), session=f"s{number}")
        home.end(30 + number, session=f"s{number}")
    report = home.run()
    assert (len(report.suspected), report.added) == (3, {"suspected_false_fire": 9})


def test_a_run_records_on_the_way(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run that is stopped has not worked for nothing."""
    monkeypatch.setattr(room, "CHECKPOINT_BYTES", 1)
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, shown=(decision,))
    home.end(20)
    home.preflight(200_000, session="s2")
    home.run(now=200_010)
    state = load_state(home.path)
    assert state is not None
    assert [each.session_id for each in state.stretches] == ["s2"]
    assert len(read_rows(home.path)) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"finished_at":1,"added":[]}'])
def test_a_summary_that_cannot_be_read_is_none(home: Home, content: bytes) -> None:
    """Hooks and tools that show it must not fall over it."""
    (home.path / SUMMARY_FILE).write_bytes(content)
    assert read_summary(home.path) is None


def test_there_is_no_summary_before_the_first_run(home: Home) -> None:
    """Nobody reconciled yet."""
    assert read_summary(home.path) is None
