"""Sessions are seen as ended however their server went (PT-15)."""

import signal
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.capture.log import RotatedLog
from bicameral.capture.rows import EVENTS_FILE, read_rows
from bicameral.capture.sessions import Sessions, record_session_end
from bicameral.environment import Environment
from bicameral.errors import HomeUnusable
from tests.capture.processes import start
from tests.conftest import Clock

Row = dict[str, object]
SERVER = """
import dataclasses, os, pathlib, signal
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import read_environment

home, session_id, repository_id = sys.argv[1:]
environment = dataclasses.replace(read_environment(), home=pathlib.Path(home))
telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))
reason = "closed"
def stop(*_):
    global reason
    reason = "terminated"
    os.close(0)
signal.signal(signal.SIGTERM, stop)
telemetry.start_session(session_id, repository_id=repository_id)
telemetry.write_preflight_event(
    session_id=session_id, preflight_id="p", topic="t", file_paths=["a"], fired=False,
    surfaced_ids=[], reason="no_matches",
)
telemetry.write_engagement(
    session_id=session_id, tool="bind", decision_id="d", preflight_id="p", file_paths=["a"]
)
try:
    wait_for_the_others()
except (OSError, ValueError):
    pass
telemetry.end_session(session_id, reason=reason)
"""


@pytest.fixture
def make_sessions(environment: Environment) -> Iterator[Callable[[], Sessions]]:
    """Build the sessions of one process after another."""
    made: list[Sessions] = []

    def make() -> Sessions:
        log = RotatedLog(environment.home / EVENTS_FILE)
        made.append(Sessions(environment, log, others=[environment.home / "engagements.jsonl"]))
        return made[-1]

    yield make
    for sessions in made:
        sessions.release()


def rows_of(environment: Environment, event_type: str) -> list[Row]:
    rows = read_rows(environment.home / EVENTS_FILE)
    return [row for row in rows if row["event_type"] == event_type]


def markers(environment: Environment) -> list[Path]:
    return list((environment.home / "sessions").iterdir())


def test_a_session_that_ends_in_order_has_both_rows_and_no_marker(
    environment: Environment, make_sessions: Callable[[], Sessions], clock: Clock
) -> None:
    """The plain case."""
    sessions = make_sessions()
    assert sessions.start("s1", repository_id="r1")
    clock.advance(seconds=60)
    assert sessions.end("s1", reason="closed")

    (started,) = rows_of(environment, "session_started")
    (ended,) = rows_of(environment, "session_ended")
    assert set(started) == {"ts", "session_id", "repository_id", "schema", "event_type"}
    assert set(ended) == {*started, "reason", "ended_at"}
    assert (ended["session_id"], ended["repository_id"]) == ("s1", "r1")
    assert (ended["reason"], ended["ended_at"]) == ("closed", ended["ts"])
    assert str(started["ts"]) < str(ended["ts"])
    assert markers(environment) == []


def test_starting_or_ending_twice_writes_once(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """Every call of a session may announce it."""
    sessions = make_sessions()
    assert sessions.start("s1")
    assert not sessions.start("s1")
    assert sessions.end("s1", reason="closed")
    assert not sessions.end("s1", reason="closed")

    assert len(list(read_rows(environment.home / EVENTS_FILE))) == 2


@pytest.mark.parametrize("way", ["eof", "terminate", "kill"])
def test_a_server_that_goes_in_any_way_is_seen_as_ended(
    environment: Environment, make_sessions: Callable[[], Sessions], way: str
) -> None:
    """Clients kill a stdio server without notice; the next server's start writes the end."""
    server = start(SERVER, environment.home, "s1", "r1")
    assert server.stdout is not None
    assert server.stdin is not None
    assert server.stdout.readline() == "ready\n"
    assert make_sessions().end_abandoned() == 0, "its server lives"
    if way == "eof":
        server.stdin.close()
    else:
        server.send_signal(signal.SIGTERM if way == "terminate" else signal.SIGKILL)
    server.wait(timeout=120)
    server.stdout.close()
    server.stdin.close()
    (engagement,) = read_rows(environment.home / "engagements.jsonl")

    assert make_sessions().end_abandoned() == (1 if way == "kill" else 0)
    assert make_sessions().end_abandoned() == 0

    (ended,) = rows_of(environment, "session_ended")
    reasons = {"eof": "closed", "terminate": "terminated", "kill": "abandoned"}
    assert (ended["session_id"], ended["repository_id"]) == ("s1", "r1")
    assert ended["reason"] == reasons[way]
    assert ended["ended_at"] == (engagement["ts"] if way == "kill" else ended["ts"])
    assert markers(environment) == []


def test_a_session_that_another_server_serves_by_now_goes_on(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """A client that restarts its server stays in the session; its old marker waits."""
    killed, restarted, later = make_sessions(), make_sessions(), make_sessions()
    killed.start("s1")
    killed.release()
    restarted.start("s1")

    assert later.end_abandoned() == 0
    assert rows_of(environment, "session_ended") == []
    restarted.end("s1", reason="closed")
    assert later.end_abandoned() == 0
    assert len(rows_of(environment, "session_ended")) == 1
    assert markers(environment) == []


def test_two_servers_of_one_session_that_vanish_end_it_once(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """One session has one end."""
    for _ in range(2):
        sessions = make_sessions()
        sessions.start("s1")
        sessions.release()

    assert make_sessions().end_abandoned() == 1
    assert len(rows_of(environment, "session_ended")) == 1


def test_a_session_whose_end_a_hook_has_written_is_not_ended_again(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """The client's session-end hook comes first, the kill of the server after it."""
    sessions = make_sessions()
    sessions.start("s1")
    record_session_end(environment, session_id="s1", reason="clear", repository_id="r1")
    sessions.release()

    assert make_sessions().end_abandoned() == 0
    (ended,) = rows_of(environment, "session_ended")
    assert (ended["reason"], ended["repository_id"]) == ("clear", "r1")


def test_a_session_without_any_row_ends_when_it_began(
    environment: Environment, make_sessions: Callable[[], Sessions], clock: Clock
) -> None:
    """Its rows may have been erased since."""
    sessions = make_sessions()
    sessions.start("s1")
    (started,) = rows_of(environment, "session_started")
    sessions.release()
    (environment.home / EVENTS_FILE).unlink()
    clock.advance(seconds=3_600)

    assert make_sessions().end_abandoned() == 1
    (ended,) = rows_of(environment, "session_ended")
    assert ended["ended_at"] == started["ts"]
    assert str(ended["ts"]) > str(ended["ended_at"])


def test_a_marker_that_says_nothing_is_left_alone(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """Its process may be just about to write it."""
    folder = environment.home / "sessions"
    folder.mkdir(parents=True)
    for name, content in (("a.open", b""), ("b.open", b"[1]"), ("c.open", b"{"), ("d", b"{}")):
        (folder / name).write_bytes(content)

    assert make_sessions().end_abandoned() == 0
    assert len(markers(environment)) == 4


def test_a_session_id_of_any_text_is_found_again(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """It is the client's own word, and no file name here."""
    for session_id in ('../"x"\\', "sitzung-ü", "a" * 500, "s1", "s11"):
        sessions = make_sessions()
        sessions.start(session_id)
        sessions.release()

    assert make_sessions().end_abandoned() == 5
    assert len(rows_of(environment, "session_ended")) == 5


def test_markers_are_for_their_owner_alone(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """A session id can be the key to a client's transcript."""
    make_sessions().start("s1")

    (marker,) = markers(environment)
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    assert stat.S_IMODE(marker.parent.stat().st_mode) == 0o700


def test_a_marker_that_cannot_be_made_is_an_error_and_a_drop(
    environment: Environment, tmp_path: Path
) -> None:
    """The start of a session is a line that was meant for the log."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    nowhere = replace(environment, home=tmp_path / "file")
    log = RotatedLog(nowhere.home / EVENTS_FILE)

    with pytest.raises(HomeUnusable):
        Sessions(nowhere, log).start("s1")

    assert log.counts.dropped == 1


def test_a_home_without_sessions_has_none_abandoned(
    environment: Environment, make_sessions: Callable[[], Sessions]
) -> None:
    """The first start of an install looks too, and makes nothing."""
    assert make_sessions().end_abandoned() == 0
    assert not environment.home.exists()
