"""Files of the work tree by the names people give them: from where they stand, or from the root.

Nothing outside the repository is read, nor anything that belongs to a repository inside it.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bicameral.errors import InputRefused
from bicameral.grounding.paths import PathGuard
from bicameral.grounding.signals import note_read
from bicameral.metering import count

LARGEST_FILE_BYTES = 4 * 1024 * 1024


def place_of(path: str, root: Path, start: Path) -> str:
    """Return a path relative to the root: taken from `start`, or from the root if it is there.

    Answers name files from the root, and callers repeat them wherever they stand. Links are
    followed: history has the file they lead to. Raises `PathOutsideRepository` or
    `InputRefused` as `paths.normalise` does.
    """
    return places_of([path], root, start)[0]


def places_of(paths: Iterable[str], root: Path, start: Path) -> list[str]:
    """Return the place of each path; what they share of their folders is looked at once."""
    from_root = PathGuard(root, root)
    from_start = from_root if start == root else PathGuard(root, start)
    return [_place(path, root, from_start, from_root) for path in paths]


def _place(path: str, root: Path, from_start: PathGuard, from_root: PathGuard) -> str:
    here = from_start.normalise(path)
    is_elsewhere = from_start is not from_root and not is_file(root / here)
    if is_elsewhere and is_file(root / path):
        here = from_root.normalise(path)
    if not (from_start.saw_link or from_root.saw_link):
        return here  # the root is real, and so is every folder on the way
    real = Path(os.path.realpath(root / here))
    return from_root.normalise(real.relative_to(root).as_posix())


def has_file(path: str, root: Path, start: Path) -> bool:
    """Tell whether a text is the name of a file, from `start` or from the root."""
    return bool(path) and (is_file(start / path) or is_file(root / path))


def is_file(path: Path) -> bool:
    """Tell whether there is a file; a name too long, or out of reach, is none."""
    return os.path.isfile(path)  # noqa: PTH113  # a Path raises for these, and costs more


def read_work_file(root: Path, path: str, *, most_bytes: int | None = LARGEST_FILE_BYTES) -> bytes:
    """Return a file of the work tree.

    Raises `InputRefused` for what is no file, is huge, or belongs to a repository inside.
    """
    _refuse_foreign(root, path)
    target = root / path
    try:
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(path, "it is not a file")
        if most_bytes is not None and found.st_size > most_bytes:
            raise InputRefused(
                f"{path} is larger than {most_bytes} bytes",
                next_step="bind a smaller file; generated files seldom hold a decision",
            )
        content = target.read_bytes()
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    count("file_read_raw_bytes_total", len(content))
    note_read(path, "raw", len(content))
    return content


def content_or_none(root: Path, path: str) -> bytes | None:
    """Return a file to look for a name in; None for one that is no place to look."""
    try:
        return read_work_file(root, path)
    except InputRefused:  # a huge one, say
        return None


def _refuse_foreign(root: Path, path: str) -> None:
    for folder in PurePosixPath(path).parents[:-1]:
        if (root / folder / ".git").exists():
            raise InputRefused(
                f"{path} belongs to another repository, in {folder}",
                next_step=f"bind it from inside {folder}; its commits are not this repository's",
            )


def _unreadable(path: str, why: str) -> InputRefused:
    return InputRefused(
        f"{path} cannot be read: {why}",
        next_step="give a file of the work tree, relative to the repository's root",
    )
