"""The raw side of a pipe: a server as a process, lines in, lines out, every wait bounded."""

import contextlib
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from bicameral.serving.frames import Frame, read_frame
from bicameral.serving.front import CAPABILITIES_KEY, CLIENT_KEY, VERSION_KEY, Front
from bicameral.serving.listings import read_listings

ROOT = Path(__file__).parent.parent.parent
BOUND_SECONDS = 120  # reached only by what hangs
MODERN = "2026-07-28"
CLIENT = {"name": "raw", "version": "1"}
ENVELOPE = {VERSION_KEY: MODERN, CLIENT_KEY: CLIENT, CAPABILITIES_KEY: {}}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}

Message = dict[str, Any]


def request(identifier: int | str, method: str, **params: Any) -> Message:
    message: Message = {"jsonrpc": "2.0", "id": identifier, "method": method}
    return {**message, "params": params} if params else message


def initialize(identifier: int | str = 0, *, version: str = "2025-11-25", **more: Any) -> Message:
    hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT, **more}
    return request(identifier, "initialize", **hello)


def modern(identifier: int | str, method: str, **params: Any) -> Message:
    return request(identifier, method, **params, _meta=ENVELOPE)


def call(identifier: int | str, tool: str, **arguments: Any) -> Message:
    return request(identifier, "tools/call", name=f"bicameral.{tool}", arguments=arguments)


def cancel(identifier: int | str) -> Message:
    params = {"requestId": identifier}
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}


class Talk:
    """A client of the sample server that writes and reads lines as they are."""

    def __init__(self, *options: str, variables: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.sample", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(variables or {})},
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._errors: list[bytes] = []
        self._readers = [
            threading.Thread(target=self._read_answers, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.process.terminate()
        self.process.wait(BOUND_SECONDS)
        for reader in self._readers:
            reader.join(BOUND_SECONDS)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def send(self, *messages: Message | bytes) -> None:
        assert self.process.stdin
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def receive(self) -> Message:
        line = self._lines.get(timeout=BOUND_SECONDS)
        assert line is not None, f"the server ended; it said: {self.stderr()}"
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer

    def ask(self, message: Message) -> Message:
        """Send one request and return its answer, whatever else comes before."""
        self.send(message)
        while (answer := self.receive()).get("id") != message["id"]:
            pass
        return answer

    def hang_up(self) -> int:
        """Close the pipe and return the exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(BOUND_SECONDS)
        for reader in self._readers:
            reader.join(BOUND_SECONDS)
        return status

    def rest(self) -> list[Message]:
        """Return what was written and not yet received; call it after the end."""
        lines: Iterable[bytes | None] = iter(self._lines.get, None)
        return [json.loads(line) for line in lines if line]

    def stderr(self) -> str:
        return b"".join(self._errors).decode()

    def _read_answers(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._errors.append(line)


def lines_of(journal: Path) -> list[str]:
    return journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []


def make_front(listings: Path) -> Front:
    found = read_listings(listings)
    assert found
    return Front(found, tool_names="auto")


def frame_of(message: Message) -> Frame:
    frame = read_frame(json.dumps(message).encode())
    assert isinstance(frame, Frame)
    return frame


def wait_until_begun(talk: Talk, journal: Path) -> None:
    """Keep the server answering until its slow tool says that it began."""
    deadline = time.monotonic() + BOUND_SECONDS
    for number in itertools.count():
        if "wait began" in lines_of(journal):
            return
        assert time.monotonic() < deadline, "the call never began"
        talk.ask(request(f"again {number}", "ping"))
