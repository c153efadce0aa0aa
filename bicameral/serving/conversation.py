"""One client on one pipe: what it said, what it was told, and how the talk ends.

Requests that arrive before the SDK is ready wait here, in order; each is answered once,
by the front or by the SDK. The end of the session is told before anything else is done.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import NoReturn

from bicameral.environment import Environment
from bicameral.errors import BicameralError
from bicameral.serving.frames import (
    INTERNAL_ERROR,
    Fault,
    Frame,
    Oversized,
    fault_line,
    key_of,
    read_frame,
    result_line,
)
from bicameral.serving.front import FORWARD, Front, client_name
from bicameral.serving.replies import Replies
from bicameral.serving.session import mint_session, resolve_session

Deliver = Callable[[Mapping[str, object]], None]


class Conversation:
    """The state that the reading thread and the SDK's thread share."""

    def __init__(
        self,
        environment: Environment,
        outgoing: int,
        *,
        front: Front | None,
        on_start: Callable[[str, str | None], None],
        on_end: Callable[[], None],
    ) -> None:
        self.variables = environment.variables
        self.process_session = mint_session(environment.random_bytes)
        self.report = environment.warn
        self._outgoing = outgoing
        self._front = front
        self._on_start, self._on_end = on_start, on_end
        self._started = self._hurried = False
        self._closing, self._closed = threading.Lock(), threading.Event()
        self._writing, self._handing = threading.Lock(), threading.Lock()
        self._waiting: deque[Frame] = deque()
        self._deliver: Deliver | None = None
        self._replies = Replies()
        self._needed = threading.Event()
        if front is None:
            self._needed.set()

    def wait_until_needed(self) -> None:
        """Wait for the first request that only the tables can answer.

        An idle server, and every client has some, then costs a fifth less memory.
        """
        self._needed.wait()

    def hear(self, line: bytes | Oversized) -> None:
        """Take one line from the client: answer it, or pass it on to the SDK, or both."""
        frame = read_frame(line)
        if isinstance(frame, list):
            for fault in frame:
                self._write(fault_line(fault))
        elif frame.method != "notifications/cancelled" or not self._withdraw(frame.params):
            self._take(frame)
            self._start(frame)

    def open(self, deliver: Deliver) -> None:
        """The SDK is ready: hand it all that waits, in order; from now on it hears all."""
        with self._handing:
            for frame in self._waiting:
                deliver(frame.message)
            self._waiting.clear()
            self._deliver = deliver
            self._front = None

    def say(self, text: str, key: str | None) -> None:
        """Write what the SDK says; `key` is the id that it answers, if it is an answer."""
        if key is None or not self._replies.is_answered(key):
            self._write(text)
        if key is not None:
            self._replies.settle(key)

    def fail(self, error: Exception, details: str) -> None:
        """The server cannot work: tell everyone who waits, and leave with status 1."""
        self.report(details.rstrip())
        known = isinstance(error, BicameralError)
        text = f"the server cannot work: {error if known else type(error).__name__}"
        for key in self._replies.take_owed():
            self._write(fault_line(Fault(key, INTERNAL_ERROR, text)))
        self.leave(status=1)

    def leave(self, *, status: int) -> None:
        """End the process now; returns only when another thread is about to do so."""
        self._hurried = True
        self._close()
        if self._closed.is_set():
            _exit(status)

    def end(self, *, patience_seconds: float) -> NoReturn:
        """The client has closed its end: finish what is owed to it, then end the process."""
        self._close()
        self._closed.wait(patience_seconds)
        if not self._hurried:
            self._replies.wait_until_settled(patience_seconds)
        _exit(0)

    def _close(self) -> None:
        """Tell the end of the session, once; another thread that tells it is not waited for."""
        if not self._closing.acquire(blocking=False):
            return
        try:
            if self._started:
                self._on_end()
        finally:
            self._closed.set()

    def _take(self, frame: Frame) -> None:
        front = self._front
        heard = front.hear(frame) if front else FORWARD
        if frame.key is not None and heard.answer is not None:
            self._write(result_line(frame.key, heard.answer))
        if not heard.forward:
            return
        if frame.key is not None and heard.answer is not None:
            self._replies.answered_early(frame.key)
        elif frame.key is not None:
            self._replies.expect(frame.key)
            self._needed.set()
        self._forward(frame)

    def _forward(self, frame: Frame) -> None:
        with self._handing:
            if self._deliver is None:
                self._waiting.append(frame)
            else:
                self._deliver(frame.message)

    def _withdraw(self, params: Mapping[str, object]) -> bool:
        """Apply a cancellation here if it can be; say whether the SDK need not hear of it.

        A request that was answered is over, and one that still waits is never begun.
        """
        key = key_of(params.get("requestId"))
        if key is None or self._replies.is_answered(key):
            return key is not None
        with self._handing:
            found = next((each for each in self._waiting if each.key == key), None)
            if found is not None and found.method != "initialize":
                self._waiting.remove(found)
        self._replies.forgive(key)
        return found is not None

    def _start(self, frame: Frame) -> None:
        if self._started or frame.key is None:
            return
        self._on_start(self._session_of(frame.params), client_name(frame.params))
        # Only now: a signal in between leaves a start without an end, which is what a
        # kill leaves too, and never an end without a start.
        self._started = True

    def _session_of(self, params: Mapping[str, object]) -> str:
        arguments, meta = params.get("arguments"), params.get("_meta")
        return resolve_session(
            arguments=arguments if isinstance(arguments, Mapping) else {},
            meta=meta if isinstance(meta, Mapping) else {},
            variables=self.variables,
            headers={},
            minted=self.process_session,
        )

    def _write(self, text: str) -> None:
        left = memoryview(text.encode("utf-8") + b"\n")
        try:
            with self._writing:
                while left:
                    left = left[os.write(self._outgoing, left) :]
        except OSError:
            # The client no longer listens, so there is nobody to go on for.
            self.leave(status=0)


def _exit(status: int) -> NoReturn:
    """End without Python's own farewell: every write is done, and threads still run."""
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)
