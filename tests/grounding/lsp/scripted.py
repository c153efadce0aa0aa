"""A language server that follows a script: a real program on real pipes, as bad as it is told.

Run as `scripted.py SCRIPT LOG`: the script is a JSON list of steps, every message that
arrives is appended to the log, and its process id stands beside it. Steps:

    ["expect", METHOD]          read until a request or notification of that method came
    ["result", VALUE]           answer the request that was expected last
    ["error", CODE]             refuse it
    ["send", MESSAGE]           send any message
    ["ask", METHOD, PARAMS]     ask the client, and read until it has answered
    ["raw", TEXT]               write a text as it is
    ["flood", COUNT]            ask the client that often, and read nothing
    ["exit"]                    end
    ["deaf"]                    live on, whatever happens to the pipes

After the last step it reads until its input ends.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def read() -> dict[str, Any]:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = sys.stdin.buffer.read(length)
    if not body:
        raise EOFError
    with Path(sys.argv[2]).open("ab") as log:
        log.write(body + b"\n")
    message: dict[str, Any] = json.loads(body)
    return message


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


class Actor:
    """Does one step after the other; remembers which request is to be answered."""

    def __init__(self) -> None:
        self.last: object = None
        self.ahead: list[dict[str, Any]] = []

    def expect(self, method: str) -> None:
        while (message := self.next()).get("method") != method:
            pass
        self.last = message.get("id")

    def next(self) -> dict[str, Any]:
        return self.ahead.pop(0) if self.ahead else read()

    def result(self, value: object) -> None:
        send({"id": self.last, "result": value})

    def error(self, code: int) -> None:
        send({"id": self.last, "error": {"code": code, "message": "no"}})

    def send(self, message: dict[str, Any]) -> None:
        send(message)

    def ask(self, method: str, parameters: object) -> None:
        send({"id": "server-1", "method": method, "params": parameters})
        while (message := read()).get("id") != "server-1":
            self.ahead.append(message)

    def raw(self, text: str) -> None:
        sys.stdout.buffer.write(text.encode("latin-1"))
        sys.stdout.buffer.flush()

    def flood(self, count: int) -> None:
        for number in range(count):
            send({"id": number, "method": "window/workDoneProgress/create", "params": {}})

    def exit(self) -> None:
        raise EOFError

    def deaf(self) -> None:
        while True:
            signal.pause()


def main() -> None:
    Path(sys.argv[2]).with_suffix(".pid").write_text(str(os.getpid()), encoding="utf-8")
    actor = Actor()
    for step, *values in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        getattr(actor, step)(*values)
    while True:
        read()


if __name__ == "__main__":
    try:
        main()
    except (EOFError, BrokenPipeError):
        # Nobody is there to be flushed to.
        os._exit(0)
