"""One command's run: parse, connect, call, and write the answer or the refusal.

Commands call the same handlers as MCP clients do, so the two can never disagree.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

from bicameral.capture.identifiers import new_uuid4
from bicameral.cli.commands import Command
from bicameral.cli.page import Page, make_page
from bicameral.cli.parsing import make_command_parser
from bicameral.cli.progress import ProgressBar
from bicameral.cli.translation import in_command_words
from bicameral.environment import Environment
from bicameral.errors import BicameralError, InputRefused

if TYPE_CHECKING:
    from bicameral.grounding.workspace import Workspace
    from bicameral.ledger.database import Ledger

Answer = Mapping[str, Any]
Show = Callable[[Answer, Page], None]
Progress = Callable[[str, int, int], None]
CLIENT_SESSION = "CLAUDE_CODE_SESSION_ID"


class Engine(Protocol):
    """What the few commands need for which there is no tool."""

    @property
    def ledger(self) -> "Ledger":
        """The decisions."""
        ...

    @property
    def workspace(self) -> "Workspace":
        """The repository under work."""
        ...


class Desk(Protocol):
    """The tools without a client."""

    @property
    def services(self) -> Engine:
        """The engine behind the tools."""
        ...

    @property
    def tool_names(self) -> tuple[str, ...]:
        """Every tool by its dotted name."""
        ...

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name; raises `BicameralError`."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Connect(Protocol):
    """Opens a desk; `ends_session` is false for a session that goes on in another process."""

    def __call__(
        self,
        environment: Environment,
        *,
        start: Path | None,
        session_id: str,
        ends_session: bool,
        progress: Progress,
        trace: bool | None = None,
    ) -> Desk:
        """Open it on the repository around `start`."""
        ...


class CommandModule(Protocol):
    """What the module of a command has."""

    def configure(self, parser: ArgumentParser) -> None:
        """Add what the command takes."""
        ...

    def run(self, work: "Work", options: Namespace) -> int:
        """Do it; return the exit status."""
        ...


class Work:
    """What a command is given: the way to the engine, and the way to the person."""

    def __init__(
        self,
        environment: Environment,
        connect: Connect,
        *,
        start: Path | None,
        as_json: bool,
        trace: bool | None = None,
    ) -> None:
        self.environment = environment
        self.connect = connect
        self.as_json = as_json
        self.start = start or environment.cwd
        self.trace = trace

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Open the tools for a moment, in the client's session if there is one."""
        joined = self.environment.variables.get(CLIENT_SESSION, "").strip()
        progress = ProgressBar(sys.stderr, self.environment.monotonic_ns)
        desk = self.connect(
            self.environment,
            start=self.start,
            session_id=joined or f"cli-{new_uuid4(self.environment.random_bytes)}",
            ends_session=not joined,
            progress=progress,
            trace=self.trace,
        )
        try:
            yield desk
        finally:
            progress.clear()
            desk.close()

    def call(self, tool: str, arguments: Mapping[str, object], show: Show) -> int:
        """Call one tool with the arguments that are set, and show its answer."""
        given = {name: value for name, value in arguments.items() if value is not None}
        with self.desk() as desk:
            answer = desk.call(tool, given)
        self.show(answer, show)
        return int(has_failures(answer))

    def ask(self, tool: str, arguments: Mapping[str, object], show: Show) -> int:
        """Call a tool that reads decisions; where no ledger is, its page says so."""
        given = {name: value for name, value in arguments.items() if value is not None}
        with self.desk() as desk:
            answer = desk.call(tool, given)
            place = desk.services.ledger.path
            is_absent = place is not None and not place.exists()

        def show_all(answer: Answer, page: Page) -> None:
            show(answer, page)
            if is_absent:  # a mistaken home answers like a team that has decided nothing
                page.line(f"nothing was ever recorded: there is no ledger at {place}")
                page.line("next: bicameral-mcp ingest docs/adr, or set BICAMERAL_HOME to its home")

        self.show(answer, show_all)
        return 0

    def show(self, answer: Answer, show: Show) -> None:
        """Write an answer to stdout, for a person or as one JSON document."""
        if self.as_json:
            write(as_document(answer))
            return
        page = make_page(self.environment.variables, sys.stdout)
        show(answer, page)
        write(page.text())

    def refuse(self, error: BicameralError, more: Answer = MappingProxyType({})) -> None:
        """Say on stderr what went wrong and what to do; as JSON on stdout too where asked.

        `more` goes into the document beside it.
        """
        if self.as_json:
            refusal = {"error": error.code, "message": error.message, "next_step": error.next_step}
            write(as_document({**refusal, **more}))
        page = make_page(self.environment.variables, sys.stderr)
        # Not wrapped: a message is searched for, and copied, as a whole.
        message = in_command_words(error.message)
        page.line(f"error: {message}", style="red", is_wrapped=False)
        page.line(f"next: {in_command_words(error.next_step)}")
        sys.stderr.write(page.text())


def execute(
    command: Command, words: Sequence[str], environment: Environment, connect: Connect
) -> int:
    """Run one command; raises `SystemExit` for `--help` and for wrong usage."""
    module = cast(CommandModule, import_module(f"bicameral.cli.{command.module}"))
    parser = make_command_parser(command, environment)
    module.configure(parser)
    options = parser.parse_args(words)
    work = Work(environment, connect, start=options.repo, as_json=options.json, trace=options.trace)
    try:
        return module.run(work, options)
    except BicameralError as error:
        work.refuse(error)
    except BrokenPipeError:
        raise  # the reader of the output left, which is no failure of the command
    except OSError as error:
        work.refuse(unusable(error))
    return 1


def has_failures(answer: Answer) -> bool:
    """Tell whether an entry of a batch was refused."""
    entries = [*answer.get("bindings", ()), *answer.get("outcomes", ())]
    return any(each.get("failure") for each in entries)


def as_document(value: Answer) -> str:
    """Return a JSON document that any terminal and any locale can show."""
    return json.dumps(value, indent=2) + "\n"


def write(text: str) -> None:
    """Write to stdout; what its encoding cannot hold is written out, never an error."""
    stream = sys.stdout
    stream.flush()
    stream.buffer.write(text.encode(stream.encoding or "utf-8", "backslashreplace"))
    stream.buffer.flush()


def unusable(error: OSError) -> InputRefused:
    """Say what the system refused."""
    place = f"{error.filename}: " if error.filename else ""
    return InputRefused(
        f"{place}{error.strerror or error}",
        next_step="see that the place exists, that you may use it, and that the disk has room",
    )
