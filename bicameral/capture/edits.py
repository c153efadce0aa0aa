"""Edits: a client's after-edit hook records that a file changed, as evidence for misses.

A hook starts anew for every edit, so this module and what it imports is standard library.
"""

from bicameral.capture.log import RotatedLog
from bicameral.capture.opaque import opaque_session, read_hashes
from bicameral.capture.paths import normalise_path
from bicameral.capture.rows import EVENTS_FILE, SCHEMA, encode_row
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment


def record_edit(
    environment: Environment,
    *,
    session_id: str,
    file_path: str,
    tool: str | None = None,
    repository_root: str | None = None,
    repository_id: str | None = None,
) -> None:
    """Write one `edit_observed` row; the caller has seen that capture is switched on.

    `tool` is the client's own tool that made the edit. Raises `OSError`, `HomeUnusable`,
    `InputRefused` or `SaltUnusable` when it cannot be recorded: a hook should fail where one
    can see it.
    """
    hashes = read_hashes(environment)
    time_ns = environment.time_ns()
    row = {
        "ts": Stamps().write(time_ns),
        "session_id": opaque_session(session_id, lambda: hashes),
        "repository_id": repository_id,
        "schema": SCHEMA,
        "path_hash": hashes.hash_path(normalise_path(file_path, repository_root)),
        "tool": tool,
        "event_type": "edit_observed",
    }
    log = RotatedLog(environment.home / EVENTS_FILE)
    log.append(encode_row(row), time_ns=time_ns)
    log.close()
