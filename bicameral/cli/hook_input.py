"""What a client sends to its hooks, read as far as a hook needs it.

Standard library only, as all of a hook's way. What is refused is named by its field,
never quoted: the text ends in a file that people read.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.sizes import LONGEST_SESSION_ID
from bicameral.errors import InputRefused
from bicameral.grounding.paths import normalise

PROJECT_VARIABLE = "CLAUDE_PROJECT_DIR"
PATH_NAMES = ("file_path", "notebook_path")
LONGEST_TOOL = 128
LONGEST_PATH = 32_768


class NotUnderstood(ValueError):
    """What was sent is not what the client sends to this hook."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as the client tells it; `cwd` is where its session works."""

    session_id: str
    cwd: str
    tool: str
    file_path: str


def read_session_id(sent: bytes) -> str:
    """Read which session it is about; raises `NotUnderstood` that names what is missing."""
    return _text(_read(sent).get("session_id"), "session_id", LONGEST_SESSION_ID)


def read_edit(sent: bytes) -> Edit:
    """Read an edit that is about to be made, or was; raises `NotUnderstood`."""
    event = _read(sent)
    changed = event.get("tool_input")
    changed = changed if isinstance(changed, Mapping) else {}
    path = next((changed[name] for name in PATH_NAMES if name in changed), None)
    return Edit(
        session_id=_text(event.get("session_id"), "session_id", LONGEST_SESSION_ID),
        cwd=_text(event.get("cwd"), "cwd", LONGEST_PATH),
        tool=_text(event.get("tool_name"), "tool_name", LONGEST_TOOL),
        file_path=_text(path, "tool_input.file_path", LONGEST_PATH),
    )


def path_in_repository(edit: Edit, variables: Mapping[str, str]) -> str | None:
    """Return the path as a preflight spells it, or None when it is not the repository's.

    Raises `OSError` or `ValueError` for a place that no system can have.
    """
    cwd = Path(edit.cwd)
    project = variables.get(PROJECT_VARIABLE) or edit.cwd
    root = repository_root(Path(os.path.realpath(cwd / project)))
    try:
        return None if root is None else normalise(edit.file_path, root, cwd)
    except InputRefused:
        return None


def repository_root(folder: Path) -> Path | None:
    """Return the nearest folder upwards that git works in, without asking git."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _read(sent: bytes) -> Mapping[str, object]:
    try:
        event = json.loads(sent)
    except (ValueError, RecursionError):
        raise NotUnderstood("what came on stdin is not JSON; nothing was recorded") from None
    return event if isinstance(event, Mapping) else {}


def _text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
        raise NotUnderstood(f"the JSON on stdin has no usable {name}; nothing was recorded")
    return value
