"""`config.toml` as a command changes it: the switches and tables that were asked for, no more.

The standard parser says before and after what is in the file; where the two differ by
anything else, or a comment would be lost, nothing is written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bicameral.capture.policy import POLICY_FILE
from bicameral.cli.setup.files import OWNER_ONLY, read_settings, write
from bicameral.cli.setup.settings import Edit, NotEditable, apply, newline_of
from bicameral.cli.setup.toml_settings import (
    Section,
    comments,
    gap,
    load,
    sections,
    spelled,
    with_gap,
)
from bicameral.environment import prepare_home
from bicameral.errors import SettingsRefused

GROUP = "telemetry"


@dataclass(frozen=True, slots=True)
class Change:
    """What the file shall say: switches of `[telemetry]`, and whole tables (None: not there)."""

    switches: Mapping[str, bool] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)


def write_policy(home: Path, change: Change) -> Path:
    """Change the file, made if missing, in one step; return where it is.

    Raises `SettingsRefused` with the file as it was when it cannot be changed without harm,
    and `HomeUnusable`.
    """
    path = prepare_home(home) / POLICY_FILE
    try:
        file = read_settings(path)
        content = file.encoded(changed(file.text, change))
        if content != file.content:
            write(file, content, keeps_backup=False, mode=OWNER_ONLY)
    except NotEditable as error:
        wanted = ", ".join(f"{name} = {_value(on)}" for name, on in change.switches.items())
        raise SettingsRefused(
            f"{path} was left as it is: {error}",
            next_step=f"write this under [{GROUP}] in it by hand: {wanted}",
        ) from error
    return path


def changed(text: str, change: Change) -> str:
    """Return the text with the change made; raises `NotEditable`."""
    before = load(text)
    if not isinstance(before.get(GROUP, {}), dict):
        raise NotEditable(f"{GROUP} is not a table")
    edits = list(_edits(text, change))
    after = apply(text, edits)
    newline = newline_of(text)
    for name, entries in _added(before, change).items():
        after += gap(after) + _table(name, entries, newline)
    kept = [c for at, c in comments(text) if not any(s <= at < e for s, e, _ in edits)]
    if not _is(after, _expected(before, change)) or [c for _, c in comments(after)] != kept:
        raise NotEditable("it is written in a way that cannot be changed by a machine")
    return after


def _edits(text: str, change: Change) -> Iterator[Edit]:
    for section in sections(text):
        if section.path == (GROUP,):
            yield from _switch_edits(text, section, change.switches)
        elif section.path[:1] and section.path[0] in change.tables:
            yield with_gap(text, section.start), section.end, ""


def _switch_edits(text: str, section: Section, switches: Mapping[str, bool]) -> Iterator[Edit]:
    """Yield a new value for each switch that is there, and one line for those that are not."""
    missing = []
    for name, is_on in switches.items():
        form = rf"^[ \t]*(?:{name}|\"{name}\"|'{name}')[ \t]*=[ \t]*([^#\r\n]*?)[ \t]*(?:#.*)?\r?$"
        found = re.compile(form, re.MULTILINE).search(text, section.start, section.end)
        if found:
            yield found.start(1), found.end(1), _value(is_on)
        else:
            missing.append(f"{name} = {_value(is_on)}")
    if missing:
        newline = newline_of(text)
        lines = "".join(f"{newline}{each}" for each in missing)
        end = text[: section.end].rstrip("\r\n")
        yield len(end), len(end), lines


def _added(before: Mapping[str, Any], change: Change) -> dict[str, Mapping[str, Any]]:
    """Return the tables that have to be put at the end of the text."""
    found: dict[str, Mapping[str, Any]] = {}
    if change.switches and GROUP not in before:
        found[GROUP] = change.switches
    return found | {name: each for name, each in change.tables.items() if each is not None}


def _expected(before: Mapping[str, Any], change: Change) -> dict[str, Any]:
    found = {name: each for name, each in before.items() if name not in change.tables}
    if change.switches:
        found[GROUP] = {**before.get(GROUP, {}), **change.switches}
    return found | {name: each for name, each in change.tables.items() if each is not None}


def _is(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return spelled(load(text)) == spelled(expected)
    except NotEditable:
        return False


def _table(name: str, entries: Mapping[str, Any], newline: str) -> str:
    lines = [f"[{name}]", *(f"{key} = {_value(each)}" for key, each in entries.items())]
    return "".join(f"{line}{newline}" for line in lines)


def _value(value: object) -> str:
    """Write a switch, or a text of ours, in which nothing needs to be escaped."""
    return ("true" if value else "false") if isinstance(value, bool) else f'"{value}"'
