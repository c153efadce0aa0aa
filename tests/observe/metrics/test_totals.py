"""`metrics.json` is exact: whoever counts, folds, rotates or is killed (real processes)."""

import json
import signal
from pathlib import Path

import pytest

from bicameral.capture.rows import open_files, read_rows
from bicameral.environment import Environment
from bicameral.errors import MetricsUnreadable
from bicameral.metering import count
from bicameral.observe.metrics.lines import METRICS_FILE
from bicameral.observe.metrics.names import COUNTER_NAMES
from bicameral.observe.metrics.recording import Metrics
from bicameral.observe.metrics.totals import TOTALS_FILE, Totals, fold, load_totals
from tests.capture.processes import run_at_once, start
from tests.conftest import Clock
from tests.observe.metrics.conftest import MakeMetrics

# Arguments: number, home, how many calls, the size at which the log is put aside, when to fold.
COUNTING = """
import os
from dataclasses import replace
from pathlib import Path
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.rotation import Limits
from bicameral.environment import read_environment
from bicameral.metering import count
from bicameral.observe.metrics.recording import Metrics
from bicameral.observe.metrics.totals import fold

home, calls, size, fold_every = Path(sys.argv[2]), *map(int, sys.argv[3:6])
environment = replace(read_environment(), home=home)
limits = Limits(size_bytes=size, keep=2)
metrics = Metrics(environment, TelemetryFlags(preflight=True), limits=limits)
acknowledged = os.open(home / f"{os.getpid()}.calls", os.O_WRONLY | os.O_CREAT)
wait_for_the_others()
for done in range(calls):
    with metrics.call("test", surface="cli"):
        count("ast_parse_count")
    if fold_every and done % fold_every == 0:
        fold(home, attempts=1)
    os.write(acknowledged, b".")
    print(done, flush=True)
"""


def call(metrics: Metrics, times: int = 1) -> None:
    for _ in range(times):
        with metrics.call("bicameral.preflight", surface="mcp"):
            count("ast_parse_count")


def totals_of(home: Path) -> Totals:
    totals = fold(home)
    assert totals is not None
    return totals


def test_eight_processes_of_a_thousand_calls_are_eight_thousand(tmp_path: Path) -> None:
    """A total that is read, raised and written back loses what others did meanwhile."""
    run_at_once(COUNTING, 8, tmp_path, 1_000, 50_000_000, 0)

    totals = totals_of(tmp_path)
    assert totals.counters["ast_parse_count"] == 8_000
    assert totals.calls["test"].calls == 8_000
    assert (totals.skipped_lines, totals.lines) == (0, 8_000)
    shown = json.loads((tmp_path / TOTALS_FILE).read_bytes())
    assert shown["counters"]["ast_parse_count"] == 8_000


def test_rotation_loses_nothing_while_all_of_them_count_and_fold(tmp_path: Path) -> None:
    """Files go that are in the totals already; with two kept aside, nearly all of them go."""
    run_at_once(COUNTING, 8, tmp_path, 250, 4_000, 7)

    assert totals_of(tmp_path).counters["ast_parse_count"] == 2_000
    kept = sum(1 for _ in read_rows(tmp_path / METRICS_FILE))
    assert kept < 500, "the test should have removed most lines"


def test_a_process_that_is_killed_takes_nothing_with_it(tmp_path: Path) -> None:
    """What a call counted is on disk before its answer, whoever is killed right after."""
    for number_of_round in range(4):
        workers = [start(COUNTING, n, tmp_path, 10_000, 20_000, 5) for n in range(4)]
        for each in workers:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        for number, each in enumerate(workers):
            assert each.stdout is not None
            for _ in range(2 + 9 * number + number_of_round):
                assert each.stdout.readline()
            each.send_signal(signal.SIGKILL)
        for each in workers:
            each.communicate(timeout=300)

    answered = sum(path.stat().st_size for path in tmp_path.glob("*.calls"))
    # A call may be on disk whose answer was never given: one for each process that was killed.
    assert answered <= totals_of(tmp_path).counters["ast_parse_count"] <= answered + 16
    assert answered >= 4 * (1 + 10 + 19 + 28)


def test_folding_again_adds_nothing(metrics: Metrics, environment: Environment) -> None:
    """A line is in the totals once, however often somebody looks."""
    call(metrics, 3)
    first = totals_of(environment.home)
    content = (environment.home / TOTALS_FILE).read_bytes()
    second = totals_of(environment.home)

    assert first.counters == second.counters
    assert (environment.home / TOTALS_FILE).read_bytes() == content


def test_a_fold_that_was_killed_before_its_end_is_done_again(
    metrics: Metrics, environment: Environment
) -> None:
    """Totals and places are one file: either both moved on, or neither."""
    call(metrics, 2)
    fold(environment.home)
    before = (environment.home / TOTALS_FILE).read_bytes()
    call(metrics, 5)
    fold(environment.home)
    (environment.home / TOTALS_FILE).write_bytes(before)  # the new one never got its name
    (environment.home / "metrics.json.new").write_bytes(b'{"half')

    assert totals_of(environment.home).counters["ast_parse_count"] == 7


def test_expired_lines_stay_in_the_totals(
    metrics: Metrics, environment: Environment, clock: Clock
) -> None:
    """Thirty days of lines are kept, and the totals are for ever."""
    call(metrics, 3)
    for _ in range(4):
        metrics.settle()  # what follows a call holds the lock, and then nothing is put aside
        clock.advance(seconds=31 * 86_400)
        call(metrics)

    assert sum(1 for _ in read_rows(environment.home / METRICS_FILE)) < 7
    assert totals_of(environment.home).counters["ast_parse_count"] == 7


def test_no_file_goes_whose_lines_are_not_in_the_totals(
    make_metrics: MakeMetrics, environment: Environment, clock: Clock
) -> None:
    """While another process holds the totals, the log waits with its rotation."""
    from bicameral.capture.locks import held_lock
    from bicameral.capture.rotation import Limits

    metrics = make_metrics(limits=Limits(size_bytes=1, keep=1))
    call(metrics)
    with held_lock(environment.home / "metrics.json.lock") as is_mine:
        assert is_mine
        call(metrics, 5)
        kept = sum(1 for _ in read_rows(environment.home / METRICS_FILE))
    assert kept >= 5
    call(metrics)

    assert totals_of(environment.home).counters["ast_parse_count"] == 7


def test_removing_the_log_by_hand_leaves_the_totals(
    metrics: Metrics, environment: Environment
) -> None:
    """The page on files says: at any time."""
    call(metrics, 4)
    fold(environment.home)
    (environment.home / METRICS_FILE).unlink()
    call(metrics, 2)

    assert totals_of(environment.home).counters["ast_parse_count"] == 6


def test_a_log_that_was_cut_is_not_counted_twice(
    metrics: Metrics, environment: Environment
) -> None:
    """An editor that saves the file anew must not double the figures."""
    call(metrics, 4)
    fold(environment.home)
    path = environment.home / METRICS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert totals_of(environment.home).counters["ast_parse_count"] == 4
    call(metrics)

    assert totals_of(environment.home).counters["ast_parse_count"] == 5


def test_lines_that_are_none_are_skipped_and_counted(
    metrics: Metrics, environment: Environment
) -> None:
    """A disk that was full left half a line: the rest is still good."""
    call(metrics)
    with (environment.home / METRICS_FILE).open("ab") as file:
        file.write(b'{"event_type":"metric_call","ts":"20\n[]\n{"event_type":"of_tomorrow"}\n')
    call(metrics)

    totals = totals_of(environment.home)
    assert (totals.counters["ast_parse_count"], totals.skipped_lines) == (2, 3)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema":2}', b'{"counters":"x"}'])
def test_totals_that_cannot_be_read_are_left_alone_and_recording_goes_on(
    content: bytes, metrics: Metrics, environment: Environment
) -> None:
    """What a newer version counted, or a damaged disk holds, is not ours to overwrite."""
    call(metrics)
    (environment.home / TOTALS_FILE).write_bytes(content)
    call(metrics)

    with pytest.raises(MetricsUnreadable):
        fold(environment.home)
    assert (environment.home / TOTALS_FILE).read_bytes() == content
    assert sum(1 for _ in read_rows(environment.home / METRICS_FILE)) == 2


def test_every_counter_of_the_table_is_shown_also_at_zero(environment: Environment) -> None:
    """Who looks for a counter must not wonder whether it exists."""
    assert load_totals(environment.home).counters == dict.fromkeys(COUNTER_NAMES, 0)
    assert fold(environment.home) == Totals()
    assert not environment.home.exists()


def test_open_files_of_the_log_are_all_found(tmp_path: Path) -> None:
    """The fold reads through the same door as every reader of a log."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        assert open_files(tmp_path / METRICS_FILE, stack) == []
