"""Recording: each call leaves one line in `metrics.jsonl` before it is answered.

A client may kill the server right after the answer: the line is written by then, whether the
call did well or not, and what is made from lines comes afterwards. While capture is off,
nothing is written and nothing measured. What cannot be recorded is counted as dropped.
"""

import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.hashes import Hashes
from bicameral.capture.identifiers import new_uuid4
from bicameral.capture.lanes import EVERY_LANE, Lane, drops_by_lane
from bicameral.capture.log import DEFAULT_LIMITS, Counts, RotatedLog
from bicameral.capture.recorder import Recorder
from bicameral.capture.rotation import Limits
from bicameral.capture.salt import read_salt
from bicameral.capture.secrets import without_secrets
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment
from bicameral.errors import MetricsUnreadable
from bicameral.metering import metered
from bicameral.observe.metrics.afterwards import Afterwards
from bicameral.observe.metrics.calls import CallMeter, MeteredCall
from bicameral.observe.metrics.last_run import RunTally, write_last_run
from bicameral.observe.metrics.lines import (
    METRICS_FILE,
    SCHEMA,
    CallLine,
    EmittedLine,
    Line,
    Surface,
    encode_line,
)
from bicameral.observe.metrics.totals import all_folded, fold

FOLD_EVERY_NS = 60_000_000_000
CLOSE_ATTEMPTS = 500
SETTLE_SECONDS = 1.0
LONGEST_TEXT = 200
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")


class Metrics:
    """The metrics of one process. `logs` are the others whose drops are told along.

    `flags` decide: the same switch as for all of capture. `recorder` is the one of capture,
    so that one trouble is said once.
    """

    def __init__(
        self,
        environment: Environment,
        flags: TelemetryFlags,
        *,
        logs: tuple[RotatedLog, ...] = (),
        recorder: Recorder | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.is_on = flags.preflight
        self.run_id = new_uuid4(environment.random_bytes)
        self._environment = environment
        self._is_raw = flags.raw
        self._log = RotatedLog(
            environment.home / METRICS_FILE, limits=limits, around_tidy=self._around_tidy
        )
        self._logs = (*logs, self._log)
        self._recorder = recorder or Recorder(environment)
        self._stamps = Stamps()
        self._tally = RunTally(self.run_id)
        self._told = dict.fromkeys(EVERY_LANE, Counts(0, 0))
        self._guard = threading.Lock()
        self._folded_ns = 0
        self._afterwards = Afterwards(lambda: self._recorder.follow(self._show))
        self._hashes: Hashes | None = None

    def watch(self, log: RotatedLog) -> None:
        """Tell the drops of another log along."""
        self._logs = (*self._logs, log)

    @property
    def log(self) -> RotatedLog:
        """The log of the metrics themselves."""
        return self._log

    @property
    def last_error(self) -> str:
        """The latest reason why something was not recorded; empty if all is well."""
        return self._recorder.last_error or self._log.rotation_error

    def drops(self) -> dict[Lane, Counts]:
        """Return what became of the rows of this process, by lane."""
        return drops_by_lane(self._logs)

    @contextmanager
    def call(self, command: str, *, surface: Surface) -> Iterator[MeteredCall]:
        """Measure what is done within, as one call; its errors go on unchanged."""
        meter = CallMeter(self.emit)
        call = MeteredCall(command, surface, meter=meter, now_ns=self._environment.monotonic_ns)
        if not self.is_on:
            yield call
            return
        with metered(meter):
            try:
                yield call
            except BaseException as error:
                call.fail(error)
                raise
            finally:
                self._recorder.follow(lambda: self._finish(call))

    def emit(self, name: str, value: float = 1, attrs: Mapping[str, object] | None = None) -> None:
        """Append one line for a metric; nothing while capture is off.

        Names, of attributes too, are lower case (`a-z0-9_.`), a value is a finite number;
        anything else is dropped and counted. A text among `attrs` is stored as its salted
        hash outside raw mode.
        """
        if self.is_on:
            make = partial(self._emitted, name, value, attrs or {})
            self._recorder.follow(lambda: self._append(make))

    def settle(self) -> None:
        """Wait until `last_run.json` has every call that is over, for a second at most."""
        self._afterwards.settle(SETTLE_SECONDS)

    def close(self) -> None:
        """Bring `metrics.json` up to date and let go; a killed process loses nothing by it."""
        self.settle()
        if self.is_on and self._log.counts.written:
            self._recorder.follow(lambda: self._fold(attempts=CLOSE_ATTEMPTS))
        self._log.close()

    def _finish(self, call: MeteredCall) -> None:
        lines: list[CallLine] = []

        def line() -> CallLine:
            lines.append(call.line(ts=self._stamp(), run_id=self.run_id, lanes=self._untold()))
            return lines[0]

        try:
            self._append(line)
        finally:
            if lines:
                with self._guard:
                    self._tally.take(lines[0], call.meter.notes)
                self._afterwards.ask()

    def _show(self) -> None:
        """Write the run so far, and fold if it is time; a replaced file may cost milliseconds."""
        with self._guard:
            run = self._tally.result(drops=self.drops())
        write_last_run(self._environment.home, run)
        if self._environment.monotonic_ns() - self._folded_ns >= FOLD_EVERY_NS:
            self._fold(attempts=1)

    def _fold(self, *, attempts: int) -> None:
        self._folded_ns = self._environment.monotonic_ns()
        try:
            fold(self._environment.home, attempts=attempts)
        except MetricsUnreadable as error:  # the lines are kept, and `health` says it
            self._recorder.report(error)

    def _append(self, make: Callable[[], Line]) -> None:
        try:
            line = encode_line(make())
            time_ns = self._environment.time_ns()
        except BaseException:
            self._log.count_drop()
            raise
        self._log.append(line, time_ns=time_ns)

    def _emitted(self, name: str, value: float, attrs: Mapping[str, object]) -> Line:
        if not all(map(_NAME.fullmatch, [name, *attrs])) or not math.isfinite(value):
            raise ValueError("a metric's name, attribute or value is not one")
        return EmittedLine(
            ts=self._stamp(),
            schema=SCHEMA,
            run_id=self.run_id,
            name=name,
            value=+value,  # true is 1
            attrs={key: self._shown(each) for key, each in attrs.items()},
        )

    def _shown(self, value: object) -> str | int | float | bool | None:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        text = str(value)
        if self._is_raw:
            return without_secrets(text)[:LONGEST_TEXT]
        if self._hashes is None:
            self._hashes = Hashes(read_salt(self._environment.home, self._environment.random_bytes))
        return self._hashes.hash_topic(text)

    def _stamp(self) -> str:
        return self._stamps.write(self._environment.time_ns())

    def _untold(self) -> dict[str, tuple[int, int]]:
        """Return what became of rows since the line before, by lane, where anything did."""
        with self._guard:
            now, before = self.drops(), self._told
            self._told = now
        changed = {
            lane: (each.written - before[lane].written, each.dropped - before[lane].dropped)
            for lane, each in now.items()
        }
        return {lane: counts for lane, counts in changed.items() if any(counts)}

    @contextmanager
    def _around_tidy(self) -> Iterator[bool]:
        """Let files of the log go only when their lines are in the totals."""
        try:
            with all_folded(self._environment.home) as may_go:
                yield may_go
        except MetricsUnreadable:
            # There are no totals to be kept; to keep every file would fill the disk.
            yield True
