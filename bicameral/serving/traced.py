"""The root of a trace: one span for a call, with what was sent and what came of it.

Only names that the tool knows are taken from what was sent, for a caller may make up others.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from bicameral.serving.tool import Call, Tool
from bicameral.tracing import NO_SPAN, Span, Tracer

# They stand among the facts, or are the same every time.
_NO_OUTPUT = frozenset({"preflight_id", "notice", "session_id"})


def open_call(
    tracer: Tracer | None, tool: Tool[Any, Any, Any], sent: Mapping[str, object], *, door: str
) -> Span:
    """Open the span of a tool call that came through a door: `mcp` or `cli`."""
    if tracer is None:
        return NO_SPAN
    known = {name: sent[name] for name in tool.arguments.model_fields if name in sent}
    opened = tracer.begin_call(f"tool.{tool.name}", door, known)
    if isinstance(known.get("preflight_id"), str):
        opened.add_metadata(preflight_id=known["preflight_id"])
    return opened


def open_read(tracer: Tracer | None, what: str) -> Span:
    """Open the span of a read that is no tool call: `resource.read` or `prompt.get`."""
    return NO_SPAN if tracer is None else tracer.begin("serving", what, "mcp", None)


def note_call(span: Span, call: Call) -> None:
    """Say whose call it is."""
    if span is not NO_SPAN:
        span.add_metadata(session_id=call.session_id)
        if call.client_name is not None:
            span.add_metadata(client=call.client_name)


def note_answer(span: Span, answer: BaseModel) -> None:
    """Say what the call came to; a preflight's new id is known only now."""
    if span is NO_SPAN:
        return
    fields = {name: getattr(answer, name) for name in type(answer).model_fields}
    span.set_output({k: v for k, v in fields.items() if v and k not in _NO_OUTPUT})
    if fields.get("preflight_id"):
        span.add_metadata(preflight_id=fields["preflight_id"])
