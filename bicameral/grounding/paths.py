"""The one spelling of a path: relative to the repository's root, with `/`, and inside it.

Whatever leaves the root is refused, by its text on every platform alike, and by the
symbolic links on its way. No process is started; folders are looked at once per call.
"""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bicameral.errors import InputRefused, PathOutsideRepository

LONGEST_PATH = 4096
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ROOTED = re.compile(r"[A-Za-z]:|/|~")
_GIT_FOLDERS = frozenset({".git", "git~1"})


@dataclass(slots=True)
class PathGuard:
    """Normalises many paths of one repository, remembering the folders it has looked at.

    `root` is the repository's top folder, resolved; `cwd` is where relative paths start
    when it lies inside the root, else they start at the root. `ignores_case` is found
    out from the file system when it is None. Make a new one for each call: what it
    remembers is only as fresh as it is.
    """

    root: Path
    cwd: Path
    ignores_case: bool | None = None
    saw_link: bool = field(init=False, default=False)
    """Whether any of the paths led through a link."""
    _root_text: str = field(init=False)
    _base: tuple[str, ...] = field(init=False)
    _exists: dict[str, bool] = field(init=False, default_factory=dict)
    _real_names: dict[str, dict[str, str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Find the start of relative paths, once."""
        self._root_text = self.root.as_posix().rstrip("/")
        if self.ignores_case is None:
            self.ignores_case = os.path.lexists(self.root / ".GIT")
        inside: str | None = ""  # the root is resolved already
        if self.cwd != self.root:
            inside = self._below_root(Path(os.path.realpath(self.cwd)).as_posix())
        self._base = tuple(inside.split("/")) if inside else ()

    def normalise(self, path: str) -> str:
        """Return the path relative to the root; it need not exist.

        Raises `PathOutsideRepository` when it leaves the root, `InputRefused` when it is
        the root itself or lies in git's own folder.
        """
        if not path or len(path) > LONGEST_PATH or _FORBIDDEN.search(path):
            raise _refused(path, "is empty, too long, or has control characters")
        parts = self._parts(path.replace("\\", "/"), path)
        if not parts:
            raise _refused(path, "names the repository's root, not a file")
        if _ROOTED.match(parts[0]):
            # What is left of `x/../C:/y` leaves the root as soon as it is joined to it.
            raise _outside(path)
        if any(part.rstrip(" .").lower() in _GIT_FOLDERS for part in parts):
            raise _refused(path, "lies in git's own folder")
        return self._looked_at(parts, path)

    def _parts(self, text: str, path: str) -> list[str]:
        inside = self._below_root(text)
        if inside is not None:
            return self._collapsed((), inside, path)
        if not _ROOTED.match(text):
            return self._collapsed(self._base, text, path)
        # The root may have been reached through a link: /tmp is one on some systems.
        if text.startswith("/") and not text.startswith("//"):
            inside = self._below_root(os.path.realpath(text))
            if inside is not None:
                return self._collapsed((), inside, path)
        raise _outside(path)

    def _below_root(self, text: str) -> str | None:
        """Return what follows the root in an absolute path, or None when it is elsewhere."""
        head, rest = text[: len(self._root_text)], text[len(self._root_text) :]
        is_same = head == self._root_text or (
            bool(self.ignores_case) and head.lower() == self._root_text.lower()
        )
        return rest.strip("/") if is_same and rest[:1] in {"", "/"} else None

    def _collapsed(self, base: Iterable[str], text: str, path: str) -> list[str]:
        parts = list(base)
        for part in text.split("/"):
            if part == "..":
                if not parts:
                    raise _outside(path)
                parts.pop()
            elif part not in {"", "."}:
                parts.append(part)
        return parts

    def _looked_at(self, parts: list[str], path: str) -> str:
        """Follow the path down through what exists; refuse it where a link leads out."""
        folder = self._root_text
        spelled = []
        for number, part in enumerate(parts):
            name = self._on_disk(folder, part) if self.ignores_case else part
            spelled.append(name)
            folder = f"{folder}/{name}"
            exists = self._exists.get(folder)
            if exists is None:
                exists = self._exists[folder] = self._check(folder, path)
            if not exists:
                return "/".join(spelled + parts[number + 1 :])
        return "/".join(spelled)

    def _check(self, place: str, path: str) -> bool:
        """Tell whether a place exists; refuse a link that leads out."""
        try:
            is_link = stat.S_ISLNK(os.lstat(place).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _refused(path, f"cannot be looked at: {error.strerror}") from error
        self.saw_link |= is_link
        if is_link and self._below_root(Path(os.path.realpath(place)).as_posix()) is None:
            raise _outside(path)
        return True

    def _on_disk(self, folder: str, name: str) -> str:
        """Return a name as the folder spells it, where the file system ignores case."""
        names = self._real_names.get(folder)
        if names is None:
            try:
                names = {found.name.lower(): found.name for found in os.scandir(folder)}
            except OSError:
                names = {}
            self._real_names[folder] = names
        return names.get(name.lower(), name)


def normalise(path: str, root: Path, cwd: Path) -> str:
    """Return one path relative to the root; see `PathGuard.normalise`."""
    return PathGuard(root, cwd).normalise(path)


def _outside(path: str) -> PathOutsideRepository:
    return PathOutsideRepository(
        f"{path[:200]!r} leads out of the repository",
        next_step="give a path inside the repository, relative to its root",
    )


def _refused(path: str, why: str) -> InputRefused:
    return InputRefused(
        f"the path {path[:200]!r} {why}",
        next_step="give the path of a file in the repository, relative to its root",
    )
