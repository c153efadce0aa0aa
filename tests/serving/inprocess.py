"""The sample tables behind the SDK's own client, in this process and in either era."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import anyio
import mcp_types as types
import pytest
from mcp import Client, MCPError

from bicameral.serving.calls import Setting
from bicameral.serving.protocol import build_server
from tests.serving.sample_tables import make_tables

Mode = Literal["legacy", "auto"]
CLIENT = types.Implementation(name="tester", version="1")


class Server:
    """The sample tables behind the real SDK, and what they reported."""

    def __init__(self, journal: Path, variables: Mapping[str, str] | None = None) -> None:
        self.journal = journal
        self.reported: list[str] = []
        setting = Setting(
            tables=make_tables(journal),
            tool_names="auto",
            variables=variables or {},
            process_session="minted",
            report=self.reported.append,
        )
        self.sdk = build_server(setting)

    def ran(self) -> list[str]:
        return (
            self.journal.read_text(encoding="utf-8").splitlines() if self.journal.exists() else []
        )


def with_client(
    server: Server, mode: Mode, use: Callable[[Client], Awaitable[Any]], **options: Any
) -> Any:
    async def run() -> Any:
        info = options.pop("client_info", CLIENT)
        async with Client(server.sdk, mode=mode, client_info=info, **options) as client:
            with anyio.fail_after(20):
                return await use(client)

    return anyio.run(run)


def error_of(
    server: Server, mode: Mode, use: Callable[[Client], Awaitable[Any]], **options: Any
) -> types.ErrorData:
    """Return the protocol error that a request ends in."""

    async def caught(client: Client) -> types.ErrorData:
        with pytest.raises(MCPError) as caught:
            await use(client)
        return caught.value.error

    found = with_client(server, mode, caught, **options)
    assert isinstance(found, types.ErrorData)
    return found


def call(
    server: Server, mode: Mode, name: str, arguments: dict[str, Any], **options: Any
) -> types.CallToolResult:
    meta = options.pop("meta", None)
    result = with_client(
        server, mode, lambda client: client.call_tool(name, arguments, meta=meta), **options
    )
    assert isinstance(result, types.CallToolResult)
    return result


def refusal(result: types.CallToolResult) -> dict[str, Any]:
    """Return what a refusal carries, after checking its shape."""
    assert result.is_error
    assert result.structured_content is None
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    assert block.text == json.dumps(
        json.loads(block.text), separators=(",", ":"), ensure_ascii=False
    )
    found = json.loads(block.text)
    assert isinstance(found, dict)
    return found
