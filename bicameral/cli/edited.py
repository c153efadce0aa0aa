"""What a client's after-edit hook was sent, and the one row that is recorded of it.

Standard library only, as all of a hook's way: it starts anew for every edit.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.edits import record_edit
from bicameral.environment import Environment
from bicameral.errors import BicameralError, InputRefused
from bicameral.grounding.paths import normalise

PROJECT_VARIABLE = "CLAUDE_PROJECT_DIR"
PATH_NAMES = ("file_path", "notebook_path")
LONGEST_SESSION_ID = 512
LONGEST_TOOL = 128
# What an odd path, text or place can raise on the way to a row.
NOT_RECORDED = (OSError, BicameralError, TypeError, ValueError, OverflowError)


class NotAnEdit(ValueError):
    """What was sent is not what a client sends after an edit."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as the client tells it; `cwd` is where its session works."""

    session_id: str
    cwd: str
    tool: str
    file_path: str


def record(environment: Environment, sent: bytes) -> str:
    """Record the edit that was sent; return what is wrong, or "" when nothing is.

    A file outside of the session's repository binds no decision and leaves no row.
    """
    try:
        edit = read_edit(sent)
        path = _locate(edit, environment.variables.get(PROJECT_VARIABLE) or edit.cwd)
        if path is not None:
            record_edit(environment, session_id=edit.session_id, file_path=path, tool=edit.tool)
    except NOT_RECORDED as error:
        return str(error) or type(error).__name__
    return ""


def read_edit(sent: bytes) -> Edit:
    """Read what the client sent; raises `NotAnEdit` that names what is missing."""
    try:
        event = json.loads(sent)
    except (ValueError, RecursionError):
        raise NotAnEdit("what came on stdin is not JSON; nothing was recorded") from None
    event = event if isinstance(event, Mapping) else {}
    changed = event.get("tool_input")
    changed = changed if isinstance(changed, Mapping) else {}
    path = next((changed[name] for name in PATH_NAMES if name in changed), None)
    return Edit(
        session_id=_text(event.get("session_id"), "session_id", LONGEST_SESSION_ID),
        cwd=_text(event.get("cwd"), "cwd"),
        tool=_text(event.get("tool_name"), "tool_name", LONGEST_TOOL),
        file_path=_text(path, "tool_input.file_path"),
    )


def _text(value: object, name: str, longest: int = 32_768) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
        raise NotAnEdit(f"the JSON on stdin has no usable {name}; nothing was recorded")
    return value


def _locate(edit: Edit, project: str) -> str | None:
    """Return the path as a preflight spells it, or None when it is not the repository's."""
    cwd = Path(edit.cwd)
    root = repository_root(Path(os.path.realpath(cwd / project)))
    try:
        return None if root is None else normalise(edit.file_path, root, cwd)
    except InputRefused:
        return None


def repository_root(folder: Path) -> Path | None:
    """Return the nearest folder upwards that git works in, without asking git."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
