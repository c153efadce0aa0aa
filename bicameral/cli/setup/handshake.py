"""The proof that a client's entry works: the command, started and spoken to as a client does.

It runs with a data home of its own, so that trying it leaves nothing behind, and it is
waited for within a bound.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bicameral.environment import Environment

BOUND_SECONDS = 30.0
FAREWELL_SECONDS = 10.0
LONGEST_SAID = 300
_LISTED = 2
_HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bicameral-setup", "version": "1"},
}
_MESSAGES = (
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": _HELLO},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": _LISTED, "method": "tools/list"},
)
_REQUEST = b"".join(json.dumps(each).encode() + b"\n" for each in _MESSAGES)


@dataclass(frozen=True, slots=True)
class Tried:
    """How it went: the number of tools and the time to their listing, or what went wrong."""

    tools: int = 0
    milliseconds: int = 0
    problem: str = ""


def try_command(
    environment: Environment,
    words: Sequence[str],
    variables: Mapping[str, str],
    *,
    cwd: Path,
    bound_seconds: float = BOUND_SECONDS,
    farewell_seconds: float = FAREWELL_SECONDS,
) -> Tried:
    """Start a command, ask it for its tools over stdio, and end it.

    It has `bound_seconds` to answer, and then `farewell_seconds` to leave by itself.
    """
    began = environment.monotonic_ns()
    with (
        tempfile.TemporaryDirectory(prefix="bicameral-setup-", ignore_cleanup_errors=True) as home,
        tempfile.TemporaryFile() as said,
    ):
        merged = {**environment.variables, **variables, "BICAMERAL_HOME": home}
        try:
            process = _start(words, merged, cwd, said)
        except OSError as error:
            return Tried(problem=f"it cannot be started: {error.strerror or error}")
        answer = _answer_in_time(process, bound_seconds)
        milliseconds = round((environment.monotonic_ns() - began) / 1e6)
        _end(process, farewell_seconds)
        if isinstance(answer, int):
            return Tried(answer, milliseconds)
        return Tried(problem=answer + _last_words(said))


def _start(
    words: Sequence[str], variables: Mapping[str, str], cwd: Path, said: IO[bytes]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        list(words),
        cwd=cwd,
        env=dict(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        # A group of its own, so that a wrapper is ended with what it started.
        start_new_session=True,
    )


def _answer_in_time(process: "subprocess.Popen[bytes]", bound_seconds: float) -> int | str:
    """Return the number of tools, or what went wrong; the process is killed when it is late."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(bound_seconds, give_up)
    timer.start()
    try:
        answer = _ask(process)
    finally:
        timer.cancel()
    return f"it did not answer within {bound_seconds:g} seconds" if late.is_set() else answer


def _ask(process: "subprocess.Popen[bytes]") -> int | str:
    if process.stdin is None or process.stdout is None:  # asked for above
        raise AssertionError
    with suppress(BrokenPipeError):  # it has ended, and the end of its output says so
        process.stdin.write(_REQUEST)
        process.stdin.flush()
    for line in process.stdout:
        message = _message(line)
        if message.get("id") == _LISTED:
            return _tools_in(message)
    return "it ended before it listed its tools"


def _tools_in(message: Mapping[str, Any]) -> int | str:
    result = message.get("result")
    tools = result.get("tools") if isinstance(result, dict) else None
    return len(tools) if isinstance(tools, list) and tools else "it listed no tools"


def _message(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _end(process: "subprocess.Popen[bytes]", farewell_seconds: float) -> None:
    """End it as a client does: hang up, and after a while do not ask any more."""
    try:
        process.communicate(timeout=farewell_seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.communicate()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":  # pragma: no cover
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _last_words(said: IO[bytes]) -> str:
    """Return the last line that it wrote on stderr, which most often is the reason."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:LONGEST_SAID]}" if lines else ""
