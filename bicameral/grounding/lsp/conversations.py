"""What one program is asked: within its limits, in turn, and with everything told that happened.

A question waits for its own limit or for what is left of its call's budget. A server that
used up a whole limit is given up for the life of this process: nobody waits for it twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from bicameral.environment import Environment
from bicameral.grounding.lsp.budget import Budget, Limits
from bicameral.grounding.lsp.framing import ProtocolBroken
from bicameral.grounding.lsp.positions import Encoding
from bicameral.grounding.lsp.programs import Program
from bicameral.grounding.lsp.session import NoAnswer, Session
from bicameral.grounding.lsp.uris import uri_of
from bicameral.grounding.signals import LANGUAGE_SERVER
from bicameral.metering import count
from bicameral.tracing import event

_CREATED, _CHANGED, _DELETED = 1, 2, 3

Value = TypeVar("Value")


class Unanswered(Exception):
    """No language server answered; `reason` is a sentence that says why.

    `capability` is `unavailable` where none could be asked, `degraded` where one was.
    """

    def __init__(
        self, reason: str, *, server: str = "", capability: Literal["degraded", "unavailable"]
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.server = server
        self.capability = capability


class Conversation:
    """One program, started at once for one repository; safe to use from several threads."""

    def __init__(
        self, program: Program, root: Path, environment: Environment, limits: Limits
    ) -> None:
        self.server = program.name
        self._limits = limits
        self._root = root
        self._turn = Lock()
        self._noted: dict[str, tuple[int, int]] = {}
        self._was_asked = False
        self._session = Session(
            program.command, root, environment.variables, process_id=environment.process_id
        )
        name = program.name if program.is_known else "configured"
        event("grounding", "lsp.spawn", LANGUAGE_SERVER, server=name)
        count("lsp_spawn_count")

    @property
    def encoding(self) -> Encoding:
        """How places are counted; known once the server is."""
        return self._session.encoding

    @contextmanager
    def about(
        self, path: str, protocol_id: str, text: str, budget: Budget, *, nearby: Iterable[str] = ()
    ) -> Iterator[None]:
        """Have the server see a file as it is now; what is asked within is asked alone.

        Of what is `nearby` it is told whether it changed. Raises `Unanswered` where the server
        is not there in time.
        """
        if self._session.gone:
            raise self._unanswered(
                f"{self._session.gone}; it is not asked again before Bicameral is started anew",
                capability="unavailable",
            )
        if not self._turn.acquire(timeout=budget.left_seconds):
            raise self._unanswered("was busy with other questions")
        try:
            self._in_time(self._session.wait_until_initialized, self._limits.start, budget)
            self._note_changes([path, *nearby])
            document = {"uri": uri_of(self._root / path)}
            opened = {**document, "languageId": protocol_id, "version": 1, "text": text}
            self._session.tell("textDocument/didOpen", {"textDocument": opened})
            yield
            self._session.tell("textDocument/didClose", {"textDocument": document})
        finally:
            self._turn.release()
            self._tell_news()

    def ask(
        self,
        method: str,
        parameters: Mapping[str, Any],
        read: Callable[[object], Value],
        budget: Budget,
    ) -> Value:
        """Ask one question and read its answer; raises `Unanswered`."""
        limit = self._limits.answer if self._session.ready_via else self._limits.start
        result = self._in_time(
            lambda seconds: self._session.ask(method, parameters, seconds), limit, budget
        )
        try:
            return read(result)
        except ProtocolBroken as error:
            self._session.give_up(str(error))
            raise self._unanswered(str(error)) from error

    def close(self) -> None:
        """End the server; takes a second and a half at most."""
        self._session.close()
        self._tell_news()

    def _note_changes(self, paths: Iterable[str]) -> None:
        """Tell of files that changed since the server was last told; it does not look itself."""
        changes = []
        for path in dict.fromkeys([*paths, *self._noted]):
            seen, known = _stamp(self._root / path), self._noted.get(path)
            if seen == known:
                continue
            kind = _CREATED if known is None else _CHANGED if seen else _DELETED
            changes.append({"uri": uri_of(self._root / path), "type": kind})
            if seen:
                self._noted[path] = seen
            else:
                del self._noted[path]
        if changes and self._was_asked:
            self._session.tell("workspace/didChangeWatchedFiles", {"changes": changes})
        self._was_asked = True

    def _in_time(self, wait: Callable[[float], Value], limit: float, budget: Budget) -> Value:
        seconds = min(limit, budget.left_seconds)
        if seconds <= 0:
            raise self._unanswered("was not asked: the time of this call for it is spent")
        try:
            with budget.spending():
                return wait(seconds)
        except NoAnswer as error:
            if error.late_for:
                self._note_late(error.late_for, seconds)
                if seconds >= limit:
                    self._session.give_up(error.reason)
            raise self._unanswered(error.reason) from error

    def _note_late(self, method: str, seconds: float) -> None:
        facts = {"method": method, "timeout_ms": round(seconds * 1000, 3)}
        event("grounding", "lsp.timeout", LANGUAGE_SERVER, **facts, fallback_to="tree-sitter")
        count("lsp_timeout_count")

    def _tell_news(self) -> None:
        """Tell what the listening thread saw, in the context of the call that waited for it."""
        for news in self._session.news():
            event("grounding", f"lsp.{news.name}", LANGUAGE_SERVER, **news.facts)
            if news.name == "ready":
                count("lsp_ready_count")

    def _unanswered(
        self, what: str, *, capability: Literal["degraded", "unavailable"] = "degraded"
    ) -> Unanswered:
        return Unanswered(f"{self.server} {what}", server=self.server, capability=capability)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
