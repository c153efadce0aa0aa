"""One tool call: find, check, ask, run, answer; every failure is an answer too.

Tools run in worker threads, so a slow one holds up nobody. What the model sees is the
compact structured content; errors carry none, since some clients would show only that.
"""

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio.to_thread
from mcp.server.context import ServerRequestContext
from mcp_types import CallToolRequestParams, CallToolResult, InputRequiredResult, TextContent
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from bicameral.errors import BicameralError
from bicameral.observe.metrics.calls import MeteredCall
from bicameral.serving.names import ToolNames, both_spellings
from bicameral.serving.person import ask_person, can_ask
from bicameral.serving.refusals import (
    check_arguments,
    payload,
    sent_preflight_id,
    unexpected,
    unknown_tool,
)
from bicameral.serving.session import resolve_session
from bicameral.serving.tool import Call, Tables, Tool
from bicameral.serving.traced import note_answer, note_call, open_call
from bicameral.tracing import Span, span

Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a server is built from: the tables, and what it may know of the outside.

    `variables` is the process environment; `process_session` the id minted for clients
    that name no session; `report` shows text to the person (stderr).
    """

    tables: Tables[Any]
    tool_names: ToolNames
    variables: Mapping[str, str]
    process_session: str
    report: Callable[[str], None]

    def call(self, ctx: Context, arguments: Mapping[str, object]) -> Call:
        """Describe a request as far as the wire knows it."""
        session_id = resolve_session(
            arguments=arguments,
            meta=dict(ctx.meta or {}),
            variables=self.variables,
            headers=getattr(ctx.request, "headers", {}),
            minted=self.process_session,
        )
        return Call(session_id=session_id, client_name=client_of(ctx))


def client_of(ctx: Context) -> str | None:
    """Return the name that the client gives itself, if it gives one."""
    return ctx.session.client_params.client_info.name if ctx.session.client_params else None


@dataclass(frozen=True, slots=True)
class Watched:
    """A call as it is looked at: what was sent, its span, and what is measured of it."""

    sent: Mapping[str, Any]
    root: Span
    measured: MeteredCall


class ToolCalls:
    """Serves `tools/call` from the table of tools."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._tools = {tool.name: tool for tool in setting.tables.tools}
        self._names = both_spellings(self._tools)

    async def __call__(
        self, ctx: Context, params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """Serve one call; the SDK's own errors (cancellation) pass through."""
        tool = self._tools.get(self._names.get(params.name, ""))
        if tool is None:
            return _refuse(unknown_tool(params.name, self._tools), {})
        sent = params.arguments or {}
        identity = _identity(tool, sent)
        tables = self._setting.tables
        try:
            with (
                tables.measure(tool.name) as measured,
                open_call(tables.tracer, tool, sent, door="mcp") as root,
            ):
                return await self._run(ctx, params, tool, Watched(sent, root, measured))
        except BicameralError as error:
            return _refuse(error, identity)
        except Exception as error:  # noqa: BLE001 the boundary: the client gets the type only
            self._setting.report(traceback.format_exc().rstrip())
            return _refuse(unexpected(params.name, error), identity)

    async def _run(
        self,
        ctx: Context,
        params: CallToolRequestParams,
        tool: Tool[Any, Any, Any],
        watched: Watched,
    ) -> CallToolResult | InputRequiredResult:
        call = self._setting.call(ctx, watched.sent)
        note_call(watched.root, call)
        arguments = check_arguments(params.name, tool.arguments, watched.sent)
        services = self._setting.tables.services
        if tool.ask is not None and can_ask(ctx):
            question = await _in_thread(tool.ask, services, call, arguments)
            if question is not None:
                with watched.measured.waiting(), span("serving", "ask", "person"):
                    outcome = await ask_person(ctx, params, question)
                if isinstance(outcome, InputRequiredResult):
                    return outcome
                call = replace(call, answer_of_person=outcome)
        answer = await _in_thread(tool.run, services, call, arguments)
        note_answer(watched.root, answer)
        return _answer(answer, watched.measured)


async def _in_thread(function: Callable[..., Any], *arguments: object) -> Any:
    # A cancelled call is let go of: its thread ends by itself, and nobody waits for it.
    return await anyio.to_thread.run_sync(function, *arguments, abandon_on_cancel=True)


def _answer(answer: BaseModel, measured: MeteredCall) -> CallToolResult:
    text = _compact(answer)
    measured.answered(text)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=json.loads(text)
    )


def _compact(answer: BaseModel) -> str:
    try:
        return answer.model_dump_json(by_alias=True)
    except PydanticSerializationError:
        # A file name that is not UTF-8 may be in it; an answer with a "?" beats none.
        return _encodable(json.dumps(answer.model_dump(mode="json", by_alias=True)))


def _encodable(text: str) -> str:
    value = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return value.encode("utf-8", "replace").decode("utf-8")


def _identity(tool: Tool[Any, Any, Any], sent: Mapping[str, Any]) -> dict[str, str | None]:
    has_one = "preflight_id" in tool.arguments.model_fields
    return {"preflight_id": sent_preflight_id(sent)} if has_one else {}


def _refuse(error: BicameralError, identity: Mapping[str, str | None]) -> CallToolResult:
    text = _encodable(json.dumps({**payload(error), **identity}))
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
