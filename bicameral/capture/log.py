"""The log: one JSON object a line, appended by any number of processes and threads.

Each line is one `os.write` to a descriptor kept open for appending, so lines never mix.
A line accepted here is found exactly once, whoever rotates, deletes or tears the file
meanwhile. Nothing is synced: the last second before a power cut is worth less than a sync.
"""

import contextlib
import errno
import os
import stat
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.locks import OWNER_ONLY_FILE, held_lock, try_share, unlock
from bicameral.capture.rotation import Limits, due_ns, tidy
from bicameral.capture.sealing import SEAL, has_mark_behind, is_sealed, unseal
from bicameral.capture.sizes import MOST_LINE_BYTES, check_line
from bicameral.environment import prepare_home

DEFAULT_LIMITS = Limits()
HOLDS_OPEN = os.name == "posix"
MOST_TRIES = 100
LOCK_ATTEMPTS = 2_000
GUARD_SECONDS = 1.0
SEAL_ATTEMPTS = 500
# A removed file is noticed at once, one that was moved away by hand within this time.
LOOK_NS = 1_000_000_000
_UNKNOWN = -1
# Never through a link that someone planted, never waiting for the reader of a pipe.
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_FLAGS |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines were written whole, and how many were dropped."""

    written: int
    dropped: int

    @property
    def attempted(self) -> int:
        """Every line that was to be written."""
        return self.written + self.dropped


class RotatedLog:
    """Appends lines to `path`, which is opened at the first of them and rotated by `limits`.

    POSIX appends are atomic and an open file can be renamed, so there a writer keeps its
    descriptor and takes no lock: the file's own size and age tell each writer that it is
    done with. Elsewhere (`holds_open=False`) neither is true, and each line is written
    under the lock to a file opened for it. A file that is rewritten meanwhile is left for the
    new one (`sealing.py`). `around_tidy` is entered before files are put
    aside or removed; where it yields false, that waits for another time. With it, a line is
    written under a shared lock of its file: whoever has a file alone knows its last line.
    """

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits = DEFAULT_LIMITS,
        holds_open: bool = HOLDS_OPEN,
        around_tidy: Callable[[], AbstractContextManager[bool]] | None = None,
    ) -> None:
        self.path = path
        self.rotation_error = ""
        self._limits = limits
        self._holds_open = holds_open
        self._around_tidy = around_tidy
        self._lock_path = path.with_name(path.name + ".lock")
        self._guard = threading.Lock()
        self._descriptor: int | None = None
        self._end = _UNKNOWN
        self._due_ns = 0
        self._expiry_ns = 0
        self._look_ns = 0
        self._written = 0
        self._dropped = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_if_alive(weakref.WeakMethod(self._start_anew)))

    def append(self, line: bytes, *, time_ns: int) -> None:
        """Append one line, given without its newline; `time_ns` is the wall clock.

        Raises `InputRefused` for a line beyond 256 KiB, and `OSError` or `HomeUnusable` when it
        could not be written whole; either is counted.
        A rotation that fails is not the line's failure: it is kept in `rotation_error`.
        """
        if len(line) > MOST_LINE_BYTES:
            self.count_drop()
            check_line(line)
        # Bounded, because a signal handler may come here in the middle of a line.
        # The first attempt costs less than one with a time limit, and nearly always does.
        if not (self._guard.acquire(blocking=False) or self._guard.acquire(timeout=GUARD_SECONDS)):
            self._dropped += 1
            raise OSError(errno.EWOULDBLOCK, "another line is still being written", str(self.path))
        try:
            if self._holds_open:
                self._append(line + b"\n", time_ns)
            else:
                self._append_alone(line + b"\n", time_ns)
            self._written += 1
        except BaseException:
            self._dropped += 1
            self._close()
            raise
        finally:
            self._guard.release()

    def count_drop(self) -> None:
        """Count a line that was meant for this log and could not even be made."""
        # Two threads that add at once could lose one; a signal handler must not wait for ever.
        is_mine = self._guard.acquire(timeout=GUARD_SECONDS)
        self._dropped += 1
        if is_mine:
            self._guard.release()

    @property
    def counts(self) -> Counts:
        """What became of the lines of this process."""
        return Counts(self._written, self._dropped)

    def close(self) -> None:
        """Give the descriptor back; the next line opens the file again."""
        with self._guard:
            self._close()

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            self._close()

    def _append(self, line: bytes, time_ns: int) -> None:
        for _ in range(MOST_TRIES):
            descriptor = self._descriptor
            if descriptor is None:
                descriptor = self._open(time_ns)
            if time_ns >= self._due_ns and self._end:
                # An old file is put aside first: the new line must not expire with it.
                self._look_around(time_ns)
                descriptor = self._open(time_ns) if self._descriptor is None else descriptor
            if self._put_shared(descriptor, line):
                if self._end >= self._limits.size_bytes or time_ns >= self._look_ns:
                    self._look_around(time_ns)
                return
        raise OSError(errno.EAGAIN, "the file was removed as often as it was made", str(self.path))

    def _put_shared(self, descriptor: int, line: bytes) -> bool:
        """Write the line; nobody counts a file's lines and removes it in the middle of that."""
        if self._around_tidy is None:
            return self._put(descriptor, line)
        if not try_share(descriptor):
            self._close()
            return False
        try:
            return self._put(descriptor, line)
        finally:
            if self._descriptor is not None:  # closing it has given the lock back
                unlock(descriptor)

    def _put(self, descriptor: int, line: bytes) -> bool:
        """Write the line; tell whether a reader will find it where it was written."""
        written = os.write(descriptor, line)
        if written != len(line):
            raise OSError(errno.ENOSPC, f"{written} of {len(line)} bytes fitted", str(self.path))
        state = os.fstat(descriptor)
        if state.st_nlink == 0 or state.st_mode & SEAL:
            return self._put_into_replaced(descriptor, written)
        if state.st_size == self._end + written:  # nobody else has written since my last line
            self._end = state.st_size
            return True
        self._end = os.lseek(descriptor, 0, os.SEEK_CUR)
        return self._end == written or self._follows_newline(descriptor, self._end - written)

    def _put_into_replaced(self, descriptor: int, written: int) -> bool:
        """Tell the same of a line in a file that is gone, or that somebody is about to replace."""
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        is_whole = end == written or self._follows_newline(descriptor, end - written)
        stays = self._wait_for_seal(descriptor)
        if stays:
            self._end = end
            return is_whole
        is_carried = has_mark_behind(descriptor, end)
        if stays is None and not is_carried:
            raise OSError(errno.EAGAIN, "its file is just being replaced", str(self.path))
        self._close()
        return is_carried and is_whole

    def _wait_for_seal(self, descriptor: int) -> bool | None:
        """Wait for whoever replaces the file, who takes a moment; tell whether it stays.

        None if they are still at it after half a second.
        """
        if os.fstat(descriptor).st_nlink == 0:
            return False
        with self._alone() as is_alone:
            if os.fstat(descriptor).st_nlink == 0:
                return False
            if is_alone:  # whoever sealed it has died, or has given up
                unseal(descriptor)
        return True if is_alone else None

    def _alone(self) -> AbstractContextManager[bool]:
        """Hold the lock under which files are put aside, removed and replaced."""
        if not self._holds_open:  # then each line is written under it
            return contextlib.nullcontext(True)
        return held_lock(self._lock_path, attempts=SEAL_ATTEMPTS)

    @staticmethod
    def _follows_newline(descriptor: int, start: int) -> bool:
        # Whoever died or ran out of disk just before left half a line, and this one is
        # glued to it: unreadable there, so it is written again on a line of its own.
        os.lseek(descriptor, start - 1, os.SEEK_SET)
        return os.read(descriptor, 1) == b"\n"

    def _append_alone(self, line: bytes, time_ns: int) -> None:
        prepare_home(self.path.parent)
        with held_lock(self._lock_path, attempts=LOCK_ATTEMPTS) as is_mine:
            if not is_mine:
                raise OSError(errno.EWOULDBLOCK, "the lock stayed taken", str(self._lock_path))
            self._append(line, time_ns)
            self._close()

    def _open(self, time_ns: int) -> int:
        prepare_home(self.path.parent)
        descriptor = os.open(self.path, _FLAGS, OWNER_ONLY_FILE)
        self._descriptor = descriptor
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(self.path))
        if is_sealed(state):
            # One that stays sealed serves: what becomes of its lines is asked line by line.
            if self._wait_for_seal(descriptor) is False:
                self._close()
                return self._open(time_ns)
        # The mode given to open passes through the umask and spares what already exists.
        elif os.name == "posix" and stat.S_IMODE(state.st_mode) != OWNER_ONLY_FILE:
            os.fchmod(descriptor, OWNER_ONLY_FILE)
        self._end = state.st_size if state.st_size == 0 else _UNKNOWN
        self._due_ns = due_ns(self.path, self._limits, time_ns=time_ns)
        self._look_again(time_ns)
        return descriptor

    def _look_around(self, time_ns: int) -> None:
        """Leave a file that is not current any more; put aside what is full, remove what is old."""
        is_full = self._end >= self._limits.size_bytes
        is_old = time_ns >= min(self._due_ns, self._expiry_ns)
        try:
            if not self._is_current():
                self._close()
            elif not (is_full or is_old):
                self._look_again(time_ns)
            elif self._holds_open:
                with held_lock(self._lock_path) as is_mine:
                    if is_mine:  # else another writer is at it, and this file still serves
                        self._put_aside(time_ns)
            else:
                self._put_aside(time_ns)
        except OSError as error:
            self.rotation_error = str(error)

    def _put_aside(self, time_ns: int) -> None:
        self._close()  # where an open file cannot be renamed, it must not be open
        with self._around_tidy() if self._around_tidy else contextlib.nullcontext(True) as may:
            if may:
                self._expiry_ns = tidy(
                    self.path, self._limits, time_ns=time_ns, expiry_ns=self._expiry_ns
                )

    def _look_again(self, time_ns: int) -> None:
        self._look_ns = min(self._due_ns, self._expiry_ns, time_ns + LOOK_NS)

    def _is_current(self) -> bool:
        mine = os.fstat(self._descriptor or 0)
        try:
            return os.path.samestat(mine, self.path.stat())
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):  # nothing is buffered that it could lose
                os.close(descriptor)

    def _start_anew(self) -> None:
        # A descriptor shared with the parent shares its position, and the guard may be
        # held by a thread that does not exist here.
        self._guard = threading.Lock()
        self._close()


def _if_alive(method: "weakref.WeakMethod[Callable[[], None]]") -> Callable[[], None]:
    def call() -> None:
        alive = method()
        if alive is not None:
            alive()

    return call
