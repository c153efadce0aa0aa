"""The demo's agent: the SDK's own client, talking to a real server process over stdio."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp import Client, StdioServerParameters

from bicameral.cli.demo_account import LoopBroken
from bicameral.observe.switch import VARIABLE as TRACE_VARIABLE
from bicameral.observe.switch import TracingSwitch

PATIENCE_SECONDS = 60
UNTRACED = TracingSwitch(enabled=False, source="default")


class Agent:
    """Calls tools, and says yes when the server asks the person."""

    def __init__(self, client: Client, asked: list[str]) -> None:
        self._client = client
        self.asked = asked
        """What the person was asked."""

    @property
    def protocol(self) -> str:
        """The protocol version that was agreed on."""
        return self._client.protocol_version

    async def tools(self) -> list[str]:
        """Return the names of the tools that are listed."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; raises `LoopBroken` with the tool's own words where it refuses."""
        with anyio.fail_after(PATIENCE_SECONDS):
            result = await self._client.call_tool(tool, arguments)
        if result.is_error or result.structured_content is None:
            said = " ".join(part.text for part in result.content if part.type == "text")
            raise LoopBroken(
                f"{tool} refused: {said}",
                next_step="run the demo again, and report what it says if it stays so",
            )
        return dict(result.structured_content)


@asynccontextmanager
async def connected(
    root: Path, home: Path, *, telemetry: str | None, tracing: TracingSwitch = UNTRACED
) -> AsyncIterator[Agent]:
    """Start a server for a repository, with a data home of its own, and talk to it.

    `telemetry` is `BICAMERAL_TELEMETRY`, or None to leave it unset. A `tracing` that `--trace`
    asked for says the server's spans on stderr too.
    """
    variables = {"BICAMERAL_HOME": str(home), "CLAUDE_PROJECT_DIR": str(root)}
    if telemetry is not None:
        variables["BICAMERAL_TELEMETRY"] = telemetry
    if tracing.enabled:
        variables[TRACE_VARIABLE] = "1"
    live = ["--trace"] if tracing.source == "--trace" else []
    command = StdioServerParameters(
        command=sys.executable,
        # -P: a `server.py` in the folder must not be taken for ours.
        args=["-P", "-m", "server", "serve", *live],
        env=variables,
        cwd=root,
    )
    asked: list[str] = []

    async def say_yes(
        context: Any,  # noqa: ARG001 - the SDK gives it by name
        params: types.ElicitRequestParams,
    ) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"confirm": True})

    async with Client(command, elicitation_callback=say_yes) as client:
        yield Agent(client, asked)
