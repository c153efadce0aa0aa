"""How soon a client has the tools: spawn, `initialize`, `tools/list`, over a real pipe.

Three servers in turn: ours, a sample of ours without its front, and a bare server of the
same SDK. `python -m benchmarks.start [--rounds N] [--command "bicameral-mcp serve"] [--json]`
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
START_BAR_MS = 150.0
RATIO_BAR = 1.15
RESIDENT_BAR_MB = 80.0
SETTLED_MB = 0.2
HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}
BARE_SERVER = """
import anyio, mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

async def list_tools(ctx, params):
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    return types.ListToolsResult(tools=[types.Tool(name="echo", input_schema=schema)])

async def call_tool(ctx, params):
    return types.CallToolResult(content=[types.TextContent(type="text", text="echo")])

async def main():
    server = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())

anyio.run(main)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: milliseconds to the tools and to the first call's answer; resident MB.

    `idle_mb` is taken when the listings were served and nothing has been called.
    """

    tools_ms: float
    ready_ms: float
    idle_mb: float | None
    resident_mb: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over the rounds, with the range of the start."""

    name: str
    tools_ms: float
    tools_min_ms: float
    tools_max_ms: float
    ready_ms: float
    idle_mb: float | None
    resident_mb: float | None


class Peer:
    """A server process and the two ends of its pipe."""

    def __init__(self, command: list[str]) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ),
        )

    def send(self, **message: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, identifier: int, method: str, params: dict[str, Any]) -> float:
        """Ask and wait; return the milliseconds since the process was spawned."""
        assert self.process.stdout
        self.send(id=identifier, method=method, params=params)
        while line := self.process.stdout.readline():
            if json.loads(line).get("id") == identifier:
                return (time.perf_counter() - self.began) * 1000
        raise SystemExit(f"the server ended while {method} was asked")

    def close(self) -> None:
        self.process.communicate(timeout=30)


def measure(command: list[str]) -> Start:
    """Start a server once, as a client does, and look at it when all is loaded."""
    peer = Peer(command)
    peer.ask(0, "initialize", HELLO)
    peer.send(method="notifications/initialized")
    tools_ms = peer.ask(1, "tools/list", {})
    idle_mb = settled(peer.process.pid)
    called = time.perf_counter()
    # Only the tables answer this one, so it says when everything has been imported.
    ready_ms = peer.ask(2, "tools/call", {"name": "no_such_tool", "arguments": {}})
    ready_ms -= (called - peer.began) * 1000
    resident_mb = resident(peer.process.pid)
    peer.close()
    return Start(tools_ms, ready_ms, idle_mb, resident_mb)


def settled(process_id: int) -> float | None:
    """Return the resident memory once it has stopped growing for half a second."""
    last = resident(process_id)
    while last is not None:
        time.sleep(0.5)
        now = resident(process_id)
        if now is None or now - last < SETTLED_MB:
            return now
        last = now
    return None


def resident(process_id: int) -> float | None:
    """Return the resident memory in MB, or `None` where the platform does not tell."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def summarise(name: str, starts: list[Start]) -> Figures:
    tools = [start.tools_ms for start in starts]
    idle_mb = [start.idle_mb for start in starts if start.idle_mb is not None]
    resident_mb = [start.resident_mb for start in starts if start.resident_mb is not None]
    return Figures(
        name=name,
        tools_ms=statistics.median(tools),
        tools_min_ms=min(tools),
        tools_max_ms=max(tools),
        ready_ms=statistics.median(start.ready_ms for start in starts),
        idle_mb=statistics.median(idle_mb) if idle_mb else None,
        resident_mb=statistics.median(resident_mb) if resident_mb else None,
    )


def sample_commands(folder: Path) -> dict[str, list[str]]:
    """Return the commands of the sample server, after making its listings."""
    from bicameral.serving.snapshot import write_listings
    from tests.serving.sample_tables import make_tables

    listings = folder / "listings.json"
    write_listings(listings, make_tables())
    sample = [sys.executable, "-m", "tests.serving.sample"]
    return {"front": [*sample, "--listings", str(listings)], "sdk only": sample}


def run(commands: dict[str, list[str]], rounds: int) -> dict[str, Figures]:
    """Measure every server once in each round, so that all see the same machine."""
    starts: dict[str, list[Start]] = {name: [] for name in commands}
    for command in commands.values():
        measure(command)  # the first start of each reads from the disk
    for _ in range(rounds):
        for name, command in commands.items():
            starts[name].append(measure(command))
    return {name: summarise(name, found) for name, found in starts.items()}


def bars(figures: dict[str, Figures]) -> list[tuple[str, float | None, float]]:
    """Return what was promised: a name, the figure, and the bar that it must not pass."""
    front, bare = figures["front"], figures["bare sdk"]
    rows: list[tuple[str, float | None, float]] = [
        ("front: spawn to tools/list, ms", front.tools_ms, START_BAR_MS),
        ("front: resident when idle, MB", front.idle_mb, RESIDENT_BAR_MB),
    ]
    if "sdk only" in figures:
        ratio = figures["sdk only"].tools_ms / bare.tools_ms
        rows.append(("sdk only / bare sdk, spawn to tools/list", ratio, RATIO_BAR))
    return rows


def show(figures: dict[str, Figures], say: Callable[[str], object] = print) -> None:
    heads = ("tools/list ms (min-max)", "first call ms", "idle MB", "after a call MB")
    say(f"{'server':10} {heads[0]:>28} {heads[1]:>14} {heads[2]:>8} {heads[3]:>16}")
    for name, found in figures.items():
        span = f"{found.tools_ms:.0f} ({found.tools_min_ms:.0f}-{found.tools_max_ms:.0f})"
        idle, after = (
            "-" if mb is None else f"{mb:.1f}" for mb in (found.idle_mb, found.resident_mb)
        )
        say(f"{name:10} {span:>28} {found.ready_ms:>14.0f} {idle:>8} {after:>16}")
    for text, figure, bar in bars(figures):
        verdict = "not measured here" if figure is None else "held" if figure <= bar else "MISSED"
        value = "-" if figure is None else f"{figure:.2f}"
        say(f"{text}: {value} (bar {bar:g}) {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    real = f"{sys.executable} -m server serve"
    parser.add_argument("--command", default=real, help="the server with its front")
    parser.add_argument("--plain-command", help="the same server without its front")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BICAMERAL_HOME"] = str(Path(folder) / "home")
        commands = sample_commands(Path(folder))
        commands["front"] = shlex.split(options.command)
        if options.plain_command:
            commands["sdk only"] = shlex.split(options.plain_command)
        figures = run({**commands, "bare sdk": [sys.executable, "-c", BARE_SERVER]}, options.rounds)
    if options.json:
        rows = [{"name": text, "figure": found, "bar": bar} for text, found, bar in bars(figures)]
        print(json.dumps({"servers": [asdict(each) for each in figures.values()], "bars": rows}))
    else:
        show(figures)


if __name__ == "__main__":
    main()
