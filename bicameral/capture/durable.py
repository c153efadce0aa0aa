"""Lines that must survive a power cut: appended whole, and on the disk before the call returns.

For the few rows that people wrote or decided; captured rows are not worth a sync each.
Writers take turns by a lock on the file itself, which the system lets go if they die.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.locks import OWNER_ONLY_FILE, lock_within
from bicameral.capture.sizes import check_line

# Never through a link that someone planted, never waiting for the reader of a pipe.
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
FLAGS |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

MOST_REPLACEMENTS = 10


@dataclass(frozen=True, slots=True)
class DurableFile:
    """A file that is open and locked; nobody else appends to it meanwhile."""

    path: Path
    descriptor: int

    def read(self) -> bytes:
        """Return all of it."""
        with open(self.descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()

    def append(self, line: bytes) -> None:
        """Append one line, given without its newline, or leave the file as it was.

        Half a line that a crash left is ended first. Raises `InputRefused` for one beyond
        256 KiB, and `OSError`.
        """
        check_line(line)
        end = os.lseek(self.descriptor, 0, os.SEEK_END)
        start = b"" if not end or self._ends_with_newline(end) else b"\n"
        write_whole(self.descriptor, start + line + b"\n", self.path, end=end)

    def _ends_with_newline(self, end: int) -> bool:
        os.lseek(self.descriptor, end - 1, os.SEEK_SET)
        return os.read(self.descriptor, 1) == b"\n"


@contextmanager
def durable_file(path: Path, *, attempts: int) -> Iterator[DurableFile]:
    """Open a file for its owner alone, made if missing, and hold its lock.

    `attempts` is for how many milliseconds to wait for another writer. Raises `OSError`
    when it cannot be opened, is not a regular file, or stays locked.
    """
    descriptor = _open_locked(path, attempts)
    try:
        yield DurableFile(path, descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _open_locked(path: Path, attempts: int) -> int:
    for _ in range(MOST_REPLACEMENTS):
        descriptor = os.open(path, FLAGS, OWNER_ONLY_FILE)
        try:
            _make_private(descriptor, path)
            if lock_within(descriptor, attempts):
                return descriptor
            # Whoever held it may have put another file under the name meanwhile.
            is_replaced = os.fstat(descriptor).st_nlink == 0
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not is_replaced:
            break
    raise OSError(errno.EWOULDBLOCK, "another process holds it", str(path))


def write_whole(descriptor: int, content: bytes, path: Path, *, end: int) -> None:
    """Append in one piece and sync, or cut the file back to `end`; raises `OSError`."""
    written = os.write(descriptor, content)
    if written != len(content):
        os.ftruncate(descriptor, end)
        raise OSError(errno.ENOSPC, f"{written} of {len(content)} bytes fitted", str(path))
    os.fsync(descriptor)


def replace_file(path: Path, content: bytes, *, is_synced: bool) -> None:
    """Put content under a name, whole, for its owner alone; the caller holds the lock.

    Raises `OSError`; what had the name before is then still there.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(temporary, flags, OWNER_ONLY_FILE), "wb") as file:
        file.write(content)
        file.flush()
        if is_synced:
            os.fsync(file.fileno())
    temporary.replace(path)
    if is_synced:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder, in which a file's name stands: a power cut could take a new one away."""
    if os.name != "posix":  # pragma: no cover - a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_private(descriptor: int, path: Path) -> None:
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    # The mode given to open passes through the umask and spares what already exists.
    if os.name == "posix" and stat.S_IMODE(state.st_mode) != OWNER_ONLY_FILE:
        os.fchmod(descriptor, OWNER_ONLY_FILE)
