"""Each call leaves one line before it is answered, and the run so far beside it."""

import asyncio
import json
import re
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.lanes import LANES, drops_by_lane
from bicameral.capture.log import RotatedLog
from bicameral.environment import Environment
from bicameral.errors import InputRefused, LedgerBusy
from bicameral.metering import MOST_DURATIONS, count, current_meter, note, observe_ms
from bicameral.observe import emit_metric
from bicameral.observe.metrics.last_run import MOST_SAMPLES
from bicameral.observe.metrics.names import COUNTER_NAMES
from bicameral.observe.metrics.recording import Metrics
from tests.capture.processes import run
from tests.conftest import Clock
from tests.docs.pages import package_files
from tests.observe.metrics.conftest import RAW, MakeMetrics

PREFLIGHT = "bicameral.preflight"
HOUR = 3_600


def lines(home: Path) -> list[dict[str, Any]]:
    text = (home / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def last_run(metrics: Metrics) -> dict[str, Any]:
    metrics.settle()
    path = metrics.log.path.with_name("last_run.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_a_call_is_one_line_that_is_there_when_the_call_is_over(
    metrics: Metrics, environment: Environment, clock: Clock
) -> None:
    """A client may kill the server a moment later."""
    with metrics.call(PREFLIGHT, surface="mcp") as call:
        count("ast_parse_count", 2)
        observe_ms("git", 1.25)
        clock.advance(seconds=0.0015)
        call.answered("four words of text")
        assert not environment.home.exists()

    [line] = lines(environment.home)
    assert line == {
        "event_type": "metric_call",
        "ts": line["ts"],
        "run_id": metrics.run_id,
        "schema": 1,
        "surface": "mcp",
        "command": PREFLIGHT,
        "status": "ok",
        "duration_ms": 1.5,
        "tokens": 4,
        "counts": {"ast_parse_count": 2},
        "durations_ms": {"git": [1.25]},
    }
    assert current_meter() is None


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InputRefused("no", next_step="try again"), "refused", "input_refused"),
        (LedgerBusy("busy", next_step="wait"), "failed", "ledger_busy"),
        (RuntimeError("private text"), "failed", "RuntimeError"),
        (KeyboardInterrupt(), "cancelled", "cancelled"),
        (asyncio.CancelledError(), "cancelled", "cancelled"),
        (SystemExit(1), "cancelled", "cancelled"),
    ],
)
def test_an_error_goes_on_unchanged_and_all_is_flushed(
    error: BaseException, status: str, code: str, metrics: Metrics, environment: Environment
) -> None:
    """The calls that fail are those whose figures are asked for."""

    def fail() -> None:
        with metrics.call(PREFLIGHT, surface="mcp"):
            count("ast_parse_count")
            raise error

    with pytest.raises(type(error)) as raised:
        fail()

    assert raised.value is error
    [line] = lines(environment.home)
    assert (line["status"], line["code"], line["counts"]) == (status, code, {"ast_parse_count": 1})
    run = last_run(metrics)
    assert run["metrics_delta"]["ast_parse_count"] == 1
    assert run["top_warnings"] == [{"code": code, "count": 1}]
    assert b"private text" not in b"".join(p.read_bytes() for p in environment.home.iterdir())


def test_the_last_run_has_exactly_its_fields(metrics: Metrics, environment: Environment) -> None:
    """Scripts read it."""
    with metrics.call(PREFLIGHT, surface="mcp") as call:
        for name in COUNTER_NAMES:
            count(name, 2)
        note("ledger_revision", 7)
        call.answered("x" * 80)

    run = last_run(metrics)
    assert list(run) == [
        *("run_id", "ts", "metrics_delta", "latencies", "tokens", "ast", "lsp", "file_read"),
        *("top_warnings", "ledger_state", "telemetry_drops"),
    ]
    assert run["metrics_delta"] == dict.fromkeys(COUNTER_NAMES, 2)
    assert run["latencies"] == {
        PREFLIGHT: {"count": 1, "p50_ms": 0.0, "p95_ms": None, "max_ms": 0.0}
    }
    assert run["tokens"] == {"answers": 1, "estimated": 20}
    assert run["ast"] == {"ast_parse_count": 2, "ast_cache_hit_count": 2}
    assert len(run["lsp"]) == 4
    assert run["file_read"]["file_read_raw_bytes_total"] == 2
    assert run["ledger_state"] == {"state": "ok", "revision": 7}
    drops = run["telemetry_drops"]
    assert {name: drops[name] for name in ("attempted", "written", "dropped", "drop_rate")} == {
        "attempted": 1,
        "written": 1,
        "dropped": 0,
        "drop_rate": 0.0,
    }
    assert list(drops["lanes"]) == ["durable", "droppable"]


def test_the_last_run_adds_up_all_calls_of_the_process(
    metrics: Metrics, environment: Environment, clock: Clock
) -> None:
    """A server's run is its life so far; its percentiles are of its latest calls."""
    for milliseconds in range(1, MOST_SAMPLES + 101):
        with metrics.call(PREFLIGHT, surface="mcp"):
            clock.advance(seconds=milliseconds / 1_000)

    latency = last_run(metrics)["latencies"][PREFLIGHT]
    assert latency == {"count": 1_100, "p50_ms": 600.0, "p95_ms": 1_050.0, "max_ms": 1_100.0}


def test_only_the_five_commonest_codes_are_told(metrics: Metrics, environment: Environment) -> None:
    """A file that is read at a glance."""
    for number in range(7):
        for _ in range(number + 1):
            with metrics.call(PREFLIGHT, surface="mcp") as call:
                call.fail(type(f"Error{number}", (Exception,), {})())

    told = [each["code"] for each in last_run(metrics)["top_warnings"]]
    assert told == ["Error6", "Error5", "Error4", "Error3", "Error2"]


def test_a_ledger_that_failed_is_told_until_it_answers_again(
    metrics: Metrics, environment: Environment
) -> None:
    """What a ledger is like now, not what it was like at the start."""

    def state_after(revision: int | None = None, error: Exception | None = None) -> Any:
        with metrics.call(PREFLIGHT, surface="mcp") as call:
            if revision is not None:
                note("ledger_revision", revision)
            if error is not None:
                call.fail(error)
        return last_run(metrics)["ledger_state"]

    assert state_after() == {"state": "not_read", "revision": None}
    assert state_after(3) == {"state": "ok", "revision": 3}
    busy = LedgerBusy("busy", next_step="wait")
    assert state_after(error=busy) == {"state": "ledger_busy", "revision": 3}
    assert state_after(4) == {"state": "ok", "revision": 4}


def test_a_jump_of_the_wall_clock_changes_no_duration(environment: Environment) -> None:
    """A laptop that wakes up sets its clock by hours."""
    wall, monotonic = Clock(), Clock(0)
    metrics = Metrics(
        replace(environment, time_ns=wall, monotonic_ns=monotonic), TelemetryFlags(preflight=True)
    )
    for jump in (HOUR, -HOUR):
        with metrics.call(PREFLIGHT, surface="mcp"):
            wall.advance(seconds=jump)
            monotonic.advance(seconds=0.000_4)
    metrics.close()

    assert [line["duration_ms"] for line in lines(environment.home)] == [0.4, 0.4]


def test_the_time_that_a_person_takes_is_left_out(
    metrics: Metrics, environment: Environment, clock: Clock
) -> None:
    """Who is asked and goes for lunch makes no tool slow."""
    with metrics.call("bicameral.ratify", surface="mcp") as call:
        clock.advance(seconds=0.002)
        with call.waiting():
            clock.advance(seconds=HOUR)

    assert lines(environment.home)[0]["duration_ms"] == 2.0


def test_while_capture_is_off_nothing_is_written_and_nothing_listens(
    make_metrics: MakeMetrics, environment: Environment
) -> None:
    """The same switch as for all of capture, and no folder is made."""
    metrics = make_metrics(TelemetryFlags(relay=True))
    with metrics.call(PREFLIGHT, surface="mcp") as call:
        assert current_meter() is None
        count("ast_parse_count")
        emit_metric("noted")
        call.answered("text")
    metrics.emit("noted")
    metrics.close()

    assert not environment.home.exists()


def test_n_emits_are_n_lines(metrics: Metrics, environment: Environment) -> None:
    """Appended, never written over, also by two who emit the same name."""
    with metrics.call(PREFLIGHT, surface="mcp"):
        for number in range(25):
            emit_metric("gate.tried", number, is_kept=number % 2 == 0)
    other = Metrics(environment, TelemetryFlags(preflight=True))
    other.emit("gate.tried")
    other.close()

    emitted = [each for each in lines(environment.home) if each["event_type"] == "metric_emitted"]
    assert [each["value"] for each in emitted] == [*range(25), 1]
    assert emitted[3]["attrs"] == {"is_kept": False}


def test_emitting_outside_of_any_call_does_nothing(environment: Environment) -> None:
    """There is nobody who could have switched anything on."""
    emit_metric("noted", 2)

    assert not environment.home.exists()


@pytest.mark.parametrize(
    ("name", "value", "attrs"),
    [
        ("Customer Name", 1, {}),
        ("", 1, {}),
        ("a" * 65, 1, {}),
        ("noted", float("nan"), {}),
        ("noted", float("inf"), {}),
        ("noted", "many", {}),
        ("noted", 1, {"Bad Key": 1}),
    ],
)
def test_what_is_no_metric_is_dropped_and_counted(
    name: str, value: Any, attrs: dict[str, object], metrics: Metrics, environment: Environment
) -> None:
    """It must not fail the call that it is about."""
    metrics.emit(name, value, attrs)

    drops = metrics.drops()["droppable"]
    assert (drops.written, drops.dropped) == (0, 1)
    assert not (environment.home / "metrics.jsonl").exists()


def test_a_text_is_stored_as_a_hash_and_plain_only_in_raw_mode(
    make_metrics: MakeMetrics, environment: Environment
) -> None:
    """Whoever emits may not know what is private."""
    attrs: dict[str, object] = {"topic": "Acme migration", "of": None, "share": float("nan")}
    make_metrics().emit("noted", True, attrs)
    make_metrics(RAW).emit("noted", 1, attrs | {"key": "sk-ant-" + "a1" * 20})

    hashed, raw = lines(environment.home)
    assert len(hashed["attrs"]["topic"]) == 16
    assert (hashed["attrs"]["of"], hashed["attrs"]["share"], hashed["value"]) == (None, None, 1)
    assert raw["attrs"]["topic"] == "Acme migration"
    assert "a1a1" not in raw["attrs"]["key"]


def test_durations_beyond_the_bound_are_counted(metrics: Metrics, environment: Environment) -> None:
    """A bound that nobody is told of is a wrong figure."""
    with metrics.call(PREFLIGHT, surface="mcp"):
        for _ in range(MOST_DURATIONS + 3):
            observe_ms("part", 1.0)

    assert lines(environment.home)[0]["unkept"] == 3


# Drops.


def test_a_full_disk_drops_lines_and_the_sum_is_right_in_every_lane(tmp_path: Path) -> None:
    """attempted == written + dropped, and what was written is in the files."""
    told = run(FULL_DISK, tmp_path)

    lanes = json.loads(told.splitlines()[-1])
    for lane, (attempted, written, dropped) in lanes.items():
        assert attempted == written + dropped == 40, lane
        assert written > 0, lane
        assert dropped > 0, lane
    for name, lane in (("metrics.jsonl", "droppable"), ("preflight_events.jsonl", "durable")):
        whole = [line for line in (tmp_path / name).read_bytes().split(b"\n") if is_row(line)]
        assert len(whole) == lanes[lane][1]


def is_row(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


FULL_DISK = """
import json, resource, signal
from dataclasses import replace
from pathlib import Path
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import read_environment
from bicameral.observe.metrics.recording import Metrics

environment = replace(read_environment(), home=Path(sys.argv[1]), warn=lambda text: None)
telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))
metrics = Metrics(environment, telemetry.flags, logs=telemetry.logs)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
for _ in range(40):
    with metrics.call("test", surface="cli"):
        telemetry.write_preflight_event(
            session_id="s", preflight_id="p", topic="t", file_paths=["a.py"], fired=False,
            surfaced_ids=[], reason="no_matches",
        )
drops = metrics.drops().items()
print(json.dumps({lane: (each.attempted, each.written, each.dropped) for lane, each in drops}))
"""


def test_drops_are_told_in_the_last_run_and_in_the_line_after(
    make_metrics: MakeMetrics, environment: Environment
) -> None:
    """Who only reads files must learn of what is not in them."""
    events = RotatedLog(environment.home / "preflight_events.jsonl")
    metrics = make_metrics()
    metrics.watch(events)
    events.count_drop()
    with metrics.call(PREFLIGHT, surface="mcp"):
        pass
    with metrics.call(PREFLIGHT, surface="mcp"):
        pass

    first, second = lines(environment.home)
    assert first["lanes"] == {"durable": [0, 1]}
    assert second["lanes"] == {"droppable": [1, 0]}
    drops = last_run(metrics)["telemetry_drops"]
    assert drops["lanes"]["durable"] == {
        "attempted": 1,
        "written": 0,
        "dropped": 1,
        "drop_rate": 1.0,
    }
    assert (drops["attempted"], drops["drop_rate"]) == (3, pytest.approx(1 / 3))


def test_a_home_that_cannot_be_used_fails_no_call(
    make_metrics: MakeMetrics, environment: Environment, warnings_shown: list[str]
) -> None:
    """Said once, counted each time."""
    environment.home.write_text("a file", encoding="utf-8")
    metrics = make_metrics()
    for _ in range(3):
        with metrics.call(PREFLIGHT, surface="mcp"):
            emit_metric("noted")

    assert metrics.drops()["droppable"].dropped == 6
    assert len(warnings_shown) == 1


def test_every_log_of_the_package_has_a_lane() -> None:
    """A log without a lane would be missing from every sum."""
    named = {
        text
        for path in package_files()
        for text in re.findall(r'"([a-z_]+\.jsonl)"', path.read_text(encoding="utf-8"))
    }
    assert named - {"real_dataset.jsonl", "synthetic.jsonl"} <= LANES.keys()
    assert set(LANES.values()) == set(drops_by_lane([]))


def test_the_resource_limit_is_that_of_the_child_alone() -> None:
    """The seeded fault must not leak into this process."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
