"""Sizes at their boundaries, on every path that stores something (refused and counted)."""

import json
from pathlib import Path

import pytest

from bicameral.capture.durable import durable_file
from bicameral.capture.edits import record_edit
from bicameral.capture.events import EVENT_KINDS
from bicameral.capture.flags import read_flags
from bicameral.capture.log import RotatedLog
from bicameral.capture.opaque import stored_session
from bicameral.capture.reminders import remind_once
from bicameral.capture.sessions import record_session_end
from bicameral.capture.sizes import (
    LONGEST_SESSION_ID,
    MOST_LINE_BYTES,
    check_kind,
    check_line,
    check_session_id,
)
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.errors import InputRefused
from bicameral.observe.metrics.recording import Metrics
from bicameral.observe.opening import open_recorder
from tests.conftest import MakeEnvironment

ON = {"BICAMERAL_TELEMETRY": "preflight"}
LONGEST = "s" * LONGEST_SESSION_ID
REFUSED = ["", LONGEST + "s"]


@pytest.fixture
def capturing(make_environment: MakeEnvironment) -> Environment:
    return make_environment(variables=ON)


def rows(home: Path, name: str = "preflight_events.jsonl") -> list[dict[str, object]]:
    path = home / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("text", ["s", LONGEST])
def test_a_session_id_within_its_limits_passes(text: str) -> None:
    """Both ends are inside."""
    check_session_id(text)


@pytest.mark.parametrize("text", REFUSED)
def test_a_session_id_beyond_its_limits_is_refused_without_a_quote(text: str) -> None:
    """It may be a whole prompt that somebody put into the wrong argument."""
    with pytest.raises(InputRefused, match=f"has {len(text)} characters"):
        check_session_id(text)


@pytest.mark.parametrize("text", ["a", "lsp.ready", "A-Z_0:9", "k" * 128])
def test_a_name_of_a_kind_within_its_limits_passes(text: str) -> None:
    """Letters, digits and a few marks."""
    check_kind(text)


@pytest.mark.parametrize("text", ["", "k" * 129, "two words", "a/b", "é", "line\n"])
def test_a_name_of_a_kind_beyond_its_limits_is_refused(text: str) -> None:
    """It stands in file names and in what is searched for."""
    with pytest.raises(InputRefused, match="the name of the kind"):
        check_kind(text)


def test_a_line_is_stored_up_to_256_kib() -> None:
    """One byte more is refused."""
    check_line(b"x" * MOST_LINE_BYTES)
    with pytest.raises(InputRefused, match="262145 bytes"):
        check_line(b"x" * (MOST_LINE_BYTES + 1))


@pytest.mark.parametrize("session_id", REFUSED)
def test_telemetry_counts_what_it_refuses_and_the_call_goes_on(
    capturing: Environment, session_id: str, warnings_shown: list[str]
) -> None:
    """An event, an engagement and a session: three drops, no row, one warning."""
    telemetry = Telemetry(capturing)
    telemetry.write_preflight_event(
        session_id=session_id,
        preflight_id=None,
        topic="t",
        file_paths=[],
        fired=False,
        surfaced_ids=[],
        reason="no_matches",
    )
    telemetry.write_engagement(
        session_id=session_id, tool="t", decision_id="d", preflight_id=None, file_paths=[]
    )
    telemetry.start_session(session_id)

    assert rows(capturing.home) == rows(capturing.home, "engagements.jsonl") == []
    dropped = {file.name: file.dropped for file in telemetry.status().files}
    assert dropped == {"preflight_events.jsonl": 2, "engagements.jsonl": 1}
    assert len(warnings_shown) == 1
    telemetry.close()


def test_an_event_beyond_256_kib_is_counted_and_the_next_one_is_written(
    capturing: Environment,
) -> None:
    """A caller that names every file of a repository must not fill the log with it."""
    telemetry = Telemetry(capturing)
    for number in (20_000, 2):
        telemetry.write_preflight_event(
            session_id="s",
            preflight_id=None,
            topic="t",
            file_paths=[f"src/{n}.py" for n in range(number)],
            fired=False,
            surfaced_ids=[],
            reason="no_matches",
        )
    [row] = rows(capturing.home)
    assert len(str(row["path_hashes"])) < MOST_LINE_BYTES
    assert [file.dropped for file in telemetry.status().files] == [1, 0]
    telemetry.close()


@pytest.mark.parametrize("session_id", REFUSED)
def test_a_hook_refuses_such_a_session_and_writes_nothing(
    capturing: Environment, session_id: str
) -> None:
    """It fails where one can see it: `hook` keeps the code in its record of failures."""
    with pytest.raises(InputRefused):
        record_edit(capturing, session_id=session_id, file_path="a.py")
    with pytest.raises(InputRefused):
        remind_once(capturing, session_id=session_id, file_path="a.py")
    with pytest.raises(InputRefused):
        record_session_end(capturing, session_id=session_id, reason="closed")
    assert rows(capturing.home) == []


def test_at_the_limit_every_path_stores(capturing: Environment) -> None:
    """512 characters are an id like any other, of which a digest stands."""
    telemetry = Telemetry(capturing)
    telemetry.start_session(LONGEST)
    record_edit(capturing, session_id=LONGEST, file_path="a.py")
    telemetry.end_session(LONGEST)
    telemetry.close()
    stored = stored_session(capturing, LONGEST)
    assert [row["session_id"] for row in rows(capturing.home)] == [stored] * 3


EXACT = b"x" * MOST_LINE_BYTES


def test_every_log_refuses_a_line_beyond_256_kib_and_counts_it(environment: Environment) -> None:
    """Events, engagements, metrics, traces and failures of hooks all go this way."""
    log = RotatedLog(environment.home / "any.jsonl")
    log.append(EXACT, time_ns=1)
    with pytest.raises(InputRefused, match="262145 bytes"):
        log.append(EXACT + b"x", time_ns=1)
    log.append(b"{}", time_ns=1)
    assert (log.counts.written, log.counts.dropped) == (2, 1)
    log.close()
    assert len((environment.home / "any.jsonl").read_bytes()) == MOST_LINE_BYTES + 1 + 3


def test_what_people_wrote_is_refused_beyond_256_kib_and_the_file_stays(tmp_path: Path) -> None:
    """Labels, calibrations and rows of data sets: whoever wrote it is told."""
    path = tmp_path / "labels.jsonl"
    with durable_file(path, attempts=1) as labels:
        labels.append(EXACT)
        with pytest.raises(InputRefused, match="262145 bytes"):
            labels.append(EXACT + b"x")
    assert path.read_bytes() == EXACT + b"\n"


def test_a_metric_that_is_too_large_is_counted_and_the_call_goes_on(
    capturing: Environment,
) -> None:
    """A thousand attributes of one metric are somebody's mistake."""
    metrics = Metrics(capturing, read_flags(ON, lambda _warning: None))
    metrics.emit("large", 1, {f"a{number}": "x" for number in range(20_000)})
    metrics.emit("small", 1, {})
    metrics.close()
    assert [row["name"] for row in rows(capturing.home, "metrics.jsonl")] == ["small"]
    assert metrics.log.counts.dropped == 1


@pytest.mark.parametrize("name", ["two words", "é", "", "k" * 129])
def test_a_metric_of_a_name_that_is_none_is_counted(capturing: Environment, name: str) -> None:
    """The one name of a kind that comes from outside; its own limits are narrower still."""
    metrics = Metrics(capturing, read_flags(ON, lambda _warning: None))
    metrics.emit(name, 1, {})
    metrics.close()
    assert rows(capturing.home, "metrics.jsonl") == []
    assert metrics.log.counts.dropped == 1


def test_a_span_that_is_too_large_is_counted_and_the_call_goes_on(
    environment: Environment,
) -> None:
    """Its summaries are short; a thousand facts of a made-up name could still be too much."""
    recorder = open_recorder(environment, is_raw=False, is_live=False)
    recorder.facts = None
    with recorder.begin("tool", "large", "x", None) as span:
        span.add_metadata(**{f"fact_{number}": number for number in range(20_000)})
    with recorder.begin("tool", "small", "x", None):
        pass
    recorder.close()
    assert [row["operation"] for row in rows(environment.home, "trace.jsonl")] == ["small"]
    assert recorder.log is not None
    assert recorder.log.counts.dropped == 1


@pytest.mark.parametrize("kind", [*EVENT_KINDS, "engagement", "metric_call", "metric_emitted"])
def test_every_kind_that_is_stored_has_a_name_within_the_limits(kind: str) -> None:
    """They stand in the code, so it is here that one is refused."""
    check_kind(kind)
