"""The SDK's low-level server, built from the tables; the only protocol implementation.

Listings keep the order of the tables and have one page, so they are the same every time
and can be kept in a file.
"""

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ToolAnnotations,
)
from mcp_types import Prompt as WirePrompt
from mcp_types import PromptArgument as WirePromptArgument
from mcp_types import Resource as WireResource
from mcp_types import ResourceTemplate as WireTemplate
from mcp_types import Tool as WireTool

from bicameral.serving.calls import Setting, ToolCalls, client_of
from bicameral.serving.names import SPELLINGS, Spelling, spell, spelling_for
from bicameral.serving.reads import Reads
from bicameral.serving.schemas import input_schema, output_schema
from bicameral.serving.tool import Prompt, Tables, Tool

Context = ServerRequestContext[Any, Any]
Page = PaginatedRequestParams | None

__all__ = ["Setting", "build_server"]


def build_server(setting: Setting) -> Server[Any]:
    """Build the server; nothing is read or opened until a client asks."""
    lists, reads = _Lists(setting), Reads(setting)
    identity = setting.tables.identity
    server = Server(
        identity.name,
        version=identity.version,
        title=identity.title,
        instructions=identity.instructions,
        on_list_tools=lists.tools,
        on_call_tool=ToolCalls(setting),
        on_list_resources=lists.resources,
        on_list_resource_templates=lists.templates,
        on_read_resource=reads.read_resource,
        on_list_prompts=lists.prompts,
        on_get_prompt=reads.get_prompt,
    )
    # Clients carry a question's state between two calls; sealed, they cannot make one up.
    seal = RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=identity.name)
    server.middleware.append(seal)
    return server


class _Lists:
    """The four listings, as the SDK's types, made once."""

    def __init__(self, setting: Setting) -> None:
        self._tool_names = setting.tool_names
        tables = setting.tables
        self._tools = {spelling: _wire_tools(tables, spelling) for spelling in SPELLINGS}
        self._resources = [
            WireResource(
                uri=row.uri,
                name=row.name,
                title=row.title,
                description=row.description,
                mime_type=row.mime_type,
            )
            for row in tables.resources
        ]
        self._templates = [
            WireTemplate(
                uri_template=row.uri_template,
                name=row.name,
                title=row.title,
                description=row.description,
                mime_type=row.mime_type,
            )
            for row in tables.templates
        ]
        self._prompts = [_wire_prompt(row) for row in tables.prompts]

    async def tools(self, ctx: Context, params: Page) -> ListToolsResult:
        _only_page(params)
        spelling = spelling_for(client_of(ctx), self._tool_names)
        return ListToolsResult(tools=self._tools[spelling])

    async def resources(self, ctx: Context, params: Page) -> ListResourcesResult:  # noqa: ARG002
        _only_page(params)
        return ListResourcesResult(resources=self._resources)

    async def templates(self, ctx: Context, params: Page) -> ListResourceTemplatesResult:  # noqa: ARG002
        _only_page(params)
        return ListResourceTemplatesResult(resource_templates=self._templates)

    async def prompts(self, ctx: Context, params: Page) -> ListPromptsResult:  # noqa: ARG002
        _only_page(params)
        return ListPromptsResult(prompts=self._prompts)


def _only_page(params: Page) -> None:
    if params is not None and params.cursor is not None:
        raise MCPError(INVALID_PARAMS, "no such page: this listing has one page and no cursor")


def _wire_tools(tables: Tables[Any], spelling: Spelling) -> list[WireTool]:
    return [_wire_tool(tool, spelling) for tool in tables.tools]


def _wire_tool(tool: Tool[Any, Any, Any], spelling: Spelling) -> WireTool:
    return WireTool(
        name=spell(tool.name, spelling),
        title=tool.title,
        description=tool.description,
        input_schema=input_schema(tool.arguments),
        output_schema=output_schema(tool.answer),
        annotations=ToolAnnotations(
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=False,
        ),
    )


def _wire_prompt(prompt: Prompt[Any]) -> WirePrompt:
    arguments = [
        WirePromptArgument(name=row.name, description=row.description, required=row.required)
        for row in prompt.arguments
    ]
    return WirePrompt(
        name=prompt.name, title=prompt.title, description=prompt.description, arguments=arguments
    )
