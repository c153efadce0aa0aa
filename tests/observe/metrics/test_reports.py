"""Report, health and export: from rows that were really written to what a person is told."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.log import RotatedLog
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.errors import ExporterMissing, InputRefused, LedgerBusy
from bicameral.metering import count
from bicameral.observe.metrics import health
from bicameral.observe.metrics.export import COLUMNS, as_row, encode
from bicameral.observe.metrics.recording import Metrics
from bicameral.observe.metrics.report import make_report
from bicameral.observe.metrics.window import Window
from tests.cli.parts import Person
from tests.conftest import Clock, Repository
from tests.observe.metrics.conftest import MakeMetrics

BIND = "bicameral.bind"
DAY = 86_400


@pytest.fixture
def person(environment: Environment, repository: Repository) -> Person:
    return Person(repository, environment.home, environment)


def call(metrics: Metrics, times: int = 1, *, error: Exception | None = None) -> None:
    for _ in range(times):
        with metrics.call(BIND, surface="mcp") as under_way:
            if error is not None:
                under_way.fail(error)


def health_of(person: Person, *words: str) -> tuple[int, list[str]]:
    ended = person.run_here("telemetry", "health", *words, "--json")
    answer = ended.answer()
    assert answer["exit_status"] == ended.status
    return ended.status, [each["code"] for each in answer["findings"]]


def test_a_home_without_figures_is_nothing_to_judge(person: Person) -> None:
    """Silence is not health, and asking makes no file."""
    assert health_of(person) == (3, ["no_data"])
    assert not person.home.exists()


def test_calls_that_do_well_are_healthy(person: Person, metrics: Metrics) -> None:
    """Refusals are answers: who names what is not there is told so."""
    call(metrics, 20)
    call(metrics, 20, error=InputRefused("no", next_step="try again"))

    assert health_of(person) == (0, [])
    assert person.run_here("telemetry", "health").out == "healthy\n"


def test_failures_are_degraded_from_the_limit_on(person: Person, metrics: Metrics) -> None:
    """One in twenty may fail; one in nineteen is too often, and of a few calls nothing is said."""
    busy = LedgerBusy("busy", next_step="wait")
    call(metrics, 1, error=busy)
    assert health_of(person) == (0, [])
    call(metrics, 19)
    assert health_of(person) == (0, [])
    call(metrics, 1, error=busy)
    assert health_of(person) == (2, ["low_success_rate"])


def test_a_single_durable_row_that_was_dropped_is_degraded(
    person: Person, make_metrics: MakeMetrics
) -> None:
    """Evidence must not go missing; of droppable rows one in a hundred may."""
    events = RotatedLog(person.home / "preflight_events.jsonl")
    metrics = make_metrics()
    metrics.watch(events)
    metrics.log.count_drop()
    call(metrics, 150)
    assert health_of(person) == (0, [])
    events.count_drop()
    call(metrics)
    assert health_of(person) == (2, ["durable_drops"])


def test_droppable_rows_beyond_one_in_a_hundred_are_degraded(
    person: Person, metrics: Metrics
) -> None:
    """The lanes have limits of their own."""
    metrics.log.count_drop()
    call(metrics, 20)
    assert health_of(person) == (2, ["droppable_drops"])


def test_old_figures_are_stale(person: Person, metrics: Metrics, clock: Clock) -> None:
    """Capture that stopped by itself looks like peace."""
    call(metrics)
    clock.advance(seconds=8 * DAY)
    assert health_of(person) == (2, ["stale"])
    assert health_of(person, "--last", "9") == (0, [])


def test_low_rates_of_selectors_and_language_servers_are_degraded(
    person: Person, metrics: Metrics
) -> None:
    """An agent that cannot name code binds nothing."""
    with metrics.call(BIND, surface="mcp"):
        count("selector_resolve_count", health.LEAST_SELECTORS)
        count("selector_resolve_success_count", health.LEAST_SELECTORS // 2 - 1)
        count("lsp_spawn_count", 5)
        count("lsp_ready_count", 3)
    found = ["low_selector_resolve_success_rate", "low_lsp_ready_rate"]
    assert health_of(person) == (2, found)


def test_damaged_lines_and_damaged_sums_are_told(person: Person, metrics: Metrics) -> None:
    """One is a degraded log, the other nothing that can be judged."""
    call(metrics)
    with (person.home / "metrics.jsonl").open("ab") as file:
        file.write(b"half a li\n")
    assert health_of(person) == (2, ["damaged_lines"])
    (person.home / "metrics.json").write_bytes(b"{")
    assert health_of(person) == (3, ["metrics_unreadable"])


def test_a_log_that_may_not_be_read_is_nothing_to_judge(person: Person) -> None:
    """A folder in its place stands for every refusal of the system."""
    (person.home / "metrics.jsonl").mkdir(parents=True)
    assert health_of(person) == (3, ["unreadable"])


def test_the_report_sums_up_the_last_days_alone(
    person: Person, metrics: Metrics, clock: Clock
) -> None:
    """What is older is in the cumulative sums only."""
    with metrics.call(BIND, surface="mcp"):
        count("ast_parse_count", 5)
    clock.advance(seconds=10 * DAY)
    for milliseconds in range(1, 21):
        with metrics.call(BIND, surface="mcp") as under_way:
            clock.advance(seconds=milliseconds / 1_000)
            count("ast_parse_count")
            under_way.answered("x" * 40)
    answer = person.run_here("telemetry", "report", "--last", "3", "--json").answer()

    [figures] = answer["calls"]
    assert (figures["command"], figures["n"], figures["ok"]) == (BIND, 20, 20)
    assert (figures["p50_ms"], figures["p95_ms"], figures["max_ms"]) == (10.0, 19.0, 20.0)
    assert (answer["tokens"], answer["counters"]["ast_parse_count"]) == (200, 20)
    assert answer["cumulative"]["counters"]["ast_parse_count"] == 25
    shown = person.run_here("telemetry", "report").out
    assert BIND in shown
    assert "ast_parse_count: 20" in shown


def test_preflights_that_found_nothing_are_grouped_by_topic(
    person: Person, environment: Environment, clock: Clock
) -> None:
    """What people ask about and nobody decided, without the words."""
    telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True))

    def ask(topic: str, reason: str, surfaced: tuple[str, ...] = ()) -> str:
        telemetry.write_preflight_event(
            session_id="s",
            preflight_id="p",
            topic=topic,
            file_paths=[],
            fired=bool(surfaced),
            surfaced_ids=surfaced,
            reason=reason,
        )
        clock.advance(seconds=DAY)
        rows = (environment.home / "preflight_events.jsonl").read_text("utf-8").splitlines()
        return str(json.loads(rows[-1])["ts"])

    first = ask("caching", "no_matches")
    ask("payments", "fired", ("dec_1",))
    ask("logging", "no_relevant_decisions")
    last = ask("caching", "topic_too_generic")
    ask("caching", "recently_checked")
    report = make_report(environment.home, since="")

    found = [(each.count, each.first_seen, each.last_seen) for each in report.zero_results]
    assert found[0] == (2, first, last)
    assert [number for number, *_ in found] == [2, 1]
    assert (report.preflights, report.fired) == (5, 1)
    shown = person.run_here("telemetry", "report", "--last", "30").out
    assert report.zero_results[0].topic_hash in shown
    assert "caching" not in shown


def test_a_csv_reads_back_whatever_its_cells_hold(
    make_metrics: MakeMetrics, environment: Environment, person: Person
) -> None:
    """Commas, quotes and line breaks are quoted as RFC 4180 says."""
    metrics = make_metrics(TelemetryFlags(preflight=True, raw=True))
    odd = 'one, "two"\r\nthree\nfour; ü'
    call(metrics)
    metrics.emit("noted", 2.5, {"text": odd})
    content = exported(person, "csv")

    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert (rows[0]["command"], rows[0]["ast_parse_count"], rows[0]["name"]) == (BIND, "0", "")
    assert json.loads(rows[1]["attrs"]) == {"text": odd}
    assert content.count(b"\r\n") >= 3


def exported(person: Person, form: str, *words: str) -> bytes:
    path = person.home / f"exported.{form}"
    ended = person.run_here("telemetry", "export", form, str(path), *words)
    assert ended.status == 0, ended.err
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_bytes()


def test_json_has_one_object_for_each_line(person: Person, metrics: Metrics) -> None:
    """The same rows in the same order."""
    call(metrics, 3)
    rows: list[dict[str, Any]] = json.loads(exported(person, "json"))
    assert [row["status"] for row in rows] == ["ok"] * 3
    assert list(rows[0]) == list(COLUMNS)


def test_parquet_has_typed_columns(person: Person, metrics: Metrics, tmp_path: Path) -> None:
    """Numbers are numbers there, also where a column has none."""
    from pyarrow import parquet

    call(metrics, 2)
    exported(person, "parquet")
    table = parquet.read_table(person.home / "exported.parquet")
    assert table.num_rows == 2
    assert table.column_names == list(COLUMNS)
    assert str(table.schema.field("ast_parse_count").type) == "int64"
    assert str(table.schema.field("value").type) == "double"


def test_parquet_without_its_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, metrics: Metrics, environment: Environment
) -> None:
    """JSON and CSV need nothing."""
    call(metrics)
    rows = [as_row(line) for line in Window(environment.home, "").lines()]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExporterMissing) as refused:
        encode(rows, "parquet")
    assert "bicameral-preflight[export]" in refused.value.next_step
    assert encode(rows, "json")


def test_an_export_writes_over_nothing(person: Person, metrics: Metrics) -> None:
    """A file that is there is somebody's."""
    call(metrics)
    exported(person, "json")
    again = person.run_here("telemetry", "export", "json", str(person.home / "exported.json"))
    assert again.status == 1
    assert "exists" in again.err


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999999"])
def test_days_that_are_none_are_wrong_usage(days: str, person: Person) -> None:
    """Before anything is read."""
    assert person.run_here("telemetry", "report", f"--last={days}").status == 2
