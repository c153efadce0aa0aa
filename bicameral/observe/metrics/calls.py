"""One call under way: what it counts, how long it takes, what it answers, how it ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bicameral.metering import Meter
from bicameral.observe.metrics.lines import SCHEMA, CallLine, Status, Surface
from bicameral.observe.metrics.outcomes import outcome_of
from bicameral.observe.metrics.tokens import estimate_tokens

Emit = Callable[[str, float, Mapping[str, object]], None]


class CallMeter(Meter):
    """The meter of a call, with the way to emit a metric at once."""

    __slots__ = ("emit",)

    def __init__(self, emit: Emit) -> None:
        super().__init__()
        self.emit = emit


class MeteredCall:
    """A call, from its start to its line; `now_ns` is a monotonic clock."""

    def __init__(
        self, command: str, surface: Surface, *, meter: Meter, now_ns: Callable[[], int]
    ) -> None:
        self.meter = meter
        self._command = command
        self._surface = surface
        self._now_ns = now_ns
        self._started_ns = now_ns()
        self._waited_ns = 0
        self._status: Status = "ok"
        self._code = ""
        self._answers: list[str] = []

    def answered(self, text: str) -> None:
        """Take the text that a model reads, for an estimate of what it costs."""
        self._answers.append(text)

    def fail(self, error: BaseException) -> None:
        """Say how the call ended, where its error does not leave it."""
        self._status, self._code = outcome_of(error)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Leave out the time that a person takes to answer."""
        since = self._now_ns()
        try:
            yield
        finally:
            self._waited_ns += self._now_ns() - since

    def line(self, *, ts: str, run_id: str, lanes: dict[str, tuple[int, int]]) -> CallLine:
        """Return the call's line; the call ends with it."""
        ended_ns = self._now_ns()
        return CallLine(
            ts=ts,
            schema=SCHEMA,
            run_id=run_id,
            surface=self._surface,
            command=self._command,
            status=self._status,
            code=self._code,
            duration_ms=(ended_ns - self._started_ns - self._waited_ns) / 1e6,
            tokens=sum(map(estimate_tokens, self._answers)),
            # Copies: a thread that was let go of may still count.
            counts=dict(self.meter.counts),
            durations_ms={name: list(found) for name, found in self.meter.durations_ms.items()},
            unkept=self.meter.unkept,
            lanes=lanes,
        )


@contextmanager
def unmeasured(command: str) -> Iterator[MeteredCall]:
    """Take a call that nobody measures."""
    yield MeteredCall(command, "mcp", meter=Meter(), now_ns=lambda: 0)
