"""One conversation with one language server: started at once, asked in time, ended for good.

Every question is bounded and every end is stated. A server that ends, breaks the protocol
or is given up is never spoken to again.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Full, Queue
from subprocess import TimeoutExpired
from threading import Condition, Thread
from typing import IO, Any

from bicameral.grounding.lsp.framing import Message, ProtocolBroken, encode, read_message
from bicameral.grounding.lsp.positions import Encoding, encoding_named
from bicameral.grounding.lsp.process import Child, start
from bicameral.grounding.lsp.replies import initialize_parameters, reply_to

INITIALIZE = "initialize"
FAREWELL_SECONDS = 0.5
MOST_UNSENT = 1_000
MOST_NEWS = 100
_PATIENCE_SECONDS = 5.0
_INITIALIZE_ID = 0


class NoAnswer(Exception):
    """A question has no answer; the text says why, in words that follow the server's name.

    `late_for` is the method that time ran out for, else empty.
    """

    def __init__(self, reason: str, *, late_for: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.late_for = late_for


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: its name, with numbers and codes; never a text of code."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Session:
    """A server process and what is known of it; safe to use from several threads.

    `ready_via` is empty until the server is ready: `diagnostics` or `request`, whichever
    came first after the handshake. `gone` says why it is not spoken to any more.
    """

    def __init__(
        self, command: Sequence[str], root: Path, variables: Mapping[str, str], *, process_id: int
    ) -> None:
        self.encoding: Encoding = "utf-16"
        self.ready_via = ""
        self.gone = ""
        self._root = root
        self._changed = Condition()
        self._child: Child | None = None
        self._outbox: Queue[bytes | None] = Queue(MOST_UNSENT)
        self._answers: dict[int, Message | None] = {}
        self._last_id = _INITIALIZE_ID
        self._news: deque[News] = deque(maxlen=MOST_NEWS)
        self._is_initialized = False
        parameters = initialize_parameters(root, process_id)
        self._send({"id": _INITIALIZE_ID, "method": INITIALIZE, "params": parameters})
        self._listener = _run(lambda: self._live(command, variables, process_id))

    def wait_until_initialized(self, seconds: float) -> None:
        """Wait for the handshake; raises `NoAnswer` when it is not over in time."""
        with self._changed:
            self._changed.wait_for(lambda: self.gone or self._is_initialized, seconds)
            if self.gone:
                raise NoAnswer(self.gone)
            if not self._is_initialized:
                raise NoAnswer("did not start in time", late_for=INITIALIZE)

    def tell(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Send a notification, after the handshake."""
        with self._changed:
            self._send({"method": method, "params": parameters})

    def ask(self, method: str, parameters: Mapping[str, Any], seconds: float) -> Any:
        """Ask, after the handshake, and return the result.

        Raises `NoAnswer` when there is none in time, or the server refuses.
        """
        with self._changed:
            number = self._last_id = self._last_id + 1
            self._answers[number] = None
            self._send({"id": number, "method": method, "params": parameters})
            self._changed.wait_for(lambda: self.gone or self._answers[number], seconds)
            answer = self._answers.pop(number)
            if answer is None and not self.gone:
                self._send({"method": "$/cancelRequest", "params": {"id": number}})
        if answer is None:
            late_for = "" if self.gone else method
            raise NoAnswer(self.gone or f"did not answer `{method}` in time", late_for=late_for)
        if "result" not in answer:
            raise NoAnswer(f"refused `{method}`")
        return answer["result"]

    def news(self) -> list[News]:
        """Return what happened since this was last asked, and forget it."""
        with self._changed:
            found = list(self._news)
            self._news.clear()
        return found

    def give_up(self, reason: str) -> None:
        """End the process at once; a second reason changes nothing."""
        with self._changed:
            self._end(reason)

    def close(self) -> None:
        """Say farewell, then end the process, within a second and a half."""
        if self._is_initialized and not self.gone:
            with suppress(NoAnswer):
                self.ask("shutdown", {}, FAREWELL_SECONDS)
                self.tell("exit", {})
                self._listener.join(FAREWELL_SECONDS)
        self.give_up("was stopped")
        self._listener.join(FAREWELL_SECONDS)

    # What the threads do.

    def _live(self, command: Sequence[str], variables: Mapping[str, str], parent: int) -> None:
        """Start the process and listen until it ends; its leash is tied to this thread."""
        try:
            child = start(command, variables, parent=parent)
        except (OSError, ValueError) as error:
            self.give_up(f"could not be started ({type(error).__name__})")
            return
        with self._changed:
            self._child = child
            if self.gone:
                child.end()
        writer = _run(lambda: self._write(child.reads))
        self.give_up(self._listen(child.writes))
        with self._changed:
            child.end()
            self._child = None  # nobody signals a process that was waited for
        with suppress(TimeoutExpired):
            child.process.wait(_PATIENCE_SECONDS)
        writer.join(_PATIENCE_SECONDS)
        child.writes.close()

    def _listen(self, pipe: IO[bytes]) -> str:
        """Take messages until the end; return how it ended."""
        try:
            while (message := read_message(pipe)) is not None:
                self._take(message)
        except ProtocolBroken as error:
            return str(error)
        except (OSError, ValueError):
            return "broke its pipe"
        return "ended by itself"

    def _write(self, pipe: IO[bytes]) -> None:
        # A server that does not read holds up this thread and nobody else.
        with suppress(OSError, ValueError):
            while (content := self._outbox.get()) is not None:
                pipe.write(content)
                pipe.flush()
        with suppress(OSError, ValueError):
            pipe.close()

    # What changes the state; the lock is held.

    def _take(self, message: Message) -> None:
        with self._changed:
            if "method" not in message:
                self._take_answer(message)
            elif "id" in message:
                self._send(reply_to(message, self._root))
            elif message["method"] == "textDocument/publishDiagnostics":
                self._take_diagnostics(message.get("params"))
            self._changed.notify_all()

    def _take_answer(self, message: Message) -> None:
        number = message.get("id")
        if number == _INITIALIZE_ID and not self._is_initialized:
            self._take_handshake(message)
        elif isinstance(number, int) and self._answers.get(number, message) is None:
            self._answers[number] = message  # the first answer holds
            if "result" in message:
                self._note_ready("request")

    def _take_handshake(self, message: Message) -> None:
        result = message.get("result")
        capabilities = result.get("capabilities") if isinstance(result, dict) else None
        if not isinstance(capabilities, dict):
            self._end("refused `initialize`")
            return
        encoding = encoding_named(capabilities.get("positionEncoding", "utf-16"))
        if encoding is None:
            self._end("counts characters in a way that was not offered")
            return
        self.encoding = encoding
        self._is_initialized = True
        self._news.append(News("initialize"))
        self._send({"method": "initialized", "params": {}})

    def _take_diagnostics(self, parameters: object) -> None:
        found = parameters.get("diagnostics") if isinstance(parameters, dict) else None
        count = len(found) if isinstance(found, list) else 0
        self._news.append(News("diagnostics", {"diag_count": count}))
        if self._is_initialized:
            self._note_ready("diagnostics")

    def _note_ready(self, via: str) -> None:
        if not self.ready_via:
            self.ready_via = via
            self._news.append(News("ready", {"ready_via": via}))

    def _send(self, message: Message) -> None:
        try:
            self._outbox.put_nowait(encode(message))
        except Full:
            self._end("does not read what it is sent")

    def _end(self, reason: str) -> None:
        if not self.gone:
            self.gone = reason
            if self._child is not None:
                self._child.end()
            # The writer has to see the end, however much is still unsent.
            with suppress(Empty):
                while True:
                    self._outbox.get_nowait()
            self._outbox.put_nowait(None)
        self._changed.notify_all()


def _run(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, name="language-server", daemon=True)
    thread.start()
    return thread
