"""Rewriting a log's file without some of its lines, beside any number of writers.

The new file is written and synced beside the old one and takes its name, so that a crash
leaves the old one or the new one, whole. What is written meanwhile is carried over.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bicameral.capture.durable import sync_folder
from bicameral.capture.locks import OWNER_ONLY_FILE
from bicameral.capture.sealing import MARK_LINE, seal, unseal

SUFFIX = ".new"
_CHUNK_BYTES = 1 << 20
_TO_MARK = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_TO_MAKE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

Goes = Callable[[bytes], bool]


@dataclass(slots=True)
class Removed:
    """What a rewriting took away; lines that are no rows are not counted as rows."""

    lines: int = 0
    size_bytes: int = 0


def rewrite_file(
    path: Path,
    goes: Goes,
    *,
    until: int | None = None,
    watched: Iterable[int] = (),
    before_replacing: Callable[[Path, Mapping[int, int]], None] | None = None,
) -> Removed:
    """Take the lines that go out of a file; the caller holds the lock of its log.

    `goes` is asked about each line that is there now, up to the byte `until` if that is given;
    what is written behind it stays. `before_replacing` is told of the new file, which has not
    its name yet, and where in it each of the `watched` ends of lines has come to stand. A file
    without any line left is removed. Raises `OSError`; the file is then as it was.
    """
    temporary = path.with_name(path.name + SUFFIX)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(path, _TO_MARK)
    with os.fdopen(descriptor, "r+b", buffering=0) as old:
        try:
            with os.fdopen(os.open(temporary, _TO_MAKE, OWNER_ONLY_FILE), "w+b") as new:
                moved = {place: place for place in watched}
                removed, reached = _copy_asked(old, new, goes, until, moved)
                _sync(new)  # the long part, while writers go on undisturbed
                _copy_rest(old, new, reached, seal(descriptor))
                _sync(new)
                is_empty = new.tell() == 0
            if before_replacing is not None:
                before_replacing(temporary, moved)
            _replace(temporary, path, is_empty=is_empty)
        except BaseException:
            unseal(descriptor)
            temporary.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)
    return removed


def lines_of(file: BinaryIO, until: int) -> Iterator[bytes]:
    """Yield the complete lines of a file up to a byte, each with its end."""
    position = file.tell()
    rest = b""
    while position < until and (chunk := file.read(min(_CHUNK_BYTES, until - position))):
        position += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in lines)


def _copy_asked(
    old: BinaryIO, new: BinaryIO, goes: Goes, until: int | None, moved: dict[int, int]
) -> tuple[Removed, int]:
    """Copy the lines that stay, and move the places; return what goes and the place reached."""
    removed, reached = Removed(), 0
    for line in lines_of(old, os.fstat(old.fileno()).st_size if until is None else until):
        reached += len(line)
        is_mark = line.strip() in {b"", MARK_LINE}  # what an attempt that was killed left
        if is_mark or goes(line[:-1]):
            removed.lines += not is_mark
            removed.size_bytes += len(line)
            for place in moved:
                moved[place] -= len(line) if reached <= place else 0
        else:
            new.write(line)
    return removed, reached


def _copy_rest(old: BinaryIO, new: BinaryIO, reached: int, mark: int) -> None:
    """Copy what was written meanwhile, up to the mark, with the end that its last line lacks."""
    old.seek(reached)
    last = b"\n"
    while (left := mark - old.tell()) > 0 and (chunk := old.read(min(_CHUNK_BYTES, left))):
        new.write(chunk)
        last = chunk[-1:]
    if last != b"\n":
        new.write(b"\n")


def _replace(temporary: Path, path: Path, *, is_empty: bool) -> None:
    if is_empty:
        temporary.unlink()  # first, or a crash left it where nobody looks again
        path.unlink()
    else:
        temporary.replace(path)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
