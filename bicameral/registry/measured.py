"""What metrics write: a line for each call, and the figures that are made from the lines."""

from typing import get_args

from bicameral.capture.lanes import EVERY_LANE
from bicameral.errors import ERROR_CODES
from bicameral.govern.kinds import Field, Kind
from bicameral.observe.metrics.last_run import LAST_RUN_FILE, LastRun
from bicameral.observe.metrics.lines import METRICS_FILE, CallLine, EmittedLine, Status, Surface
from bicameral.observe.metrics.names import COUNTER_NAMES
from bicameral.observe.metrics.totals import TOTALS_FILE, Totals
from bicameral.registry.common import SCHEMA, TS, kept

_EVENT_TYPE = Field(
    "event_type",
    "S0",
    "code",
    "which of the kinds it is",
    one_of=("metric_call", "metric_emitted"),
)
# An error that is none of ours stands under the name of its class.
_OURS = (*ERROR_CODES, "cancelled", "internal_error", "person_not_asked", "unknown_tool")
_RUN_ID = Field("run_id", "S1", "id", "the process: a server's life, or one command")
_COUNTERS = "by name ([metrics](metrics.md))"

MEASURED = (
    Kind(
        id="metric_call",
        family="metric",
        shape=CallLine,
        fields=(
            TS,
            _RUN_ID,
            Field(
                "surface",
                "S0",
                "code",
                "`mcp` for a client's call, `cli` for a command's",
                one_of=get_args(Surface),
            ),
            Field("command", "S0", "tool", "the tool"),
            Field(
                "status",
                "S0",
                "code",
                "`ok`, `refused`, `failed` or `cancelled`",
                one_of=get_args(Status),
            ),
            Field(
                "code",
                "S0",
                "client",
                "the [code](errors.md) of the error, or its class; left out without one",
                one_of=_OURS,
            ),
            Field("duration_ms", "S0", "number", "how long it took, in milliseconds"),
            Field("tokens", "S0", "number", "an estimate of what the answer costs a model"),
            Field(
                "counts",
                "S0",
                "number",
                f"what it added to the counters, {_COUNTERS}",
                one_of=COUNTER_NAMES,
            ),
            Field("durations_ms", "S0", "number", "how long parts of it took, by name"),
            Field("unkept", "S0", "number", "durations beyond the first 1000 of a name"),
            Field(
                "lanes",
                "S0",
                "number",
                "rows written and dropped since the line before, by [lane](metrics.md#lanes)",
                one_of=EVERY_LANE,
            ),
            SCHEMA,
            _EVENT_TYPE,
        ),
        transmission="approved_upload",
        retention=kept(METRICS_FILE),
        owner="bicameral.observe.metrics.recording",
        description="One for each call of a tool, written before it is answered.",
        file=METRICS_FILE,
    ),
    Kind(
        id="metric_emitted",
        family="metric",
        shape=EmittedLine,
        fields=(
            TS,
            _RUN_ID,
            Field("name", "S0", "code", "the name of the metric"),
            Field("value", "S0", "number", "its value"),
            Field(
                "attrs",
                "S3",
                "text",
                "numbers, and texts as salted hashes; in raw mode the texts, without secrets",
            ),
            SCHEMA,
            _EVENT_TYPE,
        ),
        transmission="explicit_export",
        retention=kept(METRICS_FILE),
        owner="bicameral.observe.metrics.recording",
        description="One for each call of `emit_metric`.",
        file=METRICS_FILE,
    ),
    Kind(
        id="metrics_totals",
        family="state",
        shape=Totals,
        fields=(
            SCHEMA,
            Field("since", "S1", "stamp", "the stamp of the first line that was counted"),
            Field("until", "S1", "stamp", "the stamp of the newest"),
            Field("counters", "S0", "number", f"the sums, {_COUNTERS}"),
            Field("calls", "S0", "number", "how often each tool was called, and how that ended"),
            Field("tokens", "S0", "number", "the estimate of all answers"),
            Field("lanes", "S0", "number", "rows attempted, written and dropped, by lane"),
            Field("emitted", "S0", "number", "how often each metric was emitted, and its sum"),
            Field("lines", "S0", "number", "how many lines were counted"),
            Field("skipped_lines", "S0", "number", "how many lines could not be read"),
            Field("places", "S1", "open", "how far each file of the log was read"),
        ),
        transmission="local_only",
        retention=kept(TOTALS_FILE),
        owner="bicameral.observe.metrics.totals",
        description="Everything that was ever counted in the home.",
        file=TOTALS_FILE,
    ),
    Kind(
        id="last_run",
        family="state",
        shape=LastRun,
        fields=(
            _RUN_ID,
            Field("ts", "S1", "stamp", "when its newest call ended"),
            Field("metrics_delta", "S0", "number", f"what it added to the counters, {_COUNTERS}"),
            Field("latencies", "S0", "number", "count, median, 95th percentile and maximum in ms"),
            Field("tokens", "S0", "number", "how many answers were estimated, and their sum"),
            Field("ast", "S0", "number", "its counters of parsing"),
            Field("lsp", "S0", "number", "its counters of language servers"),
            Field("file_read", "S0", "number", "its counters of bytes"),
            Field("top_warnings", "S0", "code", "the five commonest codes of errors, with counts"),
            Field("ledger_state", "S1", "open", "`ok`, `not_read` or a code; the revision"),
            Field("telemetry_drops", "S0", "number", "rows attempted, written, dropped; by lane"),
        ),
        transmission="local_only",
        retention=kept(LAST_RUN_FILE),
        owner="bicameral.observe.metrics.last_run",
        description="The run whose call ended last, in figures.",
        file=LAST_RUN_FILE,
    ),
)
