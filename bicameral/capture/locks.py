"""File locks of the operating system: let go by it when their process dies, however it dies."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ONLY_FILE = 0o600
PAUSE_SECONDS = 0.001

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    # A locked byte cannot be read there, so the lock stands far beyond any content.
    _LOCKED_BYTE = 1 << 30

    def try_lock(descriptor: int) -> bool:
        """Take the exclusive lock of an open file if it is free; closing the file frees it."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def try_share(descriptor: int) -> bool:  # noqa: ARG001 - lines are written under a lock there
        """Take the lock of an open file together with others, unless somebody has it alone."""
        return True

    def unlock(descriptor: int) -> None:
        """Give the lock of an open file back."""
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Take the exclusive lock of an open file if it is free; closing the file frees it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def try_share(descriptor: int) -> bool:
        """Take the lock of an open file together with others, unless somebody has it alone."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Give the lock of an open file back."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def held_lock(path: Path, *, attempts: int = 1) -> Iterator[bool]:
    """Hold the lock file at `path`, made if missing; yields whether it could be taken.

    Between attempts there is a pause of a millisecond. Raises `OSError` when the file
    cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY_FILE)
    try:
        yield lock_within(descriptor, attempts)
    finally:
        os.close(descriptor)


def lock_within(descriptor: int, attempts: int) -> bool:
    """Try to lock an open file, a millisecond apart; false also if it has no name any more."""
    for number in range(attempts):
        if number:
            time.sleep(PAUSE_SECONDS)
        if try_lock(descriptor):
            # A lock on a file that someone removed meanwhile keeps nobody out.
            return os.fstat(descriptor).st_nlink > 0
    return False
