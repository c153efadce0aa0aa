"""What the checks are given: the outside, and functions for what stands in rooms above.

A check asks for what it needs when it runs, so that one that cannot be told fails alone.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bicameral.environment import Environment


class Tools(Protocol):
    """The tools without a client."""

    @property
    def tool_names(self) -> tuple[str, ...]:
        """Every tool by its dotted name."""
        ...

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name; raises `BicameralError`."""
        ...


# Opens the tools on a repository, in a session that ends with them.
OpenTools = Callable[[Environment, Path], AbstractContextManager[Tools]]


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """An entry in a client's settings that starts this server.

    `file` holds it; `command` and `variables` are as written. `passes_shell`: what the client
    starts is sure to get the variables of the shell that the client was started from;
    `has_shell_path`: its PATH is a shell's, so that a name which a shell finds is found.
    """

    client: str
    name: str
    file: Path
    command: str
    variables: Mapping[str, str] = field(default_factory=dict)
    passes_shell: bool = True
    has_shell_path: bool = True


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients on this machine, what starts us in their settings, what could not be read."""

    found: tuple[str, ...] = ()
    entries: tuple[ClientEntry, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """How this installation's command answered: its tools and time, or what went wrong."""

    command: str
    tools: int = 0
    milliseconds: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How the last reconciliation ended; `error` is empty if it ended well."""

    finished_at: str
    error: str = ""
    skipped_lines: int = 0
    suspects: int = 0


@dataclass(frozen=True, slots=True)
class Contracts:
    """How many kinds of lines are registered, which guards compared what, and what differs.

    A guard is skipped where the pages that it reads are not installed.
    """

    kinds: int
    compared: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a check may look at.

    `start` is a folder of the repository under work. `start_server` starts this
    installation's command once; it raises `BicameralError` when there is none.
    """

    environment: Environment
    start: Path
    clients: Callable[[], Clients]
    start_server: Callable[[], Start]
    plugin_folder: Callable[[], Path | None]
    hooks: tuple[str, ...]
    last_reconciliation: Callable[[], Reconciled | None]
    open_tools: OpenTools
    contracts: Callable[[], Contracts]
