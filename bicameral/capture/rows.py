"""Rows: reading a log back, over its rotated files, beside any number of writers.

What does not parse (the line of a process that died, of a disk that was full) is
skipped and counted; it never stops a reader.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from bicameral.capture.rotation import numbered, rotated_files

EVENTS_FILE = "preflight_events.jsonl"
ENGAGEMENTS_FILE = "engagements.jsonl"
SCHEMA = 1
CHUNK_BYTES = 65_536


def encode_row(row: Mapping[str, object]) -> bytes:
    """Return the row as one line of JSON; characters that have no UTF-8 become `?`."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


class Rows:
    """The rows of one log, oldest file first; `skipped` counts the lines that were none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.skipped = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        self.skipped = 0
        with ExitStack() as stack:
            for file in open_files(self._path, stack):
                yield from self._parse(file)

    def _parse(self, lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
        for line in lines:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                yield row
            else:
                self.skipped += 1


def read_rows(path: Path) -> Rows:
    """Return the rows of the log at `path`; a log that does not exist has none."""
    return Rows(path)


def read_lines_backwards(path: Path, *, most_bytes: int) -> Iterator[bytes]:
    """Yield the lines of a log from the newest on, until about `most_bytes` were read."""
    with ExitStack() as stack:
        for file in reversed(open_files(path, stack)):
            rest, position = b"", file.seek(0, 2)
            while position > 0 and most_bytes > 0:
                step = min(CHUNK_BYTES, position)
                position -= step
                most_bytes -= step
                file.seek(position)
                rest, *lines = (file.read(step) + rest).split(b"\n")
                yield from reversed(lines)
            if position == 0:
                yield rest


def open_files(path: Path, stack: ExitStack) -> list[BinaryIO]:
    """Open the files of a log, each once, and return them oldest first.

    Files only move to higher numbers; opened in rising order, none is missed while a
    rotation is under way, and one that was met twice is the same file. `stack` closes them.
    """
    opened: dict[tuple[int, int], BinaryIO] = {}
    for candidate in _candidates(path):
        try:
            file = stack.enter_context(candidate.open("rb"))
        except FileNotFoundError:
            continue
        state = os.fstat(file.fileno())
        opened.setdefault((state.st_dev, state.st_ino), file)
    return list(reversed(opened.values()))


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    reached = 0
    # Looked up anew at the end, for the last file may have moved up on the way to it,
    # and every number between, for a gap may be filled meanwhile.
    while reached < (highest := _highest_number(path)):
        yield from (numbered(path, number) for number in range(reached + 1, highest + 1))
        reached = highest


def _highest_number(path: Path) -> int:
    listed = rotated_files(path) if path.parent.is_dir() else []
    return int(listed[-1].suffix[1:]) if listed else 0
