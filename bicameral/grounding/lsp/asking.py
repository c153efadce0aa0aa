"""The language servers of one workspace, as the rest of grounding asks them.

One process for each program, started when it is first asked and never before, ended with
the workspace. What a server answers is a hint: the syntax tree has to confirm it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from bicameral.capture.policy import POLICY_FILE, read_policy
from bicameral.environment import Environment
from bicameral.grounding.lsp.budget import Budget, Limits
from bicameral.grounding.lsp.conversations import Conversation, Unanswered
from bicameral.grounding.lsp.positions import Encoding, position_at
from bicameral.grounding.lsp.programs import Places, Program, program_for
from bicameral.grounding.lsp.results import Outlined, Target, outline_of, targets_of
from bicameral.grounding.lsp.servers import LANGUAGES, Spoken, spoken_in
from bicameral.grounding.lsp.settings import Settings, read_settings
from bicameral.grounding.lsp.uris import uri_of
from bicameral.grounding.signals import LANGUAGE_SERVER
from bicameral.grounding.sources import Source
from bicameral.tracing import event

DEFINITION = "textDocument/definition"
DOCUMENT_SYMBOL = "textDocument/documentSymbol"


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the work tree as a server is shown it."""

    path: str
    source: Source


@dataclass(frozen=True, slots=True)
class Defined:
    """What a server said of some places: the targets of each, and how it counts in lines."""

    server: str
    encoding: Encoding
    targets: tuple[tuple[Target, ...], ...]


class LanguageServers:
    """The servers of one repository; safe to share between threads."""

    def __init__(self, environment: Environment, limits: Limits | None = None) -> None:
        self._environment = environment
        self._limits = limits
        self._known_settings: Settings | None = None
        self._running: dict[tuple[str, ...], Conversation] = {}
        self._lock = Lock()

    def budget(self) -> Budget:
        """Return what one call may wait in all."""
        return Budget(self._environment.monotonic_ns, self.limits.call)

    @property
    def limits(self) -> Limits:
        """How long is waited: as given, else as the settings say."""
        return self._limits or self._settings().limits

    def definitions(
        self,
        root: Path,
        document: Document,
        offsets: Sequence[int],
        budget: Budget,
        *,
        nearby: Iterable[str] = (),
    ) -> Defined:
        """Ask where what stands at each offset of a file is defined; raises `Unanswered`.

        `nearby` are files that the answer may lead to: they are looked at for changes.
        """
        spoken, asked = self._conversation(root, document.path)
        address = {"uri": uri_of(root / document.path)}
        found: list[tuple[Target, ...]] = []
        text = _text(document)
        with asked.about(document.path, spoken.protocol_id, text, budget, nearby=nearby):
            for offset in offsets:
                place = position_at(document.source, offset, asked.encoding)
                position = {"line": place.line, "character": place.character}
                question = {"textDocument": address, "position": position}
                targets = asked.ask(DEFINITION, question, targets_of, budget)
                event("grounding", "lsp.definition", LANGUAGE_SERVER, resolved=bool(targets))
                found.append(targets)
        return Defined(asked.server, asked.encoding, tuple(found))

    def outline(
        self, root: Path, document: Document, budget: Budget
    ) -> tuple[str, tuple[Outlined, ...]]:
        """Ask for the symbols of a file; return the server's name too; raises `Unanswered`."""
        spoken, asked = self._conversation(root, document.path)
        question = {"textDocument": {"uri": uri_of(root / document.path)}}
        with asked.about(document.path, spoken.protocol_id, _text(document), budget):
            return asked.server, asked.ask(DOCUMENT_SYMBOL, question, outline_of, budget)

    def close(self) -> None:
        """End every server that runs."""
        with self._lock:
            running, self._running = list(self._running.values()), {}
        for each in running:
            each.close()

    def _conversation(self, root: Path, path: str) -> tuple[Spoken, Conversation]:
        spoken = spoken_in(path)
        if spoken is None:
            raise Unanswered(
                f"no language server is known for files like {path.rpartition('/')[2]}",
                capability="unavailable",
            )
        with self._lock:
            program = self._program(root, spoken.language)
            running = self._running.get(program.command)
            if running is None:
                running = Conversation(program, root, self._environment, self.limits)
                self._running[program.command] = running
        return spoken, running

    def _program(self, root: Path, language: str) -> Program:
        places = Places.of(root, self._environment.variables)
        found = program_for(language, self._settings(), places)
        if isinstance(found, str):
            raise Unanswered(found, capability="unavailable")
        return found

    def _settings(self) -> Settings:
        if self._known_settings is None:
            self._known_settings = _settings_of(self._environment)
        return self._known_settings


def _settings_of(environment: Environment) -> Settings:
    policy = read_policy(environment.home, lambda _: None)  # capture has warned of the file
    if policy.trouble:
        return Settings(dict.fromkeys(LANGUAGES, ()))
    settings, warnings = read_settings(policy.tables.get("lsp"))
    for each in warnings:
        environment.warn(f"{environment.home / POLICY_FILE}: {each}")
    return settings


def _text(document: Document) -> str:
    return document.source.text.decode("utf-8", "replace")
