"""The way to OpenTelemetry: the same spans, under the standard names, to a collector of one's own.

Only where tracing is on and `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector; the extra `otel`
brings the SDK. What is sent is what stands in `trace.jsonl`, no more.
"""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context

from bicameral import __version__
from bicameral.observe.recorder import RecordedSpan
from bicameral.observe.span_row import SpanRow
from bicameral.observe.standard_names import attributes_of, kind_of, name_of

# A collector that is away must not hold up the end of a server.
FLUSH_SECONDS = 2
MILLISECOND_NS = 1_000_000


class Bridge:
    """Gives each span to the tracer of a provider, which sends it when it likes."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("bicameral", __version__)

    def begun(self, span: RecordedSpan) -> None:
        """Begin the same span there, below its parent's or below the client's."""
        parent = span.parent.exported if span.parent else None
        # Without a parent of ours, the context holds what the client sent as `traceparent`.
        context = set_span_in_context(parent) if isinstance(parent, Span) else None
        span.exported = self._tracer.start_span(
            name_of(span.layer, span.operation, span.component),
            context=context,
            kind=SpanKind[kind_of(span.layer, span.operation, span.component)],
            start_time=span.begun_ns,
        )

    def finished(self, span: RecordedSpan, row: SpanRow) -> None:
        """End it, with all that the row says."""
        exported = span.exported
        if not isinstance(exported, Span):
            return
        backend = span.parent.component if span.parent else ""
        exported.set_attributes(attributes_of(row, backend=backend))
        if row.status in {"error", "blocked"}:
            exported.set_status(StatusCode.ERROR)
        exported.end(span.begun_ns + int(row.duration_ms * MILLISECOND_NS))

    def close(self) -> None:
        """Send what is left, for as long as there is patience."""
        self._provider.force_flush(FLUSH_SECONDS * 1_000)
        self._provider.shutdown()


def open_bridge(endpoint: str) -> Bridge:
    """Return a bridge to the collector at an address; nothing is sent before the first span.

    Headers, certificates and compression are the exporter's own `OTEL_EXPORTER_OTLP_...`.
    """
    resource = Resource.create({"service.name": "bicameral", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    address = f"{endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=address, timeout=FLUSH_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return Bridge(provider)
