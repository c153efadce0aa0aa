"""The same spans in OpenTelemetry: in the SDK's own memory, and at a real collector's door."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from bicameral.errors import InputRefused, LedgerBusy
from bicameral.observe.export import Bridge
from bicameral.observe.opening import open_recorder
from bicameral.tracing import event, span
from tests.conftest import MakeEnvironment
from tests.handlers.conftest import MakeBench
from tests.observe.parts import MakeTraced, Traced
from tests.server.served import Served, variables_for


class Memory:
    """A recorder whose spans end up in the SDK's memory too."""

    def __init__(self, make_traced: MakeTraced) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.traced: Traced = make_traced(sinks=(Bridge(provider),))

    def spans(self) -> dict[str, ReadableSpan]:
        return {each.name: each for each in self._exporter.get_finished_spans()}


@pytest.fixture
def memory(make_traced: MakeTraced) -> Memory:
    return Memory(make_traced)


def drive(traced: Traced) -> None:
    opened = traced.recorder.begin("tool", "tool.bicameral.preflight", "mcp", {"topic": "x"})
    with opened as root:
        root.add_metadata(session_id="s-1", preflight_id="0b5f3b1e-3c60-4f0e-8f2d-5f2f6d0f9b11")
        with span("ledger", "read", "sqlite"), span("ledger", "select", "regions"):
            pass
        with span("grounding", "git", "rev-parse") as asked:
            asked.add_metadata(**{"process.exit.code": 0})
        event("preflight", "gate", "topic", passed=1)
        root.set_output({"reason": "fired"})


def test_a_call_has_the_standard_names(memory: Memory) -> None:
    """A backend that knows MCP, tools and databases then knows ours."""
    drive(memory.traced)
    spans = memory.spans()
    root = spans["tools/call bicameral.preflight"]
    assert root.kind is SpanKind.SERVER
    assert (
        dict(root.attributes or {}).items()
        >= {
            "mcp.method.name": "tools/call",
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "bicameral.preflight",
            "gen_ai.conversation.id": "s-1",
            "bicameral.preflight_id": "0b5f3b1e-3c60-4f0e-8f2d-5f2f6d0f9b11",
            "bicameral.input": "topic:1 chars",
            "bicameral.output": "reason:fired",
        }.items()
    )
    statement = spans["SELECT regions"]
    assert statement.kind is SpanKind.CLIENT
    assert (
        dict(statement.attributes or {}).items()
        >= {
            "db.system.name": "sqlite",
            "db.operation.name": "SELECT",
            "db.collection.name": "regions",
        }.items()
    )
    git = dict(spans["grounding.git rev-parse"].attributes or {})
    assert (git["process.executable.name"], git["process.exit.code"]) == ("git", 0)


def test_the_tree_and_the_times_are_those_of_the_file(memory: Memory) -> None:
    """Two pictures of one call must not disagree."""
    drive(memory.traced)
    exported = {
        str((each.attributes or {})["bicameral.trace_id"]): each for each in memory.spans().values()
    }
    rows = memory.traced.ring.recent()
    assert exported.keys() == {row.trace_id for row in rows}
    for row in rows:
        parent = exported[row.trace_id].parent
        expected = exported[row.parent_id].context if row.parent_id else None
        assert (parent and parent.span_id) == (expected and expected.span_id)
        begun, ended = exported[row.trace_id].start_time, exported[row.trace_id].end_time
        assert begun is not None
        assert ended is not None
        assert (ended - begun) / 1e6 == pytest.approx(row.duration_ms)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LedgerBusy("held", next_step="wait"), "LedgerBusy"),
        (InputRefused("no", next_step="other"), "InputRefused"),
    ],
)
def test_a_call_that_was_refused_is_an_error_of_the_tool(
    memory: Memory, error: Exception, kind: str
) -> None:
    """So the convention for MCP says; the kind stands beside it."""
    opened = memory.traced.recorder.begin("tool", "tool.bicameral.bind", "mcp", None)
    with pytest.raises(type(error)), opened, span("ledger", "write", "sqlite"):
        raise error
    root = memory.spans()["tools/call bicameral.bind"]
    assert root.status.status_code is StatusCode.ERROR
    attributes = dict(root.attributes or {})
    assert (attributes["error.type"], attributes["bicameral.error_type"]) == ("tool_error", kind)
    write = memory.spans()["ledger.write sqlite"]
    assert dict(write.attributes or {})["error.type"] == kind


# A real receiver on loopback.


class Collector:
    """What an OTLP collector takes in over HTTP."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.paths: list[str] = []
        self.came = threading.Event()

    def names(self) -> set[str]:
        return {each.name for each in self.received}


@contextmanager
def a_collector() -> Iterator[tuple[Collector, str]]:
    collector = Collector()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    collector.received += scope.spans
            collector.paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            collector.came.set()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        thread = threading.Thread(target=door.serve_forever, daemon=True)
        thread.start()
        try:
            yield collector, f"http://127.0.0.1:{door.server_port}"
        finally:
            door.shutdown()
            thread.join(120)


def test_a_real_receiver_gets_the_spans_over_otlp(make_environment: MakeEnvironment) -> None:
    """Through the real exporter, as any collector would."""
    with a_collector() as (collector, address):
        environment = make_environment(variables={"OTEL_EXPORTER_OTLP_ENDPOINT": address})
        recorder = open_recorder(environment, is_raw=False, is_live=False)
        with (
            recorder.begin("tool", "tool.bicameral.search", "cli", None),
            span("ledger", "read", "sqlite"),
        ):
            pass
        recorder.close()
        assert collector.came.is_set()
    assert collector.names() == {"execute_tool bicameral.search", "ledger.read sqlite"}
    assert set(collector.paths) == {"/v1/traces"}


def test_a_served_call_reaches_the_collector_below_the_clients_own_trace(
    make_bench: MakeBench,
) -> None:
    """The whole way: a client's `traceparent`, the server on stdio, OTLP."""
    root = make_bench().repository.root
    home = root.parent / "served-home"
    with a_collector() as (collector, address):
        variables = variables_for(home, BICAMERAL_TRACE="1", OTEL_EXPORTER_OTLP_ENDPOINT=address)
        with Served(root, variables) as served:
            parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            served.call("search", {"traceparent": parent}, query="charge")
            assert served.hang_up() == 0
    call = next(each for each in collector.received if each.name == "tools/call bicameral.search")
    assert call.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert call.parent_span_id.hex() == "b7ad6b7169203331"
    assert {each.trace_id for each in collector.received} == {call.trace_id}


def test_a_collector_that_is_away_costs_the_call_nothing(
    make_environment: MakeEnvironment,
) -> None:
    """Nobody listens on that port; the file is written all the same."""
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    recorder = open_recorder(make_environment(variables=variables), is_raw=False, is_live=False)
    with recorder.begin("tool", "tool.bicameral.search", "cli", None):
        pass
    recorder.close()
    assert recorder.log is not None
    assert recorder.log.counts.written == 1


WITHOUT_SDK = """
import sys
sys.modules["opentelemetry.sdk"] = None
from dataclasses import replace
from pathlib import Path
from bicameral.environment import read_environment
from bicameral.observe.opening import open_recorder
environment = replace(read_environment(), home=Path(sys.argv[1]))
recorder = open_recorder(environment, is_raw=False, is_live=False)
with recorder.begin("tool", "tool.bicameral.search", "cli", None):
    pass
print(recorder.log.counts.written)
"""


def test_without_the_extra_it_is_said_how_to_get_it_and_the_file_is_written(
    make_environment: MakeEnvironment,
) -> None:
    """An endpoint may be set for other programs."""
    home = make_environment().home
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SDK, home],
        env={**variables_for(home), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout == "1\n"
    assert "pip install 'bicameral-preflight[otel]'" in done.stderr
