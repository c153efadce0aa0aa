"""What a set-up or an undo would make of a client's settings; nothing is touched here.

What setup wrote is known again by writing it anew: if our entry, put into a backup, gives
the text as it is now, that backup is what was there before, to the byte.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bicameral.cli.setup.settings import Entry, NotEditable, Settings

TELEMETRY = "BICAMERAL_TELEMETRY"
LONGEST_SHOWN = 200
_OUR_COMMAND = re.compile(r"(?:^|[/\\])bicameral-mcp(?:\.exe)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """What was there before: a backup, or no file at all (`path` is None)."""

    path: Path | None
    text: str


NOTHING = Origin(None, "")


@dataclass(frozen=True, slots=True)
class Change:
    """What to do to a text. `origin` is what was there before setup ever wrote to it."""

    kind: Literal["none", "write", "conflict"]
    after: str
    origin: Origin | None = None


def plan_write(
    settings: Settings,
    text: str,
    backups: Sequence[Origin],
    wanted: Entry,
    *,
    can_start: Callable[[str], bool],
    replaces: bool = False,
) -> Change:
    """Plan our entry into a text; `conflict` is an entry that is not the one wanted.

    An entry that already starts us is left as it is, with what a person added to it, and
    one that setup wrote itself is brought up to date. Raises `NotEditable`.
    """
    present = settings.entry(text)
    if present is None:
        return Change("write", settings.put(text, wanted))
    if present == wanted or _does(present, wanted, can_start):
        return Change("none", text)
    origin = find_origin(settings, text, backups)
    if origin is not None:
        return Change("write", settings.put(origin.text, wanted), origin)
    return Change("write" if replaces else "conflict", settings.put(text, wanted))


def plan_undo(settings: Settings, text: str, backups: Sequence[Origin]) -> Change:
    """Plan our entry out of a text; `conflict` is an entry that is not ours.

    With an origin the text was changed by nobody else since, so the origin is what to put
    back, bytes and all; else everybody else's changes stay. Raises `NotEditable`.
    """
    present = settings.entry(text)
    if present is None:
        return Change("none", text)
    if not is_ours(present):
        return Change("conflict", text)
    origin = find_origin(settings, text, backups)
    if origin is not None:
        return Change("write", origin.text, origin)
    before = _before_us(settings, backups)
    replaced = settings.entry(before.text) if before else None
    if replaced is not None:
        return Change("write", settings.put(text, replaced))
    keeps_group = before is None or settings.has_group(before.text)
    return Change("write", settings.remove(text, keeps_group=keeps_group))


def find_origin(settings: Settings, text: str, backups: Sequence[Origin]) -> Origin | None:
    """Return what setup made this text from, if it is setup's work and nobody else's."""
    entry = settings.entry(text)
    if entry is None or not is_ours(entry):
        return None
    candidates = (*backups, NOTHING)
    return next((e for e in candidates if _made(settings, e.text, entry) == text), None)


def is_ours(entry: Entry) -> bool:
    """Tell whether an entry starts this server, wherever it is installed."""
    command = entry.get("command")
    return isinstance(command, str) and bool(_OUR_COMMAND.search(command))


def _does(present: Entry, wanted: Entry, can_start: Callable[[str], bool]) -> bool:
    """Tell whether an entry already does what is wanted, perhaps in its own way."""
    if not is_ours(present) or not can_start(present["command"]):
        return False
    asked = wanted.get("env", {}).get(TELEMETRY)
    variables = present.get("env")
    return asked is None or (isinstance(variables, dict) and variables.get(TELEMETRY) == asked)


def _made(settings: Settings, before: str, entry: Entry) -> str | None:
    try:
        return settings.put(before, entry) if _is_before_us(settings, before) else None
    except NotEditable:
        return None


def _before_us(settings: Settings, backups: Sequence[Origin]) -> Origin | None:
    """Return the newest backup that can be read and does not have us in it."""
    return next((each for each in backups if _is_before_us(settings, each.text)), None)


def _is_before_us(settings: Settings, text: str) -> bool:
    try:
        entry = settings.entry(text)
    except NotEditable:
        return False
    return entry is None or not is_ours(entry)


def difference(before: str, after: str, *, path: Path) -> list[str]:
    """Return the change as a unified diff, without line ends, long lines cut short."""
    import difflib  # noqa: PLC0415 - start-up time

    found = difflib.unified_diff(
        before.splitlines(), after.splitlines(), os.fspath(path), os.fspath(path), "", "", 1, ""
    )
    return [_short(line) for line in found]


def _short(line: str) -> str:
    """Cut a line that no terminal shows; a minified file is a single one."""
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]} …"
