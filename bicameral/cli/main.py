"""The command's entry: which command was meant, and how a process should end.

Nothing heavy is imported before the command is known: neither a parser nor the engine for
`--version` and `--help`, and nothing at all between a client and its server. Hooks never
come here.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bicameral import __version__
from bicameral.cli.commands import COMMANDS, PROGRAM, help_text
from bicameral.environment import Environment

if TYPE_CHECKING:
    from bicameral.cli.execution import Connect

USAGE_ERROR = 2
# What a shell reports for a process that a signal ended: 128 and the signal's number.
INTERRUPTED = 130
PIPE_BROKEN = 141


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve: the spelling of tool names, and a folder of the repository if one is set.

    `trace` is what the command line says of tracing, None if it says nothing.
    """

    tool_names: Literal["auto", "dotted", "underscored"] = "auto"
    repository: Path | None = None
    trace: bool | None = None


Serve = Callable[[Environment, ServeOptions], int]


def run(words: Sequence[str], environment: Environment, *, serve: Serve, connect: "Connect") -> int:
    """Run the command that `words` name; return the exit status of the process.

    0 is done, 1 refused or failed with a reason on stderr, 2 used in a wrong way.
    """
    try:
        status = _dispatch(list(words), environment, serve, connect)
        sys.stdout.flush()
    except SystemExit as ended:  # how argparse answers --help and wrong usage
        return ended.code if isinstance(ended.code, int) else 0
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_BROKEN
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _dispatch(words: list[str], environment: Environment, serve: Serve, connect: "Connect") -> int:
    first, rest = (words[0], words[1:]) if words else ("serve", [])
    if first in {"--help", "-h", "help"}:
        if first == "help" and rest:
            return _dispatch([rest[0], "--help"], environment, serve, connect)
        sys.stdout.write(help_text())
        return 0
    if first == "--version":
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return 0
    if first == "hook":  # by way of `help hook`: a client's call never comes here
        from bicameral.cli.hook import run_hook  # noqa: PLC0415 - start-up time

        return run_hook(rest, environment, sys.stdin.buffer)
    if first == "serve" or first.startswith("-"):
        return _serve(rest if first == "serve" else words, environment, serve)
    return _execute(first, rest, environment, connect)


def _execute(name: str, rest: list[str], environment: Environment, connect: "Connect") -> int:
    command = COMMANDS.get(name)
    if command is None:
        sys.stderr.write(_unknown_command(name))
        return USAGE_ERROR
    from bicameral.cli.execution import execute  # noqa: PLC0415 - start-up time

    return execute(command, rest, environment, connect)


def _serve(words: list[str], environment: Environment, serve: Serve) -> int:
    options = ServeOptions()
    if words:
        from bicameral.cli.parsing import parse_serve_options  # noqa: PLC0415 - start-up time

        found = parse_serve_options(words, environment)
        options = ServeOptions(found.tool_names, found.repo, found.trace)
    if sys.stdin is not None and sys.stdin.isatty():
        environment.warn(
            "waiting for an MCP client on stdin; a client starts this by itself. "
            f"Ctrl-D ends it, `{PROGRAM} --help` shows the commands"
        )
    return serve(environment, options)


def _unknown_command(name: str) -> str:
    import difflib  # noqa: PLC0415 - start-up time

    near = difflib.get_close_matches(name, COMMANDS, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"see `{PROGRAM} --help`"
    return f"{PROGRAM}: error: no command is called {name[:60]!a}; {hint}\n"


def _silence_stdout() -> None:
    """Point stdout nowhere, or the interpreter's own flush at exit would complain."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
