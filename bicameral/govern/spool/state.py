"""The state of the spool: how far the logs were read, and what became of their rows.

Replaced whole, so that a reader finds the old one or the new one. A batch that it names as
`staged` counts as queued, whether or not its file has its name yet.
"""

from pathlib import Path

import msgspec

from bicameral.capture.durable import replace_file
from bicameral.capture.follow import Place

SPOOL_STATE_FILE = "state.json"
SCHEMA = 1


class SpoolState(msgspec.Struct, kw_only=True):
    """How far each log was read (`places`), and counts of rows since the spool began.

    `refused` counts by why a row may not leave, `dropped` by why a queued one was given up.
    `retry_at` is the stamp before which the other side does not want to be asked; empty if none.
    """

    schema: int = SCHEMA
    places: dict[str, list[Place]] = {}
    staged: list[str] = []
    queued: int = 0
    sent: int = 0
    refused: dict[str, int] = {}
    dropped: dict[str, int] = {}
    retry_at: str = ""


def read_state(folder: Path) -> SpoolState | None:
    """Return the state; None where there is none, and where it cannot be understood.

    Raises `OSError` where it cannot be read.
    """
    try:
        content = (folder / SPOOL_STATE_FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        state = msgspec.json.decode(content, type=SpoolState)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return state if state.schema == SCHEMA else None


def write_state(folder: Path, state: SpoolState) -> None:
    """Put the state on the disk. Raises `OSError`, with the old one still there."""
    replace_file(folder / SPOOL_STATE_FILE, msgspec.json.encode(state), is_synced=True)


def add(counts: dict[str, int], why: str, number: int) -> None:
    """Count rows under a reason."""
    if number:
        counts[why] = counts.get(why, 0) + number
