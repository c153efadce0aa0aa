"""Resources and prompts: found by address or name, read in worker threads.

The protocol has no soft errors here, so a refusal becomes a JSON-RPC error whose message
still says what to do next.
"""

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
from mcp import UriTemplate
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
    TextResourceContents,
)

from bicameral.errors import BicameralError, InputRefused, NotFound
from bicameral.serving.calls import Setting
from bicameral.serving.refusals import payload, unexpected
from bicameral.serving.tool import Prompt
from bicameral.serving.traced import open_read

Context = ServerRequestContext[Any, Any]
Read = Callable[[], str]


class Reads:
    """Serves `resources/read` and `prompts/get` from their tables."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        tables = setting.tables
        self._resources = {resource.uri: resource for resource in tables.resources}
        self._templates = [(UriTemplate.parse(row.uri_template), row) for row in tables.templates]
        self._prompts = {prompt.name: prompt for prompt in tables.prompts}

    async def read_resource(
        self, ctx: Context, params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        """Return the text at an address; an unknown one is refused with what there is."""
        mime_type, read = self._find(ctx, params.uri)
        text = await self._text("the resource", read, {"uri": params.uri})
        content = TextResourceContents(uri=params.uri, text=text, mime_type=mime_type)
        return ReadResourceResult(contents=[content])

    async def get_prompt(self, ctx: Context, params: GetPromptRequestParams) -> GetPromptResult:
        """Return a prompt's text as one message of the person's."""
        prompt = self._prompts.get(params.name)
        if prompt is None:
            known = ", ".join(self._prompts) or "none"
            raise MCPError(INVALID_PARAMS, f"no such prompt; there are: {known}")
        sent = params.arguments or {}
        call = self._setting.call(ctx, {})
        services = self._setting.tables.services

        def render() -> str:
            _check_prompt_arguments(prompt, sent)
            return prompt.render(services, call, sent)

        text = await self._text("the prompt", render, None)
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=prompt.description, messages=[message])

    def _find(self, ctx: Context, uri: str) -> tuple[str, Read]:
        call, services = self._setting.call(ctx, {}), self._setting.tables.services
        resource = self._resources.get(uri)
        if resource is not None:
            return resource.mime_type, partial(resource.read, services, call)
        for template, row in self._templates:
            found = template.match(uri)
            if found is not None:
                variables = {name: str(value) for name, value in found.items()}
                return row.mime_type, partial(row.read, services, call, variables)
        addresses = [*self._resources, *(row.uri_template for _, row in self._templates)]
        text = f"no such resource; there are: {', '.join(addresses) or 'none'}"
        raise MCPError(INVALID_PARAMS, text, {"uri": uri})

    async def _text(self, what: str, read: Read, data: dict[str, str] | None) -> str:
        try:
            with open_read(
                self._setting.tables.tracer,
                "resource.read" if what == "the resource" else "prompt.get",
            ):
                text = await anyio.to_thread.run_sync(read, abandon_on_cancel=True)
        except BicameralError as error:
            is_callers = isinstance(error, NotFound | InputRefused)
            raise _wire_error(
                INVALID_PARAMS if is_callers else INTERNAL_ERROR, error, data
            ) from error
        except Exception as error:
            self._setting.report(traceback.format_exc().rstrip())
            raise _wire_error(INTERNAL_ERROR, unexpected(what, error), data) from error
        return text.encode("utf-8", "replace").decode("utf-8")


def _wire_error(code: int, error: BicameralError, data: dict[str, str] | None) -> MCPError:
    return MCPError(code, str(error), {**payload(error), **(data or {})})


def _check_prompt_arguments(prompt: Prompt[Any], sent: dict[str, str]) -> None:
    known = {argument.name: argument.required for argument in prompt.arguments}
    wrong = [f"`{name}` is not known" for name in sent if name not in known]
    wrong += [
        f"`{name}` is required" for name, needed in known.items() if needed and name not in sent
    ]
    if wrong:
        takes = ", ".join(f"`{name}`" for name in known) or "no arguments"
        raise InputRefused("; ".join(wrong[:5]), next_step=f"the prompt takes {takes}")
