"""Servers as an agent sees them: in this process, or as a process behind a pipe.

Both can be closed as a client closes them, and ended without notice.
"""

import io
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import server
from bicameral.cli.hook import run_hook
from bicameral.environment import Environment
from tests.conftest import Clock
from tests.server.served import Served, variables_for
from tests.serving.talk import BOUND_SECONDS

HOOK = (sys.executable, "-P", "-m", "server", "hook", "after-edit")


class Desk(Protocol):
    """One server of one session, with the client's hook beside it."""

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name."""
        ...

    def observe_edit(self, file: Path) -> None:
        """Let the client's hook tell that a file was edited."""
        ...

    def close(self) -> None:
        """End the session."""
        ...

    def kill(self) -> None:
        """End the server without notice."""
        ...


class InProcess:
    """The real handlers in this process, by an injected clock."""

    def __init__(self, environment: Environment, root: Path, session_id: str) -> None:
        self._environment = environment
        self._root = root
        self._session_id = session_id
        self._desk = server.Desk(environment, start=root, session_id=session_id)

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name."""
        return self._desk.call(name, arguments)

    def observe_edit(self, file: Path) -> None:
        """Run the hook as its entry does."""
        sent = io.BytesIO(edit_sent(self._session_id, self._root, file))
        assert run_hook(["after-edit"], self._environment, sent) == 0

    def close(self) -> None:
        """End the session."""
        self._desk.close()

    def kill(self) -> None:
        """Do what the system does for a process that is killed: locks fall, nothing is written."""
        self._desk.services.telemetry.close()
        self._desk.services.ledger.close()


class OverStdio:
    """The real server as a process, and the hook as another; `kill` is kill -9."""

    def __init__(self, environment: Environment, root: Path, session_id: str) -> None:
        telling = {k: v for k, v in environment.variables.items() if k.startswith("BICAMERAL_")}
        self._variables = {
            **variables_for(environment.home),
            **telling,
            "CLAUDE_CODE_SESSION_ID": session_id,
        }
        self._root = root
        self._session_id = session_id
        self._served = Served(root, self._variables)

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name."""
        return self._served.call(name.removeprefix("bicameral."), None, **arguments)

    def observe_edit(self, file: Path) -> None:
        """Run the hook as the client does."""
        sent = edit_sent(self._session_id, self._root, file)
        done = subprocess.run(
            HOOK,
            cwd=self._root,
            env=self._variables,
            input=sent,
            capture_output=True,
            timeout=BOUND_SECONDS,
            check=True,
        )
        assert (done.stdout, done.stderr) == (b"", b"")

    def close(self) -> None:
        """Hang up, as a client does that leaves."""
        assert self._served.hang_up() == 0
        self._served.__exit__()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        self._served.kill()
        self._served.__exit__()


class RealClock(Clock):
    """The clock of the machine, for servers that go by it; nobody waits for it."""

    def __call__(self) -> int:
        return time.time_ns()

    def advance(self, *, seconds: float) -> None:
        """Time passes by itself."""


def edit_sent(session_id: str, root: Path, file: Path) -> bytes:
    """Return what Claude Code sends to its hook after an edit."""
    return json.dumps(
        {
            "session_id": session_id,
            "transcript_path": f"/nowhere/{session_id}.jsonl",
            "cwd": str(root),
            "hook_event_name": "PostToolUse",
            "tool_name": "Edit",
            "tool_input": {"file_path": str(file), "old_string": "1", "new_string": "2"},
            "tool_response": {"filePath": str(file)},
            "tool_use_id": "toolu_1",
        }
    ).encode()
