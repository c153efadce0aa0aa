"""What tracing writes: one line for each span in `trace.jsonl`."""

from bicameral.govern.kinds import Field, Kind
from bicameral.observe.span_row import TRACE_FILE, SpanRow
from bicameral.registry.common import kept

_SIZES = "names with sizes, or what `[tracing] arguments` chose; at most 100 characters"

TRACED = (
    Kind(
        id="span",
        family="trace",
        shape=SpanRow,
        fields=(
            Field("trace_id", "S1", "code", "the span's own id: layer, second, random part"),
            Field("parent_id", "S1", "code", "the span it was opened in; null for a root"),
            Field("timestamp", "S1", "stamp", "when it began: UTC, to the microsecond"),
            Field("layer", "S0", "code", "the part of the project that did it"),
            Field("operation", "S0", "code", "what was done, see [spans](spans.md)"),
            Field("component", "S0", "code", "by what, or on what kind of thing"),
            Field("input_summary", "S3", "text", f"what went in: {_SIZES}"),
            Field("output_summary", "S3", "text", f"what came out: {_SIZES}"),
            Field("duration_ms", "S0", "number", "how long it took; 0 for what takes no time"),
            Field("status", "S0", "code", "`success`, `error`, `blocked` or `cancelled`"),
            Field(
                "metadata",
                "S3",
                "open",
                "facts by name: numbers, codes and ids; in raw mode texts if `arguments` is `full`",
            ),
        ),
        transmission="local_only",
        retention=kept(TRACE_FILE),
        owner="bicameral.observe.recorder",
        description=(
            "A piece of work within a call, while tracing is on. The extra `otel` sends the "
            "same to a collector that the person names."
        ),
        file=TRACE_FILE,
    ),
)
