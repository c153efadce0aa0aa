"""Following a log: the complete lines that were not read yet, oldest file first.

A file is known by its device, its number and its first line, so that neither rotation nor
a number given out again confuses it; what stands before the place reached is checked, so
that a file that was cut or written anew is read from its beginning. A last line without
its end is left for the next time.
"""

import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from bicameral.capture.locks import try_lock
from bicameral.capture.rows import open_files

CHUNK_BYTES = 1 << 17
HEAD_BYTES = 1 << 16
TAIL_BYTES = 256
LONGEST_LINE = 8 << 20


class Place(msgspec.Struct, frozen=True):
    """How far a file was read; `head` and `tail` are digests of its first line and its last."""

    device: int
    inode: int
    head: str
    tail: str
    offset: int


@dataclass(slots=True)
class _File:
    file: BinaryIO
    device: int
    inode: int
    size: int
    head: str
    offset: int = 0
    tail: str = field(default="")


class Follower:
    """Reads one log from the places where the last run left its files.

    `size` is what is there as of now: a run ends, however busy the writers are.
    `is_surprised` says that a file is not as it was left: what is read may have been read
    before, or, without `rereads`, that it is not read a second time: a known file that was
    cut or written anew is then taken up where it was left, or at its end if it is shorter.
    `skipped` counts lines too long to be a row.
    """

    def __init__(self, path: Path, places: Iterable[Place] = (), *, rereads: bool = True) -> None:
        self.is_surprised = False
        self.skipped = 0
        self._rereads = rereads
        self._stack = ExitStack()
        known = list(places)
        self._files = [_open(file) for file in open_files(path, self._stack)]
        for each in self._files:
            self._resume(each, known)
        self.is_surprised |= bool(known)
        self._left = [each for each in self._files if each.offset < each.size]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(self) -> bytes:
        """Return the next complete lines, at most about a megabyte; b"" at the end."""
        while self._left:
            current = self._left[0]
            lines = self._read_lines(current)
            if lines:
                return lines
            self._left.pop(0)
        return b""

    def hold_aside(self, path: Path) -> bool:
        """Lock every file but the current one, and take in what was written to them by then.

        False where a line is just being written; no file is let go before this is closed.
        """
        current = path.stat() if path.exists() else None
        for each in self._files:
            is_current = current is not None and (each.device, each.inode) == (
                current.st_dev,
                current.st_ino,
            )
            if not is_current and not try_lock(each.file.fileno()):
                return False
        for each in self._files:
            each.size = os.fstat(each.file.fileno()).st_size
        self._left = [each for each in self._files if each.offset < each.size]
        return True

    def places(self) -> list[Place]:
        """Return how far each file has been read, for the next run."""
        return [
            Place(each.device, each.inode, each.head, _tail(each.file, each.offset), each.offset)
            for each in self._files
            if each.offset
        ]

    def _resume(self, found: _File, known: list[Place]) -> None:
        same = [place for place in known if place.head == found.head]
        if not same:
            return
        here = (found.device, found.inode)
        place = next((each for each in same if (each.device, each.inode) == here), same[0])
        known.remove(place)
        if place.offset <= found.size and _tail(found.file, place.offset) == place.tail:
            found.offset = place.offset
        else:
            self.is_surprised = True
            found.offset = 0 if self._rereads else min(place.offset, found.size)

    def _read_lines(self, current: _File) -> bytes:
        """Return complete lines from the place reached, and move on behind them."""
        current.file.seek(current.offset)
        chunk = current.file.read(min(CHUNK_BYTES, current.size - current.offset))
        end = chunk.rfind(b"\n") + 1
        if not end and len(chunk) == CHUNK_BYTES:
            return self._read_long_line(current)
        current.offset += end
        return chunk if end == len(chunk) else chunk[:end]

    def _read_long_line(self, current: _File) -> bytes:
        """Return a line longer than a chunk; one that is longer than any row is passed over."""
        start, end = current.offset, _line_end(current)
        if end is None:
            return b""
        current.offset = end
        if end - start > LONGEST_LINE:
            self.skipped += 1
            return self._read_lines(current)
        current.file.seek(start)
        return current.file.read(end - start)


def _line_end(current: _File) -> int | None:
    """Return where the line at the place reached ends; None if its end is not there yet."""
    current.file.seek(position := current.offset)
    while position < current.size:
        part = current.file.readline(min(CHUNK_BYTES, current.size - position))
        position += len(part)
        if part.endswith(b"\n"):
            return position
        if not part:
            break
    return None


def end_of(path: Path) -> Place | None:
    """Return the place at the end of a file; None where there is no file, or an empty one."""
    return place_at(path)


def place_at(path: Path, offset: int | None = None) -> Place | None:
    """Return the place at an offset of a file, at its end if none is given; None at 0."""
    try:
        with path.open("rb") as file:
            found = _open(file)
            offset = found.size if offset is None else offset
            tail = _tail(file, offset)
    except FileNotFoundError:
        return None
    place = Place(found.device, found.inode, found.head, tail, offset)
    return place if offset else None


def _open(file: BinaryIO) -> _File:
    state = os.fstat(file.fileno())
    head = file.read(HEAD_BYTES)
    first = head[: head.find(b"\n") + 1] or (head if len(head) == HEAD_BYTES else b"")
    return _File(file, state.st_dev, state.st_ino, state.st_size, _digest(first))


def _tail(file: BinaryIO, offset: int) -> str:
    start = max(0, offset - TAIL_BYTES)
    file.seek(start)
    return _digest(file.read(offset - start))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16] if content else ""
