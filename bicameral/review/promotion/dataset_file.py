"""The file of a data set: rows are appended whole and synced, or not at all.

Writers take turns by a lock on the file itself. Half a row at the end, left by a process
that died, is cut off before the next one; anything else that is no row is refused.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bicameral.capture.durable import FLAGS, sync_folder, write_whole
from bicameral.capture.locks import lock_within
from bicameral.errors import DatasetRefused
from bicameral.review.dataset import SCHEMA, EvalRow

_LOCK_ATTEMPTS = 30_000
_MODE = 0o644
_BEGINNING = b'{"id":"'


@dataclass(slots=True)
class DatasetFile:
    """A data set that is open and locked: `rows` by id, `end` where its last whole row ends."""

    path: Path
    descriptor: int
    rows: dict[str, EvalRow]
    end: int
    is_terminated: bool

    def append(self, line: bytes) -> None:
        """Append one row, in one piece and synced; raises `OSError` and leaves no part of it."""
        size = os.lseek(self.descriptor, 0, os.SEEK_END)
        if size != self.end:
            os.ftruncate(self.descriptor, self.end)
        content = (b"" if self.is_terminated else b"\n") + line + b"\n"
        write_whole(self.descriptor, content, self.path, end=self.end)
        sync_folder(self.path.parent)


@contextmanager
def open_dataset(path: Path, *, below: Path | None = None) -> Iterator[DatasetFile]:
    """Open a data set, made if missing, and hold its lock; nothing in it changes by that.

    `below` is a folder that it must not leave, by links either. Raises `DatasetRefused` for
    what is not a data set of this user's own, and `OSError`.
    """
    _check_folder(path.parent, below)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _open(path)
    try:
        _check_file(descriptor, path)
        if not lock_within(descriptor, _LOCK_ATTEMPTS):
            raise OSError(errno.EWOULDBLOCK, "another process holds the data set", str(path))
        yield _read(descriptor, path)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, FLAGS, _MODE)
    except OSError as error:
        if path.is_symlink():
            raise _foreign(path, "is a symbolic link") from error
        if error.errno in {errno.EISDIR, errno.ENXIO}:
            raise _foreign(path, "is not a regular file") from error
        raise


def _check_folder(folder: Path, below: Path | None) -> None:
    if below is None:
        return
    root = below.resolve()
    if not folder.resolve().is_relative_to(root):
        raise _foreign(folder, f"leads out of {root}")


def _check_file(descriptor: int, path: Path) -> None:
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise _foreign(path, "is not a regular file")
    if os.name == "posix" and state.st_uid != os.geteuid():
        raise _foreign(path, f"belongs to user {state.st_uid}, not to you")


def _read(descriptor: int, path: Path) -> DatasetFile:
    size = os.fstat(descriptor).st_size
    content = b""
    os.lseek(descriptor, 0, os.SEEK_SET)
    while len(content) < size and (part := os.read(descriptor, size - len(content))):
        content += part
    rows, end = _parse(content, path)
    return DatasetFile(path, descriptor, rows, end, end == 0 or content[end - 1 : end] == b"\n")


def _parse(content: bytes, path: Path) -> tuple[dict[str, EvalRow], int]:
    """Return the rows by id, and where the last whole one ends."""
    rows: dict[str, EvalRow] = {}
    decoder = msgspec.json.Decoder(EvalRow)
    end = 0
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        if line.strip():
            try:
                row = decoder.decode(line)
            except ValueError as error:
                if _is_torn(line):
                    break
                raise _no_row(path, number, str(error)) from error
            if row.schema > SCHEMA:
                raise _no_row(path, number, "it was written by a newer version")
            rows[row.id] = row
        end += len(line)
    return rows, end


def _is_torn(line: bytes) -> bool:
    """Tell whether a line is the beginning of a row whose writer died."""
    beginning = min(len(line), len(_BEGINNING))
    return not line.endswith(b"\n") and line[:beginning] == _BEGINNING[:beginning]


def _no_row(path: Path, number: int, why: str) -> DatasetRefused:
    return DatasetRefused(
        f"line {number} of {path} is no row of a data set: {why}",
        next_step="mend or remove that line, or name another file with --to",
    )


def _foreign(path: Path, why: str) -> DatasetRefused:
    return DatasetRefused(
        f"{path} {why}", next_step="put a file of your own there, or name another with --to"
    )
