"""Parts: what goes of one file or table, in figures, as a plan shows it and as it was done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bicameral.capture.rewriting import lines_of
from bicameral.capture.rotation import rotated_files
from bicameral.capture.stamps import Stamps
from bicameral.removal.lines import Choice, read_row, time_of


@dataclass(frozen=True, slots=True)
class Part:
    """What goes of one place: rows, bytes, and the times of the oldest and the newest of them.

    `oldest` and `newest` are stamps, empty where there is no clock; `size_bytes` is None for a
    table. `reason` is empty where a person's word is the reason. `limit_days` is the age at
    which rows go, None where age is not why; `is_whole` tells that nothing else is in the file.
    """

    place: Literal["file", "table"]
    name: str
    rows: int
    size_bytes: int | None
    oldest: str
    newest: str
    reason: str
    limit_days: int | None = None
    is_whole: bool = False


@dataclass(slots=True)
class Tally:
    """Adds up the lines of a file that go; lines that are no rows count by their bytes alone."""

    clock: str
    rows: int = 0
    size_bytes: int = 0
    stays: int = 0
    times_ns: list[int] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Count a line that goes, given with its end."""
        self.size_bytes += len(line)
        row = read_row(line)
        if row is None:
            return
        self.rows += 1
        if (time_ns := time_of(row, self.clock)) is not None:
            ends = [*self.times_ns, time_ns]
            self.times_ns = [min(ends), max(ends)]

    def part(self, name: str, reason: str, *, limit_days: int | None = None) -> Part:
        """Return the figures as a part of a plan."""
        oldest, newest = map(Stamps().write, self.times_ns) if self.times_ns else ("", "")
        return Part(
            "file",
            name,
            self.rows,
            self.size_bytes,
            oldest,
            newest,
            reason,
            limit_days,
            is_whole=not self.stays,
        )


def tally(path: Path, goes: Choice, clock: str) -> Tally:
    """Count what goes of a file; one that is not there has nothing. Raises `OSError`."""
    found = Tally(clock)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return found
    with file:
        size = path.stat().st_size
        for line in lines_of(file, size):
            if goes(line[:-1]):
                found.take(line)
            else:
                found.stays += 1
    return found


def files_of(log: Path) -> list[Path]:
    """Return the files of a log that are there, the oldest first."""
    aside = rotated_files(log) if log.parent.is_dir() else []
    return [each for each in (*reversed(aside), log) if each.exists()]


def total_rows(parts: Iterable[Part]) -> int:
    """Return how many rows go in all."""
    return sum(each.rows for each in parts)
