"""The real server as a process on real pipes, and what it leaves in its home."""

import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bicameral.capture.rows import Rows
from tests.serving.talk import INITIALIZED, Message, Talk, call, initialize

COMMAND = (sys.executable, "-m", "server", "serve")
EVENTS = "preflight_events.jsonl"
ENGAGEMENTS = "engagements.jsonl"


def variables_for(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server: this one's, without what a client might have set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BICAMERAL_", "CLAUDE"))
    }
    return {**kept, "BICAMERAL_HOME": str(home), **more}


class Served(Talk):
    """A client of the real server, in a folder; every line it is told is checked."""

    def __init__(
        self,
        cwd: Path,
        variables: Mapping[str, str],
        *options: str,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(variables),
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._errors: list[bytes] = []
        self._numbers = itertools.count(1)
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.send(initialize(0), INITIALIZED)

    def receive(self) -> Message:
        """Return the next line, which must be protocol and nothing else."""
        answer = super().receive()
        assert answer["jsonrpc"] == "2.0"
        return answer

    def start(self, tool: str, **arguments: Any) -> int:
        """Send a call without waiting; return its id."""
        number = next(self._numbers)
        self.send(call(number, tool, **arguments))
        return number

    def result(self, tool: str, meta: Mapping[str, Any] | None = None, **arguments: Any) -> Any:
        """Call a tool and return the result as it came."""
        message = call(next(self._numbers), tool, **arguments)
        if meta:
            message["params"]["_meta"] = dict(meta)
        return self.ask(message)["result"]

    def call(
        self, tool: str, meta: Mapping[str, Any] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """Call a tool that is expected to answer."""
        result = self.result(tool, meta, **arguments)
        assert not result["isError"], result
        return dict(result["structuredContent"])

    def refuse(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is expected to refuse; return its error."""
        result = self.result(tool, **arguments)
        assert result["isError"], result
        found = json.loads(result["content"][0]["text"])
        assert found["next_step"]
        return dict(found)

    def kill(self) -> None:
        """End it without notice."""
        self.process.send_signal(signal.SIGKILL)
        self.wait()


def rows(home: Path, name: str, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a log over its rotated files, none of which may be torn."""
    found = Rows(home / name)
    listed = list(found)
    assert found.skipped == 0
    return [row for row in listed if kind is None or row.get("event_type") == kind]


def names(home: Path) -> set[str]:
    """Return the names of everything below the home."""
    return {str(path.relative_to(home)) for path in home.rglob("*")} if home.exists() else set()
