"""Status: what is captured, why, where and how much, for a person who asks."""

from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import rotated_files


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One log: its size with what was put aside, and what became of this process's lines."""

    name: str
    size_bytes: int
    rotated_files: int
    attempted: int
    written: int
    dropped: int


@dataclass(frozen=True, slots=True)
class TelemetryStatus:
    """The flags with their sources, the home, its logs; `last_error` is empty if all is well."""

    home: str
    flags: TelemetryFlags
    files: tuple[FileStatus, ...]
    last_error: str


def describe_log(log: RotatedLog) -> FileStatus:
    """Describe a log from its files' sizes alone; one that cannot be seen has size 0."""
    aside = _aside(log.path)
    counts = log.counts
    return FileStatus(
        name=log.path.name,
        size_bytes=sum(map(_size, [log.path, *aside])),
        rotated_files=len(aside),
        attempted=counts.attempted,
        written=counts.written,
        dropped=counts.dropped,
    )


def describe_file(home: Path, pattern: str) -> FileStatus | None:
    """Describe what another process or another part writes; None where there is nothing.

    `pattern` is the file's name, or one for several files (`sessions/*.open`).
    """
    try:
        found = [each for each in home.glob(pattern) if each.is_file()]
    except OSError:
        return None
    aside = [] if "*" in pattern else _aside(home / pattern)
    if not found and not aside:
        return None
    size = sum(map(_size, [*found, *aside]))
    return FileStatus(pattern, size, len(aside), attempted=0, written=0, dropped=0)


def _aside(path: Path) -> list[Path]:
    try:
        return rotated_files(path)
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
