"""What the tests of language servers share: scripts, a listener, and waits that are bounded."""

import json
import os
import select
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bicameral import tracing
from bicameral.environment import Environment, read_environment
from bicameral.grounding.lsp.asking import LanguageServers
from bicameral.grounding.lsp.budget import Limits
from bicameral.grounding.signals import SIGNALS
from bicameral.tracing import Layer, Status

SCRIPTED = Path(__file__).with_name("scripted.py")
HANDSHAKE: list[list[Any]] = [
    ["expect", "initialize"],
    ["result", {"capabilities": {"positionEncoding": "utf-8"}}],
    ["expect", "initialized"],
]
DEFINITION = "textDocument/definition"
BOUND_SECONDS = 120.0
# Nobody who answers is late, however slow the machine: who tests a limit gives one.
PATIENT = Limits(start=BOUND_SECONDS, answer=BOUND_SECONDS, call=3 * BOUND_SECONDS)


class Listener(AbstractContextManager["Listener"]):
    """Listens to everything that is told within: (name, facts) in order."""

    trace_id = "test"

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, object]]] = []

    def __enter__(self) -> Self:
        self._token = tracing.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tracing.leave(self._token)

    def child(
        self, layer: Layer, operation: str, component: str, input_data: object
    ) -> tracing.Span:
        return tracing.NO_SPAN

    def mark(
        self,
        layer: Layer,
        operation: str,
        component: str,
        input_data: object,
        metadata: dict[str, object],
    ) -> None:
        assert layer == "grounding"
        assert set(metadata) == SIGNALS[operation], "told as the table says"
        self.heard.append((operation, metadata))

    def set_output(self, output: object, **metadata: object) -> None:
        return

    def add_metadata(self, **metadata: object) -> None:
        return

    def set_status(self, status: Status) -> None:
        return

    def facts(self, name: str) -> list[dict[str, object]]:
        """Return the facts of every event of a name."""
        return [facts for told, facts in self.heard if told == name]


class Script:
    """A script for a scripted server, and what it received."""

    def __init__(self, folder: Path, steps: Sequence[Sequence[Any]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.log = folder / "script.json", folder / "received.jsonl"
        self.path.write_text(json.dumps(steps), encoding="utf-8")

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-I", str(SCRIPTED), str(self.path), str(self.log)]

    @property
    def process_id(self) -> int:
        """The process that follows it; there once it has answered anything."""
        return int(self.log.with_suffix(".pid").read_text(encoding="utf-8"))

    @property
    def was_started(self) -> bool:
        return self.log.with_suffix(".pid").exists()

    def received(self, method: str = "") -> list[dict[str, Any]]:
        """Return the messages that arrived, of one method or all."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [each for each in map(json.loads, lines) if method in ("", each.get("method"))]


def configured(home: Path, text: str) -> None:
    """Write the settings of a home."""
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")


def table(**commands: Sequence[str]) -> str:
    """Return the settings that name a command for each language."""
    return "\n".join(["[lsp]", *(f"{name} = {json.dumps(c)}" for name, c in commands.items())])


def servers(environment: Environment, limits: Limits = PATIENT) -> LanguageServers:
    """Return language servers with the real clock, for waits are real here."""
    real = read_environment()
    real = replace(real, home=environment.home, cwd=environment.cwd, warn=environment.warn)
    return LanguageServers(real, limits)


def has_ended(process_id: int, *, within_seconds: float = BOUND_SECONDS) -> bool:
    """Wait until a process has ended; False if it still runs then."""
    try:
        descriptor = os.pidfd_open(process_id)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([descriptor], [], [], within_seconds)
    finally:
        os.close(descriptor)
    return bool(ready)


def location(path: Path, line: int, character: int) -> dict[str, Any]:
    """Return a Location that begins at a place."""
    start = {"line": line, "character": character}
    return {"uri": path.as_uri(), "range": {"start": start, "end": start}}
