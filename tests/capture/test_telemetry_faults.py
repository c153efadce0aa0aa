"""Capture under fault never fails the call it watches: counted, shown, said once (PT-13)."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, read_rows
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from tests.capture.processes import run, run_at_once
from tests.conftest import MakeEnvironment

ON = TelemetryFlags(preflight=True)


def preflight(telemetry: Telemetry, **changes: object) -> None:
    given: dict[str, object] = {
        "session_id": "s1",
        "preflight_id": "p1",
        "topic": "t",
        "file_paths": ["a.py"],
        "fired": False,
        "surfaced_ids": [],
        "reason": "no_matches",
    }
    telemetry.write_preflight_event(**given | changes)  # type: ignore[arg-type]


def engage(telemetry: Telemetry) -> None:
    telemetry.write_engagement(
        session_id="s1", tool="bind", decision_id="d", preflight_id=None, file_paths=["a.py"]
    )


def write_all(telemetry: Telemetry) -> None:
    telemetry.start_session("s1")
    for _ in range(3):
        preflight(telemetry)
        engage(telemetry)
    telemetry.end_abandoned_sessions()
    telemetry.end_session("s1")


def home_is_a_file(home: Path) -> None:
    home.write_text("", encoding="utf-8")


def home_is_below_a_file(home: Path) -> None:
    home.parent.rmdir()
    home.parent.write_text("", encoding="utf-8")


def home_is_a_dangling_link(home: Path) -> None:
    home.symlink_to("nowhere")


def logs_are_folders(home: Path) -> None:
    for name in (EVENTS_FILE, ENGAGEMENTS_FILE, "sessions"):
        (home / name).mkdir(parents=True)
    (home / "sessions").rmdir()
    (home / "sessions").write_text("", encoding="utf-8")


def salt_is_empty(home: Path) -> None:
    home.mkdir()
    (home / "salt").write_bytes(b"")
    (home / "sessions").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    "break_home",
    [
        home_is_a_file,
        home_is_below_a_file,
        home_is_a_dangling_link,
        logs_are_folders,
        salt_is_empty,
    ],
)
def test_a_broken_home_is_counted_shown_and_said_once(
    make_environment: MakeEnvironment,
    tmp_path: Path,
    warnings_shown: list[str],
    break_home: Callable[[Path], None],
) -> None:
    """The tool call that is watched goes on as if nothing had happened."""
    (tmp_path / "folder").mkdir()
    home = tmp_path / "folder" / "home"
    break_home(home)
    telemetry = Telemetry(make_environment(home=home), flags=ON)

    write_all(telemetry)
    status = telemetry.status()
    telemetry.close()

    of_events, of_engagements = status.files
    assert (of_events.written, of_events.dropped) == (0, 4)
    assert (of_engagements.written, of_engagements.dropped) == (0, 3)
    assert of_events.attempted == 4
    assert status.last_error
    assert len(warnings_shown) == 1
    assert "telemetry is not being recorded" in warnings_shown[0]


def test_capture_resumes_when_the_fault_is_mended(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """Nobody restarts a server for the sake of its telemetry."""
    environment = make_environment()
    home_is_a_file(environment.home)
    telemetry = Telemetry(environment, flags=ON)
    preflight(telemetry)
    environment.home.unlink()
    preflight(telemetry)
    telemetry.close()

    assert len(list(read_rows(environment.home / EVENTS_FILE))) == 1
    assert telemetry.status().files[0].attempted == 2


def test_an_events_log_that_cannot_be_read_does_not_cost_the_engagement(
    environment: Environment,
) -> None:
    """Its attribution is lost; the call itself is still evidence."""
    (environment.home / EVENTS_FILE).mkdir(parents=True)
    telemetry = Telemetry(environment, flags=ON)
    engage(telemetry)
    telemetry.close()

    (row,) = read_rows(environment.home / ENGAGEMENTS_FILE)
    assert (row["preflight_id"], row["attribution"]) == (None, "fallback")
    assert telemetry.status().last_error


@pytest.mark.parametrize(
    "changes",
    [
        {"file_paths": [Path("a.py")]},
        {"file_paths": None},
        {"topic": None},
        {"topic": b"bytes"},
        {"surfaced_ids": [object()]},
        {"surfaced_ids": 7},
    ],
)
def test_an_argument_that_no_row_can_hold_is_a_drop(
    environment: Environment, warnings_shown: list[str], changes: dict[str, object]
) -> None:
    """Another server's mistake in its telemetry must not fail its tool."""
    telemetry = Telemetry(environment, flags=ON)
    preflight(telemetry, **changes)
    preflight(telemetry)
    telemetry.close()

    assert telemetry.status().files[0].dropped == 1
    assert telemetry.status().files[0].written == 1
    assert len(warnings_shown) == 1


def test_a_clock_beyond_all_years_is_a_drop(make_environment: MakeEnvironment) -> None:
    """Its stamp could not be written."""
    telemetry = Telemetry(make_environment(time_ns=lambda: 10**30), flags=ON)
    preflight(telemetry)

    assert telemetry.status().files[0].dropped == 1


def test_text_from_a_broken_encoding_is_captured(environment: Environment) -> None:
    """A file name that is no UTF-8 reaches Python as a lone surrogate."""
    telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True, raw=True))
    preflight(telemetry, topic="caf\udce9", file_paths=["caf\udce9.py"], session_id="s\ud800")
    telemetry.close()

    (row,) = read_rows(environment.home / EVENTS_FILE)
    assert (row["topic"], row["file_paths"]) == ("caf?", ["caf?.py"])


def test_a_closed_stderr_is_no_reason_to_fail(environment: Environment) -> None:
    """Some clients close it."""

    def refuse(text: str) -> None:
        raise BrokenPipeError

    home_is_a_file(environment.home)
    telemetry = Telemetry(replace(environment, warn=refuse), flags=ON)
    preflight(telemetry)

    assert telemetry.status().files[0].dropped == 1


WRITE_AS_NOBODY = """
import dataclasses, os, pathlib, resource
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import read_environment
environment = dataclasses.replace(read_environment(), home=pathlib.Path(sys.argv[1]))
telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))
said = []
object.__setattr__(environment, "warn", said.append)
exec(sys.argv[2])
wait_for_the_others()
for _ in range(5):
    telemetry.write_preflight_event(
        session_id="s1", preflight_id="p1", topic="t", file_paths=["a.py"], fired=False,
        surfaced_ids=[], reason="no_matches",
    )
of_events = telemetry.status().files[0]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(of_events.attempted, of_events.written, of_events.dropped, len(said))
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)
@pytest.mark.parametrize("mode", [0o555, 0o500])
def test_a_home_that_may_not_be_written_is_survived(tmp_path: Path, mode: int) -> None:
    """Permission is checked by the system for everyone but root, so another user writes."""
    home = tmp_path / "home"
    home.mkdir()
    for parent in list(home.parents)[:3]:
        parent.chmod(0o755)
    home.chmod(mode)

    output = run(WRITE_AS_NOBODY, home, "os.setuid(65534)")

    assert output.splitlines()[-1] == "5 0 5 1"
    assert list(home.iterdir()) == []


def test_a_full_disk_is_survived(tmp_path: Path) -> None:
    """What fits is written, the rest is counted."""
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))"

    output = run(WRITE_AS_NOBODY, tmp_path / "home", limit)

    attempted, written, dropped, said = map(int, output.splitlines()[-1].split())
    assert (attempted, said) == (5, 1)
    assert written > 0
    assert dropped > 0
    assert len(list(read_rows(tmp_path / "home" / EVENTS_FILE))) == written


def test_nothing_goes_to_stdout(
    environment: Environment, capfd: pytest.CaptureFixture[str]
) -> None:
    """There the protocol is spoken; one stray word ends the session."""
    home_is_a_file(environment.home)
    write_all(Telemetry(environment, flags=ON))

    assert capfd.readouterr().out == ""


CAPTURE_MANY = """
import dataclasses, pathlib
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.rotation import Limits
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import read_environment
process, home = sys.argv[1:]
environment = dataclasses.replace(read_environment(), home=pathlib.Path(home))
telemetry = Telemetry(
    environment, flags=TelemetryFlags(preflight=True), limits=Limits(10_000, 86_400, 100_000)
)
wait_for_the_others()
for number in range(200):
    telemetry.write_preflight_event(
        session_id=process, preflight_id=f"{int(process):08x}-0000-4000-8000-{number:012x}",
        topic="t", file_paths=["a.py"], fired=False, surfaced_ids=[], reason="no_matches",
    )
of_events = telemetry.status().files[0]
print(of_events.attempted, of_events.written, of_events.dropped)
"""


def test_full_events_of_many_processes_at_once_are_all_found_once(tmp_path: Path) -> None:
    """From an empty home: salt, home, file and rotation all race, and nothing is lost."""
    outputs = run_at_once(CAPTURE_MANY, 8, tmp_path / "home")

    assert outputs == ["200 200 0\n"] * 8
    rows = read_rows(tmp_path / "home" / EVENTS_FILE)
    ids = [row["preflight_id"] for row in rows]
    assert rows.skipped == 0
    made = [f"{p:08x}-0000-4000-8000-{n:012x}" for p in range(8) for n in range(200)]
    assert sorted(map(str, ids)) == made
    assert len({row["topic_hash"] for row in rows}) == 1
