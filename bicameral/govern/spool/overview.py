"""The spool as it is, for a person who asks: how much waits, and what became of the rest.

It takes no lock and changes nothing, so it may be looked at while it is at work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bicameral.govern.spool.batch import Torn, decode_batch
from bicameral.govern.spool.folder import DEAD, DRAFT, FOLDER, PENDING, REASON, SENT, Receipt
from bicameral.govern.spool.state import SpoolState, read_state


@dataclass(frozen=True, slots=True)
class Part:
    """One folder of it: files, their bytes, and the rows in them."""

    files: int = 0
    bytes: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits, what was sent, what cannot be; the counts are since the spool began."""

    pending: Part = Part()
    sent: Part = Part()
    dead: Part = Part()
    queued: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    retry_at: str = ""


def look(home: Path) -> Overview:
    """Look at the spool of a home; an empty one where there is none. Raises `OSError`."""
    folder = home / FOLDER
    if not folder.is_dir():
        return Overview()
    state = read_state(folder) or SpoolState()
    return Overview(
        pending=_part(folder / PENDING, _waiting),
        sent=_part(folder / SENT, _taken),
        dead=_part(folder / DEAD, lambda _name, _content: 0),
        queued=state.queued,
        refused=dict(state.refused),
        dropped=dict(state.dropped),
        retry_at=state.retry_at,
    )


def _part(folder: Path, rows_of: Callable[[str, bytes], int]) -> Part:
    files = size = rows = 0
    for name, content in _contents(folder):
        files += 1
        size += len(content)
        rows += rows_of(name, content)
    return Part(files, size, rows)


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.endswith((DRAFT, REASON)):
            continue
        try:
            yield path.name, path.read_bytes()
        except FileNotFoundError:  # it was sent just now
            continue


def _waiting(name: str, content: bytes) -> int:
    try:
        return len(decode_batch(name, content).rows)
    except Torn:
        return 0


def _taken(_name: str, content: bytes) -> int:
    try:
        return len(msgspec.json.decode(content, type=Receipt).rows)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0
