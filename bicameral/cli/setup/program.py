"""Which command a client is told to start: the name alone where that is sure to find it.

A name is the same for the whole team and survives upgrades; a full path starts this very
installation also where the client does not have the PATH of a shell.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.cli.commands import PROGRAM
from bicameral.errors import SettingsRefused

PLUGIN = Path(".claude-plugin") / "plugin.json"


@dataclass(frozen=True, slots=True)
class Program:
    """The command to write, and why it is written so."""

    command: str
    reason: str


def choose_program(
    installed: Path, variables: Mapping[str, str], *, is_of_desktop: bool
) -> Program:
    """Choose how to write the command.

    `installed` is this installation's script; `is_of_desktop` says that a program started
    from the desktop, which may not know a shell's PATH, reads it from the person's own file.
    """
    found = shutil.which(PROGRAM, path=variables.get("PATH", ""))
    if found is None or not Path(found).is_absolute():
        return Program(str(installed), "by its full path, because the PATH does not find it")
    if os.path.realpath(found) != os.path.realpath(installed):
        return Program(str(installed), "by its full path, because the PATH finds another one first")
    if _is_activated(Path(found), variables):
        return Program(
            str(installed), "by its full path, because only an activated environment finds it"
        )
    if is_of_desktop:
        return Program(
            str(installed), "by its full path, because a desktop may not have your shell's PATH"
        )
    return Program(PROGRAM, "by its name, because the PATH finds it")


def installed_script(prefix: Path | None = None) -> Path:
    """Return the script of this installation; raises `SettingsRefused` if there is none."""
    name = f"{PROGRAM}.exe" if sys.platform == "win32" else PROGRAM
    user = sysconfig.get_preferred_scheme("user")
    folders = [prefix or Path(sys.executable).parent]
    if prefix is None:
        folders += [Path(sysconfig.get_path("scripts")), Path(sysconfig.get_path("scripts", user))]
    found = next((each / name for each in folders if (each / name).is_file()), None)
    if found is None:
        raise SettingsRefused(
            f"{PROGRAM} is not installed as a command, so a client could not start it",
            next_step="install it, for example with `uv tool install bicameral-preflight`",
        )
    return found


def can_start(command: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a command is there to be started from here."""
    return shutil.which(command, path=variables.get("PATH", "")) is not None


def plugin_folder(package: Path | None = None) -> Path | None:
    """Return the folder of the Claude Code plugin: in the package, else in the repository.

    `package` is the folder of the package `bicameral`.
    """
    package = package or Path(__file__).resolve().parent.parent.parent
    candidates = (package / "plugin", package.parent)
    return next((each for each in candidates if (each / PLUGIN).is_file()), None)


def _is_activated(found: Path, variables: Mapping[str, str]) -> bool:
    """Tell whether a command was found only through a virtual environment of this shell."""
    active = variables.get("VIRTUAL_ENV", "")
    return bool(active) and found.parent.parent == Path(active)
