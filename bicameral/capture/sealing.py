"""The seal: how a log's file is replaced while others write to it, and no line is lost or doubled.

Whoever replaces a file first seals it (a bit of its mode, which each writer sees right after
its line) and then appends a mark. Lines before the mark are carried over, lines behind it are
not, and each writer can tell on which side its own line stands.
"""

import os
import stat

from bicameral.capture.locks import OWNER_ONLY_FILE

# The line break ends half a line that a crash left, so that the mark is a line of its own.
MARK = b"\n#rewritten\n"
MARK_LINE = MARK.strip()
# Windows shows this bit for programs alone, and no log is named like one.
SEAL = stat.S_IXUSR
_CHUNK_BYTES = 1 << 16


def seal(descriptor: int) -> int:
    """Seal an open file and append the mark; return where the mark begins."""
    if os.name == "posix":  # elsewhere lines are written under the lock that the caller holds
        os.fchmod(descriptor, OWNER_ONLY_FILE | SEAL)
    os.write(descriptor, MARK)
    return os.lseek(descriptor, 0, os.SEEK_CUR) - len(MARK)


def unseal(descriptor: int) -> None:
    """Take the seal off a file that stays: whoever sealed it has died, or has failed."""
    if os.name == "posix":
        os.fchmod(descriptor, OWNER_ONLY_FILE)


def is_sealed(state: os.stat_result) -> bool:
    """Tell whether somebody is about to replace the file."""
    return bool(state.st_mode & SEAL)


def has_mark_behind(descriptor: int, end: int) -> bool:
    """Tell whether the mark stands behind a line that ended at `end`: then it was carried over."""
    os.lseek(descriptor, end, os.SEEK_SET)
    rest = b""
    while part := os.read(descriptor, _CHUNK_BYTES):
        rest = rest[-len(MARK) :] + part
        if MARK in rest:
            return True
    return False
