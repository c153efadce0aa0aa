"""The recorder: spans as they are finished, into the ring, the file and whoever else listens.

Nothing it meets gets past it into the call that it watches: what cannot be written is
counted by its log, the first failure is said once on stderr, and the call goes on.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from contextvars import Token
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from bicameral.capture.hashes import Hashes
from bicameral.capture.log import RotatedLog
from bicameral.capture.opaque import opaque_preflight, opaque_session, read_hashes
from bicameral.capture.recorder import NOT_RECORDED
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment
from bicameral.observe.faults import facts_of, status_of
from bicameral.observe.ring import Ring
from bicameral.observe.sent import SentArguments
from bicameral.observe.span_row import SpanRow, encode_span
from bicameral.observe.values import Value, fact, summarise
from bicameral.tracing import Layer, Listener, Status, enter, leave

RANDOM_BYTES = 8
SECOND_NS = 1_000_000_000
MILLISECOND_NS = 1_000_000
_OPAQUE = {"session_id": opaque_session, "preflight_id": opaque_preflight}


class Sink(Protocol):
    """Whoever is told of spans beside the ring and the file; what it raises is its own loss."""

    def begun(self, span: "RecordedSpan") -> None:
        """A span was entered."""
        ...

    def finished(self, span: "RecordedSpan", row: SpanRow) -> None:
        """A span was left, and this is its row."""
        ...

    def close(self) -> None:
        """Send what is left; nothing comes after it."""
        ...


class Recorder:
    """Records the spans of one process.

    `log` is None where there is to be no file. `is_raw` lets texts stand, without secrets.
    `facts` are the names that facts may have: others are left out and counted (`refused`).
    `arguments` tells those of a call; without it they are told by their sizes. `salted` gives
    the hashes for ids that are not opaque; without it the salt is read each time.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        ring: Ring,
        log: RotatedLog | None,
        is_raw: bool = False,
        facts: Container[str] | None = None,
        sinks: Sequence[Sink] = (),
        arguments: SentArguments | None = None,
        salted: Callable[[], Hashes] | None = None,
    ) -> None:
        self.is_raw = is_raw
        self.facts = facts
        self.refused = 0
        self.last_error = ""
        self.log = log
        self.time_ns = environment.time_ns
        self.monotonic_ns = environment.monotonic_ns
        self.sinks = tuple(sinks)
        self._random_bytes = environment.random_bytes
        self._warn = environment.warn
        self._ring = ring
        self._arguments = arguments or SentArguments()
        self._stamps = Stamps()
        self._salted = salted or partial(read_hashes, environment)

    def begin(
        self, layer: Layer, operation: str, component: str, input_data: object
    ) -> "RecordedSpan":
        """Open a span that has no parent."""
        return RecordedSpan(self, None, (layer, operation, component), input_data)

    def begin_call(
        self, operation: str, component: str, sent: Mapping[str, object]
    ) -> "RecordedSpan":
        """Open the root of a tool's call; of what was sent it keeps what a person chose."""
        opened = RecordedSpan(self, None, ("tool", operation, component), None)
        try:
            opened.input_summary = self._arguments.told(sent)
        except NOT_RECORDED as error:  # a salt that cannot be used: then no value is kept
            self.report(error)
            opened.input_summary = self._arguments.sizes(sent)
        return opened

    def opaque(self, key: str, value: object) -> object:
        """Return a fact as it may stand: of an id that is not opaque its digest, else None."""
        shaped = _OPAQUE.get(key)
        if shaped is None or type(value) is not str:
            return value
        try:
            return shaped(value, self._salted)
        except NOT_RECORDED as error:
            self.report(error)
            return None

    def new_id(self, layer: Layer, time_ns: int) -> str:
        """Return an id: the layer's three letters, the second, and 64 random bits."""
        return f"{layer[:3]}_{time_ns // SECOND_NS}_{self._random_bytes(RANDOM_BYTES).hex()}"

    def keep(self, span: "RecordedSpan", duration_ns: int) -> None:
        """Keep a span that is finished, everywhere that spans are kept."""
        row = SpanRow(
            span.trace_id,
            span.parent.trace_id if span.parent else None,
            self._stamps.write(span.begun_ns),
            span.layer,
            span.operation,
            span.component,
            span.input_summary,
            span.output_summary,
            duration_ns / MILLISECOND_NS,
            span.status,
            span.metadata,
        )
        self._ring.add(row)
        if self.log is not None:
            try:
                self.log.append(encode_span(row), time_ns=span.begun_ns + duration_ns)
            except NOT_RECORDED as error:  # counted by the log itself
                self.report(error)
        for sink in self.sinks:
            sink.finished(span, row)

    def report(self, error: Exception) -> None:
        """Keep the error for `doctor`, and say the first one aloud."""
        is_first = not self.last_error
        self.last_error = str(error) or type(error).__name__
        if is_first:
            with suppress(OSError, ValueError):  # stderr may be closed
                self._warn(f"the trace is not being written: {self.last_error} (calls go on)")

    def close(self) -> None:
        """Send and give back what is held."""
        for sink in self.sinks:
            sink.close()
        if self.log is not None:
            self.log.close()


class RecordedSpan:
    """A span that is recorded; made by `Recorder.begin` and by other spans."""

    __slots__ = (
        "_entered_ns",
        "_token",
        "begun_ns",
        "component",
        "exported",
        "input_summary",
        "layer",
        "metadata",
        "operation",
        "output_summary",
        "parent",
        "recorder",
        "status",
        "trace_id",
    )

    def __init__(
        self,
        recorder: Recorder,
        parent: "RecordedSpan | None",
        name: tuple[Layer, str, str],
        input_data: object,
    ) -> None:
        self.recorder = recorder
        self.parent = parent
        self.layer, self.operation, self.component = name
        self.begun_ns = recorder.time_ns()
        self.trace_id = recorder.new_id(self.layer, self.begun_ns)
        self.input_summary = (
            "" if input_data is None else summarise(input_data, is_raw=recorder.is_raw)
        )
        self.output_summary = ""
        self.status: Status = "success"
        self.metadata: dict[str, Value] = {}
        self.exported: object = None
        """What a sink keeps of it until it is finished."""
        self._entered_ns = 0
        self._token: Token[Listener | None] | None = None

    def __enter__(self) -> Self:
        self._token = enter(self)
        for sink in self.recorder.sinks:
            sink.begun(self)
        self._entered_ns = self.recorder.monotonic_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        duration_ns = self.recorder.monotonic_ns() - self._entered_ns
        if self._token is not None:
            leave(self._token)
        if error is not None:
            self.status = status_of(error)
            self._note(facts_of(error, trace))
        self.recorder.keep(self, duration_ns)

    def child(
        self, layer: Layer, operation: str, component: str, input_data: object
    ) -> "RecordedSpan":
        """Open a span below this one."""
        return RecordedSpan(self.recorder, self, (layer, operation, component), input_data)

    def mark(
        self,
        layer: Layer,
        operation: str,
        component: str,
        input_data: object,
        metadata: dict[str, object],
    ) -> None:
        """Record something below this one that takes no time."""
        marked = self.child(layer, operation, component, input_data)
        marked._note(metadata)
        for sink in self.recorder.sinks:
            sink.begun(marked)
        self.recorder.keep(marked, 0)

    def set_output(self, output: object, **metadata: object) -> None:
        """Say what came out; any object will do."""
        self.output_summary = summarise(output, is_raw=self.recorder.is_raw)
        if metadata:
            self._note(metadata)

    def add_metadata(self, **metadata: object) -> None:
        """Add facts by name."""
        self._note(metadata)

    def _note(self, metadata: dict[str, object]) -> None:
        recorder = self.recorder
        for key, value in metadata.items():
            if recorder.facts is None or key in recorder.facts:
                self.metadata[key] = fact(key, recorder.opaque(key, value), is_raw=recorder.is_raw)
            else:
                recorder.refused += 1

    def set_status(self, status: Status) -> None:
        """Say how it ended, where no exception does."""
        self.status = status
