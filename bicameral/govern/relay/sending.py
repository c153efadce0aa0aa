"""Sending: one request to the endpoint, and what came back. No other module opens a connection.

It follows no redirect, trusts no proxy of the environment, verifies the other side, reads
little of its answer, and is over after its time whatever the other side does.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from bicameral.govern.relay.endpoint import Endpoint

TIMEOUT_SECONDS = 10.0
MOST_ANSWER_BYTES = 65_536
_PIECE = 8_192


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, 0 where there was no whole answer, and then why (`trouble`).

    `retry_after` is that header's text, empty without one. `location` is never looked at.
    """

    status: int
    retry_after: str = ""
    trouble: str = ""


def send(
    endpoint: Endpoint,
    headers: Mapping[str, str],
    body: bytes,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Post a body once; never raises for what the network or the other side does.

    `context` says whom to trust instead of the system's authorities.
    """
    exchange = _Exchange(endpoint, headers, body, timeout_seconds, context)
    # In a thread of its own, for neither a look-up of a name nor an answer that comes byte by
    # byte ends by a timeout of the socket.
    thread = threading.Thread(target=exchange.run, daemon=True, name="bicameral-upload")
    thread.start()
    thread.join(timeout_seconds)
    if thread.is_alive():
        exchange.give_up()
        return Reply(0, trouble="timeout")
    return exchange.reply


class _Exchange:
    """One connection, one request, one answer."""

    def __init__(
        self,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        body: bytes,
        timeout_seconds: float,
        context: ssl.SSLContext | None,
    ) -> None:
        self.reply = Reply(0, trouble="no answer")
        self._endpoint = endpoint
        self._headers = headers
        self._body = body
        self._timeout_seconds = timeout_seconds
        self._context = context
        self._connection: HTTPConnection | None = None

    def run(self) -> None:
        """Do it; whatever goes wrong is told by the name of its class, which quotes nothing."""
        try:
            self._connection = connection = self._connect()
            connection.request("POST", self._endpoint.path, self._body, dict(self._headers))
            answer = connection.getresponse()
            trouble = _read(answer)
            retry_after = answer.getheader("Retry-After") or ""
            self.reply = Reply(0 if trouble else answer.status, retry_after, trouble)
        except TimeoutError:
            self.reply = Reply(0, trouble="timeout")
        except (OSError, HTTPException, ValueError) as error:
            self.reply = Reply(0, trouble=type(error).__name__)
        finally:
            if self._connection is not None:
                self._connection.close()

    def give_up(self) -> None:
        """Break the connection off: what is read from it then ends."""
        opened = self._connection.sock if self._connection is not None else None
        if opened is not None:
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:  # it broke by itself meanwhile
                return

    def _connect(self) -> HTTPConnection:
        there, seconds = self._endpoint, self._timeout_seconds
        if there.is_secure:
            context = self._context or ssl.create_default_context()
            return HTTPSConnection(there.host, there.port, timeout=seconds, context=context)
        opened = HTTPConnection(there.host, there.port, timeout=seconds)
        opened.connect()
        try:
            require_here(opened.sock.getpeername()[0])
        except ConnectionError:
            opened.close()
            raise
        return opened


def require_here(address: str) -> None:
    """Raise `ConnectionError` unless an address is of this machine.

    What a connection has reached decides, for a name can be made to lead anywhere.
    """
    if not ipaddress.ip_address(address).is_loopback:
        raise ConnectionError("not this machine")


def _read(answer: HTTPResponse) -> str:
    """Read what there is of the answer, within reason; return what is wrong with it."""
    size = 0
    while size < MOST_ANSWER_BYTES and (piece := answer.read1(_PIECE)):
        size += len(piece)
    is_short = bool(answer.length) and size < MOST_ANSWER_BYTES
    return "the answer broke off" if is_short else ""
