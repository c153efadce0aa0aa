"""Locks and markers: what a process that hangs holds, and what one that died left behind.

The system frees a lock when its process dies, so a held lock has a living holder. Each is
tried for a moment, which nobody notices: whoever wants it just then tries again.
"""

import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.locks import try_lock
from bicameral.capture.sessions import FOLDER, SUFFIX
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings

LOOKS, PAUSE_SECONDS = 3, 0.02
# A reconciliation of a million rows takes seconds; nothing else holds a lock that long.
LONGEST_HELD_SECONDS = 600
LONGEST_LEFT_SECONDS = 86_400
_RECONCILE = "reconcile.lock"
_TEMPORARY = ("salt.*", "*.new")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that stayed held at every look. The holder's process id is 0 if unknown.

    `holder_seconds` is how long the holder has been running, None if unknown; `is_stopped`
    says that the system has it suspended.
    """

    name: str
    holder: int = 0
    holder_seconds: float | None = None
    is_stopped: bool = False

    @property
    def is_stale(self) -> bool:
        """Tell whether it is held longer than any work takes."""
        if self.is_stopped:
            return True
        if self.holder_seconds is None:
            return self.name != _RECONCILE
        return self.holder_seconds > LONGEST_HELD_SECONDS


def check_locks(around: Surroundings) -> Finding:
    """Look at the lock files, the markers of sessions and what was never given its name."""
    environment = around.environment
    home, now_ns = environment.home, environment.time_ns()
    return judge_locks(
        home,
        list(held_locks(home)),
        abandoned=list(_abandoned(home, now_ns)),
        leftovers=list(_leftovers(home, now_ns)),
    )


def judge_locks(
    home: Path, held: Iterable[Lock], *, abandoned: list[str], leftovers: list[str]
) -> Finding:
    """Say what is stale. `abandoned` are old markers whose process is gone; `leftovers` files
    that a crash left before they had their names, which do no harm.
    """
    held = list(held)
    stale = [each for each in held if each.is_stale]
    seen = [*map(_described, held), *(f"left by a crash: {each}" for each in leftovers)]
    if stale:
        holders = " ".join(str(each.holder) for each in stale if each.holder)
        return failed(
            "a process holds a lock and does not let go",
            *seen,
            mend=f"end it: kill {holders}" if holders else f"find it with: fuser {home}/*.lock",
        )
    if abandoned:
        return failed(
            "sessions of servers that are gone were never closed, so they wait for review",
            *(f"marked as open: {each}" for each in abandoned),
            mend="bicameral-mcp reconcile",
        )
    return passed("no lock is stale", *seen)


def held_locks(home: Path) -> Iterator[Lock]:
    """Yield the locks of a home that somebody holds at every one of a few looks."""
    paths = [each for each in sorted(home.glob("*.lock")) if each.is_file()]
    for look in range(LOOKS):
        if paths and look:
            time.sleep(PAUSE_SECONDS)
        paths = [each for each in paths if not _is_free(each)]
    for path in paths:
        holder = _holder(path)
        yield Lock(path.name, holder, _seconds_of(holder), _is_stopped(holder))


def _described(lock: Lock) -> str:
    who = f"process {lock.holder}" if lock.holder else "a process"
    since = "" if lock.holder_seconds is None else f", running for {lock.holder_seconds:.0f} s"
    return f"{lock.name} is held by {who}{since}{', suspended' * lock.is_stopped}"


def _is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)


def _abandoned(home: Path, now_ns: int) -> Iterator[str]:
    """Yield the markers of sessions that nobody holds, and nobody closed for a day."""
    for path in sorted((home / FOLDER).glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError):
            state = path.stat()
            if _is_old(state, now_ns, LONGEST_LEFT_SECONDS) and state.st_size and _is_free(path):
                yield f"{FOLDER}/{path.name}"


def _leftovers(home: Path, now_ns: int) -> Iterator[str]:
    for pattern in _TEMPORARY:
        for path in sorted(home.glob(pattern)):
            with suppress(FileNotFoundError):
                state = path.stat()
                is_file = stat.S_ISREG(state.st_mode) and path.suffix != ".lock"
                if is_file and _is_old(state, now_ns, LONGEST_HELD_SECONDS):
                    yield path.name


def _is_old(state: os.stat_result, now_ns: int, seconds: int) -> bool:
    return now_ns - state.st_mtime_ns > seconds * 1_000_000_000


def _holder(path: Path) -> int:
    """Return who holds a lock, where the system tells (Linux); else 0."""
    with suppress(OSError, ValueError, IndexError):
        inode = str(path.stat().st_ino)
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode:
                return max(int(words[4]), 0)
    return 0


def _seconds_of(process_id: int) -> float | None:
    with suppress(OSError, ValueError, IndexError):
        ticks = int(_state_of(process_id)[19])
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        return max(uptime - ticks / os.sysconf("SC_CLK_TCK"), 0.0)
    return None


def _is_stopped(process_id: int) -> bool:
    with suppress(OSError, IndexError):
        return _state_of(process_id)[0] in {"T", "t"}
    return False


def _state_of(process_id: int) -> list[str]:
    if not process_id:
        return []
    text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()
