"""The files of a work tree as they are now: tracked, or new and not ignored; and their stamps.

A file whose stamp is unchanged is not read again. Symbolic links are never followed: neither
a file nor a folder on its way may be one.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bicameral.grounding.repository import Repository

# A file changed again within the clock's grain of being read would keep its stamp.
UNSETTLED_NS = 2_000_000_000
_LARGEST_INTEGER = (1 << 63) - 1
_REGULAR = b"100"


class Stamp(NamedTuple):
    """What changes with a file's content: two times (ns since the epoch), size, inode."""

    modified_ns: int
    changed_ns: int
    size: int
    inode: int


UNSETTLED = Stamp(-1, -1, -1, -1)
"""The stamp of a file that has to be looked at again: it equals no file's."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Each file's stamp by its path, in order; `skipped` counts names that are not UTF-8."""

    stamps: dict[str, Stamp]
    skipped: int


def list_files(repository: Repository) -> Listing:
    """List the work tree: two questions to git, and one look at each file."""
    look = FileLook(str(repository.root))
    stamps: dict[str, Stamp] = {}
    skipped = 0
    for name in sorted(set(_names(repository))):
        try:
            path = name.decode("utf-8")
        except UnicodeDecodeError:
            skipped += 1
            continue
        stamp = look.stamp(path)
        if stamp is not None:
            stamps[path] = stamp
    return Listing(stamps, skipped)


def _names(repository: Repository) -> Iterator[bytes]:
    tracked = repository.git.ask("ls-files", "-z", "--cached", "--stage").output
    for entry in tracked.split(b"\0"):
        header, _, name = entry.partition(b"\t")
        if header.startswith(_REGULAR):
            yield name
    new = repository.git.ask("ls-files", "-z", "--others", "--exclude-standard").output
    # A repository inside this one is listed as a folder.
    yield from (name for name in new.split(b"\0") if name and not name.endswith(b"/"))


@dataclass(slots=True)
class FileLook:
    """Looks at many files of one root; whether a folder is a real one is asked once."""

    root: str
    _is_real: dict[str, bool] = field(default_factory=dict)

    def stamp(self, path: str) -> Stamp | None:
        """Return a file's stamp; None where there is no regular file, or a link on the way."""
        if not self.is_real_folder(path.rpartition("/")[0]):
            return None
        try:
            found = os.lstat(f"{self.root}/{path}")
        except (OSError, ValueError):
            return None
        return stamp_of(found) if stat.S_ISREG(found.st_mode) else None

    def is_real_folder(self, folder: str) -> bool:
        """Tell whether a folder is one, and no link on the way to it."""
        if not folder:
            return True
        known = self._is_real.get(folder)
        if known is None:
            known = self.is_real_folder(folder.rpartition("/")[0]) and self._is_folder(folder)
            self._is_real[folder] = known
        return known

    def _is_folder(self, folder: str) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(f"{self.root}/{folder}").st_mode)
        except (OSError, ValueError):
            return False


def stamp_of(found: os.stat_result) -> Stamp:
    """Return the stamp in what the system says of a file."""
    inode = found.st_ino & _LARGEST_INTEGER
    return Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size, inode)


def settled(stamp: Stamp, now_ns: int) -> Stamp:
    """Return the stamp to keep for a file that was read at `now_ns`."""
    return UNSETTLED if stamp.modified_ns > now_ns - UNSETTLED_NS else stamp
