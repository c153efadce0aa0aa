"""The other side: a real HTTP server on this machine, which answers what a test tells it.

It checks every signature as an operator would, and keeps what it was sent.
"""

import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "t0ken-" + "k" * 30
BOUND_SECONDS = 30

Answer = Callable[["Handler"], None]


@dataclass
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["Idempotency-Key"]

    def is_signed(self) -> bool:
        """Check the signature from the words of the documentation alone."""
        message = self.headers["X-Bicameral-Timestamp"].encode() + b"\n" + self.body
        expected = hmac.new(TOKEN.encode(), message, sha256).hexdigest()
        return hmac.compare_digest(self.headers["X-Bicameral-Signature"], f"sha256={expected}")


@dataclass
class There:
    """What was sent, and what to answer: each answer once, then the last for ever."""

    answers: list[Answer]
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/batches"

    def next_answer(self) -> Answer:
        with self.guard:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def keys(self) -> list[str]:
        return [each.key for each in self.requests]

    def row_ids(self) -> list[str]:
        """Return the rows of distinct batches: what an operator ends up with."""
        distinct = {each.key: each.body for each in self.requests}
        return [row["id"] for body in distinct.values() for row in json.loads(body)["rows"]]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    there: There

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = Request(self.path, dict(self.headers.items()), body)
        with self.there.guard:
            self.there.requests.append(request)
        self.there.next_answer()(self)

    do_GET = do_POST  # noqa: N815 - whoever follows a redirect would come this way

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing: the tests look at what was sent."""


def status(code: int, **headers: str) -> Answer:
    """Answer a status, with headers whose names have `_` for `-`."""

    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if code != 204:
            handler.send_header("Content-Length", "2")
        handler.end_headers()
        if code != 204:
            handler.wfile.write(b"{}")

    return answer


def silent(handler: Handler) -> None:
    """Take the request, and never answer."""
    handler.there.over.wait(BOUND_SECONDS)
    handler.close_connection = True


def dripping(handler: Handler) -> None:
    """Send one byte after the other, each in time, and never come to an end."""
    with suppress(OSError):
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not handler.there.over.wait(0.05):
            handler.connection.sendall(b"x")
    handler.close_connection = True


def broken(handler: Handler) -> None:
    """Promise more of a body than there is."""
    handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def broken_piece(handler: Handler) -> None:
    """Break off within a piece of a body that is sent in pieces."""
    handler.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhal")
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def closing(handler: Handler) -> None:
    """Hang up without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def huge(handler: Handler) -> None:
    """Answer well, with a body that has no end."""
    with suppress(OSError):
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while not handler.there.over.is_set():
            handler.connection.sendall(b"x" * 65_536)
    handler.close_connection = True


def nonsense(handler: Handler) -> None:
    """Speak another protocol."""
    handler.connection.sendall(b"220 mail.example.invalid ESMTP\r\n")
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@contextmanager
def listening(*answers: Answer) -> Iterator[There]:
    """Run the other side on a free port of this machine."""
    there = There(list(answers))
    handler = type("Bound", (Handler,), {"there": there})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False
        there.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield there
        finally:
            there.over.set()
            server.shutdown()
            thread.join()
