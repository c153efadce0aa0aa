"""Our spans under the names that OpenTelemetry's conventions give such things; pure functions.

A call is an MCP server's span or the execution of a tool, a statement a database's; what has
no standard name begins with `bicameral.`
(https://opentelemetry.io/docs/specs/semconv/, MCP, GenAI and database).
"""

from collections.abc import Sequence

from bicameral.ledger.statements import VERBS
from bicameral.observe.span_row import SpanRow

Attribute = str | bool | int | float | Sequence[str]

_METHODS = {"resource.read": "resources/read", "prompt.get": "prompts/get"}
_TOOL = "tool."
# Facts that have a standard name, beside those that are recorded under it.
_STANDARD = {"session_id": "gen_ai.conversation.id"}


def name_of(layer: str, operation: str, component: str) -> str:
    """Return the name of a span: few different ones, as backends group by it."""
    if layer == "tool":
        before = "tools/call" if component == "mcp" else "execute_tool"
        return f"{before} {operation.removeprefix(_TOOL)}"
    if operation in _METHODS:
        return _METHODS[operation]
    if _is_statement(layer, operation):
        return f"{operation.upper()} {component}"
    return f"{layer}.{operation} {component}"


def kind_of(layer: str, operation: str, component: str) -> str:
    """Return the kind of a span: who asks whom."""
    if component == "mcp":
        return "SERVER"
    return "CLIENT" if _is_statement(layer, operation) else "INTERNAL"


def attributes_of(row: SpanRow, *, backend: str) -> dict[str, Attribute]:
    """Return the attributes of a span; `backend` is the component of the span it stands in."""
    found: dict[str, Attribute] = {
        "bicameral.trace_id": row.trace_id,
        "bicameral.layer": row.layer,
        "bicameral.operation": row.operation,
        "bicameral.component": row.component,
        "bicameral.status": row.status,
    }
    if row.input_summary:
        found["bicameral.input"] = row.input_summary
    if row.output_summary:
        found["bicameral.output"] = row.output_summary
    for name, value in row.metadata.items():
        if value is not None:
            found[_STANDARD.get(name, name if "." in name else f"bicameral.{name}")] = value
    return found | _of_call(row) | _of_statement(row, backend) | _of_process(row)


def _of_call(row: SpanRow) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    if row.component == "mcp":
        found["mcp.method.name"] = _METHODS.get(row.operation, "tools/call")
        found["network.transport"] = "pipe"
    if row.layer == "tool":
        found["gen_ai.operation.name"] = "execute_tool"
        found["gen_ai.tool.name"] = row.operation.removeprefix(_TOOL)
        if row.component == "mcp" and row.status in {"error", "blocked"}:
            # What the convention says of a call that was answered, and with an error.
            found["error.type"] = "tool_error"
            found["bicameral.error_type"] = str(row.metadata.get("error.type", ""))
    return found


def _of_statement(row: SpanRow, backend: str) -> dict[str, Attribute]:
    if not _is_statement(row.layer, row.operation):
        return {}
    return {
        # A statement may stand below a span of another layer, in the same connection.
        "db.system.name": backend if backend in {"sqlite", "postgresql"} else "other_sql",
        "db.operation.name": row.operation.upper(),
        "db.collection.name": row.component,
    }


def _of_process(row: SpanRow) -> dict[str, Attribute]:
    return {"process.executable.name": "git"} if row.operation == "git" else {}


def _is_statement(layer: str, operation: str) -> bool:
    return layer == "ledger" and operation in {*VERBS, "other"}
