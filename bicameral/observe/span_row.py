"""A finished span as it is kept: one struct in memory, and one line of JSON in `trace.jsonl`."""

from typing import Self

import msgspec

from bicameral.capture.rows import encode_row
from bicameral.observe.values import Value

TRACE_FILE = "trace.jsonl"

_encoder = msgspec.json.Encoder()


class SpanRow(msgspec.Struct):
    """One span, in the order of its fields in the file.

    `trace_id` is the span's own id and `parent_id` that of the span it was opened in, None for
    a root. `timestamp` is when it began; `duration_ms` is 0 for an event.
    """

    trace_id: str
    parent_id: str | None
    timestamp: str
    layer: str
    operation: str
    component: str
    input_summary: str
    output_summary: str
    duration_ms: float
    status: str
    metadata: dict[str, Value]

    def copied(self) -> Self:
        """Return a copy that shares nothing with this one."""
        copy = msgspec.structs.replace(self)
        copy.metadata = {k: v.copy() if type(v) is list else v for k, v in self.metadata.items()}
        return copy


def encode_span(row: SpanRow) -> bytes:
    """Return the row as one line of JSON; characters that have no UTF-8 become `?`."""
    try:
        return _encoder.encode(row)
    except UnicodeEncodeError:
        return encode_row(msgspec.to_builtins(row))
