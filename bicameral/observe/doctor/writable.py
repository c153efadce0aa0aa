"""What in the home cannot be written as it stands, although the home itself can.

Logs, locks and databases are written where they lie, and a log never through a link; what is
replaced as a whole (sums, markers, batches) needs no more than its folder.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_LOG, _LOCK = ".jsonl", ".lock"
_IN_PLACE = (_LOG, _LOCK, ".sqlite3", ".sqlite3-wal", ".sqlite3-shm")


def blocked_in(home: Path) -> tuple[str, ...]:
    """Return each name that is in the way of writing, with the reason; raises `OSError`."""
    return tuple(f"{path.relative_to(home)} {why}" for path, why in _blocked(home))


def blocks_capture(home: Path) -> tuple[str, ...]:
    """Return the same of logs and their locks alone: where rows are dropped for it."""
    return tuple(
        f"{path.relative_to(home)} {why}"
        for path, why in _blocked(home)
        if path.parent == home and path.name.endswith((_LOG, _LOG + _LOCK, f"last_run.json{_LOCK}"))
    )


def _blocked(home: Path) -> Iterator[tuple[Path, str]]:
    for folder, folders, files in os.walk(home):
        for name in sorted((*folders, *files)):
            path = Path(folder, name)
            try:
                why = _obstacle(path, path.lstat())
            except FileNotFoundError:  # a server at work makes and removes files
                continue
            if why:
                yield path, why


def _obstacle(path: Path, state: os.stat_result) -> str:
    is_folder = stat.S_ISDIR(state.st_mode)
    is_in_place = path.name.endswith(_IN_PLACE)
    if not (is_folder or is_in_place):
        return ""
    if is_folder and is_in_place:
        return "is a folder"
    if path.name.endswith(_LOG) and not stat.S_ISREG(state.st_mode):
        return "is no regular file"
    # The system lets root pass everywhere; what others would meet is in the mode.
    has_bit = os.name != "posix" or state.st_mode & stat.S_IWUSR
    if has_bit and os.access(path, os.W_OK | (os.X_OK if is_folder else 0)):
        return ""
    return f"has mode {stat.S_IMODE(state.st_mode):04o} and cannot be written to"
