"""The command `setup`: look at a client's settings, show the change, make it, take it back.

Nothing is changed without `--write` or `--undo`; what was written is then tried for real.
"""

import shlex
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bicameral.cli.commands import PROGRAM
from bicameral.cli.execution import Work
from bicameral.cli.setup import pages
from bicameral.cli.setup.clients import (
    CLIENTS,
    SCOPES,
    Client,
    Scope,
    entry_for,
    own_way,
    settings_path,
)
from bicameral.cli.setup.files import (
    OWNER_ONLY,
    SHARED,
    SettingsFile,
    read_backups,
    read_settings,
    remove,
    write,
)
from bicameral.cli.setup.handshake import try_command
from bicameral.cli.setup.overview import look_around, project_around
from bicameral.cli.setup.plan import (
    NOTHING,
    Change,
    Origin,
    difference,
    plan_undo,
    plan_write,
)
from bicameral.cli.setup.program import (
    Program,
    can_start,
    choose_program,
    installed_script,
    plugin_folder,
)
from bicameral.cli.setup.settings import NAME, Entry, NotEditable
from bicameral.errors import SettingsRefused

TELEMETRY_WORDS = ("preflight", "raw", "off")


@dataclass(frozen=True, slots=True)
class Target:
    """The file of a client's scope, and the entry that it should hold."""

    client: Client
    scope: Scope
    project: Path
    file: SettingsFile
    backups: list[Origin]
    program: Program
    entry: Entry


def configure(parser: ArgumentParser) -> None:
    """Take the client, where to write, and what to do."""
    parser.add_argument("client", nargs="?", choices=tuple(CLIENTS), help="the client to connect")
    parser.add_argument(
        "--scope",
        choices=SCOPES,
        help="for this repository or for all of yours (default: project; codex: user)",
    )
    parser.add_argument("--write", action="store_true", help="make the change that is shown")
    parser.add_argument("--undo", action="store_true", help="take the entry out again")
    parser.add_argument(
        "--telemetry",
        choices=TELEMETRY_WORDS,
        help="what the server captures for this client, as BICAMERAL_TELEMETRY in the entry",
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace an entry of the same name that differs"
    )


def run(work: Work, options: Namespace) -> int:
    """Show what there is to do, or do it."""
    if options.client is None:
        if options.write or options.undo or options.scope or options.telemetry or options.replace:
            options.refuse(f"name a client: {', '.join(CLIENTS)}")
        work.show({"clients": look_around(work.environment.variables, work.start)}, pages.clients)
        return 0
    if options.undo and (options.write or options.telemetry or options.replace):
        options.refuse("--undo goes with --scope only")
    return _undo(work, options) if options.undo else _set_up(work, options)


def _set_up(work: Work, options: Namespace) -> int:
    target = _aim(work, options)
    try:
        change = _planned(work, options, target)
        if change.kind == "conflict":
            _refuse_conflict(work, target, change)
        answer = _about(target, change)
        if change.kind == "write" and options.write:
            answer |= _write(target, change)
        elif change.kind == "write":
            answer |= {"state": "would_write", "ways": _ways(options, target)}
    except NotEditable as error:
        raise _left_alone(target, error, f"add it yourself: {_snippet(target)}") from error
    if options.write:
        answer["tried"] = _try(work, target, change)
    work.show(answer, pages.set_up)
    return int(bool(answer.get("tried", {}).get("problem")))


def _undo(work: Work, options: Namespace) -> int:
    target = _aim(work, options, has_program=False)
    try:
        change = _planned_undo(target)
        answer = _about(target, change)
        if change.kind == "write":
            answer |= _take_back(target, change)
    except NotEditable as error:
        raise _left_alone(target, error, f'take "{NAME}" out yourself') from error
    work.show(answer, pages.undone)
    return 0


def _aim(work: Work, options: Namespace, *, has_program: bool = True) -> Target:
    client: Client = CLIENTS[options.client]
    scope: Scope = options.scope or client.default_scope
    project, variables = project_around(work.start), work.environment.variables
    path = settings_path(client, scope, project=project, variables=variables, platform=sys.platform)
    program = Program("", "")
    if has_program:
        is_of_desktop = client.is_desktop and scope == "user"
        program = choose_program(installed_script(), variables, is_of_desktop=is_of_desktop)
    entry = entry_for(client, program.command, options.telemetry)
    try:
        file = read_settings(path)
    except NotEditable as error:
        raise SettingsRefused(
            f"{path} cannot be read: {error}", next_step="mend the file, or write it yourself"
        ) from error
    return Target(client, scope, project, file, read_backups(file), program, entry)


def _planned(work: Work, options: Namespace, target: Target) -> Change:
    variables = work.environment.variables
    return plan_write(
        target.client.settings,
        target.file.text,
        target.backups,
        target.entry,
        can_start=lambda command: can_start(command, variables),
        replaces=options.replace,
    )


def _planned_undo(target: Target) -> Change:
    change = plan_undo(target.client.settings, target.file.text, target.backups)
    if change.kind == "conflict":
        raise NotEditable(f'its "{NAME}" starts something else, which setup did not write')
    return change


def _about(target: Target, change: Change) -> dict[str, Any]:
    return {
        "client": target.client.name,
        "title": target.client.title,
        "scope": target.scope,
        "file": str(target.file.path),
        "state": "unchanged",
        "difference": difference(target.file.text, change.after, path=target.file.path),
        "notes": _notes(target, change),
    }


def _notes(target: Target, change: Change) -> list[str]:
    """Say what a person should know of a change that is about to be made, or was."""
    if not target.program.command or change.kind == "none":
        return []
    notes = [f"the command is written {target.program.reason}"]
    if target.scope == "project" and target.program.command != PROGRAM:
        notes.append("this path is of this machine: think twice before you commit it")
    if not target.client.reads_comments and not target.client.settings.is_plain(change.after):
        notes.append(f"{target.client.title} does not read JSON with comments or trailing commas")
    if target.client.name == "codex" and target.scope == "project":
        notes.append("Codex reads this file only in a project that it was told to trust")
    return notes


def _ways(options: Namespace, target: Target) -> dict[str, Any]:
    """Return what to type: ours, the client's own way, and the plugin where there is one."""
    asked = [f"--scope {options.scope}" if options.scope else ""]
    asked += [f"--telemetry {options.telemetry}" if options.telemetry else ""]
    asked += ["--replace" if options.replace else "", "--write"]
    own = own_way(target.client, target.scope, target.entry)
    return {
        "write": " ".join([PROGRAM, "setup", target.client.name, *filter(None, asked)]),
        "own": _typed(own) if own else "",
        "plugin": _plugin_way(target.client),
    }


def _plugin_way(client: Client) -> list[str]:
    folder = plugin_folder() if client.name == "claude-code" else None
    if folder is None:
        return []
    return [
        _typed(["claude", "plugin", "marketplace", "add", str(folder)]),
        "claude plugin install bicameral@bicameral",
    ]


def _typed(words: list[str]) -> str:
    """Return words as they are typed into this system's shell."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _write(target: Target, change: Change) -> dict[str, Any]:
    content = target.file.encoded(change.after)
    mode = OWNER_ONLY if target.scope == "user" else SHARED
    backup = write(target.file, content, keeps_backup=change.origin is None, mode=mode)
    return {"state": "written", "backup": str(backup) if backup else ""}


def _take_back(target: Target, change: Change) -> dict[str, Any]:
    kept = {str(each.path) for each in target.backups}
    if change.origin == NOTHING:
        remove(target.file, with_folder=_is_folder_of_client(target))
        return {"state": "removed", "file_removed": True, "backups": sorted(kept)}
    write(target.file, target.file.encoded(change.after), keeps_backup=False)
    if change.origin is not None and change.origin.path is not None:
        change.origin.path.unlink()  # the file itself says the same now
        kept.discard(str(change.origin.path))
    return {"state": "removed", "file_removed": False, "backups": sorted(kept)}


def _is_folder_of_client(target: Target) -> bool:
    """Tell whether the file's folder is one like `.cursor`, which would not be there empty."""
    return target.scope == "project" and target.file.path.parent != target.project


def _try(work: Work, target: Target, change: Change) -> dict[str, Any]:
    """Start what the settings now say, not what setup thinks it wrote."""
    entry = target.client.settings.entry(change.after) or target.entry
    arguments = [str(each) for each in entry.get("args") or ()]
    # Editors fill this in; an entry of ours may have been given it by hand.
    words = [each.replace("${workspaceFolder}", str(target.project)) for each in arguments]
    variables = {name: str(value) for name, value in (entry.get("env") or {}).items()}
    command = [entry["command"], *words]
    tried = try_command(work.environment, command, variables, cwd=target.project)
    return {
        "tools": tried.tools,
        "milliseconds": tried.milliseconds,
        "problem": tried.problem,
    }


def _refuse_conflict(work: Work, target: Target, change: Change) -> None:
    if not work.as_json:
        work.show(_about(target, change), pages.conflict)
    raise SettingsRefused(
        f'{target.file.path} has another "{NAME}" already; it was left alone',
        next_step="take that one out, or give --replace to have it replaced by ours",
    )


def _left_alone(target: Target, error: NotEditable, next_step: str) -> SettingsRefused:
    return SettingsRefused(
        f"{target.file.path} was left as it is: {error}", next_step=f"mend that, or {next_step}"
    )


def _snippet(target: Target) -> str:
    return target.client.settings.snippet(target.entry)
