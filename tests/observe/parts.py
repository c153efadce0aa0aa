"""A recorder to observe, with a home of its own, and what it leaves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bicameral.capture.log import RotatedLog
from bicameral.environment import Environment
from bicameral.observe.recorder import Recorder, Sink
from bicameral.observe.ring import Ring
from bicameral.observe.span_row import TRACE_FILE, SpanRow
from bicameral.tracing import Layer, Span

FIELDS = [
    "trace_id",
    "parent_id",
    "timestamp",
    "layer",
    "operation",
    "component",
    "input_summary",
    "output_summary",
    "duration_ms",
    "status",
    "metadata",
]


class Traced:
    """A recorder into a ring and a file of its own."""

    def __init__(
        self, environment: Environment, *, is_raw: bool = False, sinks: tuple[Sink, ...] = ()
    ) -> None:
        self.path: Path = environment.home / TRACE_FILE
        self.ring = Ring()
        self.recorder = Recorder(
            environment,
            ring=self.ring,
            log=RotatedLog(self.path),
            is_raw=is_raw,
            sinks=sinks,
        )

    def root(self, operation: str = "tool.test", layer: Layer = "tool") -> Span:
        return self.recorder.begin(layer, operation, "test", None)

    def lines(self) -> list[dict[str, Any]]:
        """Return what stands in the file."""
        text = self.path.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def row(self, operation: str) -> SpanRow:
        """Return the one span of an operation."""
        [found] = [row for row in self.ring.recent() if row.operation == operation]
        return found


MakeTraced = Callable[..., Traced]
