"""The state between runs: how far each log was read, and the rows of sessions not over yet.

One file, replaced whole and synced, so that a run that is killed repeats what it had not
recorded and nothing else. A file that cannot be read is as good as none: the logs are read
from their beginning, and rows that stand already are not written again.
"""

from pathlib import Path

import msgspec

from bicameral.capture.durable import replace_file
from bicameral.capture.follow import Place
from bicameral.review.reconciliation.stretches import Stretch

STATE_FILE = "reconciliation.json"
SCHEMA = 1


class Written(msgspec.Struct, frozen=True):
    """How much of the review file is vouched for, and what rows it holds by class."""

    place: Place | None = None
    totals: dict[str, int] = {}


class State(msgspec.Struct, frozen=True):
    """Where the last run stopped; `events_until` is the stamp of the last row read there."""

    events: list[Place] = []
    engagements: list[Place] = []
    events_until: str = ""
    engagements_until: str = ""
    stretches: list[Stretch] = []
    written: Written = Written()
    schema: int = SCHEMA


def load_state(home: Path) -> State | None:
    """Return the state; None where there is none that can be read. Raises `OSError`."""
    try:
        state = msgspec.json.decode((home / STATE_FILE).read_bytes(), type=State)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return state if state.schema == SCHEMA else None


def save_state(home: Path, state: State) -> None:
    """Replace the state; it is on the disk when this returns. Raises `OSError`."""
    replace_file(home / STATE_FILE, msgspec.json.encode(state), is_synced=True)
