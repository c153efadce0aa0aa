"""The SDK's own client over a real pipe, in both eras, with the front and without."""

import os
import sys
from pathlib import Path
from typing import Any, Literal

import anyio
import mcp_types as types
import pytest
from mcp import Client, StdioServerParameters

from tests.serving.talk import ROOT


@pytest.mark.parametrize(
    ("mode", "front"), [("legacy", True), ("auto", True), ("2026-07-28", True), ("auto", False)]
)
def test_a_whole_session_works(
    listings: Path, front: bool, mode: Literal["legacy", "auto", "2026-07-28"]
) -> None:
    """Listing, calling, asking, reading and leaving, as a client does it."""
    options = ["--listings", str(listings)] if front else []

    async def answer(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"confirm": True})

    async def use() -> list[Any]:
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "tests.serving.sample", *options],
            env=dict(os.environ),
            cwd=ROOT,
        )
        async with Client(command, mode=mode, elicitation_callback=answer) as client:
            with anyio.fail_after(30):
                tools = (await client.list_tools()).tools
                echoed = await client.call_tool(tools[0].name, {"topic": "a"})
                asked = await client.call_tool("bicameral_ratify", {"decision_id": "dec_1"})
                read = await client.read_resource("bicameral://features")
                prompts = await client.list_prompts()
                return [
                    tools[0].name,
                    echoed.structured_content["topic"],
                    asked.structured_content["word"],
                    len(read.contents),
                    prompts.prompts[0].name,
                ]

    assert anyio.run(use) == ["bicameral.echo", "a", "confirmed: True, note: None", 1, "preflight"]
