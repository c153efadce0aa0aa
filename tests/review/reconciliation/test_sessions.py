"""When a session is over, and what becomes of those that are not (PT-15, PT-20)."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bicameral.capture.log import RotatedLog
from bicameral.capture.sessions import Sessions
from bicameral.review.reconciliation import stretches
from bicameral.review.reconciliation.markers import sessions_alive
from bicameral.review.rows import ReviewRow
from tests.capture.processes import start
from tests.review.reconciliation.parts import HOUR, Home, stamp

SERVER = """
import dataclasses, pathlib
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import read_environment

home, session_id = sys.argv[1:]
environment = dataclasses.replace(read_environment(), home=pathlib.Path(home))
telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))
telemetry.start_session(session_id)
telemetry.write_preflight_event(
    session_id=session_id, preflight_id="p", topic="t", file_paths=["a"], fired=False,
    surfaced_ids=[], reason="no_matches",
)
wait_for_the_others()
"""
LONG_AFTER = 10 * HOUR


@pytest.fixture
def serve(home: Home) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Start a real server process in a session; it has written its rows when this returns."""
    with ExitStack() as stack:

        def serve(session_id: str) -> "subprocess.Popen[str]":
            process = stack.enter_context(start(SERVER, home.path, session_id))
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        yield serve


def now_and(seconds: float) -> float:
    """Return the real time in seconds since the story's beginning: real servers write it."""
    return time.time() - 1_780_000_000 + seconds


def by_session(rows: list[ReviewRow]) -> list[tuple[str, str]]:
    return [(row.session_id, row.session_ended_at) for row in rows]


def test_an_open_session_is_left_alone_until_it_ends(home: Home) -> None:
    """What it will still do is evidence."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    report = home.run(now=20)
    assert (home.rows(), report.open_sessions) == ([], 1)

    home.bypass(30, decision)
    home.end(40)
    report = home.run(now=50)

    assert (report.open_sessions, report.added) == (0, {"normal": 1})
    assert home.rows()[0].evidence[0].kind == "bypassed"


def test_a_session_is_over_after_two_hours_of_silence(home: Home) -> None:
    """Nobody writes an end where there was only a hook or a command."""
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/pay.py")
    assert home.run(now=20 + 2 * HOUR).open_sessions == 1
    report = home.run(now=21 + 2 * HOUR)
    assert (report.open_sessions, report.added) == (0, {"normal": 1})
    assert home.rows()[0].session_ended_at == stamp(20)


def test_a_session_that_a_process_serves_is_not_over_however_silent(
    home: Home, serve: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    """Its person may be at lunch: the marker says that it goes on."""
    serve("s1")
    assert sessions_alive(home.path) == (frozenset({"s1"}), frozenset())
    assert home.run(now=now_and(LONG_AFTER)).open_sessions == 1
    assert home.rows() == []


@pytest.mark.parametrize("way", ["kill", "eof"])
def test_a_session_whose_server_is_gone_is_over_at_once(
    home: Home, serve: Callable[[str], "subprocess.Popen[str]"], way: str
) -> None:
    """kill -9 leaves a marker that nobody holds; it ended with its last row."""
    server = serve("s1")
    if way == "kill":
        server.send_signal(signal.SIGKILL)
    else:
        assert server.stdin is not None
        server.stdin.close()
    server.wait(timeout=120)
    assert sessions_alive(home.path) == (frozenset(), frozenset({"s1"}))

    assert home.run(now=now_and(1)).added == {"normal": 1}

    [row] = home.rows()
    assert row.session_ended_at == row.ts
    assert sessions_alive(home.path) == (frozenset(), frozenset())


def test_a_dry_run_sees_that_a_server_is_gone_and_writes_no_end(
    home: Home, serve: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    """It shows what a run would do, and leaves every byte as it is."""
    server = serve("s1")
    server.kill()
    server.wait(timeout=120)
    before = home.text("preflight_events.jsonl")
    assert home.run(now=now_and(1), is_dry=True).added == {"normal": 1}
    assert home.text("preflight_events.jsonl") == before
    assert sessions_alive(home.path)[1] == {"s1"}


def test_a_marker_that_says_nothing_is_no_session(home: Home) -> None:
    """A process may have died between making it and writing it."""
    folder = home.path / "sessions"
    folder.mkdir(mode=0o700)
    (folder / "empty.open").touch()
    (folder / "garbage.open").write_text("[1]", encoding="utf-8")
    assert sessions_alive(home.path) == (frozenset(), frozenset())
    home.preflight(10)
    home.end(20)
    assert home.run().added == {"normal": 1}


def test_two_ends_are_one(home: Home) -> None:
    """A hook and the server both say that it is over."""
    home.preflight(10)
    home.end(20)
    home.end(21)
    assert home.run().added == {"normal": 1}
    home.end(22)
    assert home.run().added == {}


def test_rows_after_the_end_say_that_it_goes_on(home: Home) -> None:
    """A client that restarts its server stays in the session: it is judged as a whole."""
    decision = home.decide("Charge once")
    home.preflight(10, shown=(decision,))
    home.end(20)
    home.start(30)
    assert home.run(now=31).open_sessions == 1
    home.engage(40, decision, tool="bicameral.ratify")
    home.end(50)
    home.run(now=51)
    assert by_session(home.rows()) == [("s1", stamp(50))]
    assert home.rows()[0].classification == "normal"


@pytest.mark.parametrize("kind", ["preflight", "bypass", "edit", "engagement", "other"])
def test_every_kind_of_later_row_says_so(home: Home, kind: str) -> None:
    """Whoever writes is alive."""
    decision = home.decide("Charge once")
    home.preflight(10)
    home.end(20)
    if kind == "preflight":
        home.preflight(30)
    elif kind == "bypass":
        home.bypass(30, decision)
    elif kind == "edit":
        home.edit(30, "a")
    elif kind == "engagement":
        home.engage(30, decision)
    else:
        line = f'{{"ts":"{stamp(30)}","session_id":"s1","event_type":"from_the_future"}}'
        home.line("preflight_events.jsonl", line.encode())
    assert home.run(now=31).open_sessions == 1


@pytest.mark.parametrize("kind", ["edit", "engagement"])
def test_what_straggles_behind_the_end_belongs_to_it(home: Home, kind: str) -> None:
    """A hook that runs beside the client may write a moment after the end."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.end(20)
    if kind == "edit":
        home.edit(21, "src/pay.py")
    else:
        home.engage(21, decision, "src/pay.py")
    report = home.run(now=22)
    assert (report.open_sessions, report.added) == (0, {"suspected_miss": 1})


def test_a_session_that_goes_on_after_it_was_judged_begins_anew(home: Home) -> None:
    """A row stands; what comes later is a stretch of its own, and is told anew."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.end(20)
    home.run(now=21)
    home.preflight(100, "src/pay.py")
    home.edit(110, "src/pay.py")
    home.end(120)
    home.run(now=121)
    assert by_session(home.rows()) == [("s1", stamp(20)), ("s1", stamp(120))]
    assert [row.classification for row in home.rows()] == [
        "suspected_false_fire",
        "suspected_miss",
    ]


def test_the_end_as_it_is_told_stands_in_the_row(home: Home) -> None:
    """The end of a killed server's session is written later than it came."""
    home.preflight(10)
    home.end(1_000, ended_at=stamp(15))
    home.run(now=2_000)
    assert by_session(home.rows()) == [("s1", stamp(15))]


def test_sessions_in_parallel_do_not_mix(home: Home) -> None:
    """PT-10's law holds here too: evidence without an id stays in its session."""
    decision = home.decide("Charge once", "src/pay.py")
    for session in ("s1", "s2", "s3"):
        home.preflight(10, "src/pay.py", session=session)
    home.edit(20, "src/pay.py", session="s2")
    home.engage(21, decision, "src/pay.py", session="s3")
    for session in ("s3", "s1", "s2"):
        home.end(30, session=session)
    home.run()
    found = {row.session_id: row.classification for row in home.rows()}
    assert found == {"s1": "normal", "s2": "suspected_miss", "s3": "suspected_miss"}


def test_what_is_held_of_sessions_without_end_is_bounded(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with what nobody ends: the longest silent are judged as they are."""
    monkeypatch.setattr(stretches, "MOST_ROWS", 10)
    for number in range(8):
        for step in range(3):
            home.preflight(10 * number + step, session=f"s{number}")
    report = home.run(now=100)
    assert report.open_sessions == 3
    assert len(home.rows()) == 15
    report = home.run(now=100 + 3 * HOUR)
    assert (report.open_sessions, len(home.rows())) == (0, 24)


def test_an_abandoned_end_that_cannot_be_written_is_an_error(
    home: Home, serve: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    """The home is not writable: the caller hears of it, and nothing is lost."""
    server = serve("s1")
    server.kill()
    server.wait(timeout=120)
    path = home.path / "preflight_events.jsonl"
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        home.run(now=now_and(1))
    path.rmdir()
    path.write_bytes(kept)
    assert home.run(now=now_and(1)).added == {"normal": 1}


def test_a_session_that_ends_by_its_own_process_is_over(home: Home) -> None:
    """The plain case, with the rows that capture itself writes."""
    sessions = Sessions(home.environment, RotatedLog(home.path / "preflight_events.jsonl"))
    sessions.start("s1")
    home.preflight(10)
    sessions.end("s1", reason="closed")
    assert home.run().added == {"normal": 1}
