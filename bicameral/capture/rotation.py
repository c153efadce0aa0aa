"""Rotation: a full or old file becomes `.1`, older ones move up, the expired are removed.

Files only ever move to a higher number and the highest moves first, so a reader that
opens them in rising order meets every one, and a crash half-way leaves a gap, not a loss.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.stamps import read_stamp_ns

SECOND_NS = 1_000_000_000
HEAD_BYTES = 65_536
STAMP_KEYS = ("ts", "timestamp")


@dataclass(frozen=True, slots=True)
class Limits:
    """When a file is full, when it is old (by its first row), and how many are kept aside.

    A file put aside is removed once its first row has twice the age: a row lives at least
    one age (unless `keep` files are filled sooner) and never longer than two.
    """

    size_bytes: int = 50_000_000
    age_seconds: int = 30 * 86_400
    keep: int = 5

    @property
    def age_ns(self) -> int:
        """The age as nanoseconds."""
        return self.age_seconds * SECOND_NS


def tidy(path: Path, limits: Limits, *, time_ns: int, expiry_ns: int) -> int:
    """Put the file aside if it is full or old, remove what has expired; return the next expiry.

    `expiry_ns` is when the first file aside was found to expire, 0 if nobody looked yet.
    Decides from what is there now, so that a second caller finds nothing left to do.
    The caller holds the lock. Raises `OSError` when the folder refuses.
    """
    if time_ns >= expiry_ns:
        expiry_ns = _remove_expired(path, limits, time_ns)
    if _is_due(path, limits, time_ns):
        _put_aside(path, limits.keep)
    return expiry_ns


def due_ns(path: Path, limits: Limits, *, time_ns: int) -> int:
    """Return when the file will be old; an empty one starts its life now."""
    return _first_row_ns(path, otherwise=time_ns) + limits.age_ns


def rotated_files(path: Path) -> list[Path]:
    """Return the files put aside, newest (`.1`) first, whatever their number."""
    prefix = path.name + "."
    suffixes = [
        entry.name.removeprefix(prefix)
        for entry in path.parent.iterdir()
        if entry.name.startswith(prefix)
    ]
    numbers = sorted(int(suffix) for suffix in suffixes if suffix.isdecimal())
    return [numbered(path, number) for number in numbers]


def numbered(path: Path, number: int) -> Path:
    """Return the name of the file put aside as this number."""
    return path.with_name(f"{path.name}.{number}")


def _remove_expired(path: Path, limits: Limits, time_ns: int) -> int:
    # What is put aside from now on is younger than one age, so it has one more to go.
    next_expiry_ns = time_ns + limits.age_ns
    for aside in rotated_files(path):
        expiry_ns = _first_row_ns(aside, otherwise=time_ns) + 2 * limits.age_ns
        if expiry_ns <= time_ns:
            aside.unlink(missing_ok=True)
        else:
            next_expiry_ns = min(next_expiry_ns, expiry_ns)
    return next_expiry_ns


def _is_due(path: Path, limits: Limits, time_ns: int) -> bool:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return False
    return size >= limits.size_bytes or due_ns(path, limits, time_ns=time_ns) <= time_ns


def _put_aside(path: Path, keep: int) -> None:
    free = 1
    # Up to the first gap is enough: whatever stands behind it need not move.
    while free < keep and numbered(path, free).exists():
        free += 1
    for number in range(free, 1, -1):
        numbered(path, number - 1).replace(numbered(path, number))
    path.replace(numbered(path, 1))


def _first_row_ns(path: Path, *, otherwise: int) -> int:
    """Return the stamp of the first row that has one, else the time of the last change.

    An empty file, and one that another process moves or forbids, has no age: `otherwise`.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            changed_ns = os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return otherwise
    return next(_stamps_of(head), changed_ns) if head else otherwise


def _stamps_of(head: bytes) -> Iterator[int]:
    for line in head.split(b"\n"):
        with contextlib.suppress(ValueError, RecursionError):
            row = json.loads(line)
            for key in STAMP_KEYS:
                if isinstance(row, dict) and isinstance(row.get(key), str):
                    yield read_stamp_ns(row[key])
