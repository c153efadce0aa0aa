"""The review file: rows appended in batches, synced, and never one twice.

Whoever holds the lock of the reconciliation writes. What a killed run left behind the place
that its state vouches for is read again: a torn last line is cut off, and rows that are
there are not repeated, so the file comes out as if nothing had happened.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

import msgspec

from bicameral.capture.durable import sync_folder
from bicameral.capture.follow import Follower, end_of
from bicameral.capture.locks import OWNER_ONLY_FILE
from bicameral.capture.sizes import MOST_LINE_BYTES
from bicameral.review.reconciliation.lines import ReviewLine
from bicameral.review.reconciliation.state import Written
from bicameral.review.rows import REVIEW_FILE, ReviewRow

BUFFER_BYTES = 1 << 20
BLOCK_BYTES = 1 << 16


class _Row(msgspec.Struct, gc=False):
    id: str
    classification: str


_Written = TypeVar("_Written", ReviewRow, ReviewLine)

_rows = msgspec.json.Decoder(_Row)
_encoder = msgspec.json.Encoder()


class Journal:
    """Appends review rows to the file in `home`; `added` counts the new ones by class.

    `refused` counts those that are too large to be stored.

    `written` is what the state vouches for. With `must_read_all`, the ids of all rows that
    stand there are read, for rows may come again that were written long ago. A dry run
    counts what it would add and writes nothing.
    """

    def __init__(
        self, home: Path, written: Written, *, must_read_all: bool, is_dry: bool = False
    ) -> None:
        self.added: Counter[str] = Counter()
        self.refused = 0
        self._path = home / REVIEW_FILE
        self._is_dry = is_dry
        self._known: set[str] = set()
        self._buffer = bytearray()
        self._descriptor: int | None = None
        if not is_dry:
            _repair(self._path)
        self._totals = self._read_known(None if must_read_all else written)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    @property
    def totals(self) -> Mapping[str, int]:
        """How many rows of each class the file holds, with those just added."""
        return self._totals

    def append(self, rows: Iterable[_Written]) -> list[_Written]:
        """Add the rows that are not there yet; return them. Raises `OSError`."""
        known = self._known
        new = [row for row in rows if row.id not in known] if known else list(rows)
        if not self._is_dry:
            new = self._store(new)
        counted = Counter([row.classification for row in new])
        self.added.update(counted)
        self._totals.update(counted)
        return new

    def _store(self, rows: list[_Written]) -> list[_Written]:
        """Add rows to what will be written; return them without those that are too large."""
        content = _encoder.encode_lines(rows)
        # Looked at one by one only where one of them could be: most have a hundredth of it.
        if len(content) > MOST_LINE_BYTES:
            lines = content.splitlines(keepends=True)
            fits = [len(line) - 1 <= MOST_LINE_BYTES for line in lines]
            rows = [row for row, is_kept in zip(rows, fits, strict=True) if is_kept]
            self.refused += len(lines) - len(rows)
            content = b"".join(line for line, is_kept in zip(lines, fits, strict=True) if is_kept)
        self._buffer += content
        if len(self._buffer) >= BUFFER_BYTES:
            self._flush()
        return rows

    def commit(self) -> Written:
        """Bring everything to the disk; return what may be vouched for. Raises `OSError`."""
        self._flush()
        if self._descriptor is not None:
            os.fsync(self._descriptor)
        return Written(end_of(self._path), dict(self._totals))

    def _flush(self) -> None:
        if not self._buffer:
            return
        if self._descriptor is None:
            self._descriptor = _open_to_append(self._path)
        with memoryview(self._buffer) as content:
            done = 0
            while done < len(content):
                done += os.write(self._descriptor, content[done:])
        self._buffer.clear()

    def _read_known(self, written: Written | None) -> Counter[str]:
        """Take in the rows behind the place vouched for; return how many there are in all."""
        places = [written.place] if written and written.place else []
        with Follower(self._path, places) as follower:
            if follower.is_surprised:
                return self._read_known(None)
            totals = Counter(written.totals if places and written else {})
            while lines := follower.read():
                for line in lines.split(b"\n"):
                    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                        row = _rows.decode(line)
                        self._known.add(row.id)
                        totals[row.classification] += 1
            return totals


def _open_to_append(path: Path) -> int:
    is_new = not path.exists()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), OWNER_ONLY_FILE)
    if is_new:
        sync_folder(path.parent)
    return descriptor


def _repair(path: Path) -> None:
    """Cut off half a line that a killed run left; end one that is whole but for its end."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return
    with file:
        size = file.seek(0, os.SEEK_END)
        start = _last_line_start(file, size)
        file.seek(start)
        last = file.read()
        if not last:
            return
        try:
            _rows.decode(last)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            file.truncate(start)
        else:
            file.write(b"\n")


def _last_line_start(file: BinaryIO, size: int) -> int:
    position = size
    while position > 0:
        step = min(BLOCK_BYTES, position)
        position -= step
        file.seek(position)
        found = file.read(step).rfind(b"\n")
        if found >= 0:
            return position + found + 1
    return 0
