"""Reminders: a session is told once that it edits a file no preflight of it has covered.

Both are read from the end of the events log, where every process of the session writes.
A hook starts anew for every edit, so this module and what it imports is standard library.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from bicameral.capture.locks import held_lock
from bicameral.capture.log import RotatedLog
from bicameral.capture.opaque import opaque_session, read_hashes
from bicameral.capture.paths import normalise_path
from bicameral.capture.rows import EVENTS_FILE, SCHEMA, encode_row, read_lines_backwards
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home

LOCK_FILE = "reminders.lock"
LOCK_ATTEMPTS = 50
# Some thousand rows: a session's last preflight on a file it is about to edit is not far.
SEARCH_BYTES = 1_000_000
_KINDS = (b'"preflight"', b'"preflight_reminded"')

Found = Literal["covered", "reminded", "neither"]


def remind_once(
    environment: Environment,
    *,
    session_id: str,
    file_path: str,
    tool: str | None = None,
    repository_root: str | None = None,
    repository_id: str | None = None,
) -> bool:
    """Tell whether to remind now; if so, one `preflight_reminded` row was written.

    The caller has seen that capture is switched on. `tool` is the client's own tool that is
    about to edit. Raises `OSError`, `HomeUnusable`, `InputRefused` or `SaltUnusable` when it
    cannot be known or recorded: a reminder that is not on record would come at every edit.
    """
    hashes = read_hashes(environment)
    session_id = opaque_session(session_id, lambda: hashes)
    path = normalise_path(file_path, repository_root)
    wanted = {hashes.hash_path(each) for each in _with_folders(path)}
    log = RotatedLog(prepare_home(environment.home) / EVENTS_FILE)
    # Two edits at once of one session (by its sub-agents) would both find no reminder.
    with held_lock(environment.home / LOCK_FILE, attempts=LOCK_ATTEMPTS) as is_mine:
        if not is_mine or look_back(log.path, session_id=session_id, wanted=wanted) != "neither":
            return False
        time_ns = environment.time_ns()
        row = {
            "ts": Stamps().write(time_ns),
            "session_id": session_id,
            "repository_id": repository_id,
            "schema": SCHEMA,
            "path_hash": hashes.hash_path(path),
            "tool": tool,
            "event_type": "preflight_reminded",
        }
        log.append(encode_row(row), time_ns=time_ns)
        log.close()
    return True


def look_back(path: Path, *, session_id: str, wanted: Collection[str]) -> Found:
    """Return what the newest rows of a session say about any of the wanted path hashes."""
    for row in _rows(path, session_id):
        if row.get("event_type") == "preflight_reminded":
            return "reminded"
        hashes = row.get("path_hashes")
        if isinstance(hashes, list) and any(each in wanted for each in map(str, hashes)):
            return "covered"
    return "neither"


def _rows(path: Path, session_id: str) -> Iterator[dict[str, object]]:
    """Yield the session's preflights and reminders, newest first."""
    needle = json.dumps(session_id, ensure_ascii=False).encode("utf-8", "replace")
    for line in read_lines_backwards(path, most_bytes=SEARCH_BYTES):
        # Most rows of a session are others; to read them all would be felt at an edit.
        if needle in line and any(kind in line for kind in _KINDS):
            row = _parse(line)
            if row.get("session_id") == session_id:
                yield row


def _parse(line: bytes) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _with_folders(path: str) -> Iterator[str]:
    """Yield the path and its folders, because a preflight may name a whole folder."""
    while path:
        yield path
        path = path.rpartition("/")[0]
