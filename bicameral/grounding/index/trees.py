"""A work tree as resolvers see it: from the index, or from the disk where there is none yet.

The disk knows each file by its place; what only a look at all files can tell, it leaves out.
"""

import os
import stat
from collections.abc import Sequence

from bicameral.grounding.index.facts import LARGEST_READ_BYTES, read_facts, reader_name
from bicameral.grounding.index.scan import FileLook
from bicameral.grounding.index.store import Store
from bicameral.grounding.languages.imports import Settings

MOST_OF_ONE = 500
MOST_REMEMBERED = 20_000
MOST_IN_FOLDER = 2_000
_LEAVING = frozenset({"", ".", ".."})


class IndexedTree:
    """One work tree of an index. It remembers what it was asked, so it holds for one version."""

    def __init__(self, store: Store, tree_id: int, version: int) -> None:
        self._store = store
        self._id = tree_id
        self._version = version
        self._has: dict[str, bool] = {}
        self._named: dict[str, list[str]] = {}
        self._settings: dict[str, Settings | None] = {}

    def holds_for(self, store: Store, tree_id: int, version: int) -> bool:
        """Tell whether what is remembered is still so, and not too much."""
        is_same = (self._store, self._id, self._version) == (store, tree_id, version)
        return is_same and len(self._has) < MOST_REMEMBERED

    def has(self, path: str) -> bool:
        """Tell whether there is a file."""
        found = self._has.get(path)
        if found is None:
            found = self._has[path] = self._store.has(self._id, path)
        return found

    def below(self, folder: str) -> Sequence[str]:
        """Return the files directly in a folder, in order."""
        return self._store.below(self._id, folder)

    def named(self, name: str) -> Sequence[str]:
        """Return the files of a name, in order, the first `MOST_OF_ONE`."""
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = self._store.named(self._id, name, most=MOST_OF_ONE)
        return found

    def declaring(self, name: str) -> Sequence[str]:
        """Return the files that declare a name, in order, the first `MOST_OF_ONE`."""
        return self._store.declaring(self._id, name, most=MOST_OF_ONE)

    def settings(self, path: str) -> Settings | None:
        """Return what a project file says, or None where there is none that can be read."""
        if path not in self._settings:
            found = self._store.file(self._id, path)
            facts = found[1] if found else None
            self._settings[path] = facts.settings if facts else None
        return self._settings[path]


class DiskTree:
    """One work tree as the disk has it; what is put in no folder by name is not found."""

    def __init__(self, look: FileLook) -> None:
        self._look = look
        self._has: dict[str, bool] = {}
        self._settings: dict[str, Settings | None] = {}

    def has(self, path: str) -> bool:
        """Tell whether there is a file."""
        found = self._has.get(path)
        if found is None:
            found = _is_inside(path) and self._look.stamp(path) is not None
            self._has[path] = found
        return found

    def below(self, folder: str) -> Sequence[str]:
        """Return the files directly in a folder, in order."""
        if folder and not (_is_inside(folder) and self._look.is_real_folder(folder)):
            return ()
        start = f"{folder}/" if folder else ""
        try:
            with os.scandir(f"{self._look.root}/{folder}") as entries:
                names = [each.name for each in entries if each.is_file(follow_symlinks=False)]
        except OSError:
            return ()
        return [start + name for name in sorted(names)[:MOST_IN_FOLDER]]

    def named(self, name: str) -> Sequence[str]:  # noqa: ARG002 - as the index answers
        """Return nothing: no one has looked at all files."""
        return ()

    def declaring(self, name: str) -> Sequence[str]:  # noqa: ARG002 - as the index answers
        """Return nothing: no one has read all files."""
        return ()

    def settings(self, path: str) -> Settings | None:
        """Return what a project file says, or None where there is none that can be read."""
        if path not in self._settings:
            self._settings[path] = self._read_settings(path)
        return self._settings[path]

    def _read_settings(self, path: str) -> Settings | None:
        if not self.has(path) or reader_name(path) is None:
            return None
        place = f"{self._look.root}/{path}"
        try:
            found = os.lstat(place)
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_READ_BYTES:
                return None
            with open(place, "rb") as file:  # noqa: PTH123 - as the look at it, by text
                return read_facts(path, file.read(LARGEST_READ_BYTES)).settings
        except OSError:
            return None


def _is_inside(path: str) -> bool:
    return _LEAVING.isdisjoint(path.split("/"))
