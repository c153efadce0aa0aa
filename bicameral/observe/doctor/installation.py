"""The installation: its Python, its command, and whether each client can start it.

A client's command is only looked at, never run: a repository's settings may name anything.
"""

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import ClientEntry, Clients, Start, Surroundings

DISTRIBUTION = "bicameral-preflight"
PROGRAM = "bicameral-mcp"
OLDEST_PYTHON = (3, 11)
_INSTALL = f"uv tool install --force {DISTRIBUTION}"
_HEAD_BYTES = 4096
_INTERPRETER = re.compile(rb"(?:^#!|'''exec'|^exec)\s*\"?(/[^\s\"]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_python(around: Surroundings) -> Finding:  # noqa: ARG001 - every check has one signature
    """Look at this Python's version, and for the packages that are required."""
    required = _required()
    return judge_python(
        sys.version_info[:3], sys.executable, required, [e for e in required if not _is_there(e)]
    )


def judge_python(
    version: tuple[int, ...], executable: str, required: Sequence[str], missing: Sequence[str]
) -> Finding:
    """Say whether a Python can run this; `required` is empty if it is not installed there."""
    written = ".".join(map(str, version))
    evidence = (f"Python {written} at {executable}",)
    if version[:2] < OLDEST_PYTHON:
        return failed(
            f"this Python is older than {'.'.join(map(str, OLDEST_PYTHON))}",
            *evidence,
            mend=f"{_INSTALL} --python 3.12",
        )
    if missing:
        return failed(
            "packages are missing in the Python that runs this",
            *evidence,
            *(f"not installed there: {each}" for each in missing),
            mend=f"{_INSTALL}, or in this Python: {executable} -m pip install {DISTRIBUTION}",
        )
    if not required:
        return failed(
            f"{DISTRIBUTION} is not installed in the Python that runs this",
            *evidence,
            mend=_INSTALL,
        )
    return passed(
        "this Python has everything that is required",
        *evidence,
        f"{len(required)} required packages are installed",
        python=written,
    )


def check_command(around: Surroundings) -> Finding:
    """Start this installation's command as a client does, in a temporary home."""
    found = shutil.which(PROGRAM, path=around.environment.variables.get("PATH", ""))
    return judge_command(around.start_server(), found)


def judge_command(start: Start, found: str | None) -> Finding:
    """Say how the command answered; `found` is the one that the PATH finds first."""
    where = f"the PATH finds {found}" if found else f"the PATH finds no {PROGRAM}"
    if start.problem:
        return failed(
            "the server of this installation does not start",
            start.command,
            start.problem,
            where,
            mend=_INSTALL,
        )
    return passed(
        f"the server starts and lists {start.tools} tools",
        f"{start.command} answered in {start.milliseconds} ms",
        where,
        tools=start.tools,
        milliseconds=start.milliseconds,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Where the command of an entry leads: `path` is empty if it is nowhere.

    `lost_interpreter` is the program that its script asks for and that is not there;
    `is_other`: it is found by its name, and is another installation than this one.
    """

    entry: ClientEntry
    path: str
    lost_interpreter: str = ""
    is_other: bool = False


def check_clients(around: Surroundings) -> Finding:
    """Follow the command in each client's settings to what it would start."""
    clients = around.clients()
    own = Path(sys.executable).parent / PROGRAM
    variables = around.environment.variables
    return judge_clients(clients, [follow(each, variables, own) for each in clients.entries])


def follow(entry: ClientEntry, variables: Mapping[str, str], own: Path) -> Found:
    """Find what an entry would start; `own` is this installation's script."""
    merged = {**variables, **entry.variables}
    path = shutil.which(entry.command, path=merged.get("PATH", "")) or ""
    is_named = not os.path.dirname(entry.command)  # noqa: PTH120 - a text, on any platform
    is_other = is_named and own.exists() and os.path.realpath(path) != os.path.realpath(own)
    return Found(
        entry, path, _lost_interpreter(Path(path)) if path else "", bool(path) and is_other
    )


def judge_clients(clients: Clients, found: Sequence[Found]) -> Finding:
    """Say which clients can start the server."""
    broken = [line for each in found if (line := _trouble(each))]
    if broken or clients.unreadable:
        names = [each.entry.name for each in found if _trouble(each)]
        return failed(
            "a client cannot start this server",
            *broken,
            *(f"cannot be read: {each}" for each in clients.unreadable),
            mend=f"{PROGRAM} setup {names[0]} --replace --write" if names else f"{PROGRAM} setup",
        )
    if not found:
        seen = ", ".join(clients.found) or "none of those known to setup"
        return skipped(
            "no client's settings start this server; a plugin's own are not looked at",
            f"clients on this machine: {seen}",
            mend=f"{PROGRAM} setup",
        )
    return passed(
        "every client that names this server can start it",
        *map(_where, found),
    )


def _where(found: Found) -> str:
    entry = found.entry
    is_sure = entry.has_shell_path or os.path.dirname(entry.command)  # noqa: PTH120 - a text
    doubt = "" if is_sure else "; started from the desktop, it may not find a name"
    return f"{entry.client} starts {found.path} ({entry.file}){doubt}"


def _trouble(found: Found) -> str:
    entry = found.entry
    if not found.path:
        return f"{entry.client} is to start {entry.command}, which is not there ({entry.file})"
    if found.lost_interpreter:
        return (
            f"{entry.client} starts {found.path}, whose Python {found.lost_interpreter} "
            f"is gone ({entry.file})"
        )
    if found.is_other:
        return (
            f"{entry.client} starts {found.path} by its name, which is not the installation "
            f"that runs this check ({entry.file})"
        )
    return ""


def _lost_interpreter(script: Path) -> str:
    """Return the program that a script asks for in its head, if that is gone."""
    with script.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    asked = _INTERPRETER.findall(head) if head.startswith(b"#!") else []
    lost = [path for each in asked if not (path := Path(os.fsdecode(each))).exists()]
    return str(lost[0]) if lost else ""


def _required() -> list[str]:
    """Return the distributions that this one requires; none if it is not installed."""
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415 - start-up time

    try:
        wanted = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []
    names = [_NAME.match(each) for each in wanted if "extra ==" not in each]
    return [each[0] for each in names if each]


def _is_there(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - start-up time

    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
