"""The snapshot of the listings: asked of the SDK's server itself, once per release.

`write_listings` makes the file that the front reads; `stale` asks again and compares, so
that a test can hold the two together.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
from mcp.server.lowlevel import Server
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from bicameral import __version__
from bicameral.serving.conversation import Deliver
from bicameral.serving.front import CAPABILITIES_KEY, CLIENT_KEY, VERSION_KEY
from bicameral.serving.listings import FORMAT, LISTED_METHODS
from bicameral.serving.names import SPELLINGS
from bicameral.serving.protocol import Setting, build_server
from bicameral.serving.stream import converse
from bicameral.serving.tool import Tables

CLIENT = {"name": "listings", "version": __version__}
Message = dict[str, Any]


def write_listings(path: Path, tables: Tables[Any]) -> None:
    """Write the listings of these tables; their services may be `None`, as nothing runs."""
    path.write_text(_written(make_listings(tables)), encoding="utf-8", newline="\n")


def stale(path: Path, tables: Tables[Any]) -> list[str]:
    """Return how the file differs from what the SDK's server answers now; empty when fresh."""
    made = make_listings(tables)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [f"{path.name} cannot be read: {type(error).__name__}"]
    return [f"`{key}` differs" for key in made if kept.get(key) != made[key]]


def make_listings(tables: Tables[Any]) -> dict[str, Any]:
    """Ask the SDK's server for every listing, in each version and spelling."""
    texts: list[str] = []
    index: dict[str, dict[str, dict[str, int]]] = {}
    for spelling in SPELLINGS:
        server = build_server(_setting(tables, spelling))
        for name in (*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS):
            answers = anyio.run(_ask, server, name)
            index.setdefault(name, {})[spelling] = {
                method: _number(texts, result) for method, result in answers.items()
            }
    return {
        "made_for": {"format": FORMAT, "bicameral": __version__, "mcp": version("mcp")},
        "handshake": list(HANDSHAKE_PROTOCOL_VERSIONS),
        "modern": list(MODERN_PROTOCOL_VERSIONS),
        "index": index,
        "texts": texts,
    }


class _Interview:
    """A conversation that asks a list of requests and keeps the results by id."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages
        self.results: dict[str, Mapping[str, Any]] = {}
        self.heard = 0
        self.over = anyio.Event()

    def open(self, deliver: Deliver) -> None:
        for message in self._messages:
            deliver(message)

    def say(self, text: str, key: str | None) -> None:
        answer = json.loads(text)
        self.heard += key is not None
        if "result" in answer:
            self.results[answer["id"]] = answer["result"]
        if self.heard == len(self._messages):
            self.over.set()


async def _ask(server: Server[Any], protocol_version: str) -> Mapping[str, Mapping[str, Any]]:
    interview = _Interview(_questions(protocol_version))
    async with anyio.create_task_group() as group:
        group.start_soon(converse, server, interview)
        await interview.over.wait()
        group.cancel_scope.cancel()
    return interview.results


def _questions(protocol_version: str) -> list[Message]:
    """Write the requests, each with its method for an id."""
    if protocol_version in MODERN_PROTOCOL_VERSIONS:
        meta = {VERSION_KEY: protocol_version, CLIENT_KEY: CLIENT, CAPABILITIES_KEY: {}}
        return [_question(method, {"_meta": meta}) for method in LISTED_METHODS]
    hello = {"protocolVersion": protocol_version, "capabilities": {}, "clientInfo": CLIENT}
    return [_question("initialize", hello), *(_question(method, {}) for method in LISTED_METHODS)]


def _question(method: str, params: Message) -> Message:
    return {"jsonrpc": "2.0", "id": method, "method": method, "params": params}


def _number(texts: list[str], result: Mapping[str, Any]) -> int:
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    if text not in texts:
        texts.append(text)
    return texts.index(text)


def _setting(tables: Tables[Any], spelling: Any) -> Setting:
    return Setting(
        tables=tables, tool_names=spelling, variables={}, process_session="", report=print
    )


def _written(listings: Mapping[str, Any]) -> str:
    return json.dumps(listings, ensure_ascii=False, indent=1) + "\n"
